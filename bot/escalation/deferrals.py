"""Until when an inquiry may be deferred, as officers and programs write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.escalation.errors import DateTooFar, DateUnreadable

AT_MOST = timedelta(days=366)


def moment_of(given: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment in UTC; without an offset it is taken in the operator's zone. Raises DateUnreadable or DateTooFar.

    Whether it lies ahead is checked where the inquiry is deferred.
    """
    try:
        at = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise DateUnreadable(given=given.isoformat()) from None
    if at > now + AT_MOST:
        raise DateTooFar(most=AT_MOST.days)
    return at
