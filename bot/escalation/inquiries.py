"""What can be done with an inquiry.

All methods work inside the caller's unit of work, take who acts, and return the inquiry as it then is. They raise the errors
of `bot.escalation.errors`; then the caller's transaction ends without any change.
"""

from bot.escalation.asking import Asking
from bot.escalation.correcting import Correcting
from bot.escalation.handling import Handling


class Inquiries(Asking, Handling, Correcting):
    """The service: both sides of an inquiry, over one way of keeping it."""
