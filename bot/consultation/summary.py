"""The outcome of a consultation as it is shown, printed and published: numbers, groups with responses, answers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.consultation.consultations import Whole
from bot.consultation.questions import SCALE, shown
from bot.consultation.responding import Answered, grouped
from storage import consultations as stored
from storage import positions
from storage.consultations import Asked, QuestionRow
from storage.positions import Counts
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Tally:
    """What was answered to a question. counts: by option or point of the scale; texts: of a question in free words."""

    question: QuestionRow
    counts: Mapping[str, int]
    texts: tuple[tuple[str, str], ...]
    """(answer, enterprise)"""

    @property
    def answered(self) -> int:
        return sum(self.counts.values()) + len(self.texts)

    def lines(self, language: str) -> list[tuple[str, int]]:
        """Return every option with how often it was chosen."""
        many = len(self.question.options) if self.question.kind == "choice" else SCALE
        numbers = [str(number) for number in range(1, many + 1)]
        return [(shown(self.question, each, language), self.counts.get(each, 0)) for each in numbers]


@dataclass(frozen=True)
class Summary:
    whole: Whole
    asked: Asked
    counts: Counts
    groups: list[Answered]
    tallies: list[Tally]

    @property
    def by_response(self) -> Counter[str]:
        """How many opinions met with which response."""
        found: Counter[str] = Counter()
        for each in self.groups:
            found[each.group.response or "none"] += len(each.voices)
        return found

    def place(self, unit: int | None) -> str:
        """Return the place of a unit; empty for the draft as a whole."""
        found = self.whole.unit(unit)
        return found.place if found is not None else ""


async def summary(uow: UnitOfWork, whole: Whole) -> Summary:
    row = whole.row
    answers = await positions.all_answers(uow, row.id)
    return Summary(
        whole,
        await stored.asked(uow, row.id),
        await positions.counts(uow, row.id),
        await grouped(uow, row.id),
        [tally(question, answers) for question in whole.questions],
    )


def tally(question: QuestionRow, answers: list[tuple[int, str, str]]) -> Tally:
    own = [(value, enterprise) for seq, value, enterprise in answers if seq == question.seq]
    if question.kind == "text":
        return Tally(question, {}, tuple(own))
    return Tally(question, Counter(value for value, _ in own), ())
