"""Files that people sent, fetched from the addresses that a platform gave us: only from its hosts, whatever an event says."""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlsplit

from bot.channels.calling import Caller, CallFailed
from bot.delivery.transport import Refused, TryLater


class Media:
    """hosts: domains, with everything below them, over https; an entry that begins with http:// is taken as it stands, with
    its port (a test's own server)."""

    def __init__(self, caller: Caller, hosts: Sequence[str]) -> None:
        self._caller = caller
        self._domains = tuple(host.lower().strip(".") for host in hosts if "://" not in host)
        self._origins = tuple(host.lower().rstrip("/") for host in hosts if "://" in host)

    def allows(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if f"{parts.scheme}://{parts.netloc}".lower() in self._origins:
            return True
        own = any(host == domain or host.endswith(f".{domain}") for domain in self._domains)
        return parts.scheme == "https" and port in (None, 443) and own

    async def fetch(self, address: str) -> AsyncGenerator[bytes]:
        """Yield the content. Raises Refused for an address that is not the platform's, TryLater where it did not come."""
        if not self.allows(address):
            raise Refused("the address is not of a host that files may come from")
        try:
            async for chunk in self._caller.stream(address):
                yield chunk
        except CallFailed as error:
            raise TryLater(f"download broke off: {error}") from None
