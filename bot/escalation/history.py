"""The history of an inquiry: append-only, each row chained to the one before by a hash.

The hash is keyed with a secret that the database does not hold, so that whoever changes rows cannot also mend the chain. The
inquiry itself remembers how long its history is and how it ends: rows that are cut off at the end are missed as well.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.escalation.actors import Actor
from storage.inquiries import InquiryRecord

START = "0" * 64


def digest(text: str) -> str:
    """Return what the history keeps of a text, so that a later change of it is noticed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Chain:
    """Makes rows and checks them. key: at least 16 bytes, the same for the life of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.blake2b(key, digest_size=32, person=b"donghanh-history"[:16]).digest()

    def link(self, row: Mapping[str, Any]) -> str:
        """Return the hash of a row, which covers the hash of the one before."""
        content = [
            row["inquiry_id"],
            row["seq"],
            row["at"].isoformat(),
            row["event"],
            row["actor"],
            row["actor_id"],
            row["actor_name"],
            row["from_state"],
            row["to_state"],
            row["department"],
            row["reason"],
            row["details"],
            row["previous"],
        ]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32).hexdigest()

    def next_row(
        self,
        *,
        inquiry_id: int,
        length: int,
        head: str,
        at: datetime,
        event: str,
        actor: Actor,
        from_state: str | None,
        to_state: str,
        department: str | None,
        reason: str | None,
        details: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Return the row that follows the `length` rows that end with `head`; its hash is the new head."""
        row: dict[str, Any] = {
            "inquiry_id": inquiry_id,
            "seq": length + 1,
            "at": at,
            "event": event,
            "actor": str(actor.kind),
            "actor_id": actor.id,
            "actor_name": actor.name,
            "from_state": from_state,
            "to_state": to_state,
            "department": department,
            "reason": reason,
            "details": dict(details or {}),
            "previous": head,
        }
        row["hash"] = self.link(row)
        return row

    def faults(self, inquiry: InquiryRecord, rows: Sequence[Mapping[Any, Any]]) -> list[str]:
        """Return what does not fit in an inquiry's history, in words for an auditor; empty when all fits."""
        found: list[str] = []
        head = START
        for place, row in enumerate(rows, start=1):
            where = f"{inquiry.number}, row {row['seq']}"
            if row["seq"] != place:
                found.append(f"{where}: row {place} is missing")
                break
            if row["previous"] != head:
                found.append(f"{where}: does not follow the row before it")
            if self.link(row) != row["hash"]:
                found.append(f"{where}: was changed after it was written")
            head = row["hash"]
        if len(rows) != inquiry.history_length or head != inquiry.history_head:
            found.append(f"{inquiry.number}: ends at row {len(rows)}, the inquiry knows of {inquiry.history_length}")
        if rows and rows[-1]["to_state"] != inquiry.state:
            found.append(f"{inquiry.number}: is {inquiry.state}, its history says {rows[-1]['to_state']}")
        if rows and rows[0]["details"].get("text") not in (None, digest(inquiry.text)):
            found.append(f"{inquiry.number}: the text of the question was changed")
        return found
