"""The running system: web server, channels, sender and clock around the services, started and stopped in order."""

import asyncio
import gc
import os
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette

from bot import first_start, health
from bot.access.officers import Officers
from bot.access.roles import Posts
from bot.access.sessions import Sessions
from bot.access.tokens import Tokens
from bot.api import application
from bot.app import Core, build_core, make_site
from bot.background import Background
from bot.channels.fetching import FileFetcher
from bot.channels.protocol import Channel
from bot.delivery.sender import Sender
from bot.desk import pages
from bot.desk.desk import Desk
from bot.instance import InstanceLock
from bot.learning.routing import RoutingLessons
from bot.public.routes import routes as public_routes
from bot.replicas import Replicas
from bot.settings import Settings
from bot.tracking.pages import Tracking
from bot.wiring.channels import make_channels
from bot.wiring.zalo import downloads
from storage.asking import forget_links
from storage.housekeeping import forget_old_events, forget_old_requests
from storage.schema import migrate

log = structlog.get_logger()

_RECOVER_EVERY_S = 20.0
_FETCH_EVERY_S = 30.0
_CAMPAIGNS_EVERY_S = 2.0
_LAW_EVERY_S = 60.0
_FORGET_EVERY_S = 3600.0
_LEARN_EVERY_S = 5.0


class PortTaken(Exception):
    """Something else listens there already."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises PortTaken, or OSError where the address itself is wrong."""
    try:
        return socket.create_server((host, port), backlog=2048, family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno in (98, 48, 10048):  # EADDRINUSE on Linux, macOS, Windows
            raise PortTaken from error
        raise


def make_web(core: Core, channels: Sequence[Channel], officers: Officers, sessions: Sessions, tokens: Tokens) -> Starlette:
    """Return the web application: the channels' pages and webhooks, the desk, the API, the health pages."""
    desk = Desk(
        database=core.database,
        inquiries=core.inquiries,
        knowledge=core.knowledge,
        catalogue=core.catalogue,
        clock=core.clock,
        signals=core.signals,
        files=core.files,
        officers=officers,
        sessions=sessions,
        outreach=core.outreach,
        secure_cookies=core.settings.base_url.startswith("https://"),
        telegram=bool(core.settings.telegram_token),
        telegram_name=lambda: core.group_desk.bot_name,
        intakes=core.intakes,
        tracking=core.tracking,
        directory=core.directory_desk,
        default_language=core.settings.default_language,
        published=core.shared.announce,
        wrong_files=lambda: core.shared.wrong,
    )
    api = application.build(
        database=core.database,
        inquiries=core.inquiries,
        knowledge=core.knowledge,
        catalogue=core.catalogue,
        clock=core.clock,
        officers=officers,
        tokens=tokens,
        outreach=core.outreach,
        intakes=core.intakes,
        tracking=core.tracking,
        files=core.files,
    )
    tracking = Tracking(
        database=core.database,
        knowledge=core.knowledge,
        catalogue=core.catalogue,
        codes=core.tracking,
        default_language=core.settings.default_language,
    )
    routes = [route for channel in channels for route in channel.routes()]
    return Starlette(
        routes=[
            *routes,
            *downloads(core).routes(),
            *pages.routes(desk),
            *public_routes(make_site(core)),
            *tracking.routes(),
            *health.routes(
                database=core.database,
                knowledge=core.knowledge,
                last_sweep=lambda: core.sweeper.finished_at,
                clock=core.clock,
                sweep_interval=core.settings.sweep_every,
            ),
            application.mounted(api),
        ]
    )


class _Server(uvicorn.Server):
    """Lets open streams end before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, core: Core) -> None:
        super().__init__(config)
        self._core = core

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._core.signals.close()
        await super().shutdown(sockets)


async def serve(settings: Settings, *, announce: Any = None) -> None:
    """Run until a signal ends it. Raises SettingsWrong, KnowledgeFilesError, AlreadyRunning, PortTaken, SchemaTooNew."""
    async with AsyncExitStack() as stack:
        if settings.database().startswith("sqlite"):
            lock = InstanceLock(settings.data_dir)
            lock.acquire()
            stack.callback(lock.release)
        listening = bind(settings.host, settings.port)
        stack.callback(listening.close)
        await migrate(settings.database())
        core = build_core(settings)
        stack.push_async_callback(core.database.close)
        await core.law.take()
        replicas = Replicas(core)
        stack.push_async_callback(replicas.stop)
        await replicas.start()
        posts = Posts(lambda: core.knowledge.directory)
        officers = Officers(core.database, core.clock, posts)
        channels = make_channels(core)
        fetcher = FileFetcher(core.database, core.files, {each.name: each for each in channels}, core.clock)
        sender = Sender(
            core.database,
            {each.name: each for each in channels},
            core.clock,
            core.owner,
            core.services.subscriptions.hours.opening,
        )
        web = make_web(
            core,
            channels,
            officers,
            Sessions(core.database, core.clock, lambda: core.knowledge.directory),
            Tokens(core.database, core.clock, posts),
        )
        first = await first_start.prepare(core, officers)
        lessons = RoutingLessons(core.database, core.knowledge)
        await lessons.follow()
        await core.directory_desk.follow()

        core.outbox.connect(sender)
        core.outreach.carriers.connect({each.name: each for each in channels})
        await sender.start()
        # Before the channels: what fell due during a stop does not wait until a platform answers.
        sweeping = Background()
        sweeping.every(settings.sweep_every, "sweep", core.sweeper.run, at_once=True)
        sweeping.start()
        stack.push_async_callback(sweeping.stop)
        take = fetcher.after(core.pipeline.take)
        for channel in channels:
            stack.push_async_callback(channel.stop)
            await channel.start(take)
        stack.push_async_callback(fetcher.stop)
        stack.push_async_callback(sender.stop)
        stack.push_async_callback(sweeping.stop)  # before the sender; above it is for a start that fails halfway
        background = _background(core, sender, fetcher)
        background.every(_LEARN_EVERY_S, "learn routing", lessons.follow)
        background.every(_LEARN_EVERY_S, "directory of the desk", core.directory_desk.follow)
        stack.push_async_callback(background.stop)
        background.start()

        if announce is not None:
            announce(first)
        _settle_the_collector()
        server = _Server(_web_settings(web, settings), core)
        await server.serve(sockets=[listening])
        log.info("stopping")


def _background(core: Core, sender: Sender, fetcher: FileFetcher) -> Background:
    background = Background()
    background.every(_RECOVER_EVERY_S, "recover deliveries", sender.recover)
    background.every(_CAMPAIGNS_EVERY_S, "campaigns", core.outreach.runner.run, at_once=True)
    background.every(_FETCH_EVERY_S, "fetch files", fetcher.run)
    background.every(_LAW_EVERY_S, "law of the day", core.law.follow)
    background.every(core.settings.sweep_every, "consultations", core.consultation_sweeper.run)
    background.every(core.settings.sweep_every, "surveys", core.survey_sweeper.run)
    background.every(
        _FORGET_EVERY_S,
        "forget events",
        lambda: core.database.write(partial(forget_old_events, now=core.clock.now())),
    )
    background.every(
        _FORGET_EVERY_S,
        "forget personal links",
        lambda: core.database.write(partial(forget_links, before=core.clock.now())),
    )
    background.every(
        _FORGET_EVERY_S,
        "forget requests",
        lambda: core.database.write(partial(forget_old_requests, now=core.clock.now())),
    )
    background.every(_FORGET_EVERY_S, "leftover files", core.leftovers.clear)
    return background


def _web_settings(web: Starlette, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        web,
        loop="none",  # the loop runs already, see `run`
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.public_url),
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=64 * 1024,
    )


def _settle_the_collector() -> None:
    """Keep what was loaded at the start out of the garbage collector's way.

    The models of our libraries are some 200,000 objects that live as long as the process; going over them again and again
    stops everything for a tenth of a second each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def run(settings: Settings, *, announce: Any = None) -> None:
    """Run the system on a loop of its own, the fast one where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(settings, announce=announce))
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, announce=announce))
