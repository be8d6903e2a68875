"""From a message to what becomes of it: evidence, words, law and meaning, and who would answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.knowledge.decision import Choice, LawBeside, decide
from bot.knowledge.directory import Department
from bot.knowledge.entries import Audience, Language
from bot.knowledge.evidence.by_meaning import evidence_with_meaning
from bot.knowledge.evidence.message import Message
from bot.knowledge.language.naming import asked_place, meant
from bot.knowledge.search.passages import Near
from bot.knowledge.search.ranking import Search
from bot.knowledge.search.shelf import SAME
from bot.knowledge.state import State
from bot.knowledge.understanding import AskedMeaning
from bot.knowledge.verdict import Candidate, Decision, DepartmentGuess, Verdict
from bot.knowledge.weights import Weights

MOST_CANDIDATES = 10
MOST_DEPARTMENTS = 3
SURE_OF_PLACE = 0.95  # that what a named place says is answered by that place


def look_up(state: State, text: str, language: Language | None, audience: Audience, on: date) -> Verdict:
    """Decide what becomes of a message by one reading of the files. Never raises on any text."""
    message = Message(text, state.lexicon)
    detected, sure = message.detected
    search = state.retriever.search(text, language=language, audience=audience, on=on, limit=MOST_CANDIDATES)
    asked = AskedMeaning(state.meaning, search.whole)
    evidence = evidence_with_meaning(message, asked)
    law = _law_beside(state, search, on)
    competent = state.competent
    table, nearest = competent.guesser.signals(text, search.candidates)
    case = competent.guesser.nearness(table, competent.outside)
    choice = decide(message, search.candidates, state.weights.words, evidence=evidence, case=case, law=law)
    meaning = state.meaning
    if meaning is not None and _in_doubt(choice, search, state.weights) and (vector := asked.vector) is not None:
        search = state.retriever.deepen(search, vector, meaning.meanings, limit=MOST_CANDIDATES)
        model = state.weights.meaning
        choice = decide(message, search.candidates, model, evidence=evidence, case=case, asks=search.asks, law=law)
    named = _by_place(state, text, search.candidates, on) if choice.by_ranking else None
    choice = named or choice
    guesses = competent.guesser.rank(table, nearest)
    candidates = state.passages.beside(law.near, search.candidates, limit=MOST_CANDIDATES) if law else search.candidates
    passage = None
    if choice.passage is not None:
        passage = state.passages.candidate(choice.passage, min(choice.passage.score, 1.0))
        if named is not None:
            passage = replace(passage, passage=state.passages.whole(choice.passage.citation))
        candidates = [passage, *(each for each in candidates if each.id != passage.id)][:MOST_CANDIDATES]
    return Verdict(
        decision=choice.decision,
        confidence=round(min(max(choice.confidence, 0.0), 1.0), 4),
        language=detected if sure or language is None else language,
        entry=choice.entry.entry if choice.entry else None,
        passage=passage,
        suggestions=tuple(each.entry for each in choice.suggestions if each.entry),
        candidates=tuple(candidates),
        department=_department(state, text, choice, guesses),
        departments=tuple(guesses[:MOST_DEPARTMENTS]),
        # A ground for declining has to be in force like any other citation.
        citations=tuple(each for each in choice.citations if state.files.documents.holds(each, on)),
        kind=choice.kind,
        place=choice.place,
        reasons=choice.reasons,
    )


def _by_place(state: State, text: str, candidates: Sequence[Candidate], on: date) -> Choice | None:
    """Return what answers a question for the wording of one place: the entry that cites just it, else the wording itself.

    None where the message asks anything besides, and where neither is at hand.
    """
    asked = asked_place(text, (each.number for each in state.files.documents))
    if asked is None or not state.files.documents.in_force(asked.document, on):
        return None
    reasons = (f"asks what {asked} says",)
    law = state.passages.citations if state.law_holds(on) else ()
    cited = [one for each in state.files.entries for one in each.citations]
    places = meant(asked, [*law, *cited])
    if not places:
        # What no entry cites may still be there, unless the whole document was read.
        whole = any(each.document == asked.document for each in law)
        kind, why = ("no_such_place", "which does not exist") if whole else ("unknown_place", "of which nothing is known")
        return Choice(Decision.ESCALATE, SURE_OF_PLACE, kind, reasons=(*reasons, why), place=asked)
    if len(places) > 1:
        return None
    [asked] = places
    alone = [each for each in candidates if each.entry and each.citations == (asked,)]
    if len(alone) == 1:
        return Choice(Decision.ANSWER, SURE_OF_PLACE, entry=alone[0], citations=(asked,), reasons=reasons)
    if asked in law:
        near = Near(law.index(asked), asked, 1.0, 1.0)
        return Choice(Decision.ANSWER, SURE_OF_PLACE, passage=near, citations=(asked,), reasons=reasons)
    return None


def _law_beside(state: State, search: Search, on: date) -> LawBeside | None:
    """Return what the law says near a Vietnamese question."""
    whole = search.whole
    if whole is None or whole.language != "vi" or not state.law_holds(on):
        return None
    near = tuple(each for each in state.passages.near(whole) if state.files.documents.in_force(each.citation.document, on))
    return LawBeside(near, whole, state.weights.law) if near else None


def _in_doubt(choice: Choice, search: Search, weights: Weights) -> bool:
    """Say whether the meaning may change anything: the message did not decide by itself, and the words do not settle it."""
    if not choice.by_ranking or search.candidates[0].signals.get(SAME):
        return False
    return weights.consult_from <= choice.sure_of_first <= weights.consult_to


def _department(state: State, text: str, choice: Choice, guesses: list[DepartmentGuess]) -> Department:
    """Return who would answer: the answer's own department, else the likeliest, else the unit that coordinates."""
    if choice.decision is Decision.HOTLINE and (sealed := state.competent.sealed.guess(text)):
        return sealed[0].department
    if choice.entry is not None and choice.entry.entry is not None:
        own = state.files.directory.get(choice.entry.entry.department)
        if own is not None and own.accepts_inquiries:
            return own
    return guesses[0].department if guesses else state.files.directory.coordinating
