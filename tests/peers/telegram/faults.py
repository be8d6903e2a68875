"""Faults of the network and of the platform, ordered in advance by a test."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["status", "cut", "delay", "garble"]


@dataclass
class Fault:
    """method: a name in any case, or `*` for all. times: None until healed. chat_id: None for any chat."""

    kind: Kind
    method: str = "*"
    times: int | None = 1
    chat_id: int | None = None
    after_effect: bool = False
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0
    skip: int = 0
    """How many matching calls pass before the first is hit: "the third send is cut"."""

    def meets(self, method: str, chat_id: object) -> bool:
        named = self.method == "*" or self.method.lower() == method.lower()
        return named and (self.chat_id is None or str(self.chat_id) == str(chat_id))


class Faults:
    """A call takes at most one fault, the oldest that meets it."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self.happened = 0

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def heal(self) -> None:
        self._ordered.clear()

    def take(self, method: str, chat_id: object) -> Fault | None:
        for fault in self._ordered:
            if not fault.meets(method, chat_id):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._ordered.remove(fault)
            self.happened += 1
            return fault
        return None
