"""Buttons in groups: what each is called, and the action that comes back when it is pressed.

`k:<verb>:<inquiry>` acts on an inquiry, `d:<verb>:<post>[:<value>]` goes on with something that waits for its officer.
"""

import zlib

from bot.escalation.states import Event, State, possible
from bot.knowledge.directory import Department, Directory
from bot.topics.words import Words, shortened
from storage.inquiries import InquiryRecord

Rows = list[list[dict[str, str]]]

HISTORY, SIMILAR, ENTRIES = "history", "similar", "entries"
PANELS = (HISTORY, SIMILAR, ENTRIES)
SEEN = "seen"
_ROWS = ((Event.TAKE, Event.RELEASE, Event.ASK_BACK), (Event.TRANSFER, Event.DEFER, Event.ESCALATE), (Event.CLOSE,))
CANDIDATES = 3


def mark(department_id: str) -> str:
    """Return a short mark of a department that a button has room for, the same in every version of the directory."""
    return f"{zlib.crc32(department_id.encode()):08x}"


def marked(directory: Directory, wanted: str) -> Department | None:
    return next((each for each in directory if mark(each.id) == wanted), None)


def button(label: str, action: str) -> dict[str, str]:
    return {"label": label, "action": action}


def of_inquiry(words: Words, inquiry: InquiryRecord, directory: Directory) -> Rows:
    """Return the buttons of an inquiry's card: what its state allows. Who may press them is checked when they do."""
    state = State(inquiry.state)
    events = set(possible(state))
    if inquiry.officer_id is None:
        events.discard(Event.RELEASE)
    elif state is State.IN_PROGRESS:
        events.discard(Event.TAKE)
    if state is State.AWAITING_ROUTING:
        other = button(words.say("topic.button.route"), f"k:{Event.ROUTE}:{inquiry.id}")
        return [*_candidates(inquiry, directory), [other], _panels(words, inquiry)]
    rows: Rows = []
    for row in _ROWS:
        rows.append([button(words.say(f"topic.button.{e}"), f"k:{e}:{inquiry.id}") for e in row if e in events])
    return [*(row for row in rows if row), _panels(words, inquiry)]


def _panels(words: Words, inquiry: InquiryRecord) -> list[dict[str, str]]:
    return [button(words.say(f"topic.button.{each}"), f"k:{each}:{inquiry.id}") for each in PANELS]


def _candidates(inquiry: InquiryRecord, directory: Directory) -> Rows:
    """The coordinating unit decides in one tap, where the bot was not sure enough."""
    rows: Rows = []
    for candidate in inquiry.candidates[:CANDIDATES]:
        department = directory.get(candidate["id"])
        if department is not None and department.accepts_inquiries:
            percent = round(100 * candidate["probability"])
            label = f"{shortened(department.name, 44)} ({percent} %)"
            rows.append([button(label, f"k:route:{inquiry.id}:{mark(department.id)}")])
    return rows
