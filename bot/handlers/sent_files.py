"""Files that people send: which are kept, and where those wait for which it is not yet said what they belong to."""

from dataclasses import replace

from bot.escalation.keeping import IncomingFile
from bot.handlers.turn import Turn

FILE_AT_MOST = 20 * 1024 * 1024
"""bytes; what the platforms let a bot fetch"""
_NAME_AT_MOST = 255
WAITING_AT_MOST = 20
"""files that wait in a step"""


def waiting_and_new(turn: Turn) -> tuple[IncomingFile, ...]:
    """Return the files that wait in the person's step and those of this turn. Those that are too large are left out, and
    the person is told so: once, with the file in hand, since afterwards nobody remembers which it was."""
    waiting = [IncomingFile(**each) for each in turn.memory.get("files", [])]
    too_large = [file.name for file in turn.incoming.files if (file.size or 0) > FILE_AT_MOST]
    if too_large:
        turn.say("files.too_large", names=", ".join(too_large)[:500], most=FILE_AT_MOST // 1024**2)
    fitting = [replace(f, name=f.name[:_NAME_AT_MOST]) for f in turn.incoming.files if (f.size or 0) <= FILE_AT_MOST]
    if len(waiting) + len(fitting) > WAITING_AT_MOST:
        turn.say("files.too_many", most=WAITING_AT_MOST)
    return tuple((waiting + fitting)[:WAITING_AT_MOST])
