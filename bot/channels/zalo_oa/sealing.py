"""Tokens as they lie in the database: encrypted with a key that is in no table and no dump of it."""

import base64
import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

_MARK = "sealed:"


class CannotOpen(Exception):
    """The text was sealed with another key, or was changed."""


class Seal:
    """key: the installation's secret."""

    def __init__(self, key: bytes) -> None:
        self._box = SecretBox(hmac.digest(key, b"oauth tokens", "sha256"))

    def close(self, text: str) -> str:
        return _MARK + base64.b64encode(self._box.encrypt(text.encode())).decode()

    def open(self, kept: str) -> str:
        """Return the text; as it is where an earlier version kept it open. Raises CannotOpen."""
        if not is_sealed(kept):
            return kept
        try:
            return self._box.decrypt(base64.b64decode(kept.removeprefix(_MARK), validate=True)).decode()
        except (CryptoError, ValueError):
            raise CannotOpen from None


def is_sealed(kept: str) -> bool:
    return kept.startswith(_MARK)
