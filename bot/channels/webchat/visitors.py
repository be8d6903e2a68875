"""Who is on the other side of a browser: a random token in a cookie. Only its hash is ever kept by us."""

import hashlib
import re
import secrets
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT = timedelta(days=400)
"""as long as browsers allow; every visit starts it anew"""


class VisitorCookie:
    """The cookie that makes a browser a visitor. secure: the chat is reached by https."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        # With this prefix a browser takes the cookie from this very host alone: no neighbour can plant one.
        self.name = "__Host-donghanh" if secure else "donghanh"

    @staticmethod
    def new_token() -> str:
        """Return a token of 128 random bits."""
        return secrets.token_hex(16)

    @staticmethod
    def external_id(token: str) -> str:
        """Return what stands for the visitor in the database; the token cannot be found from it."""
        return hashlib.sha256(b"webchat visitor:" + token.encode()).hexdigest()

    def token(self, request: Request) -> str | None:
        """Return the visitor's token, or nothing when there is none of the form that we make."""
        token = request.cookies.get(self.name, "")
        return token if _TOKEN.fullmatch(token) else None

    def visitor(self, request: Request) -> str | None:
        """Return the visitor's external id, or nothing for a browser that never opened the page."""
        token = self.token(request)
        return self.external_id(token) if token else None

    def give(self, response: Response, token: str) -> None:
        response.set_cookie(
            self.name,
            token,
            max_age=int(_KEPT.total_seconds()),
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
