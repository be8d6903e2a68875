"""Enterprises by their tax codes: the statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from storage.ids import new_id
from storage.models import Enterprise, EnterpriseChapter
from storage.unit_of_work import UnitOfWork, table_of

_E, _H = table_of(Enterprise), table_of(EnterpriseChapter)


@dataclass(frozen=True)
class EnterpriseRow:
    id: int
    tax_code: str
    name: str
    membership: str
    member_since: datetime | None
    compliance_level: int | None
    region: str | None
    sector: str | None
    kind: str | None
    hs_chapters: tuple[str, ...]


_COLUMNS = tuple(_E.c[each.name] for each in fields(EnterpriseRow) if each.name != "hs_chapters")


async def by_tax_codes(uow: UnitOfWork, codes: Sequence[str]) -> dict[str, EnterpriseRow]:
    rows = await uow.rows(select(*_COLUMNS).where(_E.c.tax_code.in_(list(codes))))
    chapters: dict[int, list[str]] = {row["id"]: [] for row in rows}
    if chapters:
        of_them = select(_H.c.enterprise_id, _H.c.chapter).where(_H.c.enterprise_id.in_(list(chapters)))
        for row in await uow.rows(of_them.order_by(_H.c.chapter)):
            chapters[row["enterprise_id"]].append(row["chapter"])
    return {row["tax_code"]: EnterpriseRow(**row, hs_chapters=tuple(chapters[row["id"]])) for row in rows}


def add(uow: UnitOfWork, tax_code: str, values: Mapping[str, Any], now: datetime) -> int:
    """Add an enterprise; without a membership it has none."""
    rest = {name: value for name, value in values.items() if name != "hs_chapters"}
    membership = rest.setdefault("membership", "none")
    enterprise_id = new_id()
    since = now if membership == "member" else None
    # All rows with the same columns: many of them are one statement.
    empty: dict[str, Any] = {"compliance_level": None, "region": None, "sector": None, "kind": None}
    when = {"member_since": since, "created_at": now, "updated_at": now}
    uow.insert(Enterprise, id=enterprise_id, tax_code=tax_code, **{**empty, **rest}, **when)
    for chapter in values.get("hs_chapters", ()):
        uow.insert(EnterpriseChapter, enterprise_id=enterprise_id, chapter=chapter)
    return enterprise_id


async def change(uow: UnitOfWork, before: EnterpriseRow, values: Mapping[str, Any], now: datetime) -> None:
    """Change what the values name, and leave the rest."""
    rest = {name: value for name, value in values.items() if name != "hs_chapters"}
    if rest.get("membership") == "member" and before.member_since is None:
        rest["member_since"] = now
    uow.update(Enterprise, before.id, **rest, updated_at=now)
    if "hs_chapters" in values:
        await uow.execute(delete(_H).where(_H.c.enterprise_id == before.id))
        for chapter in values["hs_chapters"]:
            uow.insert(EnterpriseChapter, enterprise_id=before.id, chapter=chapter)
