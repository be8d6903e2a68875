"""The JSON API as an application of its own, to be mounted at /api/v1."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp

from bot.access.officers import Officers
from bot.access.tokens import Tokens
from bot.api.campaigns import CampaignsApi
from bot.api.consultations import ConsultationsApi
from bot.api.inquiries import InquiriesApi
from bot.api.intake import IntakeApi
from bot.api.lists import Lists
from bot.api.problems import MEDIA_TYPE, PROBLEM_SCHEMA, Problems
from bot.api.surveys import SurveysApi
from bot.api.uploads import FILES_BYTES
from bot.body_limit import BodyLimit
from bot.clock import Clock
from bot.escalation.inquiries import Inquiries
from bot.escalation.tracking import TrackingCodes
from bot.intake.recording import Intakes
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import Catalogue
from bot.outreach.outreach import Outreach
from storage.database import Database
from storage.files import FileStore

BODY_BYTES = 256 * 1024
"""8,000 characters of JSON, each of which may be escaped to twelve bytes, and the rest"""
_STATUSES = {400: "unreadable", 401: "no token that holds", 403: "not for this role", 404: "not there, or not yours",
             409: "not possible in the state that it is in", 413: "too large", 422: "fields that cannot be used"}  # fmt: skip


def build(
    *,
    database: Database,
    inquiries: Inquiries,
    knowledge: Knowledge,
    catalogue: Catalogue,
    clock: Clock,
    officers: Officers,
    tokens: Tokens,
    outreach: Outreach,
    intakes: Intakes,
    tracking: TrackingCodes,
    files: FileStore,
    default_language: str = "vi",
) -> FastAPI:
    """Return the API; `mounted(build(...))` puts it into its place. Its description is at /api/v1/openapi.json."""
    problem = {"content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
    responses: dict[int | str, dict[str, Any]] = {code: {"description": why, **problem} for code, why in _STATUSES.items()}
    app = FastAPI(
        title="Đồng Hành",
        version="1",
        description="The helpdesk's JSON API. Lists take `limit` and `cursor`; errors are `application/problem+json`.",
        docs_url=None,
        redoc_url=None,
        responses=responses,
        redirect_slashes=False,
    )
    app.state.tokens = tokens
    Problems(catalogue, default_language).install(app)
    app.add_middleware(BodyLimit, most=BODY_BYTES, longer={"/files": FILES_BYTES})
    app.include_router(InquiriesApi(database=database, inquiries=inquiries, catalogue=catalogue, clock=clock).router())
    app.include_router(
        IntakeApi(
            database=database,
            inquiries=inquiries,
            intakes=intakes,
            tracking=tracking,
            files=files,
            catalogue=catalogue,
            clock=clock,
        ).router()
    )
    for asking in (ConsultationsApi, SurveysApi):
        made = asking(database=database, catalogue=catalogue, clock=clock, default_language=default_language)
        app.include_router(made.router())
    app.include_router(Lists(database=database, knowledge=knowledge, officers=officers).router())
    app.include_router(
        CampaignsApi(
            database=database,
            outreach=outreach,
            files=files,
            catalogue=catalogue,
            clock=clock,
            default_language=default_language,
        ).router()
    )
    return app


def mounted(app: ASGIApp) -> Mount:
    """Return the API at its place; an address with a line break in it is the API's too, and gets one of its answers."""
    mount = Mount("/api/v1", app=app)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount
