"""Whatever a program sends, the API answers as its own description says, and never breaks."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.api.application import build
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import Catalogue
from tests.clock import ManualClock
from tests.office import OWN, Office, open_office

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_OPERATIONS = [
    (method.upper(), path)
    for path, methods in build(  # only its description is used here, which needs no services
        **dict.fromkeys(
            (
                "database",
                "inquiries",
                "knowledge",
                "clock",
                "officers",
                "tokens",
                "intakes",
                "tracking",
                "files",
                "outreach",
            )
        ),  # type: ignore[arg-type]
        catalogue=Catalogue(ZoneInfo("Asia/Ho_Chi_Minh")),
    )
    .openapi()["paths"]
    .items()
    for method in methods
]

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """A loop of its own for the application, since hypothesis calls from outside of any."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@dataclass(frozen=True)
class Served:
    office: Office
    number: str
    """of an inquiry"""
    secret: str
    """of an administrator's token"""
    schema: BaseSchema
    """the API as it describes itself"""


@pytest.fixture(scope="module")
def served(
    run: Run, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, shipped_knowledge: Knowledge
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("api")
    shutil.copyfile(sqlite_template, folder / "donghanh.db")
    url = f"sqlite+aiosqlite:///{folder / 'donghanh.db'}"

    async def start() -> Served:
        office = open_office(url, folder, ManualClock(), shipped_knowledge)
        inquiry = await office.given_inquiry(to=OWN)
        _, secret = await office.tokens.create(role="administrator", name="schemathesis")
        async with office.visitor() as client:
            description = (await client.get("/api/v1/openapi.json")).json()
        return Served(office, inquiry.number, secret, schemathesis.openapi.from_dict(description))

    started = run(start())
    yield started
    run(started.office.core.database.close())


@pytest.mark.parametrize(("method", "path"), _OPERATIONS, ids=lambda part: part)
def test_any_request_is_answered_as_described(served: Served, run: Run, method: str, path: str) -> None:
    operation = served.schema[path][method]

    async def send(case: schemathesis.Case) -> httpx.Response:
        kwargs = case.as_transport_kwargs(base_url="http://desk.test/api/v1")
        known = {name: kwargs[name] for name in ("method", "url", "params", "headers", "json") if kwargs.get(name) is not None}
        if kwargs.get("data") is not None:
            known["content"] = kwargs["data"]
        known["headers"] = {**dict(known.get("headers") or {}), "Authorization": f"Bearer {served.secret}"}
        transport = httpx.ASGITransport(app=served.office.app)  # an error that nobody caught is raised here
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(**known)

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def fuzz(case: schemathesis.Case) -> None:
        if case.path_parameters and len(str(case.path_parameters["id"])) % 2:
            case.path_parameters["id"] = served.number  # half of what is tried meets an inquiry that is there
        case.validate_response(run(send(case)), checks=_CHECKS)

    fuzz()
