"""Errors that a person can act on: a stable code for programs, and the values that the catalogue's sentence needs.

The sentence itself stands in `bot/locales` under `error.<code>`, in each language; a channel, page or API answer turns an
error into words in one place.
"""

from typing import Any, ClassVar


class HelpdeskError(Exception):
    """Something that was asked for cannot be done; nothing has changed."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    """the HTTP status that fits where the error meets a program"""

    def __init__(self, **params: Any) -> None:
        super().__init__(f"{self.code} {params}" if params else self.code)
        self.params = params
