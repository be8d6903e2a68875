"""How things are written out for people: an answer with its legal basis, an inquiry with its state, the menu."""

from collections.abc import Iterable, Mapping

from bot.delivery.message import Button
from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers.turn import Turn
from bot.knowledge.entries import Entry
from bot.knowledge.measure.ask import quoted
from bot.knowledge.verdict import Candidate
from storage.inquiries import InquiryRecord

Rows = list[list[Button]]
_LABEL_AT_MOST = 60
"""characters; what is longer a phone cuts by itself, and less well"""
_QUESTION_SHOWN = 300


def shortened(text: str, most: int) -> str:
    """Return the text on one line, cut at a word where it is longer than `most` characters."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip(" ,.;:") + "…"


def menu(turn: Turn) -> Rows:
    """What a person can always do."""
    return [
        [turn.button("button.inquiries", "inquiries"), turn.button("button.ask_officer", "ask_officer")],
        [turn.button("button.consultations", "consultations"), turn.button("button.subscriptions", "subscriptions")],
        [turn.button("button.language", "language"), turn.button("button.help", "help")],
    ]


def menu_button(turn: Turn) -> list[Button]:
    return [turn.button("button.menu", "menu")]


def cancel_button(turn: Turn) -> list[Button]:
    return [turn.button("button.cancel", "cancel")]


# Answers


def answer(turn: Turn, entry: Entry) -> str:
    """Write an answer out with the place that carries it."""
    places = [{"document": each.document, "place": each.place} for each in entry.citations]
    return f"{entry.wording(turn.language).answer}\n\n{basis(turn, places)}"


def quotation(turn: Turn, passage: Candidate) -> str:
    """Write out a passage of law that answers by itself, with the place that it stands at."""
    [cited] = passage.citations
    text = turn.words("answer.law", place=cited.place, document=cited.document, quote=quoted(passage))
    return f"{text}\n\n{basis(turn, [{'document': cited.document, 'place': cited.place}])}"


def basis(turn: Turn, citations: Iterable[Mapping[str, str]]) -> str:
    """Write the legal basis: "Căn cứ: Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ (title)", a line for each further one."""
    documents = turn.services.knowledge.documents
    places = []
    for cited in citations:
        document = documents.get(cited["document"])
        title = "" if document is None else document.title_en if turn.language == "en" else document.title
        shown = "answer.place_titled" if title else "answer.place"
        places.append(turn.words(shown, place=cited["place"], document=cited["document"], title=title))
    if len(places) == 1:
        return turn.words("answer.basis", place=places[0])
    return turn.words("answer.basis_many", places="\n".join(f"• {each}" for each in places)) if places else ""


def answer_buttons(turn: Turn, inquiry: InquiryRecord) -> Rows:
    return [
        [turn.button("button.helped", f"helped:{inquiry.id}"), turn.button("button.not_helped", f"not_helped:{inquiry.id}")],
        [turn.button("button.officer", f"officer:{inquiry.id}")],
    ]


def choices(turn: Turn, labelled: Iterable[tuple[str, str]]) -> Rows:
    """Return a row for each (label, action), the label short enough for a phone."""
    return [[Button(shortened(label, _LABEL_AT_MOST), action)] for label, action in labelled]


# Inquiries


def department(turn: Turn, inquiry: InquiryRecord) -> str:
    """Return the name of the department that has it, in the reader's language where the directory still knows it."""
    found = turn.services.knowledge.directory.get(inquiry.department_id)
    if found is not None and turn.language == "en" and found.name == inquiry.department_name:
        return found.name_en
    return inquiry.department_name or ""


def state(turn: Turn, inquiry: InquiryRecord) -> str:
    return turn.words(f"state.{inquiry.state}")


def line(turn: Turn, inquiry: InquiryRecord) -> str:
    """Write an inquiry in two lines: number, state, department and deadline, and how the question began."""
    parts = [inquiry.number, state(turn, inquiry)]
    if inquiry.department_name:
        parts.append(department(turn, inquiry))
    if inquiry.due_at is not None:
        parts.append(turn.words("inquiries.due", due=inquiry.due_at))
    return f"{' · '.join(parts)}\n«{shortened(inquiry.text, 80)}»"


def facts(turn: Turn, inquiry: InquiryRecord) -> str:
    """Write out where an inquiry stands."""
    lines = [turn.words("detail.head", number=inquiry.number, state=state(turn, inquiry))]
    lines.append(turn.words("detail.question", at=inquiry.received_at, text=shortened(inquiry.text, _QUESTION_SHOWN)))
    if inquiry.department_name:
        lines.append(turn.words("detail.department", department=department(turn, inquiry)))
    if inquiry.routed_at is None and inquiry.routing_due_at is not None:
        lines.append(turn.words("detail.routing_due", due=inquiry.routing_due_at))
    elif inquiry.state == State.DEFERRED and inquiry.deferred_until is not None:
        lines.append(turn.words("detail.deferred", until=inquiry.deferred_until, reason=inquiry.deferral_reason or ""))
    elif inquiry.due_at is not None and inquiry.closed_at is None:
        lines.append(turn.words("detail.response_due", due=inquiry.due_at))
    return "\n".join(lines)


def tracking(turn: Turn, inquiry: InquiryRecord) -> str:
    """Write the code with which anybody can see where the inquiry stands, and where to do so."""
    codes = turn.services.tracking
    link = codes.link(inquiry.number, turn.language)
    key = "tracking.code_told_with_link" if link else "tracking.code_told"
    return turn.words(key, code=codes.of(inquiry.number), **({"link": link} if link else {}))


def steps_on(turn: Turn, inquiry: InquiryRecord) -> Rows:
    """Return what the person can do with an inquiry in the state in which it is."""
    number = {"number": inquiry.number}
    rows: Rows = []
    if inquiry.state in (State.RECEIVED, State.ANSWERED_BY_BOT):
        rows.append([turn.button("button.officer", f"officer:{inquiry.id}")])
    if inquiry.state == State.WAITING_FOR_ENTERPRISE:
        rows.append([turn.button("button.reply", f"reply:{inquiry.id}")])
    elif State(inquiry.state) in TAKES_MESSAGES:
        rows.append([turn.button("button.add", f"add:{inquiry.id}", **number)])
    if inquiry.state == State.ANSWERED:
        rows.append([turn.button("button.solved", f"solved:{inquiry.id}")])
    if inquiry.state == State.CLOSED and inquiry.rating is None and inquiry.department_id is not None:
        rows.append(stars(turn, inquiry))
    over = inquiry.state in (State.ANSWERED, State.CLOSED) and inquiry.department_id is not None
    if over and turn.services.inquiries.in_time_to_reopen(inquiry):
        rows.append([turn.button("button.not_solved", f"unsolved:{inquiry.id}")])
    return rows


def stars(turn: Turn, inquiry: InquiryRecord) -> list[Button]:
    return [turn.button(f"button.stars_{each}", f"rate:{each}:{inquiry.id}") for each in range(1, 6)]


def shortened_text(text: str, most: int) -> str:
    """Return the text with its lines, cut at a word where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(None, 1)[0].rstrip(" ,.;:") + "…"
