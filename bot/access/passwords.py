"""Passwords: what a good one is, and how it is kept (argon2id, never on the event loop)."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.access import errors

T = TypeVar("T")

LEAST, MOST = 10, 200
"""characters"""
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""those of a one-time password: none that is taken for another when it is read aloud or copied by hand"""
_AT_ONCE = 2
"""hashes at a time: each takes 46 MB and a core for some tens of milliseconds"""
_WAITING_AT_MOST = 40
"""hashes that may wait for those: beyond that whoever comes is asked to come again"""


def one_time() -> str:
    """Return a password of 16 letters in groups of four (80 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def check(password: str, *, login: str) -> None:
    """Raise one of the `Password…` errors if an officer may not choose this password."""
    password = _same_spelling(password)
    if len(password) < LEAST:
        raise errors.PasswordTooShort(least=LEAST)
    if len(password) > MOST:
        raise errors.PasswordTooLong(most=MOST)
    if password.strip().casefold() == login.casefold():
        raise errors.PasswordIsLogin()
    if len(set(password.casefold())) < 4:
        raise errors.PasswordTooSimple()


class Passwords:
    """Hashes and compares, in a thread, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # The first of the settings that OWASP's Password Storage Cheat Sheet gives as equal: one lane, since lanes are
        # threads, which would take the cores from the turns of the chats.
        self._hasher = hasher or PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Raises SignInBusy."""
        return await self._in_turn(self._hasher.hash, _same_spelling(password))

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Say whether the password is the one that was hashed; without a hash the answer is no, after the same time.

        Raises SignInBusy.
        """
        return await self._in_turn(self._fits, password, password_hash)

    async def _in_turn(self, work: Callable[..., T], *given: str | None) -> T:
        if self._waiting >= _WAITING_AT_MOST:
            raise errors.SignInBusy()
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(work, *given)
        finally:
            self._waiting -= 1

    def _fits(self, password: str, password_hash: str | None) -> bool:
        if len(password) > MOST:
            return False
        if password_hash is None and self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        try:
            self._hasher.verify(password_hash or self._nobody or "", _same_spelling(password))
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


def _same_spelling(password: str) -> str:
    """Two keyboards write a Vietnamese letter in two ways; both are the same password."""
    return unicodedata.normalize("NFKC", password)
