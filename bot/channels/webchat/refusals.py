"""What the web chat does not take: a status and a code for the page, and words for the person."""

from typing import Any


class NotTaken(Exception):
    """The request was refused and changed nothing. The words stand in the catalogue under `webchat.refused_<code>`.

    retry_after: seconds until the same request may succeed; the page then sends it again by itself.
    """

    def __init__(self, status: int, code: str, *, retry_after: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.params = params
