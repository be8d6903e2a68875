"""The code that goes with an inquiry's number: whoever has both may see where it stands, without signing in.

It is computed from the number with the installation's key: nothing of it is kept, and only who was told it knows it.
"""

import hashlib
import hmac

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""without those that look alike on paper: 0 and O, 1 and I"""
_LENGTH = 12
_GROUP = 4


class TrackingCodes:
    """key: the installation's secret, of which a key of its own is made. public_url: where people reach us, may be empty."""

    def __init__(self, key: bytes, public_url: str = "") -> None:
        self._key = hmac.digest(key, b"tracking code", hashlib.sha256)
        self._public_url = public_url

    def of(self, number: str) -> str:
        """Return the code as it is written: `K7M2-9QXR-4TBD`, 60 bits."""
        made = int.from_bytes(hmac.digest(self._key, number.encode(), hashlib.sha256))
        letters = "".join(_LETTERS[(made >> 5 * place) & 31] for place in range(_LENGTH))
        return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))

    def fits(self, number: str, typed: str) -> bool:
        """Say whether this is the number's code, however it was typed; in the same time whatever is wrong with it."""
        return hmac.compare_digest(_plain(self.of(number)).encode(), _plain(typed).encode())

    def link(self, number: str, language: str) -> str:
        """Return the address of the tracking page with both filled in; empty where nobody said how people reach us."""
        return f"{self._public_url}/track?number={number}&code={self.of(number)}&lang={language}" if self._public_url else ""


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.upper()[:64] if letter.isascii() and letter.isalnum())
