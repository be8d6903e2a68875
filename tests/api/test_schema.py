"""Whatever a program sends, the API answers as its own description says, and never breaks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.api.application import build
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import Catalogue
from storage.schema import migrate
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


@pytest.fixture(scope="module")
def served(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, str, str]]:
    """An office with an inquiry, its number, and the secret of an administrator's token."""
    folder = tmp_path_factory.mktemp("api")
    url = f"sqlite+aiosqlite:///{folder / 'donghanh.db'}"
    knowledge = Knowledge.load(Path(__file__).parents[2] / "faq", today=date(2026, 11, 16))

    async def start() -> tuple[Office, str, str]:
        await migrate(url)
        office = open_office(url, folder, ManualClock(), knowledge)
        inquiry = await office.given_inquiry(to=OWN)
        _, secret = await office.tokens.create(role="administrator", name="schemathesis")
        return office, inquiry.number, secret

    office, number, secret = run(start())
    yield office, number, secret
    run(office.core.database.close())


@pytest.mark.parametrize(("method", "path"), _OPERATIONS, ids=lambda part: part)
def test_any_request_is_answered_as_described(served: tuple[Office, str, str], run: Run, method: str, path: str) -> None:
    office, number, secret = served

    async def description() -> Any:
        transport = httpx.ASGITransport(app=office.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
            return (await client.get("/api/v1/openapi.json")).json()

    operation = schemathesis.openapi.from_dict(run(description()))[path][method]

    async def send(case: schemathesis.Case) -> httpx.Response:
        kwargs = case.as_transport_kwargs(base_url="http://desk.test/api/v1")
        known = {name: kwargs[name] for name in ("method", "url", "params", "headers", "json") if kwargs.get(name) is not None}
        if kwargs.get("data") is not None:
            known["content"] = kwargs["data"]
        known["headers"] = {**dict(known.get("headers") or {}), "Authorization": f"Bearer {secret}"}
        transport = httpx.ASGITransport(app=office.app)  # an error that nobody caught is raised here
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(**known)

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def fuzz(case: schemathesis.Case) -> None:
        if case.path_parameters and len(str(case.path_parameters["id"])) % 2:
            case.path_parameters["id"] = number  # half of what is tried meets an inquiry that is there
        case.validate_response(run(send(case)), checks=_CHECKS)

    fuzz()
