"""Messages that went out in part: a repetition goes on after the last piece that got through."""

from collections import OrderedDict

_KEPT_AT_MOST = 10_000


class Begun:
    """For as long as this process lives; after that, a message of several pieces may be repeated from its first."""

    def __init__(self) -> None:
        self._done: OrderedDict[int, list[str]] = OrderedDict()

    def take(self, delivery_id: int) -> list[str]:
        """Return the platform's ids of the pieces that are out, and forget them."""
        return self._done.pop(delivery_id, [])

    def keep(self, delivery_id: int, done: list[str]) -> None:
        if not done:
            return
        self._done[delivery_id] = done
        if len(self._done) > _KEPT_AT_MOST:
            self._done.popitem(last=False)
