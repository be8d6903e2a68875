"""Who may do what with campaigns."""

from bot.escalation.actors import Actor, Role
from bot.outreach.errors import MayNotCampaign

READERS = frozenset({Role.OFFICER, Role.COORDINATOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR})
WRITERS = frozenset({Role.COORDINATOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR})
APPROVERS = frozenset({Role.COORDINATOR, Role.APPROVER, Role.ADMINISTRATOR})
"""who approves what another wrote, releases it, stops it"""


def reads(actor: Actor) -> bool:
    return actor.role in READERS


def writes(actor: Actor) -> bool:
    return actor.role in WRITERS


def approves(actor: Actor) -> bool:
    return actor.role in APPROVERS


def check_reads(actor: Actor) -> None:
    """Raise MayNotCampaign."""
    if not reads(actor):
        raise MayNotCampaign(role=str(actor.role))


def check_writes(actor: Actor) -> None:
    """Raise MayNotCampaign."""
    if not writes(actor):
        raise MayNotCampaign(role=str(actor.role))


def check_approves(actor: Actor) -> None:
    """Raise MayNotCampaign."""
    if not approves(actor):
        raise MayNotCampaign(role=str(actor.role))


def identity(actor: Actor) -> str:
    """Return who somebody is, for comparing authors with approvers: an officer, or a token of the API."""
    return f"{actor.kind}:{actor.id}" if actor.id is not None else str(actor.kind)
