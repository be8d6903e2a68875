"""Which role, for which department: checked once, when access is given."""

from collections.abc import Callable

from bot.access import errors
from bot.escalation.actors import Role
from bot.knowledge.directory import Directory


class Posts:
    """Reads a role and a department as an administrator types them. `directory` is asked anew on every use."""

    def __init__(self, directory: Callable[[], Directory]) -> None:
        self._directory = directory

    def read(self, role: str, department: str | None) -> tuple[Role, str | None]:
        """Return the role and the department's id (given as id, name or short name).

        Raises RoleUnknown, NoSuchDepartment, or DepartmentMissing where the role works for one.
        """
        try:
            known = Role(role.strip().lower().replace("-", "_"))
        except ValueError:
            raise errors.RoleUnknown(role=role[:40], known=", ".join(Role)) from None
        department_id = self._find(department) if department and department.strip() else None
        if known is Role.OFFICER and department_id is None:
            raise errors.DepartmentMissing(role=str(known))
        return known, department_id

    def _find(self, department: str) -> str:
        wanted = department.strip().casefold()
        for each in self._directory():
            if wanted in (each.id.casefold(), each.name.casefold(), *(name.casefold() for name in each.short_names)):
                return each.id
        raise errors.NoSuchDepartment(department=department.strip()[:80])
