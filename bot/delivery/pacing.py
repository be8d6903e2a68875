"""How fast: buckets that fill with time. They say how long to wait; they never wait themselves."""


class Bucket:
    """Lets `rate` messages a second through, after a burst of `burst`. Times are seconds of one monotonic clock."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at: float | None = None
        self._closed_until = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the next message may go: 0 when it may at once."""
        pause = max(0.0, self._closed_until - now)
        if self._rate <= 0:
            return pause
        self._fill(now)
        return max(pause, 0.0 if self._level >= 1 - 1e-9 else (1 - self._level) / self._rate)

    def take(self, now: float) -> None:
        """Count a message that goes now."""
        if self._rate > 0:
            self._fill(now)
            self._level -= 1

    def close(self, until: float) -> None:
        """Let nothing through until then: the platform said so. After it, no burst: it has just been too much."""
        self._closed_until = max(self._closed_until, until)
        self._level = min(self._level, 1.0)
        if self._at is not None:
            self._at = max(self._at, until)

    def is_idle(self, now: float) -> bool:
        """Say whether forgetting this bucket would change nothing."""
        self._fill(now)
        return now >= self._closed_until and self._level >= self._burst

    def _fill(self, now: float) -> None:
        if self._at is not None and now <= self._at:
            return
        if self._at is not None and self._rate > 0:
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
