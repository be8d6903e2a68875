"""Campaigns: their life from the draft to the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.delivery.message import Attachment, Message
from bot.escalation.actors import SYSTEM, Actor
from bot.outreach import drafts, errors, permissions
from bot.outreach.audiences import Audiences
from bot.outreach.drafts import Draft
from bot.outreach.states import Kind, Move, State, after
from bot.outreach.texts import Texts, correction_key, hash_of
from bot.outreach.waves import MAIN, Source, Waves
from bot.subscriptions.subscriptions import wish_for
from storage import audiences, registrations
from storage import campaigns as stored
from storage import waves as stored_waves
from storage.audiences import AudienceFilter
from storage.campaigns import CampaignRow
from storage.database import Database
from storage.ids import new_id, read_id
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

ChangeFiles = Callable[[tuple[Attachment, ...]], tuple[Attachment, ...]]
PANEL_AT_MOST = 50
RECALL_WINDOW = timedelta(seconds=60)
"""between the release and the first message, in which a release can be called back without anybody having read it"""


class Campaigns:
    """Every method that takes `seen` refuses (CampaignMovedOn) where the campaign has another revision by now.

    `within`: the transaction to do it in, of somebody who has more to do in it; without one it gets its own.
    knows_entry: whether the knowledge base has an entry of this id that can be shown.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        waves: Waves,
        texts: Texts,
        audience_service: Audiences,
        *,
        knows_entry: Callable[[str], bool],
        default_language: str,
        recall_window: timedelta = RECALL_WINDOW,
    ) -> None:
        self._database = database
        self._clock = clock
        self._waves = waves
        self._texts = texts
        self._audiences = audience_service
        self._knows_entry = knows_entry
        self._default_language = default_language
        self._recall_window = recall_window

    # Reading

    async def find(self, key: str, actor: Actor) -> CampaignRow:
        """Return a campaign by its number or id. Raises CampaignNotFound, MayNotCampaign."""
        permissions.check_reads(actor)
        async with self._database.read() as uow:
            campaign_id = read_id(key)
            if campaign_id is not None:
                found = await stored.by_id(uow, campaign_id)
            else:
                found = await stored.by_number(uow, key.strip().upper())
        if found is None:
            raise errors.CampaignNotFound(number=key[:40])
        return found

    def messages(self, campaign: CampaignRow) -> dict[str, Message]:
        """Return what people would read. Raises TextTooLong."""
        return self._texts.compose(campaign)

    @staticmethod
    def with_files(draft: Draft, campaign: CampaignRow) -> Draft:
        """Return the content with the attachments that the campaign has."""
        return replace(draft, files=drafts.attachments(campaign.files))

    # Writing

    async def create(self, draft: Draft, actor: Actor, *, within: UnitOfWork | None = None) -> CampaignRow:
        """Keep a draft. Raises MayNotCampaign, or what is wrong with the content."""
        permissions.check_writes(actor)
        now = self._clock.now()
        drafts.check(draft, now=now, knows_entry=self._knows_entry)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._new(uow, draft.kind, draft.title, actor, now)
            row = replace(row, **_content(draft))
            self._texts.compose(row)
            stored.add(uow, row)
            self._record(uow, row, actor, "create")
            return row

        return await self._database.write(work, within=within)

    async def edit(self, campaign_id: int, draft: Draft, actor: Actor, *, seen: int) -> CampaignRow:
        """Change the content. What was approved is a draft again: nobody sends words that were not approved."""
        permissions.check_writes(actor)
        now = self._clock.now()
        drafts.check(draft, now=now, knows_entry=self._knows_entry)

        async def work(uow: UnitOfWork) -> CampaignRow:
            return await self._put(uow, await self._seen(uow, campaign_id, seen), draft, actor)

        return await self._database.write(work)

    async def attach(self, campaign_id: int, files: Sequence[Attachment], actor: Actor) -> CampaignRow:
        """Add files to what goes out; one that it has already changes nothing. As `edit`, which it is.

        Raises NotInThisState, TooManyFiles, or what has become wrong with the content.
        """

        def added(had: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
            return tuple(dict.fromkeys((*had, *files)))

        return await self._change_files(campaign_id, added, actor)

    async def detach(self, campaign_id: int, sha256: str, actor: Actor) -> CampaignRow:
        """Take a file out of what goes out; one that it does not have changes nothing. Raises as `attach`."""

        def left(had: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
            return tuple(each for each in had if each.sha256 != sha256)

        return await self._change_files(campaign_id, left, actor)

    async def _change_files(self, campaign_id: int, change: ChangeFiles, actor: Actor) -> CampaignRow:
        permissions.check_writes(actor)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._locked(uow, campaign_id)
            had = drafts.attachments(row.files)
            files = change(had)
            if files == had:
                return row
            draft = replace(_draft(row), files=files)
            drafts.check(draft, now=self._clock.now(), knows_entry=self._knows_entry)
            return await self._put(uow, row, draft, actor)

        return await self._database.write(work)

    async def _put(self, uow: UnitOfWork, row: CampaignRow, draft: Draft, actor: Actor) -> CampaignRow:
        """Put the content in place of the former one."""
        content = _content(draft)
        if row.subject_id is not None:
            content["audience"] = row.audience  # of a correction: whoever got what it corrects
        self._texts.compose(replace(row, **content))
        author = permissions.identity(actor)
        authors = row.authors if author in row.authors else [*row.authors, author]
        undone = {"approved_by": None, "approved_name": None, "approved_at": None, "text_hash": None, "release_at": None}
        return await self._move(uow, row, Move.EDIT, actor, **content, **undone, authors=authors)

    async def approve(self, campaign_id: int, actor: Actor, *, seen: int, within: UnitOfWork | None = None) -> CampaignRow:
        """Let it go out as it is. Raises ApprovedByAuthor, AudienceEmpty, or what has become wrong with the content."""
        permissions.check_approves(actor)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._seen(uow, campaign_id, seen)
            if permissions.identity(actor) in row.authors or actor.id is None:
                raise errors.ApprovedByAuthor(number=row.number)
            drafts.check(_draft(row), now=self._clock.now(), knows_entry=self._knows_entry)
            messages = self._texts.compose(row)
            await self._check_audience(uow, row)
            approved = {"approved_by": permissions.identity(actor), "approved_name": actor.name}
            return await self._move(
                uow, row, Move.APPROVE, actor, **approved, approved_at=self._clock.now(), text_hash=hash_of(messages)
            )

        return await self._database.write(work, within=within)

    async def _check_audience(self, uow: UnitOfWork, row: CampaignRow) -> None:
        if row.subject_id is not None:
            return
        wanted = AudienceFilter.from_json(row.audience)
        wish = wish_for(row.kind)
        count = await audiences.count(uow, wanted, default_language=self._default_language, wish=wish)
        if not count.reachable:
            raise errors.AudienceEmpty(people=count.people, unreachable=sum(count.unreachable.values()))

    async def schedule(
        self,
        campaign_id: int,
        at: datetime | None,
        actor: Actor,
        *,
        seen: int,
        plan: Mapping[str, Any] | None = None,
        within: UnitOfWork | None = None,
    ) -> CampaignRow:
        """Have it released at that moment, or at once. plan: what it looks like, to be held beside what comes of it."""
        permissions.check_approves(actor)
        now = self._clock.now()
        if at is not None and at <= now:
            raise errors.TimeNotAhead(field="starts_at", at=at)
        starts = at or now

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._seen(uow, campaign_id, seen)
            drafts.check_start({"ack_due_at": row.ack_due_at, "event_at": row.event_at}, starts)
            return await self._move(uow, row, Move.SCHEDULE, actor, release_at=starts, starts_at=starts, plan=dict(plan or {}))

        return await self._database.write(work, within=within)

    async def pause(self, campaign_id: int, actor: Actor, *, within: UnitOfWork | None = None) -> CampaignRow:
        """Let nothing more go out until it is resumed; what is in flight arrives."""
        permissions.check_approves(actor)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._locked(uow, campaign_id)
            changed = await self._move(uow, row, Move.PAUSE, actor)
            await self._waves.pause(uow, row.id)
            return changed

        return await self._database.write(work, within=within)

    async def resume(self, campaign_id: int, actor: Actor, *, within: UnitOfWork | None = None) -> CampaignRow:
        permissions.check_approves(actor)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._locked(uow, campaign_id)
            changed = await self._move(uow, row, Move.RESUME, actor)
            await self._waves.resume(uow, row.id)
            return changed

        return await self._database.write(work, within=within)

    async def cancel(self, campaign_id: int, actor: Actor, *, within: UnitOfWork | None = None) -> CampaignRow:
        """End it. Within the short time after the release nobody has read anything; later, the rest is not told."""
        permissions.check_approves(actor)

        async def work(uow: UnitOfWork) -> CampaignRow:
            row = await self._locked(uow, campaign_id)
            now = self._clock.now()
            changed = await self._move(uow, row, Move.CANCEL, actor, release_at=None, step_at=None, finished_at=now)
            await self._waves.cancel(uow, row.id)
            return changed

        return await self._database.write(work, within=within)

    # Trials, corrections, sending again

    async def trial(self, campaign_id: int, panel: str, actor: Actor, *, within: UnitOfWork | None = None) -> int:
        """Send it as it is now to the people of a small saved audience; return to how many.

        Raises AudienceNotFound, PanelTooLarge, AudienceEmpty.
        """
        permissions.check_writes(actor)
        saved = await self._audiences.find(panel)

        async def work(uow: UnitOfWork) -> int:
            row = await self._locked(uow, campaign_id)
            if row.state not in (State.DRAFT, State.APPROVED, State.SCHEDULED):
                raise errors.NotInThisState(number=row.number, campaign_state=row.state, campaign_action="trial")
            people = await audiences.page(
                uow, saved.filter, after=0, limit=PANEL_AT_MOST + 1, default_language=self._default_language
            )
            if len(people) > PANEL_AT_MOST:
                raise errors.PanelTooLarge(people=len(people), most=PANEL_AT_MOST)
            reachable = tuple(each.contact_id for each in people if each.reason is None)
            if not reachable:
                raise errors.AudienceEmpty(people=len(people), unreachable=len(people))
            place = 1 + await stored.count_steps(uow, row.id, "trial")
            messages = self._texts.trial(self._texts.compose(row))
            await self._waves.open(
                uow,
                row.id,
                f"trial:{place}",
                messages,
                Source(contacts=reachable),
                opens_at=self._clock.now(),
                urgent=True,
            )
            self._record(uow, row, actor, "trial", panel=saved.name, people=len(reachable))
            return len(reachable)

        return await self._database.write(work, within=within)

    async def correct(
        self, campaign_id: int, title: str, text_vi: str, text_en: str, actor: Actor, *, within: UnitOfWork | None = None
    ) -> CampaignRow:
        """Draft a correction of a campaign that went out: a campaign of its own, with the same way to approval.

        When it is released, the messages that their platform still lets us change are changed, and everybody else who got
        the first one is sent a new message.
        """
        permissions.check_writes(actor)
        now = self._clock.now()

        async def work(uow: UnitOfWork) -> CampaignRow:
            first = await self._locked(uow, campaign_id)
            reached = first.state in (State.SENDING, State.PAUSED, State.FINISHED, State.CANCELLED) and first.released_at
            if not reached:
                raise errors.NothingToCorrect(number=first.number)
            draft = replace(
                _draft(first), title=title or first.title, text_vi=text_vi, text_en=text_en, reminders=(), acknowledge=False
            )
            for language, text in (("vi", text_vi), ("en", text_en)):
                if not text.strip():
                    raise errors.FieldMissing(field=f"text_{language}")
                drafts.check_markup(text, language)
            row = await self._new(uow, first.kind, draft.title, actor, now)
            row = replace(row, **_content(draft), subject_id=first.id, key=correction_key(first, row.number))
            self._texts.compose(row)
            stored.add(uow, row)
            self._record(uow, row, actor, "create", corrects=first.number)
            self._record(uow, first, actor, "correct", by=row.number)
            return row

        return await self._database.write(work, within=within)

    async def send_again(
        self, campaign_id: int, actor: Actor, *, states: tuple[str, ...], within: UnitOfWork | None = None
    ) -> int:
        """Let the rows that ended in these states go out once more; return how many that are."""
        permissions.check_approves(actor)

        async def begin(uow: UnitOfWork) -> list[int]:
            row = await self._locked(uow, campaign_id)
            if row.state not in (State.SENDING, State.PAUSED, State.FINISHED):
                raise errors.NotInThisState(number=row.number, campaign_state=row.state, campaign_action="send_again")
            self._record(uow, row, actor, "send_again", states=list(states))
            if row.state == State.FINISHED:
                again = {"state": str(State.SENDING), "finished_at": None, "updated_at": self._clock.now()}
                await stored.change(uow, row.id, seen_state=row.state, seen_revision=row.revision, **again)
            waves = await stored_waves.of_campaign(uow, row.id)
            return [wave.id for wave in waves if not wave.purpose.startswith("trial:")]

        found = await self._database.write(begin, within=within)
        return sum([await self._waves.send_again(wave, states, within=within) for wave in found])

    async def settle_unknown(
        self, campaign_id: int, delivery_id: int, *, arrived: bool, actor: Actor, within: UnitOfWork | None = None
    ) -> None:
        """Write down what a person found out about a message of which no answer had come. Raises DeliveryNotUnknown."""
        permissions.check_approves(actor)

        async def work(uow: UnitOfWork) -> None:
            row = await self._locked(uow, campaign_id)
            waves = {wave.id for wave in await stored_waves.of_campaign(uow, row.id)}
            as_state = "sent" if arrived else "given_up"
            if not await stored_waves.settle_unknown(uow, delivery_id, waves=waves, as_state=as_state):
                raise errors.DeliveryNotUnknown()
            self._record(uow, row, actor, "settle", delivery=delivery_id, arrived=arrived)

        await self._database.write(work, within=within)

    async def attend(self, campaign_id: int, contact_id: int, *, came: bool, actor: Actor) -> None:
        """Write down that somebody who was registered came to the event, or did not. Raises NotInvited."""
        permissions.check_writes(actor)

        async def work(uow: UnitOfWork) -> None:
            if not await registrations.attend(uow, campaign_id, contact_id, self._clock.now() if came else None):
                raise errors.NotInvited()

        await self._database.write(work)

    # What falls due

    async def release(self, uow: UnitOfWork, row: CampaignRow) -> None:
        """Begin to send a scheduled campaign; its rows are written afterwards."""
        now = self._clock.now()
        messages = self._texts.compose(row)
        if hash_of(messages) != row.text_hash:
            # What was approved is what goes out: where the catalogue's words changed since, somebody looks again.
            log.error("campaign.text_changed", campaign=row.number)
            await self._move(uow, row, Move.EDIT, SYSTEM, release_at=None, approved_by=None, text_hash=None)
            return
        moved = await self._move(uow, row, Move.RELEASE, SYSTEM, release_at=None, released_at=now, step_at=next_step(row, now))
        source = Source(filter=AudienceFilter.from_json(row.audience))
        if row.subject_id is not None:
            (first,) = await stored_waves.of_campaign(uow, row.subject_id, purpose=MAIN)
            source = Source(wave=first.id, states=(*Source().states, "unknown"), edits=True)
        opens_at = now + self._recall_window
        await self._waves.open(uow, moved.id, MAIN, messages, source, opens_at=opens_at, urgent=row.urgent)

    async def finish(self, uow: UnitOfWork, row: CampaignRow) -> None:
        await self._move(uow, row, Move.FINISH, SYSTEM, finished_at=self._clock.now())

    # Shared

    async def _new(self, uow: UnitOfWork, kind: str, title: str, actor: Actor, now: datetime) -> CampaignRow:
        place = await uow.next_number(f"campaign:{now.year}")
        return CampaignRow(
            id=new_id(),
            number=f"TB-{now.year}-{place:06d}",
            kind=kind,
            risk=None,
            key=None,
            subject_id=None,
            title=title.strip(),
            text_vi="",
            text_en="",
            links=[],
            entries=[],
            files=[],
            audience={},
            urgent=False,
            acknowledge=False,
            ack_due_at=None,
            reminders=[],
            event_at=None,
            event_place=None,
            event_capacity=None,
            state=str(State.DRAFT),
            revision=1,
            authors=[permissions.identity(actor)],
            author_name=actor.name,
            approved_by=None,
            approved_name=None,
            approved_at=None,
            text_hash=None,
            release_at=None,
            starts_at=None,
            step_at=None,
            released_at=None,
            finished_at=None,
            plan={},
            created_at=now,
            updated_at=now,
        )

    async def _locked(self, uow: UnitOfWork, campaign_id: int) -> CampaignRow:
        row = await stored.by_id(uow, campaign_id, lock=True)
        if row is None:
            raise errors.CampaignNotFound(number=str(campaign_id))
        return row

    async def _seen(self, uow: UnitOfWork, campaign_id: int, seen: int) -> CampaignRow:
        row = await self._locked(uow, campaign_id)
        if row.revision != seen:
            raise errors.CampaignMovedOn(number=row.number)
        return row

    async def _move(self, uow: UnitOfWork, row: CampaignRow, move: Move, actor: Actor, **values: Any) -> CampaignRow:
        state = after(row.state, move)
        if state is None:
            raise errors.NotInThisState(number=row.number, campaign_state=row.state, campaign_action=str(move))
        changed = {"state": str(state), "updated_at": self._clock.now(), **values}
        if not await stored.change(uow, row.id, seen_state=row.state, seen_revision=row.revision, **changed):
            raise errors.CampaignMovedOn(number=row.number)
        self._record(uow, row, actor, str(move))
        return replace(row, revision=row.revision + 1, **changed)

    def _record(self, uow: UnitOfWork, row: CampaignRow, actor: Actor, action: str, **details: Any) -> None:
        who = {"actor": permissions.identity(actor), "actor_name": actor.name}
        stored.record(uow, row.id, at=self._clock.now(), action=action, **who, **details)


def next_step(row: CampaignRow, now: datetime) -> datetime | None:
    """Return when the next reminder of a campaign, or the end of its acknowledgement, falls due after `now`."""
    end = row.event_at if row.kind == Kind.EVENT else row.ack_due_at
    if end is None:
        return None
    times = [end - timedelta(hours=hours) for hours in row.reminders]
    times += [row.ack_due_at] if row.acknowledge and row.ack_due_at is not None else []
    return min((at for at in times if at > now), default=None)


def _content(draft: Draft) -> dict[str, Any]:
    """Return the columns that a draft fills."""
    event = draft.kind == Kind.EVENT
    return {
        "kind": str(draft.kind),
        "risk": str(draft.risk) if draft.kind == Kind.RISK_ALERT else None,
        "title": draft.title.strip(),
        "text_vi": draft.text_vi.strip(),
        "text_en": draft.text_en.strip(),
        "links": [each.to_json() for each in draft.links],
        "entries": list(draft.entries),
        "files": [{"sha256": f.sha256, "name": f.name, "media_type": f.media_type} for f in draft.files],
        "audience": draft.audience.to_json(),
        "urgent": draft.urgent and draft.kind == Kind.RISK_ALERT,
        "acknowledge": draft.acknowledge,
        "ack_due_at": draft.ack_due_at if draft.acknowledge else None,
        "reminders": list(draft.reminders) if draft.acknowledge or event else [],
        "event_at": draft.event_at if event else None,
        "event_place": draft.event_place if event else None,
        "event_capacity": draft.event_capacity if event else None,
    }


def _draft(row: CampaignRow) -> Draft:
    """Return the content of a campaign as it was written."""
    return Draft(
        kind=row.kind,
        title=row.title,
        text_vi=row.text_vi,
        text_en=row.text_en,
        risk=row.risk,
        links=tuple(drafts.Link(**each) for each in row.links),
        entries=tuple(row.entries),
        files=drafts.attachments(row.files),
        audience=AudienceFilter.from_json(row.audience),
        urgent=row.urgent,
        acknowledge=row.acknowledge,
        ack_due_at=row.ack_due_at,
        reminders=tuple(row.reminders),
        event_at=row.event_at,
        event_place=row.event_place,
        event_capacity=row.event_capacity,
    )
