"""Whose data is asked for: a firm may ask for its own, which a department gives it, and for nobody else's."""

from __future__ import annotations

from bot.knowledge.evidence.message import Message, matcher

_OWN = matcher(
    r"(?:cong ty|doanh nghiep|ben|cty|dn) (?:em|toi|minh|chung toi|chung em|e|m)",
    r"(?:our|my)(?: [a-z]+){0,2} (?:company|firm|enterprise|factory|rating|record|score|profile)",
)
_SOMEBODY_ELSE = frozenset(("other_party", "named", "somebody"))


def speaks_of_own_only(message: Message) -> bool:
    """Say whether the message names its writer's own firm, and no other."""
    return _OWN.search(message.plain) is not None and _SOMEBODY_ELSE.isdisjoint(message.features.concepts)
