"""A clock that stands still until the test moves it."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    def __init__(self, start: datetime = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)) -> None:  # Monday, 9 o'clock in Hà Nội
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def set(self, moment: datetime) -> None:
        self._now = moment
