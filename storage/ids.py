"""Identifiers that this side makes before a row is written, so that rows which belong together go in without a look back."""

import itertools
import secrets
import time

_SEQUENCE_BITS = 21
_sequence = itertools.count(secrets.randbits(_SEQUENCE_BITS))


def new_id() -> int:
    """Return a positive 63-bit number that grows with time: 42 bits of milliseconds, 21 bits that differ within one.

    Two replicas could meet in the same millisecond and the same 21 bits; the primary key refuses the second row, and
    the unit of work that wrote it runs again with a new number.
    """
    return (time.time_ns() // 1_000_000) << _SEQUENCE_BITS | (next(_sequence) & ((1 << _SEQUENCE_BITS) - 1))


def read_id(text: str) -> int | None:
    """Return the id that somebody sent as text, or None where it cannot be one (an id has at most 63 bits)."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if number < 1 << 63 else None
