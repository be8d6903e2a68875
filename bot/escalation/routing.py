"""Which department is competent, as far as the bot may decide it: from what the knowledge base guesses about a question."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.escalation.keeping import Candidate
from bot.knowledge.directory import Department, Directory
from bot.knowledge.language.vietnamese import fold
from bot.knowledge.verdict import DepartmentGuess

CONFIDENT = 0.7
"""the probability from which the bot routes by itself: of the labelled cases for development nine in ten that reach it were
right. Below it the coordinating unit decides: a wrong department costs the enterprise a transfer, an hour in the queue
costs it nothing that it was promised."""
CLOSE = 0.75
"""the share of the best probability from which the enterprise's own regional office comes before it"""
REGIONAL = ("provincial", "sub")
"""levels that have an office for each region"""


def candidates_of(
    guesses: Iterable[DepartmentGuess], directory: Directory | None = None, *, region: str | None = None, text: str = ""
) -> list[Candidate]:
    """Return the guesses as candidates, best first, without departments that take no inquiries.

    region: where the enterprise's customs office is. An office of its own region stands in for offices of the same level
    elsewhere, unless the text names their region; where its region has none that takes inquiries, the matter goes up.
    """
    found = [
        Candidate(guess.department.id, guess.department.name, guess.probability, guess.reason, guess.like)
        for guess in guesses
        if guess.department.accepts_inquiries
    ]
    return _at_home(found, directory, region, text) if directory is not None and region else found


def _at_home(found: Sequence[Candidate], directory: Directory, region: str, text: str) -> list[Candidate]:
    merged: dict[str, Candidate] = {}
    for each in found:
        there = _office_for(directory[each.department_id], directory, region, text)
        known = merged.get(there.id)
        moved = replace(each, department_id=there.id, name=there.name)
        merged[there.id] = moved if known is None else replace(known, probability=known.probability + each.probability)
    ordered = sorted(merged.values(), key=lambda each: -each.probability)
    best = ordered[0].probability if ordered else 0.0
    own = [each for each in ordered if directory[each.department_id].region == region and each.probability >= CLOSE * best]
    return [*own, *(each for each in ordered if each not in own)]


def _office_for(department: Department, directory: Directory, region: str, text: str) -> Department:
    """Return the office that deals with this matter for an enterprise of the region."""
    if department.level not in REGIONAL or department.region == region:
        return department
    if department.region is not None and fold(department.region.lower()) in fold(text.lower()):
        return department  # the goods are there, wherever the enterprise is
    own = (each for each in directory.accepting() if each.level == department.level and each.region == region)
    if (office := next(own, None)) is not None:
        return office
    if department.region is None:
        return department
    above = [each for each in directory.above(department.id) if each.accepts_inquiries and each.region in (None, region)]
    return above[0] if above else directory.coordinating


def confident_candidate(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate to whom an inquiry may be routed at once, if there is one."""
    best = max(candidates, key=lambda each: each.probability, default=None)
    return best if best is not None and best.probability >= CONFIDENT else None
