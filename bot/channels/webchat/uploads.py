"""Files that a visitor sends: which are taken, by what they are called and by what is in them."""

import unicodedata
from collections.abc import AsyncIterator
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile

from bot.channels.webchat.refusals import NotTaken
from bot.escalation.keeping import IncomingFile
from storage.files import FileStore, FileTooLarge

MEGABYTE = 1024 * 1024
FILE_AT_MOST = 20 * MEGABYTE
FILES_AT_MOST = 5
_CHUNK = 256 * 1024
_NAME_AT_MOST = 120

_ZIP = (0, (b"PK\x03\x04", b"PK\x05\x06"))
_OLE = (0, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",))
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_TEXT: tuple[int, tuple[bytes, ...]] = (0, (b"",))

TYPES: dict[str, tuple[str, tuple[int, tuple[bytes, ...]]]] = {
    ".pdf": ("application/pdf", (0, (b"%PDF-",))),
    ".png": ("image/png", (0, (b"\x89PNG\r\n\x1a\n",))),
    ".jpg": ("image/jpeg", (0, (b"\xff\xd8\xff",))),
    ".jpeg": ("image/jpeg", (0, (b"\xff\xd8\xff",))),
    ".gif": ("image/gif", (0, (b"GIF87a", b"GIF89a"))),
    ".webp": ("image/webp", (8, (b"WEBP",))),
    ".heic": ("image/heic", (4, (b"ftyp",))),
    ".doc": ("application/msword", _OLE),
    ".xls": ("application/vnd.ms-excel", _OLE),
    ".ppt": ("application/vnd.ms-powerpoint", _OLE),
    ".docx": (_OPEN_XML + "wordprocessingml.document", _ZIP),
    ".xlsx": (_OPEN_XML + "spreadsheetml.sheet", _ZIP),
    ".pptx": (_OPEN_XML + "presentationml.presentation", _ZIP),
    ".odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    ".txt": ("text/plain", _TEXT),
    ".csv": ("text/csv", _TEXT),
    ".zip": ("application/zip", _ZIP),
}
"""by the end of the name: the media type that we give it, and where in the content what must stand"""


class Uploads:
    def __init__(self, files: FileStore) -> None:
        self._files = files

    async def keep(self, upload: UploadFile, *, channel: str) -> IncomingFile:
        """Check a file and put it into the file store. Raises NotTaken when it is none that we take."""
        name = plain_name(upload.filename or "")
        known = TYPES.get(PurePosixPath(name).suffix.lower())
        if known is None:
            raise NotTaken(415, "file_type", name=name)
        media_type, (offset, beginnings) = known
        if not upload.size:
            raise NotTaken(422, "file_empty", name=name)
        if upload.size > FILE_AT_MOST:
            raise NotTaken(413, "file_too_large", name=name, most=FILE_AT_MOST // MEGABYTE)
        head = (await upload.read(64))[offset:]
        if not head.startswith(beginnings):
            raise NotTaken(415, "file_content", name=name)
        await upload.seek(0)
        try:
            sha256, size = await self._files.keep(_content(upload), at_most=FILE_AT_MOST)
        except FileTooLarge:
            raise NotTaken(413, "file_too_large", name=name, most=FILE_AT_MOST // MEGABYTE) from None
        return IncomingFile(channel=channel, reference=sha256, name=name, media_type=media_type, size=size, sha256=sha256)


async def _content(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(_CHUNK):
        yield chunk


def plain_name(name: str) -> str:
    """Return a name that can be shown and saved anywhere: no folders, no invisible or direction-changing characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*').strip(". ")
    end = PurePosixPath(name).suffix
    stem = name.removesuffix(end)
    return stem[: _NAME_AT_MOST - len(end)] + end if len(end) <= 10 else name[:_NAME_AT_MOST]
