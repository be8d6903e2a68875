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

    @property
    def sees_all(self) -> bool:
        """The coordinator works on every inquiry, and so does the administrator; an officer on their department's."""
        return self.role in (Role.COORDINATOR, Role.ADMINISTRATOR)

    def works_on(self, department_id: str | None) -> bool:
        """Say whether inquiries of that department are this actor's business (none: only the coordinator's)."""
        return self.sees_all or (
            self.role is Role.OFFICER and department_id is not None and department_id == self.department_id
        )


BOT = Actor(ActorKind.BOT, name="bot")
SYSTEM = Actor(ActorKind.SYSTEM, name="system")
