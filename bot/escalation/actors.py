"""Who acts, and what their role lets them do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody on the authority's side is there for (DESIGN §10, `docs/architecture.md`)."""

    OFFICER = "officer"
    COORDINATOR = "coordinator"
    EDITOR = "editor"
    APPROVER = "approver"
    SPECIAL_TEAM = "special_team"
    ADMINISTRATOR = "administrator"


class ActorKind(StrEnum):
    ENTERPRISE = "enterprise"
    BOT = "bot"
    SYSTEM = "system"
    OFFICER = "officer"
    API = "api"


@dataclass(frozen=True)
class Actor:
    """Somebody or something that changes an inquiry; the history names them."""

    kind: ActorKind
    id: int | None = None
    name: str = ""
    role: Role | None = None
    department_id: str | None = None
    lead: bool = False
    """of their own department"""
    stands_in_for: frozenset[str] = frozenset()
    """other departments, which they lead at this moment, as the deputy of a lead who is away"""

    @property
    def sees_all(self) -> bool:
        """The coordinator works on every inquiry, and so does the administrator; an officer on their department's."""
        return self.role in (Role.COORDINATOR, Role.ADMINISTRATOR)

    def works_on(self, department_id: str | None) -> bool:
        """Say whether inquiries of that department are this actor's business (none: only the coordinator's)."""
        return self.sees_all or (self.role is Role.OFFICER and department_id in self.departments)

    @property
    def departments(self) -> tuple[str, ...]:
        """Their own, and those that they lead in somebody's place."""
        own = () if self.department_id is None else (self.department_id,)
        return (*own, *sorted(self.stands_in_for))

    def leads(self, department_id: str | None) -> bool:
        """Say whether the actor may do with that department's inquiries what its lead may."""
        own = self.lead and department_id == self.department_id
        return self.sees_all or (self.works_on(department_id) and (own or department_id in self.stands_in_for))


BOT = Actor(ActorKind.BOT, name="bot")
SYSTEM = Actor(ActorKind.SYSTEM, name="system")
