"""The read-only lists: departments, entries, officers, enterprises, contacts."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from bot.access.officers import Officers
from bot.api import reading, shapes
from bot.api.caller import Caller, Overseer
from bot.api.errors import CursorWrong
from bot.handlers.pipeline import readable
from bot.knowledge.service import Knowledge
from storage import directory_lists
from storage.database import Database
from storage.ids import read_id


class Lists:
    def __init__(self, *, database: Database, knowledge: Knowledge, officers: Officers) -> None:
        self._database = database
        self._officers = officers
        self._knowledge = knowledge

    def router(self) -> APIRouter:
        router = APIRouter()
        get = router.get
        get("/departments", response_model=shapes.Page[shapes.DepartmentShape], tags=["departments"])(self.departments)
        get("/entries", response_model=shapes.Page[shapes.EntryShape], tags=["entries"])(self.entries)
        get("/officers", response_model=shapes.Page[shapes.OfficerShape], tags=["officers"])(self.officers)
        get("/enterprises", response_model=shapes.Page[shapes.EnterpriseShape], tags=["enterprises"])(self.enterprises)
        get("/contacts", response_model=shapes.Page[shapes.ContactShape], tags=["contacts"])(self.contacts)
        return router

    async def departments(self, _caller: Caller) -> Any:
        """Return the whole directory, in its order."""
        return {"items": [reading.department(each) for each in self._knowledge.directory], "next": None}

    async def entries(
        self,
        _caller: Caller,
        q: reading.Search = "",
        department: Annotated[str | None, Query(max_length=64)] = None,
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return the entries of the knowledge base by their ids."""
        wanted = readable(q).strip().casefold()
        found = [
            each
            for key, each in sorted(self._knowledge.entries.items())
            if (cursor is None or key > cursor)
            and (department is None or each.department == department)
            and (wanted in key or wanted in each.vi.question.casefold() or wanted in each.en.question.casefold())
        ]
        return reading.page(found, limit, reading.entry, lambda each: each.id)

    async def officers(self, _caller: Overseer, limit: reading.Limit = 50, cursor: reading.Cursor = None) -> Any:
        """Return who may sign in, in the order in which they were added; those who left too."""
        rows = await self._officers.list(after=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, reading.officer, lambda row: row.id)

    async def enterprises(
        self, _caller: Overseer, q: reading.Search = "", limit: reading.Limit = 50, cursor: reading.Cursor = None
    ) -> Any:
        """Return enterprises, the newest first."""
        async with self._database.read() as uow:
            rows = await directory_lists.enterprises(
                uow, text=readable(q).strip(), before=reading.before(cursor), limit=limit + 1
            )
        return reading.page(rows, limit, reading.enterprise, lambda row: row["id"])

    async def contacts(
        self,
        _caller: Overseer,
        enterprise: Annotated[str | None, Query(max_length=20, description="id of an enterprise")] = None,
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return contacts, the newest first."""
        enterprise_id = read_id(enterprise) if enterprise is not None else None
        if enterprise is not None and enterprise_id is None:
            raise CursorWrong()
        async with self._database.read() as uow:
            rows = await directory_lists.contacts(
                uow, enterprise_id=enterprise_id, before=reading.before(cursor), limit=limit + 1
            )
        return reading.page(rows, limit, reading.contact, lambda row: row["id"])
