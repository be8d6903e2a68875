"""Which department is competent, as far as the bot may decide it: from what the knowledge base guesses about a question."""

from collections.abc import Iterable, Sequence

from bot.escalation.keeping import Candidate
from bot.knowledge.verdict import DepartmentGuess

CONFIDENT = 0.7
"""the probability from which the bot routes by itself: of the labelled cases for development nine in ten that reach it were
right. Below it the coordinating unit decides: a wrong department costs the enterprise a transfer, an hour in the queue
costs it nothing that it was promised."""


def candidates_of(guesses: Iterable[DepartmentGuess]) -> list[Candidate]:
    """Return the guesses as candidates, best first, without departments that take no inquiries."""
    return [
        Candidate(guess.department.id, guess.department.name, guess.probability)
        for guess in guesses
        if guess.department.accepts_inquiries
    ]


def confident_candidate(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate to whom an inquiry may be routed at once, if there is one."""
    best = max(candidates, key=lambda each: each.probability, default=None)
    return best if best is not None and best.probability >= CONFIDENT else None
