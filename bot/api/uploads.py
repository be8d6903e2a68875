"""Files that programs send, as multipart/form-data."""

import mimetypes
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import UploadFile

from bot.api import reading
from storage.files import FileStore

FILES_BYTES = 25 * 1024 * 1024
"""all files of a request"""
FILES = 5
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Kept:
    """A file that lies in the file store now. size: bytes."""

    sha256: str
    name: str
    media_type: str
    size: int


async def keep(store: FileStore, file: UploadFile, *, at_most: int) -> Kept:
    """Put a file into the file store; the same content twice is one file. Raises storage's FileTooLarge."""
    name = reading.file_name(file.filename or "")
    sha256, size = await store.keep(_chunks(file), at_most=at_most)
    return Kept(sha256, name, mimetypes.guess_type(name)[0] or "application/octet-stream", size)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk
