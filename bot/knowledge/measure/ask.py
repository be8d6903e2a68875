"""`donghanh ask`: a verdict as JSON, in the form that DESIGN.md fixes for evaluation.

Nothing is written anywhere; the same question gives the same line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol, TextIO

from bot.knowledge.entries import Audience, Language
from bot.knowledge.service import Knowledge, with_department_first
from bot.knowledge.verdict import Candidate, Decision, Verdict

LONGEST_QUOTE = 700  # characters of a passage of law
LONGEST_LINE = 200_000  # characters; what is longer is answered with an error and not read as JSON


class Say(Protocol):
    """The catalogue of words for people: a key, a language, and what goes into the placeholders."""

    def __call__(self, key: str, language: str, /, **params: object) -> str: ...


# Every key that may be asked of the catalogue, with its placeholders.
TEXT_KEYS = {
    "ask.passage": ("place", "document", "quote"),
    "ask.suggest": ("questions",),
    "ask.escalate": ("department",),
    "answer.as_of": ("day",),
    "answer.as_of_unknown": ("day",),
    "answer.no_such_place": ("place", "document"),
    "answer.unknown_place": ("place", "document"),
    "ask.hotline": (),
    "ask.decline.investigation": (),
    "ask.decline.other_enterprise": (),
    "ask.decline.out_of_scope": (),
    "ask.decline.injection": (),
    "ask.smalltalk.greeting": (),
    "ask.smalltalk.thanks": (),
    "ask.smalltalk.bye": (),
    "ask.smalltalk.who": (),
    "ask.smalltalk.unclear": (),
    "ask.smalltalk.abuse": (),
}


def quoted(passage: Candidate) -> str:
    """Return the wording of a passage of law, cut at a sentence or a word where it is long."""
    text = " ".join(passage.passage.split())
    if len(text) <= LONGEST_QUOTE:
        return text
    cut = text[: LONGEST_QUOTE - 1]
    end = max(cut.rfind(". "), cut.rfind("; ")) + 1
    return (cut[:end] if end > LONGEST_QUOTE // 2 else cut.rsplit(" ", 1)[0]).rstrip(" ,;:") + " […]"


def text_of(verdict: Verdict, say: Say) -> str:
    """Return what is said to the asker, in the language of the question."""
    said = _said(verdict, say)
    if verdict.as_of is None or verdict.decision not in (Decision.ANSWER, Decision.SUGGEST, Decision.ESCALATE):
        return said
    key = "answer.as_of_unknown" if verdict.decision is Decision.ESCALATE else "answer.as_of"
    return f"{say(key, verdict.language, day=verdict.as_of)} {said}"


def _said(verdict: Verdict, say: Say) -> str:
    language = verdict.language
    match verdict.decision:
        case Decision.ANSWER if verdict.entry is not None:
            return verdict.entry.wording(language).answer
        case Decision.ANSWER if verdict.passage is not None:
            place = verdict.passage.citations[0]
            return say("ask.passage", language, place=place.place, document=place.document, quote=quoted(verdict.passage))
        case Decision.SUGGEST:
            questions = "\n".join(f"- {each.wording(language).question}" for each in verdict.suggestions)
            return say("ask.suggest", language, questions=questions)
        case Decision.HOTLINE:
            return say("ask.hotline", language)
        case Decision.DECLINE | Decision.SMALLTALK:
            return say(f"ask.{verdict.decision}.{verdict.kind}", language)
        case _:
            department = verdict.department.name_in(language) if verdict.department else ""
            escalated = say("ask.escalate", language, department=department)
            if (asked := verdict.place) is None:
                return escalated
            return f"{say(f'answer.{verdict.kind}', language, place=asked.place, document=asked.document)} {escalated}"


def as_json(verdict: Verdict, say: Say, *, question_id: object = None) -> dict[str, Any]:
    """Return the object of one line, its fields in the order of the contract."""
    return {
        "id": question_id,
        "decision": str(verdict.decision),
        "text": text_of(verdict, say),
        "citations": [{"document": each.document, "place": each.place} for each in verdict.citations],
        "department": verdict.department.name if verdict.department else None,
        "departments": [each.name for each in with_department_first(verdict)],
        "confidence": verdict.confidence,
        "candidates": [
            {
                "id": each.id,
                "title": each.title_in(verdict.language),
                "citations": [{"document": cited.document, "place": cited.place} for cited in each.citations],
                "score": round(each.score, 4),
            }
            for each in verdict.candidates
        ],
    }


def ask(
    question: str,
    knowledge: Knowledge,
    say: Say,
    *,
    on: date,
    language: Language | None = None,
    audience: Audience = "member",
    question_id: object = None,
) -> dict[str, Any]:
    """Answer one question as the object of one line. Operators ask as a member may, so that every entry is seen.

    on: the day to answer by, unless the question itself asks for an earlier one. Not to be called on an event loop.
    """
    verdict = asyncio.run(knowledge.look_up_as_asked(question, language=language, audience=audience, today=on))
    return as_json(verdict, say, question_id=question_id)


def ask_jsonl(
    lines: Iterable[str],
    out: TextIO,
    knowledge: Knowledge,
    say: Say,
    *,
    on: date,
    language: Language | None = None,
    audience: Audience = "member",
) -> int:
    """Answer `{"id","question"}` lines, a line each, in their order; return how many could not be read.

    A line that cannot be read is answered with `{"id","line","error"}`, and the next one is taken. Empty lines are
    skipped. A question may carry its own "language" and "audience".
    """
    unread = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        asked, error = _parse(line)
        if error:
            unread += 1
            answer: dict[str, Any] = {"id": asked.get("id"), "line": number, "error": error}
        else:
            answer = ask(
                asked["question"],
                knowledge,
                say,
                on=on,
                language=asked.get("language") or language,
                audience=asked.get("audience") or audience,
                question_id=asked.get("id"),
            )
        line_out = json.dumps(answer, ensure_ascii=False)
        # Half a surrogate pair is legal in JSON and in an id, but cannot be written as UTF-8.
        out.write(line_out.encode("utf-8", "replace").decode("utf-8") + "\n")
        out.flush()
    return unread


def _parse(line: str) -> tuple[dict[str, Any], str]:
    if len(line) > LONGEST_LINE:
        return {}, f"the line has {len(line)} characters; at most {LONGEST_LINE} are read"
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {}, f"this is not JSON: {error}"
    if not isinstance(asked, dict):
        return {}, 'this is not an object; expected {"id": …, "question": "…"}'
    if not isinstance(asked.get("question"), str):
        return asked, 'the field "question" is missing or no text'
    if asked.get("language") not in (None, "vi", "en"):
        return asked, 'the field "language" is neither "vi" nor "en"'
    if asked.get("audience") not in (None, "public", "member"):
        return asked, 'the field "audience" is neither "public" nor "member"'
    return asked, ""
