"""Who may do what with drafts of entries."""

from bot.escalation.actors import Actor, Role
from bot.learning import errors
from storage.drafts import DraftRow

CURATORS = frozenset({Role.EDITOR, Role.APPROVER, Role.COORDINATOR, Role.ADMINISTRATOR})
"""who looks after the knowledge base: they see every draft, and decide on those of others"""
CONTRIBUTORS = CURATORS | {Role.OFFICER}
"""who may write a draft; an officer sees only their own"""


def curates(actor: Actor) -> bool:
    return actor.role in CURATORS


def contributes(actor: Actor) -> bool:
    return actor.role in CONTRIBUTORS


def may_see(draft: DraftRow, actor: Actor) -> bool:
    return curates(actor) or (contributes(actor) and actor.id is not None and actor.id in (draft.author_id, draft.proposer_id))


def may_edit(draft: DraftRow, actor: Actor) -> bool:
    return draft.state != "approved" and may_see(draft, actor)


def had_a_hand_in(draft: DraftRow, actor: Actor) -> bool:
    """Whoever wrote it, or put its last wording forward, is not the second person."""
    return actor.id is None or actor.id in (draft.author_id, draft.proposer_id)


def may_decide(draft: DraftRow, actor: Actor) -> bool:
    return draft.state == "proposed" and curates(actor) and not had_a_hand_in(draft, actor)


def check_decides(draft: DraftRow, actor: Actor) -> None:
    """Raise MayNotDecide or SamePerson."""
    if not curates(actor):
        raise errors.MayNotDecide()
    if had_a_hand_in(draft, actor):
        raise errors.SamePerson()
