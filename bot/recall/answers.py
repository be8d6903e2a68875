"""Who was given an answer that cites a place: by the log of answers, whatever has become of the entries since."""

import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.knowledge.citations import Citation, cites, is_inside, is_place, written_in
from bot.knowledge.documents import Documents
from bot.recall.errors import NotKnown, PlaceWrong
from storage import answers as stored
from storage.database import Database
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that somebody was given. by: bot, declined (the bot named it as the ground), officer."""

    inquiry_id: int
    number: str
    question: str
    at: datetime
    by: str
    citations: tuple[Citation, ...]
    """those that lie at the place that was asked for"""
    channel: str
    contact_id: int
    contact_name: str
    enterprise: str
    """empty where nobody has said"""
    tax_code: str
    verified: bool
    """whether the enterprise joined by an invitation; otherwise it is what the person said"""
    language: str
    account_id: int
    external_id: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The answers that cite the place, in the order in which they were given.

    around: how many more cite a place that this one lies in; whether they say anything of it, a person must judge.
    """

    document: str
    place: str
    given: tuple[Given, ...]
    around: int

    @property
    def contacts(self) -> dict[int, list[Given]]:
        """The answers by whom they were given to."""
        found: dict[int, list[Given]] = {}
        for each in self.given:
            found.setdefault(each.contact_id, []).append(each)
        return found


class Answers:
    """Looks into the log of answers. `documents` is asked anew on every use."""

    def __init__(self, database: Database, documents: Callable[[], Documents]) -> None:
        self._database = database
        self._documents = documents

    async def citing(self, document: str, place: str) -> Found:
        """Return who was given an answer that cites the place or one inside it.

        document: its number, in any case. place: as it is cited; empty for the whole document.
        Raises PlaceWrong, or NotKnown where neither the files nor any answer know the document.
        """
        number = self._number(document)
        place = " ".join(unicodedata.normalize("NFC", place).split())
        if place and not is_place(place):
            raise PlaceWrong(place=place[:100])
        given: list[Given] = []
        around = 0
        async with self._database.read() as uow:
            async for row, by, cited in self._rows(uow, number):
                of_document = [each for each in cited if each.document == number]
                if fitting := [each for each in of_document if not place or cites(each, number, place)]:
                    given.append(_given(row, by, tuple(fitting)))
                elif any(is_inside(place, each.place) for each in of_document):
                    around += 1
        if not given and not around and number not in self._documents():
            raise NotKnown(document=number, known=", ".join(each.number for each in self._documents()))
        return Found(number, place, tuple(sorted(given, key=lambda each: (each.at, each.number))), around)

    def _number(self, typed: str) -> str:
        typed = "".join(unicodedata.normalize("NFC", typed).split())
        return next((each.number for each in self._documents() if each.number.casefold() == typed.casefold()), typed)

    async def _rows(self, uow: UnitOfWork, number: str) -> AsyncIterator[tuple[Any, str, tuple[Citation, ...]]]:
        # The digits before the slash are the same in every way of writing JSON.
        mentioning = number.split("/")[0]
        after = (0, 0)
        while rows := await stored.of_bot(uow, mentioning=mentioning, after=after):
            for row in rows:
                cited = tuple(_cited(row["details"]))
                yield row, "declined" if row["event"] == "decline" else "bot", cited
            after = rows[-1]["inquiry_id"], rows[-1]["seq"]
        last = 0
        known = {number, *(each.number for each in self._documents())}
        while rows := await stored.of_officers(uow, mentioning=mentioning, after=last):
            for row in rows:
                yield row, "officer", written_in(row["answer"], known)
            last = rows[-1]["message_id"]


def _cited(details: Mapping[str, Any]) -> Iterator[Citation]:
    for each in details.get("citations") or ():
        if isinstance(each, dict) and "document" in each and "place" in each:
            yield Citation(each["document"], each["place"])


def _given(row: Mapping[str, Any], by: str, citations: tuple[Citation, ...]) -> Given:
    return Given(
        inquiry_id=row["inquiry_id"],
        number=row["number"],
        question=row["question"],
        at=row["at"],
        by=by,
        citations=citations,
        channel=row["channel"],
        contact_id=row["contact_id"],
        contact_name=row["contact_name"],
        enterprise=row["enterprise_name"] or row["claimed_company"] or "",
        tax_code=row["tax_code"] or "",
        verified=row["enterprise_name"] is not None,
        language=row["contact_language"] or row["language"],
        account_id=row["account_id"],
        external_id=row["external_id"],
        reachable=row["unreachable"] is None,
    )
