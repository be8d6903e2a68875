"""From an officer's answer to an entry: a draft, a proposal, a second person's approval, a file of the knowledge base.

Nothing here counts as knowledge until it is approved; what is approved is written into a file that the loader has checked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import structlog

from bot.clock import Clock
from bot.escalation.actors import Actor, ActorKind
from bot.escalation.errors import InquiryNotYours
from bot.knowledge.citations import Citation, written_in
from bot.knowledge.entries import Entry
from bot.knowledge.files import writing
from bot.knowledge.files.problems import KnowledgeFilesError
from bot.knowledge.language.questions import asking_part
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Verdict
from bot.learning import errors, permissions
from bot.learning.content import Content, Fault, Texts, faults, id_for, tidied
from bot.learning.near_drafts import NearDrafts
from bot.learning.personal import freed
from storage import drafts as stored
from storage import inquiries, law
from storage import knowledge as shared
from storage.database import Database
from storage.drafts import DraftRow
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

OPEN = ("draft", "proposed", "rejected")
SHOWN_NEAR = 5
_SUGGESTED = 6


async def nobody() -> None:
    """Tell nobody: this process is alone."""


@dataclass(frozen=True, slots=True)
class Near:
    """An entry that may say the same already, with the retriever's score, 0 to 1."""

    entry: Entry
    score: float


class Drafts:
    """`published` is awaited once an entry was written and the running knowledge has taken it over."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        knowledge: Knowledge,
        *,
        folder: Path,
        today: Callable[[], date],
        published: Callable[[], Awaitable[None]] = nobody,
    ) -> None:
        self._database = database
        self._clock = clock
        self._knowledge = knowledge
        self._folder = folder
        self._today = today
        self._published = published
        self._writing = asyncio.Lock()
        self._near_drafts = NearDrafts(knowledge)

    # Writing

    async def from_inquiry(self, inquiry: InquiryRecord, actor: Actor) -> DraftRow:
        """Make a draft of what an officer answered, or return the one that there is.

        Raises InquiryNotYours, or NothingToLearn where no officer has answered.
        """
        if not permissions.contributes(actor) or not actor.works_on(inquiry.department_id):
            raise InquiryNotYours(number=inquiry.number)
        async with self._database.read() as uow:
            there = await stored.of_inquiry(uow, inquiry.id)
            messages = await inquiries.messages(uow, inquiry.id)
            person = await inquiries.recipient(uow, inquiry.account_id)
            enterprise = await inquiries.enterprise_of(uow, inquiry)
        if there is not None:
            return there
        answers = [each for each in messages if each["kind"] == "answer" and each["author"] != ActorKind.BOT]
        if not answers:
            raise errors.NothingToLearn(number=inquiry.number)
        names = (
            person.contact_name,
            inquiry.claimed_company,
            enterprise["name"] if enterprise else None,
            *(each["author_name"] for each in answers),
        )
        answer = "\n".join(each["text"] for each in answers)
        content = await self._content(freed(inquiry.text, names), freed(answer, names), inquiry.language)
        content = await self._placed(content, inquiry, answer)
        return await self._add(content, actor, inquiry.id)

    async def from_questions(self, questions: Sequence[str], language: str, actor: Actor) -> DraftRow:
        """Make a draft of questions that the knowledge base could not answer; its answer is still to be written."""
        if not permissions.curates(actor):
            raise errors.MayNotDecide()
        said = [freed(each) for each in questions]
        content = await self._content(said[0], "", language)
        texts = content.en if language == "en" else content.vi
        texts = Texts(texts.question, tuple(dict.fromkeys((*texts.paraphrases, *said[1:]))), "")
        content = Content(**{**vars(content), language: texts})
        return await self._add(await self._placed(content, None, ""), actor, None)

    async def _content(self, question: str, answer: str, language: str) -> Content:
        line = " ".join(question.split())
        asked = " ".join((asking_part(line) or line).split())
        asked = asked[:1].upper() + asked[1:]
        paraphrases = () if asked.casefold() == line.casefold() else (line,)
        texts = Texts(asked, paraphrases, answer)
        entry_id = id_for(asked, self._knowledge.entries)
        return tidied(Content(entry_id=entry_id, en=texts) if language == "en" else Content(entry_id=entry_id, vi=texts))

    async def _placed(self, content: Content, inquiry: InquiryRecord | None, answer: str) -> Content:
        """Add the department and what the answer cites: what it says itself, else what the nearest entry rests on."""
        knowledge = self._knowledge
        cited = written_in(answer, [each.number for each in knowledge.documents])
        if not cited:
            cited = (await self.suggested_citations(content, inquiry))[:1]
        department = inquiry.department_id if inquiry is not None else None
        if department is None or department not in knowledge.directory:
            verdict = await self._look_up(content)
            department = (verdict.department if verdict and verdict.department else knowledge.directory.coordinating).id
        return tidied(Content(**{**vars(content), "department": department, "citations": tuple(f"{each}" for each in cited)}))

    async def _add(self, content: Content, actor: Actor, inquiry_id: int | None) -> DraftRow:
        now = self._clock.now()
        row = DraftRow(
            id=new_id(),
            inquiry_id=inquiry_id,
            state="draft",
            revision=1,
            content=content.to_json(),
            author_id=actor.id,
            author_name=actor.name,
            proposer_id=None,
            proposer_name=None,
            decided_by=None,
            decided_name=None,
            reason=None,
            created_at=now,
            updated_at=now,
            proposed_at=None,
            decided_at=None,
        )

        async def work(uow: UnitOfWork) -> DraftRow:
            if await stored.add(uow, row) or inquiry_id is None:
                return row
            there = await stored.of_inquiry(uow, inquiry_id)  # somebody pressed at the same moment
            assert there is not None
            return there

        return await self._database.write(work)

    async def see(self, draft_id: int, actor: Actor) -> DraftRow:
        """Return the draft. Raises DraftNotFound, also where it is not theirs to see."""
        async with self._database.read() as uow:
            row = await stored.by_id(uow, draft_id)
        if row is None or not permissions.may_see(row, actor):
            raise errors.DraftNotFound()
        return row

    async def listed(self, actor: Actor) -> Sequence[DraftRow]:
        """Return the drafts that are not decided: all for those who look after the knowledge base, for others their own."""
        if not permissions.contributes(actor):
            return []
        async with self._database.read() as uow:
            return await stored.listed(uow, states=OPEN, of_officer=None if permissions.curates(actor) else actor.id)

    async def save(self, draft_id: int, revision: int, content: Content, actor: Actor) -> DraftRow:
        """Keep what was typed. A proposal or a rejection that is changed is a draft again."""
        row = await self._mine(draft_id, revision, actor)
        values = {"state": "draft", "proposer_id": None, "proposer_name": None, "proposed_at": None}
        return await self._change(row, content=tidied(content).to_json(), **values)

    async def propose(self, draft_id: int, revision: int, actor: Actor) -> DraftRow:
        """Put it forward for approval. Raises DraftFaulty; the English pair may still be missing then."""
        row = await self._mine(draft_id, revision, actor)
        if row.state != "draft":
            raise errors.DraftMovedOn()
        wrong = [each for each in await self.faults(row) if not each.english]
        if wrong:
            raise errors.DraftFaulty(tuple(wrong))
        return await self._change(
            row,
            state="proposed",
            proposer_id=actor.id,
            proposer_name=actor.name,
            proposed_at=self._clock.now(),
            reason=None,
        )

    async def reject(self, draft_id: int, revision: int, reason: str, actor: Actor) -> DraftRow:
        """Send it back with the reason; the knowledge base stays as it is."""
        row = await self.see(draft_id, actor)
        if not permissions.curates(actor):
            raise errors.MayNotDecide()
        if not reason.strip():
            raise errors.ReasonNeeded()
        if row.state not in ("draft", "proposed") or row.revision != revision:
            raise errors.DraftMovedOn()
        return await self._change(
            row,
            state="rejected",
            reason=reason.strip()[:2000],
            decided_by=actor.id,
            decided_name=actor.name,
            decided_at=self._clock.now(),
        )

    # Taking over

    async def approve(self, draft_id: int, revision: int, actor: Actor) -> DraftRow:
        """Write it into its file and have the running knowledge take it over.

        Raises MayNotDecide, SamePerson, DraftMovedOn, DraftFaulty, RefusedByLoader or NotWritten; nothing has changed then.
        """
        row = await self.see(draft_id, actor)
        permissions.check_decides(row, actor)
        if row.state != "proposed" or row.revision != revision:
            raise errors.DraftMovedOn()
        wrong = await self.faults(row)
        if wrong:
            raise errors.DraftFaulty(tuple(wrong))
        async with self._writing:
            staged = await self._staged(row)
            # Recorded first: of two who approve at once only one writes. Should the writing fail, it is taken back.
            approved = await self._change(
                row,
                partial(_id_still_free, row),
                state="approved",
                decided_by=actor.id,
                decided_name=actor.name,
                decided_at=self._clock.now(),
                reason=None,
            )
            try:
                await self._write(staged)
            except errors.NotWritten:
                await self._change(approved, state="proposed", decided_by=None, decided_name=None, decided_at=None)
                raise
        log.info("entry.approved", draft=row.id, entry=row.content["entry_id"], by=actor.id)
        return approved

    async def publish_again(self, draft_id: int, actor: Actor) -> DraftRow:
        """Write an approved entry that the knowledge base does not have: the process ended before, or the file was lost.

        Raises MayNotDecide, DraftMovedOn, DraftFaulty, RefusedByLoader or NotWritten; nothing has changed then.
        """
        row = await self.see(draft_id, actor)
        if not permissions.curates(actor):
            raise errors.MayNotDecide()
        if row.state != "approved" or not self.is_lost(row):
            raise errors.DraftMovedOn()
        wrong = await self.faults(row)
        if wrong:
            raise errors.DraftFaulty(tuple(wrong))
        async with self._writing:
            await self._write(await self._staged(row))
        return row

    def is_lost(self, row: DraftRow) -> bool:
        """Say whether the entry was approved and yet is not there."""
        return row.state == "approved" and self._knowledge.entry(row.content["entry_id"]) is None

    async def _staged(self, row: DraftRow) -> writing.Staged:
        content = Content.from_json(row.content)
        try:
            return await asyncio.to_thread(writing.stage, self._folder, content.topic, content.entry(), today=self._today())
        except KnowledgeFilesError as error:
            raise errors.RefusedByLoader(problem=str(error.problems[0])) from error
        except OSError as error:
            raise errors.NotWritten(file=f"entries/{content.topic}.yaml", reason=error.strerror or str(error)) from error

    async def _write(self, staged: writing.Staged) -> None:
        name = f"entries/{staged.path.name}"
        try:
            await asyncio.to_thread(writing.replace, staged)
        except writing.FileChangedMeanwhile as error:
            raise errors.NotWritten(file=name, reason="changed meanwhile") from error
        except OSError as error:
            raise errors.NotWritten(file=name, reason=error.strerror or str(error)) from error
        await self._knowledge.reload_off_loop(today=self._today())
        await self._published()

    # Looking

    async def faults(self, row: DraftRow) -> list[Fault]:
        """Return what has to be mended before the draft can become an entry."""
        today = self._today()
        async with self._database.read() as uow:
            places = await law.places(uow, today)
        return faults(
            Content.from_json(row.content),
            directory=self._knowledge.directory,
            documents=self._knowledge.documents,
            taken=self._knowledge.entries if row.state != "approved" or self.is_lost(row) else (),
            law=places,
            today=today,
        )

    async def near(self, content: Content) -> list[Near]:
        """Return the entries that are nearest to what the draft asks, best first."""
        verdict = await self._look_up(content)
        found = verdict.candidates if verdict else ()
        return [Near(each.entry, each.score) for each in found if each.entry is not None][:SHOWN_NEAR]

    async def near_drafts(self, row: DraftRow) -> list[DraftRow]:
        """Return other drafts that are asked for in nearly the same words, or mean the same; the nearest first."""
        async with self._database.read() as uow:
            others = await stored.listed(uow, states=OPEN)
        return (await self._near_drafts.among(row, (each for each in others if each.id != row.id)))[:SHOWN_NEAR]

    async def suggested_citations(self, content: Content, inquiry: InquiryRecord | None = None) -> tuple[Citation, ...]:
        """Return what the nearest entries rest on, and what the bot cited when it answered, as far as it is in force."""
        given = [Citation(each["document"], each["place"]) for each in inquiry.citations] if inquiry is not None else []
        near = [cited for each in await self.near(content) for cited in each.entry.citations[:2]]
        in_force = self._knowledge.documents.in_force
        found = dict.fromkeys(each for each in (*given, *near) if in_force(each.document, self._today()))
        return tuple(found)[:_SUGGESTED]

    async def _look_up(self, content: Content) -> Verdict | None:
        question = content.vi.question or content.en.question
        if not question:
            return None
        return await self._knowledge.look_up_off_loop(question, audience="member", on=self._today())

    async def _mine(self, draft_id: int, revision: int, actor: Actor) -> DraftRow:
        row = await self.see(draft_id, actor)
        if not permissions.may_edit(row, actor) or row.revision != revision:
            raise errors.DraftMovedOn()
        return row

    async def _change(
        self, row: DraftRow, guard: Callable[[UnitOfWork], Awaitable[None]] | None = None, /, **values: object
    ) -> DraftRow:
        values["updated_at"] = self._clock.now()

        async def work(uow: UnitOfWork) -> DraftRow:
            if guard is not None:
                await guard(uow)
            if not await stored.change(uow, row, **values):
                raise errors.DraftMovedOn()
            changed = await stored.by_id(uow, row.id)
            assert changed is not None
            return changed

        return await self._database.write(work)


async def _id_still_free(row: DraftRow, uow: UnitOfWork) -> None:
    """Raise DraftFaulty where another draft was approved under this id, by a process that has files of its own."""
    await shared.one_approval_at_a_time(uow)
    wanted = row.content["entry_id"]
    if any(each.content["entry_id"] == wanted and each.id != row.id for each in await stored.approved(uow)):
        raise errors.DraftFaulty((Fault("entry_id", "id_taken", {"id": wanted}),))
