"""What lies in the database so that the database alone does not show it: encrypted with a key that is in no table."""

import base64
import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

_MARK = "sealed:"


class CannotOpen(Exception):
    """The text was sealed with another key, or was changed."""


class Seal:
    """key: the installation's secret. purpose: what is sealed; nothing that was sealed for one opens for another."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._box = SecretBox(hmac.digest(key, purpose.encode(), "sha256"))

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
