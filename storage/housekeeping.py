"""What may be forgotten: events that no platform, and requests that no program, will send again."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from storage import waiting_events
from storage.models import ApiRequest, Event
from storage.unit_of_work import UnitOfWork

EVENTS_KEPT = timedelta(days=8)
"""Telegram keeps an update for a day, a webhook is retried for less: a week and a day is past all of them"""

REQUESTS_KEPT = timedelta(days=7)
"""what the API's description promises"""


async def forget_old_events(uow: UnitOfWork, now: datetime) -> int:
    await waiting_events.forget_old(uow, now)
    return uow.rowcount(await uow.execute(delete(Event).where(Event.received_at < now - EVENTS_KEPT)))


async def forget_old_requests(uow: UnitOfWork, now: datetime) -> int:
    return uow.rowcount(await uow.execute(delete(ApiRequest).where(ApiRequest.received_at < now - REQUESTS_KEPT)))
