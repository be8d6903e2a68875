"""The file store: contents by their hash, in a folder beside the database. Writing the same content twice is one file."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path


class FileTooLarge(Exception):
    """More came than was allowed; nothing was kept."""


class FileStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the content with this hash lies. The hash is ours, never a name that somebody sent."""
        if len(sha256) != 64 or any(c not in "0123456789abcdef" for c in sha256):
            raise ValueError("not a SHA-256")
        return self._folder / sha256[:2] / sha256

    async def keep(self, content: AsyncIterator[bytes], *, at_most: int) -> tuple[str, int]:
        """Write the content; return its hash and size in bytes. Raises FileTooLarge beyond `at_most` bytes."""
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder)
        draft = Path(name)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                async for chunk in content:
                    size += len(chunk)
                    if size > at_most:
                        raise FileTooLarge
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            await asyncio.to_thread(self._move, draft, self.path(digest.hexdigest()))
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
        return digest.hexdigest(), size

    def older_than(self, moment: datetime) -> list[str]:
        """Return the hashes of the contents that were put here before that moment, the last time."""
        if not self._folder.is_dir():
            return []
        kept = (path for path in self._folder.glob("[0-9a-f][0-9a-f]/*") if len(path.name) == 64)
        return [path.name for path in kept if path.stat().st_mtime < moment.timestamp()]

    def remove(self, sha256: str) -> bool:
        """Remove a content; False where there is none."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    @staticmethod
    def _move(draft: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
