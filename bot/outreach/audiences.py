"""Audiences: filters that people choose by, checked, counted and kept under a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.escalation.actors import Actor
from bot.locales.catalogue import LANGUAGES
from bot.membership.errors import TaxCodeWrong
from bot.membership.tax_codes import tax_code
from bot.outreach import errors, permissions
from bot.subscriptions.subscriptions import wish_for
from storage import audiences as stored
from storage.audiences import GUEST, AudienceFilter, Count, Person, Saved
from storage.database import Database
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

MEMBERSHIPS = ("member", "invited", "none", "withdrawn", GUEST)
SAMPLE = 10
UNREACHABLE_SHOWN = 50
_VALUES_AT_MOST = 20_000
_NAME_AT_MOST = 120


@dataclass(frozen=True)
class Look:
    """What an audience comes to, to be judged before approval."""

    count: Count
    sample: Sequence[Person]
    unreachable: Sequence[Person]


class Audiences:
    def __init__(self, database: Database, clock: Clock, *, default_language: str) -> None:
        self._database = database
        self._clock = clock
        self._default_language = default_language

    async def look(self, wanted: AudienceFilter, *, kind: str = "") -> Look:
        """Count the audience; return some of its people, and some of those who are not told, each with why.

        kind: of the campaign that is meant; who switched its topic off is not told.
        """
        language, wish = self._default_language, wish_for(kind)
        async with self._database.read() as uow:
            return Look(
                await stored.count(uow, wanted, default_language=language, wish=wish),
                await stored.sample(uow, wanted, limit=SAMPLE, default_language=language, wish=wish),
                await stored.unreachable(uow, wanted, limit=UNREACHABLE_SHOWN, default_language=language, wish=wish),
            )

    async def count(self, wanted: AudienceFilter) -> Count:
        async with self._database.read() as uow:
            return await stored.count(uow, wanted, default_language=self._default_language)

    async def known_values(self) -> dict[str, list[Any]]:
        """Return what there is to choose from."""
        async with self._database.read() as uow:
            return await stored.known_values(uow)

    async def listed(self, *, before: int | None = None, limit: int = 500) -> list[Saved]:
        async with self._database.read() as uow:
            return await stored.listed(uow, before=before, limit=limit)

    async def find(self, key: str) -> Saved:
        """Return a saved audience by its id or its name. Raises AudienceNotFound."""
        async with self._database.read() as uow:
            found = None
            if (audience_id := read_id(key)) is not None:
                found = await stored.saved(uow, audience_id)
            found = found or await stored.saved_by_name(uow, key.strip())
        if found is None:
            raise errors.AudienceNotFound(audience=key.strip()[:80])
        return found

    async def save(
        self,
        name: str,
        wanted: AudienceFilter,
        actor: Actor,
        *,
        audience_id: int | None = None,
        within: UnitOfWork | None = None,
    ) -> Saved:
        """Keep a filter under a name. Raises MayNotCampaign, AudienceNameMissing, AudienceNameTaken.

        within: the transaction to do it in, of somebody who has more to do in it.
        """
        permissions.check_writes(actor)
        name = " ".join(name.split())[:_NAME_AT_MOST]
        if not name:
            raise errors.AudienceNameMissing()

        async def work(uow: UnitOfWork) -> Saved | None:
            kept = await stored.save(
                uow,
                name=name,
                wanted=wanted,
                by=permissions.identity(actor),
                by_name=actor.name,
                now=self._clock.now(),
                audience_id=audience_id,
            )
            return await stored.saved(uow, kept) if kept is not None else None

        saved = await self._database.write(work, within=within)
        if saved is None:
            raise errors.AudienceNameTaken(name=name)
        return saved


def read_filter(values: Mapping[str, Any]) -> AudienceFilter:
    """Read a filter as forms and programs send it: lists, or texts with commas or lines between. Raises FilterWrong."""
    unknown = set(values) - set(AudienceFilter.__dataclass_fields__)
    if unknown:
        known = ", ".join(AudienceFilter.__dataclass_fields__)
        raise errors.FilterWrong(field=sorted(unknown)[0][:40], given="", expected=known)
    return AudienceFilter(
        membership=_among("membership", _words(values.get("membership")), MEMBERSHIPS),
        compliance_levels=tuple(
            int(each) for each in _among("compliance_levels", _words(values.get("compliance_levels")), _LEVELS)
        ),
        regions=_words(values.get("regions")),
        sectors=_words(values.get("sectors")),
        kinds=_words(values.get("kinds")),
        hs_chapters=tuple(_chapter(each) for each in _words(values.get("hs_chapters"))),
        languages=_among("languages", _words(values.get("languages")), LANGUAGES),
        channels=_words(values.get("channels")),
        tax_codes=tuple(_code(each) for each in _words(values.get("tax_codes"), blanks=True)),
        contacts=tuple(_contact(each) for each in _words(values.get("contacts"), blanks=True)),
    )


_LEVELS = ("1", "2", "3", "4", "5")


def _words(value: Any, *, blanks: bool = False) -> tuple[str, ...]:
    """Return the values of a field, each once, in the order given. blanks: also a blank stands between two."""
    parts: Iterable[Any]
    if value is None:
        parts = ()
    elif isinstance(value, str):
        text = value.replace("\n", ",").replace(";", ",")
        parts = (text.replace(" ", ",").replace("\t", ",") if blanks else text).split(",")
    elif isinstance(value, Iterable):
        parts = value
    else:
        parts = (value,)
    found = tuple(dict.fromkeys(" ".join(str(part).split()) for part in parts if str(part).strip()))
    if len(found) > _VALUES_AT_MOST:
        raise errors.FilterWrong(field="…", given=str(len(found)), expected=f"≤ {_VALUES_AT_MOST}")
    return found


def _among(field: str, given: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    for each in given:
        if each not in known:
            raise errors.FilterWrong(field=field, given=each[:40], expected=", ".join(known))
    return given


def _chapter(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 99):
        raise errors.FilterWrong(field="hs_chapters", given=text[:40], expected="01 … 97")
    return f"{int(text):02d}"


def _code(text: str) -> str:
    try:
        return tax_code(text)
    except TaxCodeWrong:
        raise errors.FilterWrong(field="tax_codes", given=text[:40], expected="0100233488, 0314409058-002") from None


def _contact(text: str) -> int:
    found = read_id(text)
    if found is None:
        raise errors.FilterWrong(field="contacts", given=text[:40], expected="id")
    return found
