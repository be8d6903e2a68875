"""The departments, who is above whom, and what each is competent for.

Nothing here is code: organisations change, and `faq/directory.yaml` with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from bot.knowledge.citations import Citation
from bot.knowledge.language.normalise import Lexicon


@dataclass(frozen=True, slots=True)
class Competence:
    """One matter that a department answers for, with questions as enterprises would put them."""

    name: str  # Vietnamese
    name_en: str
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()  # both languages, as written in chat; never shown


@dataclass(frozen=True, slots=True)
class Department:
    """A department as the directory names it."""

    id: str
    name: str  # Vietnamese, in the spelling of the directory
    name_en: str
    short_names: tuple[str, ...] = ()
    level: str = ""
    parent: str | None = None  # id of the level above, where an overdue inquiry is escalated to
    region: str | None = None
    coordinating: bool = False
    accepts_inquiries: bool = True
    response_target: timedelta = timedelta(hours=24)  # working time, above zero
    lead: str | None = None
    deputy: str | None = None
    telegram_group: str | None = None  # the id of its forum group, -100…
    telegram_confirm: bool = True  # whether an officer's words in a topic wait for a tap before the enterprise gets them
    calendar: str | None = None  # a name in calendar.yaml, for departments that keep other hours than most
    competences: tuple[Competence, ...] = ()
    source: tuple[Citation, ...] = ()  # where the department's duties are written

    def name_in(self, language: str) -> str:
        return self.name_en if language == "en" else self.name


class Directory:
    """All departments. Exactly one of them coordinates; the checks at load see to that."""

    def __init__(self, departments: Iterable[Department]) -> None:
        self._by_id: Mapping[str, Department] = MappingProxyType({each.id: each for each in departments})
        self._coordinating = next(each for each in self._by_id.values() if each.coordinating)

    def __iter__(self) -> Iterator[Department]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, department_id: object) -> bool:
        return department_id in self._by_id

    def __getitem__(self, department_id: str) -> Department:
        """Return the department. Raises KeyError when the directory does not have it."""
        return self._by_id[department_id]

    def get(self, department_id: str | None) -> Department | None:
        return self._by_id.get(department_id) if department_id is not None else None

    @property
    def coordinating(self) -> Department:
        """The unit (đơn vị đầu mối) that takes what nobody else is clearly competent for."""
        return self._coordinating

    def accepting(self) -> tuple[Department, ...]:
        """Return the departments that inquiries may be routed to, in the order of the file."""
        return tuple(each for each in self._by_id.values() if each.accepts_inquiries)

    def lexicon(self) -> Lexicon:
        """Return the short names, as messages are read with them."""
        return Lexicon({short: each.name for each in self for short in each.short_names})

    def parent(self, department_id: str) -> Department | None:
        return self.get(self[department_id].parent)

    def above(self, department_id: str) -> tuple[Department, ...]:
        """Return the levels above, nearest first, without the department itself."""
        chain = []
        above = self.parent(department_id)
        while above is not None:
            chain.append(above)
            above = self.parent(above.id)
        return tuple(chain)

    def escalation_target(self, department_id: str) -> Department:
        """Return the nearest level above that takes inquiries, else the coordinating unit."""
        return next((each for each in self.above(department_id) if each.accepts_inquiries), self._coordinating)

    def children(self, department_id: str) -> tuple[Department, ...]:
        return tuple(each for each in self._by_id.values() if each.parent == department_id)
