"""Decides what becomes of a message: from the evidence first, then from what the ranking found and how sure it is.

A wrong answer given with confidence is worse than an escalation, so everything here leans towards a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.citations import Citation
from bot.knowledge.confidence import confidence, signals_of
from bot.knowledge.evidence import (
    concrete,
    investigation,
    misconduct,
    other_enterprise,
    smalltalk,
    unfit,
)
from bot.knowledge.evidence.message import Evidence, Message
from bot.knowledge.ranking import SAME
from bot.knowledge.verdict import Candidate, Decision
from bot.knowledge.weights import Weights

# Outside the programme: what is under investigation (point b). What the programme covers at all (point a).
UNDER_INVESTIGATION = Citation("1399/QĐ-TCHQ", "Điều 3 khoản 2 điểm b")
SCOPE = Citation("1399/QĐ-TCHQ", "Điều 3 khoản 2 điểm a")

CERTAIN = 0.5  # evidence at least this strong decides by itself
CERTAIN_CASE = 0.6  # of somebody's own case, since stories around a general question read alike
WORD_FOR_WORD = 0.97  # the confidence in an entry that is asked for in the very words of one of its phrasings
MOST_SUGGESTIONS = 3
CLOSE = 0.7  # a candidate with this share of the first one's score is worth suggesting beside it
STILL_ABUSE = 8  # words; a longer message may carry a real matter beside the insult, and a person reads it


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision with all that belongs to it, before the department is added."""

    decision: Decision
    confidence: float
    kind: str = ""
    entry: Candidate | None = None
    suggestions: tuple[Candidate, ...] = ()
    citations: tuple[Citation, ...] = ()
    reasons: tuple[str, ...] = ()


def evidence_in(message: Message) -> list[Evidence]:
    """Return all that can be recognised about the message, whatever its strength."""
    modules = (smalltalk, unfit, misconduct, investigation, other_enterprise, concrete)
    return [found for module in modules if (found := module.look(message)) is not None]


def decide(message: Message, candidates: Sequence[Candidate], weights: Weights, *, case: float = 0.0) -> Choice:
    """Decide from the evidence, the candidates and `case`, the nearness to what only a department can settle."""
    evidence = evidence_in(message)
    reasons = tuple(f"{each.kind} {each.strength:.2f}: {each.reason}" for each in evidence)
    strong = {each.kind: each for each in evidence if each.strength >= (CERTAIN_CASE if each.kind == "concrete" else CERTAIN)}

    for kind in ("misconduct", "smuggling"):
        if kind in strong:
            return Choice(Decision.HOTLINE, strong[kind].strength, kind, reasons=reasons)
    for kind in ("unclear", "greeting", "thanks", "bye", "who"):
        if kind in strong:
            return Choice(Decision.SMALLTALK, strong[kind].strength, kind, reasons=reasons)
    if "injection" in strong:
        return Choice(Decision.DECLINE, strong["injection"].strength, "injection", citations=(SCOPE,), reasons=reasons)
    if "abuse" in strong and message.words <= STILL_ABUSE:
        return Choice(Decision.SMALLTALK, strong["abuse"].strength, "abuse", reasons=reasons)
    if "investigation" in strong:
        found = strong["investigation"]
        return Choice(Decision.DECLINE, found.strength, "investigation", citations=(UNDER_INVESTIGATION,), reasons=reasons)
    if "other_enterprise" in strong:
        return Choice(Decision.DECLINE, strong["other_enterprise"].strength, "other_enterprise", reasons=reasons)
    if "out_of_scope" in strong:
        found = strong["out_of_scope"]
        return Choice(Decision.DECLINE, found.strength, "out_of_scope", citations=(SCOPE,), reasons=reasons)
    for kind in ("abuse", "concrete"):
        if kind in strong:
            return Choice(Decision.ESCALATE, strong[kind].strength, kind, reasons=reasons)
    if not candidates:
        return Choice(Decision.ESCALATE, 0.9, "nothing_found", reasons=(*reasons, "no entry shares a word with it"))
    doubt = max((each.strength for each in evidence), default=0.0)
    return _by_ranking(candidates, weights, reasons, doubt, case)


def _by_ranking(
    candidates: Sequence[Candidate], weights: Weights, reasons: tuple[str, ...], doubt: float, case: float
) -> Choice:
    """Decide by how sure the ranking is.

    doubt: the strongest evidence that was not strong enough; it raises what is asked for an answer.
    """
    first = candidates[0]
    language = "en" if first.signals.get("english") else "vi"
    signals = signals_of(candidates, weights.sharpness[language], case)
    sure_of_first = confidence(signals, weights.confidence)
    reasons = (
        *reasons,
        f"{first.id} with {sure_of_first:.2f}: score {first.score:.2f}, {signals['covered']:.0%} of the question covered",
    )
    if first.signals.get(SAME) and not (len(candidates) > 1 and candidates[1].signals.get(SAME)):
        sure_of_first = max(sure_of_first, WORD_FOR_WORD)
    needed = weights.sure + (1 - weights.sure) * doubt * 0.5
    if sure_of_first >= needed and first.score >= weights.least_to_answer:
        return Choice(Decision.ANSWER, sure_of_first, entry=first, citations=first.citations, reasons=reasons)
    one_of_three = confidence(signals, weights.suggesting)
    if one_of_three >= weights.perhaps and first.score >= weights.least_to_suggest:
        close = [each for each in candidates[:MOST_SUGGESTIONS] if each.score >= CLOSE * first.score]
        return Choice(Decision.SUGGEST, one_of_three, suggestions=tuple(close), reasons=reasons)
    return Choice(Decision.ESCALATE, 1 - one_of_three, "unsure", reasons=reasons)
