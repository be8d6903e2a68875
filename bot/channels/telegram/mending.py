"""An update of which one part cannot be read says the rest all the same: somebody's words must not wait for a new version."""

from typing import Any

from pydantic import ValidationError

_MESSAGES = ("message", "edited_message")
_NEEDED = frozenset({"message_id", "date", "chat", "from"})
"""without these a message is nobody's"""


def without_broken_parts(raw: dict[str, Any], error: ValidationError) -> dict[str, Any] | None:
    """Return the update without the fields of its message that could not be read; none where nothing would be left of it."""
    broken = {(str(at[0]), str(at[1])) for each in error.errors() if len(at := each["loc"]) > 1}
    found = next((kind for kind in _MESSAGES if isinstance(raw.get(kind), dict)), None)
    if found is None or not broken or any(kind != found or field in _NEEDED for kind, field in broken):
        return None
    fields = {field for _, field in broken}
    if not fields & raw[found].keys():
        return None
    return raw | {found: {name: value for name, value in raw[found].items() if name not in fields}}
