"""Imported law: the statements. What leaves here are plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from storage.models import LawPassage, LawVersion
from storage.unit_of_work import UnitOfWork, table_of

_V = table_of(LawVersion)
_P = table_of(LawPassage)

IN_FORCE, AMENDED, CORRECTED = "in_force", "amended", "corrected"


@dataclass(frozen=True)
class VersionRow:
    id: int
    document: str
    version: int
    title: str
    issuer: str
    signed: date | None
    effective_from: date
    effective_until: date | None
    status: str
    imported_at: datetime
    file: str
    sha256: str
    replaced_by: int | None


@dataclass(frozen=True)
class PassageRow:
    """A passage with the document that it is of."""

    version_id: int
    document: str
    seq: int
    place: str
    kind: str
    number: str
    title: str
    parents: tuple[str, ...]
    above: int | None
    text: str


_VERSION = tuple(_V.c[field.name] for field in fields(VersionRow))
_PASSAGE = tuple(_V.c.document if field.name == "document" else _P.c[field.name] for field in fields(PassageRow))


def _held(on: date) -> ColumnElement[bool]:
    """Say which versions are the wording of that day, both ends included."""
    until = or_(_V.c.effective_until.is_(None), _V.c.effective_until >= on)
    return and_(_V.c.status != CORRECTED, _V.c.effective_from <= on, until)


async def latest(uow: UnitOfWork, document: str) -> VersionRow | None:
    """Return the newest version of the document."""
    row = await uow.row(select(*_VERSION).where(_V.c.document == document).order_by(_V.c.version.desc()).limit(1))
    return VersionRow(**row) if row else None


async def versions(uow: UnitOfWork) -> Sequence[VersionRow]:
    """Return all versions, the newest of each document first."""
    rows = await uow.rows(select(*_VERSION).order_by(_V.c.document, _V.c.version.desc()))
    return [VersionRow(**row) for row in rows]


async def held(uow: UnitOfWork, on: date) -> Sequence[VersionRow]:
    """Return the versions that are the wording of that day."""
    rows = await uow.rows(select(*_VERSION).where(_held(on)).order_by(_V.c.document))
    return [VersionRow(**row) for row in rows]


async def passage_counts(uow: UnitOfWork) -> dict[int, int]:
    """Return how many passages each version has."""
    rows = await uow.rows(select(_P.c.version_id, func.count().label("many")).group_by(_P.c.version_id))
    return {row["version_id"]: row["many"] for row in rows}


def add(uow: UnitOfWork, version: VersionRow, passages: Iterable[dict[str, Any]]) -> None:
    """Add a version with its passages in order; each is the columns of PassageRow from `place` on."""
    uow.insert(LawVersion, **{field.name: getattr(version, field.name) for field in fields(VersionRow)})
    for seq, passage in enumerate(passages):
        uow.insert(LawPassage, version_id=version.id, seq=seq, **passage)


async def replace(uow: UnitOfWork, former: int, *, by: int, status: str, until: date | None) -> None:
    """Say of the former version that another has taken its place, and until when it held."""
    values: dict[str, Any] = {"replaced_by": by, "status": status, "effective_until": until}
    await uow.execute(update(_V).where(_V.c.id == former).values(**values))


async def passages(uow: UnitOfWork, on: date) -> Sequence[PassageRow]:
    """Return the passages of every wording that held on that day, in order."""
    statement = (
        select(*_PASSAGE).join(_V, _V.c.id == _P.c.version_id).where(_held(on)).order_by(_V.c.document, _V.c.version, _P.c.seq)
    )
    return [_passage(row) for row in await uow.rows(statement)]


async def at_place(uow: UnitOfWork, document: str, place: str, on: date) -> Sequence[PassageRow]:
    """Return what stands at a place of the wording of that day, its dashes too; empty where there is no such place."""
    statement = (
        select(*_PASSAGE)
        .join(_V, _V.c.id == _P.c.version_id)
        .where(_V.c.document == document, _P.c.place == place, _held(on))
        .order_by(_V.c.version.desc(), _P.c.seq)
    )
    found = [_passage(row) for row in await uow.rows(statement)]
    return [each for each in found if each.version_id == found[0].version_id]


async def places_of(uow: UnitOfWork, version_id: int) -> frozenset[str]:
    """Return the places of one version."""
    return frozenset(row["place"] for row in await uow.rows(select(_P.c.place).where(_P.c.version_id == version_id).distinct()))


async def places(uow: UnitOfWork, on: date) -> dict[str, frozenset[str]]:
    """Return the places of each document that has a wording of that day."""
    rows = await uow.rows(select(_V.c.document, _P.c.place).join(_V, _V.c.id == _P.c.version_id).where(_held(on)).distinct())
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["document"], set()).add(row["place"])
    return {document: frozenset(each) for document, each in found.items()}


def _passage(row: Any) -> PassageRow:
    return PassageRow(**{**row, "parents": tuple(row["parents"])})
