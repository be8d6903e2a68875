"""What every channel is: it takes what people do on its platform, and carries what is said to them.

A new channel is one adapter with this shape; `bot.app` makes it, and nothing else knows its platform.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from bot.delivery.transport import Transport
from bot.handlers.incoming import Incoming

Take = Callable[[Incoming], Awaitable[bool]]
"""`Pipeline.take`: True when it was new, False when it had been taken before. It returns once everything is committed;
where it raises, the platform must not be told that we have the update."""


class Channel(Transport, Protocol):
    def routes(self) -> Sequence[BaseRoute]:
        """Return what the web server answers for this channel: webhooks, pages."""
        ...

    async def start(self, take: Take) -> None:
        """Begin to receive. Returns soon: a platform that cannot be reached is tried again, and holds nothing up."""
        ...

    async def stop(self) -> None:
        """Receive nothing more, and let go of connections. Called after the sender has stopped."""
        ...

    async def problems(self) -> list[str]:
        """Ask the platform whether our settings work; return a sentence for the operator for each thing to mend."""
        ...
