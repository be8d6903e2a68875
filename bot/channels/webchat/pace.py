"""How fast one visitor may write: a burst, then a steady trickle."""

import math

from bot.channels.webchat.refusals import NotTaken
from bot.delivery.pacing import Bucket

MESSAGES_A_SECOND, MESSAGES_AT_ONCE = 1.0, 20
FILES_A_SECOND, FILES_AT_ONCE = 0.1, 15
_WATCHED_AT_MOST = 10_000
_FORGET_EVERY_S = 1.0


class VisitorPace:
    """Counts what each visitor sends. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._messages = _Buckets(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)
        self._files = _Buckets(FILES_A_SECOND, FILES_AT_ONCE)

    def message(self, visitor: str, now: float) -> None:
        """Count a message. Raises NotTaken while there were too many."""
        self._messages.count(visitor, 1, now)

    def files(self, visitor: str, amount: int, now: float) -> None:
        """Count files, which cost more than words. Raises NotTaken while there were too many."""
        self._files.count(visitor, amount, now)


class _Buckets:
    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._of: dict[str, Bucket] = {}
        self._forgot_at = 0.0

    def count(self, visitor: str, amount: int, now: float) -> None:
        self._forget_idle(now)
        bucket = self._of.setdefault(visitor, Bucket(self._rate, self._burst))
        if (wait := bucket.wait(now)) > 0:
            seconds = math.ceil(wait)
            raise NotTaken(429, "too_fast", retry_after=seconds, seconds=seconds)
        for _ in range(amount):
            bucket.take(now)

    def _forget_idle(self, now: float) -> None:
        if len(self._of) < _WATCHED_AT_MOST or now - self._forgot_at < _FORGET_EVERY_S:
            return
        self._forgot_at = now
        self._of = {visitor: bucket for visitor, bucket in self._of.items() if not bucket.is_idle(now)}
