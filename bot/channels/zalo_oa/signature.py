"""Zalo's signature of an event: a plain SHA-256, not an HMAC, over id + raw body + timestamp + secret."""

import hashlib
import hmac

HEADER = "x-zevent-signature"


def signature(identity: str, raw: bytes, timestamp: str, secret: str) -> str:
    return hashlib.sha256(identity.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def fits(given: str, *, identity: str, raw: bytes, timestamp: str, secret: str) -> bool:
    """Say whether the header's value is the signature of these bytes. The time that it takes says nothing of how near it is."""
    expected = signature(identity, raw, timestamp, secret)
    return hmac.compare_digest(given.removeprefix("mac=").strip().lower().encode("utf-8", "replace"), expected.encode())
