"""Decides what becomes of a message: from the evidence first, then from what the ranking found and how sure it is.

A wrong answer given with confidence is worse than an escalation, so everything here leans towards a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.citations import Citation
from bot.knowledge.confidence import are_twins, confidence, signals_of
from bot.knowledge.evidence.message import Evidence, Message
from bot.knowledge.evidence.recognising import NEVER, REPORTS, SMALL_TALK, carries_no_matter, evidence_in
from bot.knowledge.language.keywords import is_keyword
from bot.knowledge.language.normalise import Normalised
from bot.knowledge.search.passages import Near, beside_entry, by_itself
from bot.knowledge.search.shelf import SAME
from bot.knowledge.verdict import Candidate, Decision
from bot.knowledge.weights import Law, Model

# Outside the programme: what is under investigation (point b). What the programme covers at all (point a).
UNDER_INVESTIGATION = Citation("1399/QĐ-TCHQ", "Điều 3 khoản 2 điểm b")
SCOPE = Citation("1399/QĐ-TCHQ", "Điều 3 khoản 2 điểm a")

# From these strengths on, a single word or two are small talk, or belong to the hotline, though entries speak of them too:
# "alo", "vòi tiền".
POLITE_KEYWORD, REPORTING_KEYWORD = 0.95, 0.8
NAMED_BY_KEYWORD = 0.55  # the score from which an entry is about a keyword: "thời tiết" has .28, "biên bản ghi nhớ" .75
WORD_FOR_WORD = 0.97  # the confidence in an entry that is asked for in the very words of one of its phrasings
MOST_SUGGESTIONS = 3
CLOSE = 0.7  # a candidate with this share of the first one's score is worth suggesting beside it
# How far evidence that does not decide raises what is asked for an answer, and for a suggestion, towards certainty.
DOUBT, DOUBTED_SUGGESTION = 0.7, 0.6
STILL_ABUSE = 8  # words; a longer message that names a matter beside the insult is read by a person


@dataclass(frozen=True, slots=True)
class LawBeside:
    """What imported law has near the question, best first, and how far to trust it."""

    near: Sequence[Near]
    question: Normalised
    weights: Law


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
    sure_of_first: float = 0.0
    passage: Near | None = None  # what answers instead of an entry
    place: Citation | None = None  # a place that was asked for and is not there
    by_ranking: bool = False  # nothing in the message itself decided, but what was found for it, and how sure that is


def decide(
    message: Message,
    candidates: Sequence[Candidate],
    model: Model,
    *,
    evidence: Sequence[Evidence] | None = None,
    case: float = 0.0,
    asks: float = 0.0,
    law: LawBeside | None = None,
) -> Choice:
    """Decide from the evidence, the candidates and `case`, the nearness to what only a department can settle.

    evidence: what was recognised, where it was looked for already.
    """
    evidence = evidence_in(message) if evidence is None else evidence
    reasons = tuple(f"{each.kind} {each.strength:.2f}: {each.reason}" for each in evidence)
    strong = {each.kind: each for each in evidence if each.decides}
    doubt = max((each.strength for each in evidence), default=0.0)
    if _in_our_words(candidates):
        # Whatever it looks like: it is a question that is printed in the knowledge base, and nobody's secret.
        return _by_ranking(candidates, model, reasons, doubt, case, asks, law)

    if is_keyword(message.cleaned.lower()) and candidates and candidates[0].score >= NAMED_BY_KEYWORD:
        least = {**dict.fromkeys(SMALL_TALK, POLITE_KEYWORD), **dict.fromkeys(REPORTS, REPORTING_KEYWORD)}
        if not any(each.strength >= least.get(kind, NEVER) for kind, each in strong.items()):
            return _offered(candidates, candidates[0].score, (*reasons, "names a thing and asks nothing"))

    for kind in REPORTS:
        if kind in strong:
            return Choice(Decision.HOTLINE, strong[kind].strength, kind, reasons=reasons)
    for kind in SMALL_TALK:
        if kind in strong:
            return Choice(Decision.SMALLTALK, strong[kind].strength, kind, reasons=reasons)
    if "injection" in strong:
        return Choice(Decision.DECLINE, strong["injection"].strength, "injection", citations=(SCOPE,), reasons=reasons)
    if "abuse" in strong and (message.words <= STILL_ABUSE or carries_no_matter(message)):
        return Choice(Decision.SMALLTALK, strong["abuse"].strength, "abuse", reasons=reasons)
    if "investigation" in strong:
        found = strong["investigation"]
        return Choice(Decision.DECLINE, found.strength, "investigation", citations=(UNDER_INVESTIGATION,), reasons=reasons)
    if "other_enterprise" in strong:
        return Choice(Decision.DECLINE, strong["other_enterprise"].strength, "other_enterprise", reasons=reasons)
    if "out_of_scope" in strong:
        found = strong["out_of_scope"]
        return Choice(Decision.DECLINE, found.strength, "out_of_scope", citations=(SCOPE,), reasons=reasons)
    for kind in ("abuse", "foreign", "concrete"):
        if kind in strong:
            return Choice(Decision.ESCALATE, strong[kind].strength, kind, reasons=reasons)
    if not candidates:
        return Choice(Decision.ESCALATE, 0.9, "nothing_found", reasons=(*reasons, "no entry shares a word with it"))
    return _by_ranking(candidates, model, reasons, doubt, case, asks, law)


def _by_ranking(
    candidates: Sequence[Candidate],
    model: Model,
    reasons: tuple[str, ...],
    doubt: float,
    case: float,
    asks: float,
    law: LawBeside | None,
) -> Choice:
    """Decide by how sure the ranking is.

    doubt: the strongest evidence that was not strong enough; it raises what is asked for an answer.
    """
    first = candidates[0]
    signals = signals_of(candidates, model.sharpness["en" if first.signals.get("english") else "vi"], case=case, asks=asks)
    sure_of_first = confidence(signals, model.confidence)
    reasons = (
        *reasons,
        f"{first.id} with {sure_of_first:.2f}: score {first.score:.2f}, {signals['covered']:.0%} of the question covered",
    )
    alone, least_sure = sure_of_first, model.sure
    if law is not None and law.near:
        sure_of_first = confidence(beside_entry(law.near, first, alone), law.weights.entry)
        least_sure = law.weights.sure
        reasons = (*reasons, f"{sure_of_first:.2f} beside {law.near[0].citation}")
    twins = are_twins(signals)
    if _in_our_words(candidates):
        sure_of_first, twins = max(sure_of_first, WORD_FOR_WORD), False
    if twins:
        reasons = (*reasons, "what leans on another place is as near")
    needed = least_sure + (1 - least_sure) * doubt * DOUBT
    if sure_of_first >= needed and first.score >= model.least_to_answer and not twins:
        return Choice(
            Decision.ANSWER,
            sure_of_first,
            entry=first,
            citations=first.citations,
            reasons=reasons,
            sure_of_first=sure_of_first,
            by_ranking=True,
        )
    if law is not None and law.near:
        plain = confidence(by_itself(law.near, law.question, alone), law.weights.passage)
        if plain >= law.weights.passage_sure + (1 - law.weights.passage_sure) * doubt * DOUBT:
            found = law.near[0]
            return Choice(
                Decision.ANSWER,
                plain,
                passage=found,
                citations=(found.citation,),
                reasons=(*reasons, f"the law itself with {plain:.2f}: {found.citation}"),
                sure_of_first=sure_of_first,
                by_ranking=True,
            )
    one_of_three = confidence(signals, model.suggesting)
    likely = model.perhaps + (1 - model.perhaps) * doubt * DOUBTED_SUGGESTION
    if one_of_three >= likely and first.score >= model.least_to_suggest:
        return _offered(candidates, one_of_three, reasons, sure_of_first=sure_of_first, by_ranking=True)
    return Choice(Decision.ESCALATE, 1 - one_of_three, "unsure", reasons=reasons, sure_of_first=sure_of_first, by_ranking=True)


def _offered(
    candidates: Sequence[Candidate],
    sure: float,
    reasons: tuple[str, ...],
    *,
    sure_of_first: float = 0.0,
    by_ranking: bool = False,
) -> Choice:
    """sure: that what is asked for is among them."""
    close = tuple(each for each in candidates[:MOST_SUGGESTIONS] if each.score >= CLOSE * candidates[0].score)
    return Choice(
        Decision.SUGGEST, sure, suggestions=close, reasons=reasons, sure_of_first=sure_of_first, by_ranking=by_ranking
    )


def _in_our_words(candidates: Sequence[Candidate]) -> bool:
    """Say whether one entry, and only one, is asked for in the very words of one of its phrasings."""
    return [bool(each.signals.get(SAME)) for each in candidates[:2]] in ([True], [True, False])
