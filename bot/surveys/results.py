"""What surveys and ratings say: per question, over the rounds, by month and department. Small groups are not shown.

An anonymous survey shows nothing but how many took part until it has closed: from two looks at growing numbers one could
tell what the person said who answered in between.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.consultation.questions import SCALE, shown
from bot.surveys.surveys import questions_of
from storage import surveys as stored
from storage.consultations import QuestionRow
from storage.surveys import SKIPPED, TEXT, Rated, SurveyRow, Turnout
from storage.unit_of_work import UnitOfWork

SMALLEST_GROUP = 5
GOAL = 0.80
"""share of participants who are satisfied: the programme is to have more than that (1399/QĐ-TCHQ Điều 1)"""
SATISFIED_FROM = 4


@dataclass(frozen=True)
class Result:
    """What was answered to a question. counts: by option or point; texts: of a question in free words."""

    question: QuestionRow
    answered: int
    counts: Mapping[str, int]
    texts: tuple[str, ...]
    hidden: bool
    """fewer answered than may be shown, or it has not closed"""

    def lines(self, language: str) -> list[tuple[str, int]]:
        """Return every option with how often it was chosen; nothing where that is hidden."""
        if self.hidden or self.question.kind == "text":
            return []
        many = len(self.question.options) if self.question.kind == "choice" else SCALE
        numbers = [str(number) for number in range(1, many + 1)]
        return [(shown(self.question, each, language), self.counts.get(each, 0)) for each in numbers]

    @property
    def mean(self) -> float | None:
        if self.hidden or self.question.kind != "scale" or not self.answered:
            return None
        return sum(int(point) * count for point, count in self.counts.items()) / self.answered

    @property
    def satisfied(self) -> float | None:
        """The share of those who gave 4 or 5 of 5."""
        if self.hidden or self.question.kind != "scale" or not self.answered:
            return None
        return sum(count for point, count in self.counts.items() if int(point) >= SATISFIED_FROM) / self.answered


@dataclass(frozen=True)
class Outcome:
    row: SurveyRow
    turnout: Turnout
    results: list[Result]
    rounds: list[tuple[str, float]]
    """(number of the round's survey, share that is satisfied), of the rounds that can be shown"""

    @property
    def satisfied(self) -> float | None:
        """The share that is satisfied, by the first question on a scale."""
        return satisfaction(self.results)


def satisfaction(results: Sequence[Result]) -> float | None:
    first = next((each for each in results if each.question.kind == "scale"), None)
    return first.satisfied if first is not None else None


async def outcome(uow: UnitOfWork, row: SurveyRow) -> Outcome:
    rounds = []
    for each in await stored.of_series(uow, row.series_id):
        share = satisfaction(await results(uow, each)) if each.state == "closed" else None
        if share is not None:
            rounds.append((each.number, share))
    turnout = await stored.turnout(uow, row.id, questions=len(row.questions))
    return Outcome(row, turnout, await results(uow, row), rounds)


async def results(uow: UnitOfWork, row: SurveyRow) -> list[Result]:
    tallies = await stored.tallies(uow, row.id)
    open_to_look = row.state == "closed" or not row.anonymous
    found = []
    for question in questions_of(row):
        counts = {choice: n for (number, choice), n in tallies.items() if number == question.seq and choice != SKIPPED}
        answered = sum(counts.values())
        hidden = not open_to_look or (row.anonymous and answered < SMALLEST_GROUP)
        texts: tuple[str, ...] = ()
        if question.kind == "text" and not hidden:
            texts = tuple(await stored.texts(uow, row.id, question.seq))
        kept = {} if hidden else {choice: n for choice, n in counts.items() if choice != TEXT}
        found.append(Result(question, answered if open_to_look else 0, kept, texts, hidden))
    return found


# Satisfaction after inquiries: asked once, when an inquiry closes


@dataclass(frozen=True)
class Share:
    """Of some inquiries: how many closed, how many were rated, and of these how many with 4 or 5 stars."""

    name: str
    closed: int
    rated: int
    satisfied: int

    @property
    def shown(self) -> bool:
        return self.rated >= SMALLEST_GROUP

    @property
    def share(self) -> float | None:
        return self.satisfied / self.rated if self.shown else None


@dataclass(frozen=True)
class Satisfaction:
    whole: Share
    months: list[Share]
    departments: list[Share]


def satisfaction_of(rated: Sequence[Rated], zone: ZoneInfo) -> Satisfaction:
    """Put ratings together, by month of closing and by department."""

    def month(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m")

    return Satisfaction(
        _share("", rated),
        [_share(name, each) for name, each in sorted(_by(rated, (month(one.at) for one in rated)).items())],
        [_share(name, each) for name, each in sorted(_by(rated, (one.department for one in rated)).items())],
    )


def _by(rated: Iterable[Rated], names: Iterable[str]) -> dict[str, list[Rated]]:
    found: dict[str, list[Rated]] = {}
    for each, name in zip(rated, names, strict=True):
        found.setdefault(name, []).append(each)
    return found


def _share(name: str, rated: Sequence[Rated]) -> Share:
    stars = Counter(each.rating for each in rated if each.rating is not None)
    satisfied = sum(n for star, n in stars.items() if star >= SATISFIED_FROM)
    return Share(name, len(rated), stars.total(), satisfied)
