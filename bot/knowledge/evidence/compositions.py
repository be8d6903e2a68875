"""Meanings that belong together: who does what, to whom, and whether it is told or asked about.

One word of bribes decides nothing: an officer who demands money accuses somebody, and whom to tell about one does not. Each
composition is a feature of the fitted models, in two forms, for a message that tells and for one that asks.
"""

from __future__ import annotations

from collections.abc import Set

ASKING = frozenset(("ask_where", "ask_about", "ask_end", "suppose"))


def _any(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split()) for group in groups)


# What has to be there: one meaning of each group.
COMPOSITIONS: dict[str, tuple[frozenset[str], ...]] = {
    # an officer
    "bribe": _any("bribe accuse"),
    "officer_bribe": _any("officer", "bribe accuse"),
    "officer_demands_money": _any("officer", "demand", "money bribe accuse"),
    "money_depends": _any("money bribe accuse paid", "depends threat no_receipt delay"),
    "paid": _any("paid", "money bribe", "officer self"),
    "no_receipt": _any("no_receipt", "money bribe paid"),
    "harassed": _any("harass accuse threat", "self officer"),
    "delayed_on_purpose": _any("delay", "officer", "harass threat demand bribe accuse"),
    "officer_takes": _any("officer", "steal"),
    "officer_colludes": _any("officer", "collude"),
    "officer_falsifies": _any("officer", "falsify hide smuggle", "collude money bribe demand somebody"),
    # a trader, or anybody
    "somebody_smuggles": _any("somebody", "smuggle"),
    "somebody_falsifies": _any("somebody", "falsify hide"),
    "somebody_contraband": _any("somebody", "contraband", "hide falsify smuggle happened"),
    "seen": _any("witness", "smuggle falsify hide contraband steal"),
    "hidden": _any("hide", "contraband smuggle goods"),
    "swapped": _any("steal", "goods"),
    # both
    "reported": _any("denounce", "smuggle falsify hide contraband bribe harass accuse collude steal"),
    "in_secret": _any("secret", "denounce witness smuggle falsify bribe harass"),
    "happened": _any("happened", "smuggle falsify hide bribe harass accuse steal collude"),
    "accused": _any("bribe accuse harass smuggle collude"),
    "hotline": _any("hotline unit_name"),
    # an ordinary day: a person is wanted, money goes to the treasury, one made a mistake, things take long
    "person_wanted": _any("meet", "officer self"),
    "owed": _any("official_money", "paid demand self officer"),
    "presented": _any("present", "trade self goods ask_end"),
    "own_mistake": _any("own_slip", "self goods trade"),
    "declined": _any("declined", "officer self money bribe paid thank"),
    "not_false": _any("not_false", "goods self trade ask_end ask_where"),
    "partners": _any("partnership", "officer trade self"),
    "made_of": _any("material", "goods trade ask_end ask_where ask_about"),
    "slip_to_mend": _any("own_slip", "falsify official_money"),
    "waits": _any("wait", "officer goods self trade"),
    # other matters
    "own_investigation": _any("investigated", "self"),
    "authority_investigates": _any("investigated", "authority"),
    "authority_and_self": _any("authority", "self goods"),
    "goods_in_investigation": _any("investigated authority", "goods trade"),
    "ordinary_check": _any("ordinary_check"),
    "data_of_others": _any("other_party", "customs_data"),
    "wants_data_of_others": _any("other_party named", "customs_data contraband money goods", "wants_shown ask_end ask_about"),
    "named": _any("named"),
    "named_wanted": _any("named", "ask_end ask_about wants_shown"),
    "data_of_others_wanted": _any("other_party", "wants_shown"),
    "wants_data": _any("customs_data", "wants_shown"),
    "orders": _any("order", "secrets"),
    "secrets": _any("secrets"),
    "ordered": _any("order"),
    "insult": _any("insult"),
    "stuck_somewhere": _any("goods", "stuck"),
    "stuck_there": _any("stuck urgent", "place"),
}
POLITE = frozenset(("greet", "thank", "wish", "farewell", "about_bot"))
MATTERS = frozenset((
    "trade", "officer", "goods", "bribe", "smuggle", "customs_data", "investigated", "authority", "falsify", "harass", "stuck",
    "hotline", "unit_name", "accuse", "contraband",
))  # fmt: skip
# What somebody may be blamed for, and what goes with blaming.
BLAMED = frozenset((
    "bribe", "money", "demand", "paid", "depends", "no_receipt", "harass", "delay", "threat", "steal", "collude", "smuggle",
    "falsify", "hide", "contraband", "witness", "secret", "denounce", "hotline", "accuse",
))  # fmt: skip
# What is said in a message without a word of customs in it.
ALONE = {
    "polite": POLITE,
    "insult": frozenset(("insult",)),
    "elsewhere": frozenset(("elsewhere",)),
    "order": frozenset(("order", "secrets")),
}


# A case at hand: goods that do not move, and where or since when. Who asks what would happen if, has none yet; who asks
# about membership in such a story is answered about that.
_AT_HAND = _any("goods", "stuck", "place urgent happened", "self urgent place")
_NOT_AT_HAND = frozenset(("suppose", "membership"))


def at_hand(concepts: Set[str]) -> bool:
    """Say whether the message tells of goods of its writer's that are stuck now."""
    return _NOT_AT_HAND.isdisjoint(concepts) and not any(group.isdisjoint(concepts) for group in _AT_HAND)


def composed(concepts: Set[str], asks: bool) -> list[str]:
    """Return the names of the compositions that the concepts make. asks: the message carries a question mark."""
    form = "?" if asks or not ASKING.isdisjoint(concepts) else "!"
    found = [
        f"!{name}{form}" for name, groups in COMPOSITIONS.items() if not any(group.isdisjoint(concepts) for group in groups)
    ]
    if MATTERS.isdisjoint(concepts):
        found += [f"!only_{name}{form}" for name, meanings in ALONE.items() if not meanings.isdisjoint(concepts)]
        found.append(f"!no_matter{form}")
    return found
