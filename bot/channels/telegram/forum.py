"""Brings Telegram's groups to what the desk wants them to show: a step is a call, a group is written to by one process at a
time and no faster than Telegram takes it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import FSInputFile, ReactionTypeEmoji, ReactionTypeUnion, ReplyParameters

from bot import signals
from bot.channels.fetching import LARGEST
from bot.channels.menu import Menu
from bot.channels.splitting import split
from bot.channels.telegram.forum_errors import Outcome, what_it_means
from bot.channels.telegram.outgoing import CAPTION_UNITS, TEXT_UNITS, safe_name
from bot.channels.telegram.session import SendFile, SendText, Session, keyboard, no_preview
from bot.clock import Clock
from bot.delivery.transport import NotSent, Refused
from bot.handlers.group_desk.desk import GroupDesk
from bot.signals import Signals
from bot.topics.pace import PER_MINUTE, Pace
from bot.topics.steps import DeleteTopic, Fetch, Open, Rename, Say, Shut, Step, Steps
from storage.desk_groups import GroupRow
from storage.files import FileStore, FileTooLarge

log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
_CHECK_EVERY = timedelta(minutes=1)
_UPLOAD_S = 180.0
_SLEEP_AT_MOST_S = 5.0
_STOP_WITHIN_S = 5.0


@dataclass(frozen=True)
class OfficersGroups:
    """What the officers' desk in groups is made of. menu: its commands by language. per_minute: calls in one group, 0 for no
    limit."""

    desk: GroupDesk
    steps: Steps
    live: Signals
    menu: Menu
    per_minute: float = PER_MINUTE


class Forum:
    """fetch: brings a file's content by Telegram's reference."""

    def __init__(
        self,
        bot: Bot,
        session: Session,
        groups: OfficersGroups,
        *,
        files: FileStore,
        fetch: Callable[[str], AsyncIterator[bytes]],
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._session = session
        self._desk = groups.desk
        self._steps = groups.steps
        self._topics = groups.desk.services.topics
        self._groups = groups.desk.services.groups
        self._live = groups.live
        self._per_minute = groups.per_minute
        self._files = files
        self._fetch = fetch
        self._clock = clock
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._running: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._checked_at = clock.now()

    def start(self) -> None:
        """Begin to look and act."""
        self._running = asyncio.create_task(self._run(), name="telegram: groups")

    async def _run(self) -> None:
        async with aclosing(self._live.listen(signals.TOPICS, at_least_every=_LOOK_EVERY_S)) as looks:
            async for _ in looks:
                if self._stopping.is_set():
                    return
                try:
                    await self.look()
                except Exception:
                    log.exception("forum.look_failed")

    async def stop(self) -> None:
        """Let what is under way come to its end. Only a call that Telegram does not answer is broken off: whoever is cancelled
        in the middle of a statement leaves a connection of the database behind."""
        self._stopping.set()
        self._live.publish(signals.TOPICS)
        tasks = [*self._lanes.values(), *([self._running] if self._running is not None else [])]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_STOP_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def look(self) -> None:
        """See what changed, and set to work wherever something is to be done."""
        if await self._groups.take_over_directory():
            self._topics.look_for_missing()
        await self._topics.find_missing()
        if self._clock.now() >= self._checked_at + _CHECK_EVERY:
            self._checked_at = self._clock.now()
            await self._topics.check_some()
        await self._topics.settle()
        for group in await self._steps.claim():
            running = self._lanes.get(group.id)
            if running is None or running.done():
                self._lanes[group.id] = asyncio.create_task(self._work(group), name=f"forum: group {group.id}")

    async def _work(self, group: GroupRow) -> None:
        pace = Pace(self._per_minute, level=group.pace_level, at=group.pace_at)
        try:
            while not self._stopping.is_set() and (found := await self._steps.next(group.id)) is not None:
                fresh, step = found
                pause = 0.0 if _is_free(step) else pace.wait(self._clock.now())
                if not await self._steps.keep(group):
                    return  # it has gone to another process: we were away for too long
                if pause > 0:
                    # What comes first is asked anew after the wait: an officer's question may have come before a title.
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), min(pause, _SLEEP_AT_MOST_S))
                    continue
                if not _is_free(step):
                    pace.take(self._clock.now())
                await self._do(fresh, step)
        except Exception:
            log.exception("forum.group_failed", group=group.id)
        finally:
            await self._steps.release(group, pace.level(self._clock.now()))

    async def _do(self, group: GroupRow, step: Step) -> None:
        try:
            await self._call(int(group.chat), step)
        except (AiogramError, OSError, ValueError) as error:
            await self._failed(group, step, what_it_means(error))
        else:
            await self._steps.works(group)

    async def _call(self, chat: int, step: Step) -> None:
        match step:
            case Open(topic):
                if await self._steps.may_open(topic):
                    made = await self._bot.create_forum_topic(chat, topic.title)
                    await self._steps.opened(topic, made.message_thread_id)
            case Rename(topic):
                assert topic.thread_id is not None
                with _already_so():
                    await self._bot.edit_forum_topic(chat, topic.thread_id, name=topic.title)
                await self._steps.renamed(topic)
            case Shut(topic):
                assert topic.thread_id is not None
                act = self._bot.close_forum_topic if topic.closed else self._bot.reopen_forum_topic
                with _already_so():
                    await act(chat, topic.thread_id)
                await self._steps.shut(topic)
            case DeleteTopic(post, thread_id):
                await self._bot.delete_forum_topic(chat, thread_id)
                await self._steps.said(post, None)
            case Fetch():
                await self._bring(step)
            case Say():
                await self._say(chat, step)

    async def _say(self, chat: int, step: Say) -> None:
        post = step.post
        if post.content.get("react"):
            emoji: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji=post.content["react"])]
            await self._bot.set_message_reaction(chat, post.content["to"], reaction=emoji)
            await self._steps.said(post, None)
        elif step.gone:
            if post.message_id is not None:
                await self._bot.delete_message(chat, post.message_id)
            await self._steps.said(post, None)
        elif post.message_id is not None and "file" not in post.content:
            with _already_so():
                await self._bot.edit_message_text(
                    _text(post.content),
                    chat_id=chat,
                    message_id=post.message_id,
                    reply_markup=keyboard(post.content.get("buttons") or ()),
                    link_preview_options=no_preview(),
                )
            await self._steps.said(post, post.message_id)
        else:
            await self._steps.said(post, await self._send(chat, step))

    async def _send(self, chat: int, step: Say) -> int:
        post, thread = step.post, step.thread_id
        reply = ReplyParameters(message_id=post.reply_to, allow_sending_without_reply=True) if post.reply_to else None
        if "file" in post.content:
            file = post.content["file"]
            path = self._files.path(file["sha256"])
            await asyncio.to_thread(path.stat)
            document = FSInputFile(path, filename=safe_name(file["name"]))
            caption = split(post.content["text"], CAPTION_UNITS)[:1]
            sending = SendFile(
                chat_id=chat, message_thread_id=thread, document=document, caption=caption[0] if caption else None
            )
            return (await self._session(self._bot, sending, timeout=int(_UPLOAD_S))).message_id
        text = SendText(
            chat_id=chat,
            message_thread_id=thread,
            text=_text(post.content),
            link_preview_options=no_preview(),
            reply_markup=keyboard(post.content.get("buttons") or ()),
            reply_parameters=reply,
            disable_notification=True if post.content.get("silent") else None,
        )
        return (await self._bot(text)).message_id

    async def _bring(self, step: Fetch) -> None:
        """Bring a file that an officer sent into the file store."""
        try:
            async with aclosing(_content(self._fetch(step.reference))) as content:
                sha256, size = await self._files.keep(content, at_most=LARGEST)
        except FileTooLarge:
            await self._desk.file_failed(step.post.id, step.reference, "too_large")
        except Refused as failure:
            too_large = "too big" in str(failure)
            await self._desk.file_failed(step.post.id, step.reference, "too_large" if too_large else "lost")
        except NotSent as failure:
            if step.post.attempts >= 6:
                await self._desk.file_failed(step.post.id, step.reference, "lost")
            else:
                await self._steps.later(step, str(failure))
        else:
            await self._desk.file_came(step.post.id, step.reference, sha256, size)

    async def _failed(self, group: GroupRow, step: Step, meaning: Outcome) -> None:
        steps = self._steps
        if isinstance(step, Open) and not meaning.asked:
            await steps.not_opened(step.topic)
        match meaning.kind:
            case "wait":
                await steps.rest(group, meaning.seconds)
            case "moved":
                await steps.moved(group, meaning.detail)
            case "trouble":
                await steps.trouble(group, meaning.detail)
            case "topic_gone" if isinstance(step, DeleteTopic):
                await steps.said(step.post, None)
            case "topic_gone":
                topic_id = step.topic.id if isinstance(step, Open | Rename | Shut) else step.post.topic_id
                await steps.topic_gone(topic_id)
            case "message_gone" if isinstance(step, Say):
                if step.gone or step.post.content.get("react"):
                    await steps.said(step.post, None)
                else:
                    await steps.message_gone(step.post)
            case "later":
                await steps.later(step, meaning.detail)
            case _:
                await steps.refused(step, meaning.detail)


def _is_free(step: Step) -> bool:
    """Say whether the platform does not count the call as a message."""
    return isinstance(step, Fetch) or (isinstance(step, Say) and bool(step.post.content.get("react")))


def _text(content: dict[str, object]) -> str:
    pieces = split(str(content.get("text") or "…"), TEXT_UNITS)
    return pieces[0] if pieces else "…"


class _already_so(suppress):
    """What is already as it shall be was done before: by a call whose answer did not arrive."""

    def __init__(self) -> None:
        super().__init__(AiogramError)

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, AiogramError) and what_it_means(error).kind == "done"


async def _content(source: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    try:
        async for chunk in source:
            yield chunk
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()
