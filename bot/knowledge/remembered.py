"""The verdicts on what was asked a moment ago."""

from __future__ import annotations

import threading
from collections import OrderedDict

from bot.knowledge.verdict import Verdict

MOST = 2048  # verdicts; people press the same buttons and ask the same things


class Remembered:
    """The latest verdicts. Its lock is held for a look into a dictionary, never while searching."""

    def __init__(self) -> None:
        self._verdicts: OrderedDict[tuple[object, ...], Verdict] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Verdict | None:
        with self._lock:
            verdict = self._verdicts.get(key)
            if verdict is not None:
                self._verdicts.move_to_end(key)
            return verdict

    def keep(self, key: tuple[object, ...], verdict: Verdict) -> None:
        with self._lock:
            self._verdicts[key] = verdict
            while len(self._verdicts) > MOST:
                self._verdicts.popitem(last=False)
