"""POST /inquiries: what came by telephone, e-mail or letter, recorded by a program; and its files."""

from typing import Any

from fastapi import APIRouter, UploadFile

from bot.api import reading, shapes
from bot.api.caller import CaseWorker
from bot.api.errors import FilesUnreadable
from bot.api.inquiries import Key, department_named, find
from bot.api.once import Once, write_once
from bot.api.uploads import FILES, FILES_BYTES, keep
from bot.clock import Clock
from bot.escalation.deferrals import moment_of
from bot.escalation.inquiries import Inquiries
from bot.escalation.keeping import IncomingFile
from bot.escalation.tracking import TrackingCodes
from bot.handlers.pipeline import readable
from bot.intake.recording import Given, Intakes, Recorded
from bot.locales.catalogue import Catalogue
from storage import queue
from storage.database import Database
from storage.files import FileStore, FileTooLarge
from storage.unit_of_work import UnitOfWork


class IntakeApi:
    def __init__(
        self,
        *,
        database: Database,
        inquiries: Inquiries,
        intakes: Intakes,
        tracking: TrackingCodes,
        files: FileStore,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._database = database
        self._inquiries = inquiries
        self._intakes = intakes
        self._tracking = tracking
        self._files = files
        self._catalogue = catalogue
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter(tags=["inquiries"])
        router.post("/inquiries", response_model=shapes.RecordedShape, status_code=201)(self.record)
        router.post("/inquiries/{id}/files", response_model=shapes.InquiryShape)(self.attach)
        return router

    async def record(self, caller: CaseWorker, body: shapes.Recording, repeat: Once) -> Any:
        """Record an inquiry that came by telephone, e-mail or letter; it runs the same clocks as any other.

        A report of misconduct or smuggling is refused (422, `intake.is_report`), and nothing of it is kept.
        """
        given = self._intakes.tidied(await self._given(body), caller)
        verdict = await self._intakes.read(given)

        async def make(uow: UnitOfWork) -> shapes.RecordedShape:
            recorded = await self._intakes.record(uow, given, verdict, caller)
            return await self._shape(uow, recorded, caller)

        return await write_once(self._database, repeat, self._clock, shapes.RecordedShape, make)

    async def attach(self, caller: CaseWorker, id: Key, files: list[UploadFile]) -> Any:
        """Put files to an inquiry; at most five in a request, 25 MB all together. The same file again changes nothing."""
        if len(files) > FILES:
            raise FilesUnreadable(most=FILES)
        async with self._database.read() as uow:
            await find(uow, caller, id)  # nobody leaves files with an inquiry that is not theirs
        kept = tuple([await self._keep(file) for file in files])

        async def work(uow: UnitOfWork) -> shapes.InquiryShape:
            found = await find(uow, caller, id)
            after = await self._inquiries.attach(uow, found.inquiry, kept, caller)
            return reading.inquiry(queue.Queued(after, 0, found.enterprise_name, found.tax_code, found.membership), caller)

        return await self._database.write(work)

    async def _given(self, body: shapes.Recording) -> Given:
        now = self._clock.now()
        received_at = moment_of(body.received_at, self._catalogue.timezone, now) if body.received_at else now
        given = Given(
            means=body.means,
            text=readable(body.text),
            received_at=received_at,
            person=readable(body.person),
            reach=readable(body.reach),
            tax_code=readable(body.tax_code),
            company=readable(body.company),
            verified=body.verified,
            language=body.language,
            department_id=department_named(self._inquiries.directory, body.department) if body.department else "",
        )
        return await self._intakes.with_newest_chat(given) if body.verified and body.tell_by_chat else given

    async def _shape(self, uow: UnitOfWork, recorded: Recorded, caller: Any) -> shapes.RecordedShape:
        found = await queue.with_enterprise(uow, inquiry_id=recorded.inquiry.id)
        assert found is not None
        number = recorded.inquiry.number
        shape = reading.inquiry(found, caller)
        return shapes.RecordedShape(inquiry=shape, tracking_code=self._tracking.of(number), told=recorded.told)

    async def _keep(self, file: UploadFile) -> IncomingFile:
        try:
            kept = await keep(self._files, file, at_most=FILES_BYTES)
        except FileTooLarge:
            raise FilesUnreadable(most=FILES) from None
        return IncomingFile("desk", kept.sha256, kept.name, kept.media_type, kept.size, kept.sha256)
