"""/campaigns and /audiences: what there is, and what can be done with it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, UploadFile
from starlette.responses import Response

from bot.api import campaign_shapes as shapes
from bot.api import reading
from bot.api.caller import Campaigner, CampaignWriter
from bot.api.errors import CursorWrong, FilesUnreadable, StateUnknown
from bot.api.once import Once, Repeatable, write_once
from bot.api.shapes import Page
from bot.api.uploads import FILES, keep
from bot.clock import Clock
from bot.delivery.message import Attachment
from bot.handlers.pipeline import readable
from bot.locales.catalogue import Catalogue
from bot.outreach import errors, permissions, proof_files
from bot.outreach.drafts import FILE_BYTES
from bot.outreach.outreach import Outreach
from bot.outreach.states import State
from storage import campaigns as stored
from storage import waves
from storage.campaigns import CampaignRow
from storage.database import Database
from storage.files import FileStore, FileTooLarge
from storage.ids import read_id
from storage.unit_of_work import UnitOfWork

Key = Annotated[str, Path(max_length=40, pattern="^[A-Za-z0-9-]+$", description="number (TB-2026-000012) or id")]
Uploads = list[UploadFile]
AudienceKey = Annotated[str, Path(max_length=20, pattern="^[0-9]+$")]


class CampaignsApi:
    def __init__(
        self,
        *,
        database: Database,
        outreach: Outreach,
        files: FileStore,
        catalogue: Catalogue,
        clock: Clock,
        default_language: str,
    ) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._catalogue = catalogue
        self._language = default_language
        self._outreach = outreach

    def router(self) -> APIRouter:
        router = APIRouter(tags=["campaigns"])
        get, post, put = router.get, router.post, router.put
        audiences: dict[str, Any] = {"tags": ["audiences"]}
        get("/audiences", response_model=Page[shapes.AudienceShape], **audiences)(self.audiences)
        post("/audiences", response_model=shapes.AudienceShape, status_code=201, **audiences)(self.save_audience)
        post("/audiences/count", response_model=shapes.LookShape, **audiences)(self.count)
        get("/audiences/{id}", response_model=shapes.AudienceShape, **audiences)(self.audience)
        put("/audiences/{id}", response_model=shapes.AudienceShape, **audiences)(self.change_audience)
        get("/audiences/{id}/look", response_model=shapes.LookShape, **audiences)(self.look)
        get("/campaigns", response_model=Page[shapes.CampaignShape])(self.list)
        post("/campaigns", response_model=shapes.CampaignShape, status_code=201)(self.create)
        get("/campaigns/{id}", response_model=shapes.CampaignShape)(self.one)
        put("/campaigns/{id}", response_model=shapes.CampaignShape)(self.change)
        get("/campaigns/{id}/plan", response_model=shapes.PlanShape)(self.plan)
        get("/campaigns/{id}/progress", response_model=shapes.ProgressShape)(self.progress)
        get("/campaigns/{id}/recipients", response_model=Page[shapes.RecipientShape])(self.recipients)
        get("/campaigns/{id}/report.{ending}", response_class=Response, responses=reading.FILE)(self.report)
        get("/campaigns/{id}/steps", response_model=Page[shapes.StepShape])(self.steps)
        for action in (self.approve, self.schedule, self.pause, self.resume, self.cancel):
            post(f"/campaigns/{{id}}/{action.__name__}", response_model=shapes.CampaignShape)(action)
        post("/campaigns/{id}/correct", response_model=shapes.CampaignShape, status_code=201)(self.correct)
        post("/campaigns/{id}/trial", response_model=shapes.AmountShape)(self.trial)
        post("/campaigns/{id}/send-again", response_model=shapes.AmountShape)(self.send_again)
        post("/campaigns/{id}/files", response_model=shapes.CampaignShape)(self.attach)
        router.delete("/campaigns/{id}/files/{sha256}", response_model=shapes.CampaignShape)(self.detach)
        post("/campaigns/{id}/settle", status_code=204, response_class=Response)(self.settle)
        return router

    # Audiences

    async def audiences(self, _caller: CampaignWriter, limit: reading.Limit = 50, cursor: reading.Cursor = None) -> Any:
        """Return the saved audiences, the newest first."""
        rows = await self._outreach.audiences.listed(before=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, shapes.audience, lambda row: row.id)

    async def save_audience(self, caller: CampaignWriter, body: shapes.AudienceIn, repeat: Once) -> Any:
        name, wanted = readable(body.name), body.filter.read()

        async def save(uow: UnitOfWork) -> shapes.AudienceShape:
            return shapes.audience(await self._outreach.audiences.save(name, wanted, caller, within=uow))

        return await write_once(self._database, repeat, self._clock, shapes.AudienceShape, save)

    async def audience(self, _caller: CampaignWriter, id: AudienceKey) -> Any:
        return shapes.audience(await self._outreach.audiences.find(readable(id)))

    async def change_audience(self, caller: CampaignWriter, id: AudienceKey, body: shapes.AudienceIn) -> Any:
        found = await self._outreach.audiences.find(readable(id))
        return shapes.audience(
            await self._outreach.audiences.save(readable(body.name), body.filter.read(), caller, audience_id=found.id)
        )

    async def look(self, _caller: CampaignWriter, id: AudienceKey) -> Any:
        """Count a saved audience, with a sample and who cannot be reached."""
        return await self._look((await self._outreach.audiences.find(readable(id))).filter)

    async def count(self, _caller: CampaignWriter, body: shapes.FilterShape) -> Any:
        """The same for a filter that is not saved."""
        return await self._look(body.read())

    async def _look(self, wanted: Any) -> Any:
        found = await self._outreach.audiences.look(wanted)
        return shapes.look(
            found.count,
            [shapes.person(each) for each in found.sample],
            [shapes.person(each) for each in found.unreachable],
        )

    # Reading

    async def list(
        self,
        _caller: Campaigner,
        state: Annotated[str | None, Query(max_length=100, description="one, or several with commas between")] = None,
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return campaigns, the newest first."""
        states = [each.strip() for each in (state or "").split(",") if each.strip()]
        for each in states:
            if each not in set(State):
                raise StateUnknown(state=readable(each)[:40])
        async with self._database.read() as uow:
            rows = await stored.listed(uow, states=states, before=reading.before(cursor), limit=limit + 1)
        return reading.page(rows, limit, shapes.campaign, lambda row: row.id)

    async def one(self, caller: Campaigner, id: Key) -> Any:
        return shapes.campaign(await self._outreach.campaigns.find(readable(id), caller))

    async def plan(self, caller: Campaigner, id: Key) -> Any:
        """Return what comes of it if it were released now: to whom, until when, at what cost."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        return (await self._outreach.planner.plan(found, found.release_at)).to_json()

    async def progress(self, caller: Campaigner, id: Key) -> Any:
        """Return how far it has come."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        return (await self._outreach.progress.look(found.id, whole=True)).to_json()

    async def recipients(
        self,
        caller: Campaigner,
        id: Key,
        state: Annotated[str | None, Query(max_length=100, description="one, or several with commas between")] = None,
        purpose: Annotated[str, Query(max_length=32, description="main, reminder:24, …")] = "main",
        unacknowledged: Annotated[bool, Query(description="only who was told and has not confirmed")] = False,
        limit: reading.Limit = 50,
        cursor: reading.Cursor = None,
    ) -> Any:
        """Return the ledger of one of its waves, row by row, in the order in which the rows were written."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        after = 0 if cursor is None else read_id(cursor)
        if after is None:
            raise CursorWrong()
        states = tuple(each.strip() for each in (state or "").split(",") if each.strip())
        async with self._database.read() as uow:
            wave = await waves.of_campaign(uow, found.id, purpose=readable(purpose))
            rows = (
                await waves.recipients(
                    uow, wave[0].id, states=("sent",) if unacknowledged else states, after=after, limit=limit + 1
                )
                if wave
                else []
            )
        return reading.page(rows, limit, shapes.recipient, lambda row: row.id)

    async def report(self, caller: Campaigner, id: Key, ending: reading.Ending) -> Response:
        """Return the proof as a file: who was told what, when and where, with the hash of the words."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        more = partial(self._catalogue.say, "proof.more", self._language)
        content = await proof_files.file(self._outreach.proofs, found, self._language, kind=ending, more=more)
        return Response(content, media_type="application/octet-stream")

    async def steps(self, caller: Campaigner, id: Key) -> Any:
        """Return who did what with it, oldest first."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        async with self._database.read() as uow:
            rows = await stored.steps(uow, found.id)
        return {"items": [shapes.step(row) for row in rows], "next": None}

    # Acting

    async def create(self, caller: Campaigner, body: shapes.CampaignIn, repeat: Once) -> Any:
        draft = _clean(body).read()

        async def make(uow: UnitOfWork) -> CampaignRow:
            return await self._outreach.campaigns.create(draft, caller, within=uow)

        return await self._once(repeat, make)

    async def change(self, caller: Campaigner, id: Key, body: shapes.ChangeIn) -> Any:
        """Change the content; what was approved is a draft again."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        draft = _clean(body).read()
        changed = await self._outreach.campaigns.edit(
            found.id, self._outreach.campaigns.with_files(draft, found), caller, seen=body.revision
        )
        return shapes.campaign(changed)

    async def attach(self, caller: Campaigner, id: Key, files: Uploads) -> Any:
        """Put files to it, at most five, of 20 MB each; what was approved is a draft again. The same file again changes
        nothing."""
        permissions.check_writes(caller)
        found = await self._outreach.campaigns.find(readable(id), caller)
        if len(files) > FILES:
            raise FilesUnreadable(most=FILES)
        kept = [await self._keep(file) for file in files]
        return shapes.campaign(await self._outreach.campaigns.attach(found.id, kept, caller))

    async def _keep(self, file: UploadFile) -> Attachment:
        try:
            kept = await keep(self._files, file, at_most=FILE_BYTES)
        except FileTooLarge:
            name = reading.file_name(file.filename or "")
            raise errors.FileTooLarge(name=name[:80], most=FILE_BYTES // 1024**2) from None
        return Attachment(kept.sha256, kept.name, kept.media_type)

    async def detach(self, caller: Campaigner, id: Key, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Any:
        """Take a file out of it; what was approved is a draft again."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        return shapes.campaign(await self._outreach.campaigns.detach(found.id, sha256, caller))

    async def approve(self, caller: Campaigner, id: Key, body: shapes.SeenIn, repeat: Once) -> Any:
        """Let it go out as it is; for somebody who has not written on it."""
        found = await self._outreach.campaigns.find(readable(id), caller)

        async def act(uow: UnitOfWork) -> CampaignRow:
            return await self._outreach.campaigns.approve(found.id, caller, seen=body.revision, within=uow)

        return await self._once(repeat, act)

    async def schedule(self, caller: Campaigner, id: Key, body: shapes.ScheduleIn, repeat: Once) -> Any:
        """Have it released at a moment, or at once."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        plan = (await self._outreach.planner.plan(found, body.at)).to_json()

        async def act(uow: UnitOfWork) -> CampaignRow:
            campaigns = self._outreach.campaigns
            return await campaigns.schedule(found.id, body.at, caller, seen=body.revision, plan=plan, within=uow)

        return await self._once(repeat, act)

    async def pause(self, caller: Campaigner, id: Key, repeat: Once) -> Any:
        return await self._act(self._outreach.campaigns.pause, caller, id, repeat)

    async def resume(self, caller: Campaigner, id: Key, repeat: Once) -> Any:
        return await self._act(self._outreach.campaigns.resume, caller, id, repeat)

    async def cancel(self, caller: Campaigner, id: Key, repeat: Once) -> Any:
        return await self._act(self._outreach.campaigns.cancel, caller, id, repeat)

    async def _act(
        self, act: Callable[..., Awaitable[CampaignRow]], caller: Campaigner, id: str, repeat: Repeatable | None
    ) -> Any:
        found = await self._outreach.campaigns.find(readable(id), caller)
        return await self._once(repeat, lambda uow: act(found.id, caller, within=uow))

    async def correct(self, caller: Campaigner, id: Key, body: shapes.CorrectionIn, repeat: Once) -> Any:
        """Draft a correction of a campaign that went out; it is approved and scheduled as any other."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        texts = (readable(body.title), readable(body.text_vi), readable(body.text_en))
        return await self._once(repeat, lambda uow: self._outreach.campaigns.correct(found.id, *texts, caller, within=uow))

    async def trial(self, caller: Campaigner, id: Key, body: shapes.TrialIn, repeat: Once) -> Any:
        """Send it as it is to a small saved audience; return to how many."""
        found = await self._outreach.campaigns.find(readable(id), caller)

        async def act(uow: UnitOfWork) -> shapes.AmountShape:
            told = await self._outreach.campaigns.trial(found.id, readable(body.panel), caller, within=uow)
            return shapes.AmountShape(amount=told)

        return await write_once(self._database, repeat, self._clock, shapes.AmountShape, act)

    async def send_again(self, caller: Campaigner, id: Key, body: shapes.AgainIn, repeat: Once) -> Any:
        """Let rows that ended in these states go out once more; return how many that are."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        states = tuple(body.states)
        if repeat is None:
            return {"amount": await self._outreach.campaigns.send_again(found.id, caller, states=states)}

        async def act(uow: UnitOfWork) -> shapes.AmountShape:
            again = await self._outreach.campaigns.send_again(found.id, caller, states=states, within=uow)
            return shapes.AmountShape(amount=again)

        return await write_once(self._database, repeat, self._clock, shapes.AmountShape, act)

    async def settle(self, caller: Campaigner, id: Key, body: shapes.SettleIn, repeat: Once) -> Response:
        """Write down whether a message of which no answer had come did arrive."""
        found = await self._outreach.campaigns.find(readable(id), caller)
        delivery = read_id(body.delivery) or 0

        async def act(uow: UnitOfWork) -> shapes.Nothing:
            await self._outreach.campaigns.settle_unknown(found.id, delivery, arrived=body.arrived, actor=caller, within=uow)
            return shapes.Nothing()

        await write_once(self._database, repeat, self._clock, shapes.Nothing, act)
        return Response(status_code=204)

    async def _once(self, repeat: Repeatable | None, act: Callable[[UnitOfWork], Awaitable[CampaignRow]]) -> Any:
        async def change(uow: UnitOfWork) -> shapes.CampaignShape:
            return shapes.campaign(await act(uow))

        return await write_once(self._database, repeat, self._clock, shapes.CampaignShape, change)


def _clean(body: shapes.CampaignIn) -> shapes.CampaignIn:
    """Take out what no person can read."""
    texts = {name: readable(getattr(body, name)) for name in ("title", "text_vi", "text_en")}
    links = [shapes.LinkShape.model_construct(label=readable(each.label), url=readable(each.url)) for each in body.links]
    place = readable(body.event_place) if body.event_place is not None else None
    entries = [readable(each) for each in body.entries]
    return body.model_copy(update={**texts, "links": links, "event_place": place, "entries": entries})
