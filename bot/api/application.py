"""The JSON API as an application of its own, to be mounted at /api/v1."""

from fastapi import FastAPI

from bot.access.officers import Officers
from bot.access.tokens import Tokens
from bot.clock import Clock
from bot.escalation.inquiries import Inquiries
from bot.knowledge.service import Knowledge
from bot.locales.catalogue import Catalogue
from storage.database import Database


def build(
    *,
    database: Database,
    inquiries: Inquiries,
    knowledge: Knowledge,
    catalogue: Catalogue,
    clock: Clock,
    officers: Officers,
    tokens: Tokens,
) -> FastAPI:
    """Return the API; `Mount("/api/v1", app=build(...))`."""
    return FastAPI(title="Đồng Hành", version="1", docs_url=None, redoc_url=None)
