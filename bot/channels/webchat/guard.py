"""What every answer of the web chat carries, and which requests may change something."""

from urllib.parse import urlsplit

from starlette.requests import Request

from bot.channels.webchat.refusals import NotTaken

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": PAGE_POLICY,
}


class OriginCheck:
    """Only our own page may post. public_url: where people reach us, if that is known; a proxy may change the host."""

    def __init__(self, public_url: str) -> None:
        self._public = _origin(public_url) if public_url else None

    def check(self, request: Request) -> None:
        """Raise NotTaken for a request that another site had a visitor's browser make, or that does not say."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            allowed = site == "same-origin"
        else:
            origin = request.headers.get("origin", "")
            own_host = urlsplit(origin).netloc == request.headers.get("host") if origin else False
            allowed = own_host or (self._public is not None and _origin(origin) == self._public)
        if not allowed:
            raise NotTaken(403, "foreign_origin")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
