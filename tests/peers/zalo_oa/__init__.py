"""A loopback Zalo for Official Accounts: OAuth, OpenAPI, templates, uploads and webhooks as the reference describes them.

There is no sandbox for Official Accounts, so this is the only one; what the documents disagree on can be switched.

    async with ZaloPeer(clock) as zalo:
        lan = zalo.person("Lan")
        await lan.says("Xin chào")          # posts a signed event to our webhook
        lan.heard                           # what our channel sent them
"""

from .peer import ZaloPeer
from .people import Person
from .world import Heard, Switches

__all__ = ["Heard", "Person", "Switches", "ZaloPeer"]
