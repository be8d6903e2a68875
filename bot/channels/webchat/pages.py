"""What the web chat answers: the page, what is posted from it, what is new, and files."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from bot.channels.protocol import Take
from bot.channels.webchat.assets import Assets
from bot.channels.webchat.guard import FILE_POLICY, HEADERS, OriginCheck
from bot.channels.webchat.news import News
from bot.channels.webchat.pace import VisitorPace
from bot.channels.webchat.receiving import posted
from bot.channels.webchat.refusals import NotTaken
from bot.channels.webchat.uploads import FILE_AT_MOST, FILES_AT_MOST, TYPES, Uploads
from bot.channels.webchat.visitors import VisitorCookie
from bot.clock import Clock
from bot.handlers.incoming import Incoming
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage.chat import content_of, language_of
from storage.database import Database
from storage.files import FileStore

log = structlog.get_logger()

LANGUAGE_COOKIE = "donghanh_language"
"""the language of the page, which it remembers itself"""
_CHANNEL = "webchat"

_SAFE_TYPES = frozenset(media_type for media_type, _ in TYPES.values())

_ID_AT_MOST = 2**63 - 1

Answer = Callable[["Pages", Request], Awaitable[Response]]


def _guarded(answer: Answer) -> Answer:
    """Turn a refusal into words, and give every answer the headers that it must carry."""

    async def guarded(self: "Pages", request: Request) -> Response:
        try:
            response = await answer(self, request)
        except NotTaken as refusal:
            response = self.refused(request, refusal)
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody reads it
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


class Pages:
    """The handlers of the routes. `take` is set while the channel runs; without it nothing is taken."""

    take: Take | None = None

    def __init__(
        self,
        *,
        database: Database,
        files: FileStore,
        catalogue: Catalogue,
        clock: Clock,
        assets: Assets,
        cookie: VisitorCookie,
        origin: OriginCheck,
        pace: VisitorPace,
        uploads: Uploads,
        news: News,
        default_language: str,
    ) -> None:
        self._database = database
        self._files = files
        self._catalogue = catalogue
        self._clock = clock
        self._assets = assets
        self._cookie = cookie
        self._origin = origin
        self._pace = pace
        self._uploads = uploads
        self._news = news
        self._default_language = default_language
        self._templates = Environment(
            loader=PackageLoader("bot.channels.webchat"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    @_guarded
    async def page(self, request: Request) -> Response:
        """The page, in the language that is asked for, that the person chose in the conversation, that the page had last, or
        that the operator set."""
        token = self._cookie.token(request) or self._cookie.new_token()
        language = await self._language(request, self._cookie.external_id(token))

        def words(key: str) -> str:
            return self._catalogue.say(f"webchat.page_{key}", language)

        html = self._templates.get_template("chat.html").render(
            language=language,
            languages=LANGUAGES,
            words=words,
            url=self._assets.url,
            scripts=self._assets.scripts,
            timezone=self._catalogue.timezone.key,
            accept=",".join(sorted(TYPES)),
            file_at_most=FILE_AT_MOST,
            files_at_most=FILES_AT_MOST,
        )
        response = Response(html, media_type="text/html; charset=utf-8")
        self._cookie.give(response, token)
        return response

    @_guarded
    async def post(self, request: Request) -> Response:
        """Take a message. 200 comes after the commit: what the page has this answer for is never lost."""
        self._origin.check(request)
        visitor = self._visitor(request)
        now = asyncio.get_running_loop().time()
        self._pace.message(visitor, now)
        async with posted(request) as message:
            if message.uploads:
                self._pace.files(visitor, len(message.uploads), now)
            files = tuple([await self._uploads.keep(upload, channel=_CHANNEL) for upload in message.uploads])
        await self._hand_in(
            Incoming(
                channel=_CHANNEL,
                # With the visitor in it, nobody can spend an id that the page of another will use.
                event_id=f"{visitor[:32]}:{message.id}",
                external_id=visitor,
                received_at=self._clock.now(),
                text=message.text,
                action=message.action,
                files=files,
                language=message.language,
                keep_copy=True,
            )
        )
        return JSONResponse({"taken": message.id})

    @_guarded
    async def messages(self, request: Request) -> Response:
        """What the chat shows after an id; the newest messages without one."""
        visitor = self._visitor(request)
        found = await self._news.after(visitor, _number(request.query_params.get("after")))
        return JSONResponse({"now": self._news.now(), "messages": found})

    @_guarded
    async def stream(self, request: Request) -> Response:
        """New messages as they come. A browser that lost the line says in Last-Event-ID how far it had come."""
        visitor = self._visitor(request)
        if self._news.has_enough(visitor):
            raise NotTaken(429, "too_many_windows", retry_after=60)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after"))
        return StreamingResponse(
            self._news.stream(visitor, after),
            media_type="text/event-stream",
            # nginx would otherwise hold the events back until there are enough of them.
            headers={"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"},
        )

    @_guarded
    async def file(self, request: Request) -> Response:
        """A file that came with a message of this visitor's own chat. What is not theirs does not exist."""
        visitor = self._visitor(request)
        message_id = _number(request.path_params["message"])
        async with self._database.read() as uow:
            content = await content_of(uow, external_id=visitor, message_id=message_id)
        files = (content or {}).get("files", [])
        place = request.path_params["place"]
        if place >= len(files) or not (path := self._files.path(files[place]["sha256"])).is_file():
            raise NotTaken(404, "no_such_file")
        return _download(path, files[place])

    async def static(self, request: Request) -> Response:
        return await self._assets.serve(request)

    def refused(self, request: Request, refusal: NotTaken) -> Response:
        """Say what is wrong and how to mend it, in the language of the page."""
        language = _known(request.query_params.get("lang")) or self._default_language
        words = self._catalogue.say(f"webchat.refused_{refusal.code}", language, **refusal.params)
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after is not None else None
        body = {"title": words, "status": refusal.status, "code": f"webchat.{refusal.code}"}
        return JSONResponse(body, status_code=refusal.status, headers=headers, media_type="application/problem+json")

    def _visitor(self, request: Request) -> str:
        visitor = self._cookie.visitor(request)
        if visitor is None:
            raise NotTaken(403, "no_visitor")
        return visitor

    async def _hand_in(self, incoming: Incoming) -> None:
        if self.take is None:
            raise NotTaken(503, "not_ready", retry_after=2)
        try:
            await self.take(incoming)
        except Exception:
            log.exception("webchat.not_taken", event_id=incoming.event_id)
            raise NotTaken(503, "not_ready", retry_after=5) from None

    async def _language(self, request: Request, visitor: str) -> str:
        if asked := _known(request.query_params.get("lang")):
            return asked
        async with self._database.read() as uow:
            chosen = await language_of(uow, external_id=visitor)
        return _known(chosen) or _known(request.cookies.get(LANGUAGE_COOKIE)) or self._default_language


def _known(language: str | None) -> str | None:
    return language if language in LANGUAGES else None


def _number(text: str | None) -> int:
    """Return an id that a browser names; 0, which is before all of them, for what is none."""
    return min(int(text), _ID_AT_MOST) if text and text.isascii() and text.isdigit() and len(text) <= 19 else 0


def _download(path: Path, file: Mapping[str, str]) -> Response:
    media_type = file["media_type"] if file["media_type"] in _SAFE_TYPES else "application/octet-stream"
    return FileResponse(
        path,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file['name'], safe='')}",
            "Content-Security-Policy": FILE_POLICY,
            "Cache-Control": "private, max-age=3600",
        },
    )
