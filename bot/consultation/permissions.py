"""Who may do what with consultations and surveys."""

from bot.consultation.errors import MayNot, SamePerson
from bot.escalation.actors import Actor, Role

PREPARERS = frozenset({Role.EDITOR, Role.APPROVER, Role.COORDINATOR, Role.ADMINISTRATOR})
"""who writes what is asked, groups what comes back and answers it"""
DECIDERS = frozenset({Role.APPROVER, Role.COORDINATOR, Role.ADMINISTRATOR})
"""who lets it go out, and publishes the outcome"""
READERS = PREPARERS | {Role.OFFICER}


def may_read(actor: Actor) -> bool:
    return actor.role in READERS


def may_prepare(actor: Actor) -> bool:
    return actor.role in PREPARERS


def may_decide(actor: Actor) -> bool:
    return actor.role in DECIDERS


def check_reads(actor: Actor) -> None:
    if not may_read(actor):
        raise MayNot()


def check_prepares(actor: Actor) -> None:
    if not may_prepare(actor):
        raise MayNot()


def hand(actor: Actor) -> str:
    """Return what stands for somebody among those who wrote on a text: an officer and a program may have the same id."""
    return f"{actor.kind}:{actor.id}"


def check_decides(actor: Actor, hands: list[str]) -> None:
    """Raise MayNot, or SamePerson for somebody who wrote on it."""
    if not may_decide(actor):
        raise MayNot()
    if actor.id is None or hand(actor) in hands:
        raise SamePerson()
