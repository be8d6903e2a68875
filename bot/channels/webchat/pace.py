"""How fast one visitor may write: a burst, then a steady trickle."""

import math

from bot.channels.webchat.refusals import NotTaken
from bot.delivery.pacing import Bucket

MESSAGES_A_SECOND, MESSAGES_AT_ONCE = 1.0, 20
FILES_A_SECOND, FILES_AT_ONCE = 0.1, 15
_WATCHED_AT_MOST = 10_000


class VisitorPace:
    """Counts what each visitor sends. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._messages: dict[str, Bucket] = {}
        self._files: dict[str, Bucket] = {}

    def message(self, visitor: str, now: float) -> None:
        """Count a message. Raises NotTaken while there were too many."""
        _count(self._messages, visitor, 1, now, MESSAGES_A_SECOND, MESSAGES_AT_ONCE)

    def files(self, visitor: str, amount: int, now: float) -> None:
        """Count files, which cost more than words. Raises NotTaken while there were too many."""
        _count(self._files, visitor, amount, now, FILES_A_SECOND, FILES_AT_ONCE)


def _count(buckets: dict[str, Bucket], visitor: str, amount: int, now: float, rate: float, burst: int) -> None:
    if visitor not in buckets and len(buckets) >= _WATCHED_AT_MOST:
        for idle in [known for known, bucket in buckets.items() if bucket.is_idle(now)]:
            del buckets[idle]
    bucket = buckets.setdefault(visitor, Bucket(rate, burst))
    if (wait := bucket.wait(now)) > 0:
        seconds = math.ceil(wait)
        raise NotTaken(429, "too_fast", retry_after=seconds, seconds=seconds)
    for _ in range(amount):
        bucket.take(now)
