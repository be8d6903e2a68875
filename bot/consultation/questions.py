"""Questions of a consultation or survey, as they are written and as they are answered."""

import re
from collections.abc import Sequence
from typing import Any

from bot.consultation.errors import AnswerWrong, OpinionTooLong, QuestionWrong
from storage.consultations import QuestionRow

KINDS = ("choice", "scale", "text")
SCALE = 5
OPTIONS_AT_MOST = 8
QUESTIONS_AT_MOST = 30
_TEXT_AT_MOST = 500
ANSWER_AT_MOST = 4000
_LINE = re.compile(r"\[(lựa chọn|chọn|choice|thang điểm|thang|scale|tự do|văn bản|text)\]\s*(.+)", re.IGNORECASE)
_KIND_OF = {
    "lựa chọn": "choice",
    "chọn": "choice",
    "choice": "choice",
    "thang điểm": "scale",
    "thang": "scale",
    "scale": "scale",
    "tự do": "text",
    "văn bản": "text",
    "text": "text",
}


def read_questions(text: str) -> list[QuestionRow]:
    """Read questions as an officer types them. Raises QuestionWrong.

    A line each, which begins with the kind: `[chọn] …`, `[thang] …` or `[tự do] …`; a `|` divides Vietnamese from English.
    The options of a choice follow, a line each, with a dash in front.
    """
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if line.startswith(("-", "–", "•")):
            if not found or found[-1]["kind"] != "choice":
                raise QuestionWrong(number=len(found), why="option_without_choice")
            vi, en = _both(line.lstrip("-–• "))
            found[-1]["options"].append({"vi": vi, "en": en})
            continue
        begun = _LINE.fullmatch(line)
        if begun is None:
            raise QuestionWrong(number=len(found) + 1, why="kind_missing")
        vi, en = _both(begun[2])
        found.append({"kind": _KIND_OF[begun[1].lower()], "text_vi": vi, "text_en": en, "options": []})
    return checked(found)


def checked(questions: Sequence[dict[str, Any]]) -> list[QuestionRow]:
    """Return the questions as rows. Raises QuestionWrong for the first that cannot be asked."""
    if len(questions) > QUESTIONS_AT_MOST:
        raise QuestionWrong(number=QUESTIONS_AT_MOST + 1, why="too_many")
    rows = []
    for number, question in enumerate(questions, 1):
        vi, en = " ".join(str(question["text_vi"]).split()), " ".join(str(question.get("text_en") or "").split())
        kind, options = question["kind"], list(question.get("options") or ())
        why = ""
        if kind not in KINDS:
            why = "kind_missing"
        elif not vi:
            why = "text_missing"
        elif max(len(vi), len(en)) > _TEXT_AT_MOST:
            why = "too_long"
        elif kind == "choice" and not 2 <= len(options) <= OPTIONS_AT_MOST:
            why = "options"
        elif any(not str(option.get("vi") or "").strip() or len(str(option["vi"])) > _TEXT_AT_MOST for option in options):
            why = "option_empty"
        if why:
            raise QuestionWrong(number=number, why=why)
        kept = [{"vi": str(each["vi"]).strip(), "en": str(each.get("en") or "").strip()} for each in options]
        rows.append(QuestionRow(number, kind, vi, en, kept if kind == "choice" else []))
    return rows


def written(questions: Sequence[QuestionRow]) -> str:
    """Write questions out as `read_questions` reads them."""
    names = {"choice": "chọn", "scale": "thang", "text": "tự do"}
    lines = []
    for question in questions:
        lines.append(f"[{names[question.kind]}] {_line(question.text_vi, question.text_en)}")
        lines += [f"- {_line(option['vi'], option.get('en', ''))}" for option in question.options]
    return "\n".join(lines)


def answer(question: QuestionRow, value: str) -> str:
    """Return the answer as it is kept; empty takes it back. Raises AnswerWrong, or OpinionTooLong for a text."""
    value = value.strip()
    if question.kind == "text":
        if len(value) > ANSWER_AT_MOST:
            raise OpinionTooLong(length=len(value), most=ANSWER_AT_MOST)
        return value
    if not value:
        return ""
    most = len(question.options) if question.kind == "choice" else SCALE
    if not (value.isascii() and value.isdigit() and len(value) < 3 and 1 <= int(value) <= most):
        raise AnswerWrong()
    return str(int(value))


def shown(question: QuestionRow, value: str, language: str) -> str:
    """Return an answer as people read it."""
    if question.kind == "choice":
        return question.option(int(value), language)
    return f"{value}/{SCALE}" if question.kind == "scale" else value


def _both(text: str) -> tuple[str, str]:
    vi, _, en = text.partition("|")
    return vi.strip(), en.strip()


def _line(vi: str, en: str) -> str:
    return f"{vi} | {en}" if en else vi
