"""A message of the chat as the page gets it: what it needs to show it, and nothing that is ours alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.escalation.states import CLOCK_STANDS_STILL, WITH_A_DEPARTMENT, State

OVERLAP = 60_000 << 21
"""how far back, in ids, a look at the news reaches again: 60 s (see `storage.ids`).

An id is drawn before its row is committed, and replicas have clocks of their own: a row may appear behind one that was
already shown. The page knows what it shows by the ids, so nothing appears twice.
"""


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the chat as JSON. Ids are text: they are longer than a number of JavaScript."""
    content = row["content"]
    message: dict[str, Any] = {
        "id": str(row["id"]),
        "author": row["author"],
        "at": row["at"].isoformat(),
        "text": content["text"],
    }
    if row["author"] == "person":
        message["event"] = content.get("event", "").rpartition(":")[2]
        message["files"] = [{"name": file["name"]} for file in content.get("files", ())]
        return message
    message["buttons"] = content.get("buttons", [])
    message["files"] = [
        {"name": file["name"], "url": f"/chat/files/{row['id']}/{place}"} for place, file in enumerate(content.get("files", ()))
    ]
    if "deadline" in content:
        message["deadline"] = content["deadline"]
    if row["number"] is not None:
        message["inquiry"] = {"number": row["number"], "state": row["state"], "due": _iso(_due(row))}
    return message


def _due(row: Mapping[str, Any]) -> datetime | None:
    """Return the end of the clock that runs for the inquiry now, if one does."""
    state = State(row["state"])
    due: datetime | None = None
    if state in (State.RECEIVED, State.AWAITING_ROUTING):
        due = row["routing_due_at"]
    elif state in WITH_A_DEPARTMENT and state not in CLOCK_STANDS_STILL and row["response_left_s"] is None:
        due = row["response_due_at"]
    return due


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
