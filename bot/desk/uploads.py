"""Files at the desk: those that officers attach, and those that they open."""

import mimetypes
from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, Response

from bot.delivery.message import Attachment
from bot.desk import errors
from bot.desk.forms import UPLOAD_BYTES
from bot.desk.visit import Visit
from storage import queue
from storage.files import FileTooLarge
from storage.ids import read_id

_CHUNK = 64 * 1024
_UNKNOWN = "application/octet-stream"


async def keep_files(visit: Visit) -> tuple[Attachment, ...]:
    """Put what the form brought into the file store; the same content twice is one file."""
    kept = []
    for file in visit.form.files:
        try:
            sha256, size = await visit.desk.files.keep(_chunks(file), at_most=UPLOAD_BYTES)
        except FileTooLarge:
            raise errors.FormTooLarge(most=UPLOAD_BYTES // (1024 * 1024)) from None
        if size:
            name = shown_name(file.filename or "")
            kept.append(Attachment(sha256, name, mimetypes.guess_type(name)[0] or _UNKNOWN))
    return tuple(kept)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


def shown_name(name: str) -> str:
    """Return a file's name without folders, control characters and what turns the reading direction around."""
    base = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in base if c.isprintable() and c not in '"<>|:*?/').strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return (f"{stem[:90]}{dot}{ending[:20]}" if dot else kept[:100]) or "file"


async def download(visit: Visit) -> Response:
    """Give a file to an officer who may read its inquiry. It is saved, never shown: its content is somebody else's."""
    file_id = read_id(visit.request.path_params["file"])
    if file_id is None:
        raise errors.PageNotFound()
    async with visit.desk.database.read() as uow:
        found = await queue.file(uow, file_id)
    if found is None or not visit.officer.actor.works_on(found[1]) or found[0]["sha256"] is None:
        raise errors.PageNotFound()
    row = found[0]
    path = visit.desk.files.path(row["sha256"])
    if not path.is_file():
        raise errors.PageNotFound()
    name = shown_name(row["name"])
    plain = "".join(c if c.isascii() and c not in '\\"' else "_" for c in name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return FileResponse(path, media_type=_UNKNOWN, headers=headers)
