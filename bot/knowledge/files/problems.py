"""What is wrong in the files of the knowledge base, said so that an editor can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, with where to mend it.

    file: as the editor sees it, relative to the folder of the knowledge base.
    line: counted from 1; 0 when the file as a whole is meant.
    field: the path inside the file, such as `bao-lau.vi.answer`; empty when the file as a whole is meant.
    expected: what should stand there; for a warning, what follows from it.
    """

    file: str
    line: int
    field: str
    wrong: str
    expected: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f" {self.field}:" if self.field else ""
        return f"{place}:{subject} {self.wrong}; {'' if self.warning else 'expected '}{self.expected}"


class KnowledgeFilesError(Exception):
    """The files cannot be taken over as they are. Everything that is wrong with them is listed at once.

    What was running before goes on running.
    """

    code = "knowledge.files"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
