"""Campaigns on the desk: the list, the form, one campaign with how far it has come, and what can be done with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.delivery.ledger import DeliveryState
from bot.delivery.message import Attachment
from bot.desk import campaign_forms as forms
from bot.desk.desk import Desk
from bot.desk.errors import PageNotFound
from bot.desk.live import SPACING
from bot.desk.proofs import proof
from bot.desk.uploads import keep_files
from bot.desk.visit import Endpoint, Visit, session_cookie
from bot.errors import HelpdeskError
from bot.outreach import errors, permissions
from bot.outreach.drafts import FILE_BYTES, attachments
from bot.outreach.runner import CAMPAIGNS
from bot.outreach.states import Kind, Risk, State, possible
from bot.outreach.texts import corrected_number
from bot.outreach.waves import MAIN
from storage import campaigns as stored
from storage import channel_accounts, registrations, waves
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow
from storage.ids import read_id

_LISTED = 100
_RECIPIENTS = 200
_EVERY_S = 1.0
PLANNED = (State.DRAFT, State.APPROVED, State.SCHEDULED)
"""states in which there is something to plan"""
DONE = ("created", "saved", "approved", "scheduled", "paused", "resumed", "cancelled", "trial", "again", "settled", "attended")
FILTERS = {
    "all": (),
    "failed": ("refused", "blocked", "unreachable", "given_up"),
    "unknown": ("unknown",),
    "open": ("held", "queued", "sending"),
    "silent": ("sent",),
    "confirmed": ("acknowledged",),
}
"""what the list of recipients can be narrowed to; silent: told, and not confirmed"""


async def show_list(visit: Visit) -> Response:
    permissions.check_reads(visit.officer.actor)
    async with visit.desk.database.read() as uow:
        rows = await stored.listed(uow, limit=_LISTED)
    return visit.page("campaigns.html", campaigns=rows, writes=permissions.writes(visit.officer.actor))


async def show_form(visit: Visit) -> Response:
    """The empty form; `?audience=` fills in a saved audience."""
    permissions.check_writes(visit.officer.actor)
    values = {"kind": str(Kind.POLICY_UPDATE), "reminders": "48, 24"}
    if chosen := visit.request.query_params.get("audience", ""):
        values |= forms.filter_values((await visit.desk.outreach.audiences.find(chosen)).filter)
    return await _form(visit, values)


async def create(visit: Visit) -> Response:
    try:
        draft = replace(forms.draft_of(visit, await _audience(visit)), files=await _files(visit))
        row = await visit.desk.outreach.campaigns.create(draft, visit.officer.actor)
    except HelpdeskError as error:
        return await _form(visit, visit.form.values, error=error)
    return visit.see(f"/desk/campaigns/{row.number}?done=created")


async def show_edit(visit: Visit) -> Response:
    permissions.check_writes(visit.officer.actor)
    row = await _find(visit)
    return await _form(visit, forms.draft_values(row, visit), row=row)


async def edit(visit: Visit) -> Response:
    row = await _find(visit)
    try:
        draft = forms.draft_of(visit, await _audience(visit))
        new = await _files(visit)
        files = new if visit.form.get("drop_files") else (*attachments(row.files), *new)
        await visit.desk.outreach.campaigns.edit(
            row.id, replace(draft, files=files), visit.officer.actor, seen=visit.form.number("revision") or 0
        )
    except HelpdeskError as error:
        return await _form(visit, visit.form.values, row=row, error=error)
    return visit.see(f"/desk/campaigns/{row.number}?done=saved")


async def _audience(visit: Visit) -> AudienceFilter:
    """Return the saved audience that was chosen, else the filter as it was typed."""
    if chosen := visit.form.get("saved_audience").strip():
        return (await visit.desk.outreach.audiences.find(chosen)).filter
    return forms.filter_of(visit.form)


async def _files(visit: Visit) -> tuple[Attachment, ...]:
    for file in visit.form.files:
        if file.size is not None and file.size > FILE_BYTES:
            raise errors.FileTooLarge(name=(file.filename or "")[:80], most=FILE_BYTES // 1024**2)
    return await keep_files(visit)


async def _form(
    visit: Visit, values: dict[str, str], *, row: CampaignRow | None = None, error: HelpdeskError | None = None
) -> Response:
    service = visit.desk.outreach.audiences
    return visit.page(
        "campaign_form.html",
        error.status if error is not None else 200,
        values=values,
        row=row,
        kinds=[str(each) for each in Kind],
        risks=[str(each) for each in Risk],
        levels=forms.LEVELS,
        known=await service.known_values(),
        saved=await service.listed(),
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
    )


async def show(visit: Visit) -> Response:
    return await _render(visit, await _find(visit))


async def _render(visit: Visit, row: CampaignRow, *, error: HelpdeskError | None = None, tried: str = "") -> Response:
    """Show a campaign. With an error: what was typed in the form of the action that was tried stays in it."""
    desk, actor = visit.desk, visit.officer.actor
    outreach = desk.outreach
    planned = row.state in PLANNED
    look = None
    if planned and row.subject_id is None and permissions.writes(actor):
        look = await outreach.audiences.look(AudienceFilter.from_json(row.audience), kind=row.kind)
    async with desk.database.read() as uow:
        steps = await stored.steps(uow, row.id)
        seats = await registrations.count(uow, row.id) if row.kind == Kind.EVENT else {}
    done = visit.request.query_params.get("done", "")
    progress = await outreach.progress.look(row.id, whole=row.state == State.FINISHED)
    waiting = await outreach.progress.waiting(row.id) if progress.of(DeliveryState.QUEUED) else []
    return visit.page(
        "campaign.html",
        error.status if error is not None else 200,
        row=row,
        corrects=corrected_number(row),
        messages=outreach.campaigns.messages(row),
        look=look,
        plan=await outreach.planner.plan(row, row.release_at) if planned else None,
        progress=progress,
        waiting=waiting,
        all_wait=bool(waiting) and sum(each.amount for each in waiting) >= progress.left,
        steps=steps,
        seats=seats,
        saved=await outreach.audiences.listed() if permissions.writes(actor) else [],
        may={str(move) for move in possible(row.state)},
        writes=permissions.writes(actor),
        approves=permissions.approves(actor),
        is_author=permissions.identity(actor) in row.authors,
        typed=visit.form.values,
        tried=tried,
        error=visit.words.error(error) if error is not None else "",
        wrong=visit.wrong(error) if error is not None else {},
        done=visit.words.named("campaign_done", done) if done in DONE and error is None else "",
    )


async def act(visit: Visit) -> Response:
    """What a button on the page of a campaign does."""
    row = await _find(visit)
    action = visit.request.path_params["action"]
    do = _ACTIONS.get(action)
    if do is None:
        raise PageNotFound()
    try:
        told = await do(visit, row)
    except HelpdeskError as error:
        return await _render(visit, await _find(visit), error=error, tried=action)
    back = f"/desk/campaigns/{told.number}" if isinstance(told, CampaignRow) else f"/desk/campaigns/{row.number}"
    return visit.see(f"{back}?done={_SAID[action]}")


Act = Callable[[Visit, CampaignRow], Awaitable[object]]


async def _approve(visit: Visit, row: CampaignRow) -> object:
    await visit.desk.outreach.campaigns.approve(row.id, visit.officer.actor, seen=visit.form.number("revision") or 0)
    return None


async def _schedule(visit: Visit, row: CampaignRow) -> object:
    at = forms.moment(visit, "at")
    plan = (await visit.desk.outreach.planner.plan(row, at)).to_json()
    seen = visit.form.number("revision") or 0
    await visit.desk.outreach.campaigns.schedule(row.id, at, visit.officer.actor, seen=seen, plan=plan)
    return None


async def _pause(visit: Visit, row: CampaignRow) -> object:
    await visit.desk.outreach.campaigns.pause(row.id, visit.officer.actor)
    return None


async def _resume(visit: Visit, row: CampaignRow) -> object:
    await visit.desk.outreach.campaigns.resume(row.id, visit.officer.actor)
    return None


async def _cancel(visit: Visit, row: CampaignRow) -> object:
    await visit.desk.outreach.campaigns.cancel(row.id, visit.officer.actor)
    return None


async def _trial(visit: Visit, row: CampaignRow) -> object:
    await visit.desk.outreach.campaigns.trial(row.id, visit.form.get("panel"), visit.officer.actor)
    return None


async def _correct(visit: Visit, row: CampaignRow) -> object:
    texts = (visit.form.get("title"), visit.form.get("text_vi"), visit.form.get("text_en"))
    return await visit.desk.outreach.campaigns.correct(row.id, *texts, visit.officer.actor)


async def _again(visit: Visit, row: CampaignRow) -> object:
    states = FILTERS["unknown"] if visit.form.get("what") == "unknown" else FILTERS["failed"]
    await visit.desk.outreach.campaigns.send_again(row.id, visit.officer.actor, states=states)
    return None


async def _settle(visit: Visit, row: CampaignRow) -> object:
    delivery, arrived = visit.form.number("delivery") or 0, visit.form.get("arrived") == "yes"
    await visit.desk.outreach.campaigns.settle_unknown(row.id, delivery, arrived=arrived, actor=visit.officer.actor)
    return None


async def _attend(visit: Visit, row: CampaignRow) -> object:
    contact, came = visit.form.number("contact") or 0, visit.form.get("came") == "yes"
    await visit.desk.outreach.campaigns.attend(row.id, contact, came=came, actor=visit.officer.actor)
    return None


_ACTIONS: dict[str, Act] = {
    "approve": _approve,
    "schedule": _schedule,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "trial": _trial,
    "correct": _correct,
    "send-again": _again,
    "settle": _settle,
    "attend": _attend,
}
_SAID = {
    "approve": "approved",
    "schedule": "scheduled",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "trial": "trial",
    "correct": "created",
    "send-again": "again",
    "settle": "settled",
    "attend": "attended",
}


async def recipients(visit: Visit) -> Response:
    """Who was told and who was not; the list of who has not confirmed is also the list of whom to call."""
    row = await _find(visit)
    chosen = visit.request.query_params.get("show", "all")
    after = read_id(visit.request.query_params.get("after", "0")) or 0
    if chosen not in FILTERS:
        raise PageNotFound()
    async with visit.desk.database.read() as uow:
        main = await waves.of_campaign(uow, row.id, purpose=MAIN)
        found = (
            await waves.recipients(uow, main[0].id, states=FILTERS[chosen], after=after, limit=_RECIPIENTS + 1) if main else []
        )
        called = found if permissions.writes(visit.officer.actor) else []  # who only reads has nobody to call
        phones = await channel_accounts.phones(uow, [each.contact_id for each in called if each.contact_id is not None])
    return visit.page(
        "recipients.html",
        row=row,
        chosen=chosen,
        filters=tuple(FILTERS),
        recipients=found[:_RECIPIENTS],
        phones=phones,
        following=found[_RECIPIENTS - 1].id if len(found) > _RECIPIENTS else None,
        approves=permissions.approves(visit.officer.actor),
    )


async def report(visit: Visit) -> Response:
    """Who was told what and when, as a file to be kept: the same bytes as long as nothing changes."""
    row = await _find(visit)
    return await proof(visit, visit.desk.outreach.proofs, row, row.number)


async def guests(visit: Visit) -> Response:
    """Who comes to an event, and who came."""
    row = await _find(visit)
    if row.kind != Kind.EVENT:
        raise PageNotFound()
    async with visit.desk.database.read() as uow:
        found = await registrations.guests(uow, row.id)
        seats = await registrations.count(uow, row.id)
    return visit.page("guests.html", row=row, guests=found, seats=seats, approves=permissions.approves(visit.officer.actor))


async def _find(visit: Visit) -> CampaignRow:
    return await visit.desk.outreach.campaigns.find(visit.request.path_params["campaign"], visit.officer.actor)


# Live


def stream(desk: Desk) -> Endpoint:
    """Return the endpoint that tells an open page of a campaign that it has come further."""

    async def endpoint(request: Request) -> Response:
        token = request.cookies.get(session_cookie(desk), "")
        session = await desk.sessions.find(token, in_use=False)
        if session is None or session.officer.must_change_password:
            return Response(status_code=401)
        try:
            row = await desk.outreach.campaigns.find(request.path_params["campaign"], session.officer.actor)
        except HelpdeskError as error:
            return Response(status_code=error.status)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
        return StreamingResponse(_events(desk, token, row.id), media_type="text/event-stream", headers=headers)

    return endpoint


async def _events(desk: Desk, token: str, campaign_id: int) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    before: object = None
    async with aclosing(desk.signals.listen(CAMPAIGNS, at_least_every=_EVERY_S)) as looks:
        async for _ in looks:
            if await desk.sessions.find(token, in_use=False) is None:
                yield "event: ended\ndata:\n\n"
                return
            progress = await desk.outreach.progress.look(campaign_id, shared=True)
            async with desk.database.read() as uow:
                row = await stored.by_id(uow, campaign_id)
            now = (row and (row.state, row.revision), progress.states, progress.waves, round(progress.rate))
            yield "event: changed\ndata:\n\n" if now != before else ": still here\n\n"
            before = now
            await asyncio.sleep(SPACING)
