"""Files: what people and the bot uploaded, and under which ids it can be had again."""

import hashlib
import mimetypes
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, bad

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class StoredFile:
    """size: as the platform states it; a test may claim 30 MB without holding them."""

    file_id: str
    unique_id: str
    name: str
    data: bytes
    size: int
    path: str

    @property
    def mime(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def ids(self) -> dict[str, Any]:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


@dataclass(frozen=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    data: bytes


class Files:
    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, name: str, data: bytes, folder: str = "documents", size: int | None = None) -> StoredFile:
        number = len(self._by_id) + 1
        digest = hashlib.sha256(data + name.encode()).hexdigest()
        suffix = name[name.rfind(".") :] if "." in name else ""
        # The same bytes get a new file_id but keep their unique id, as on the real platform.
        file = StoredFile(
            file_id=f"BQACAgUAAxkB{number:06d}{digest[:24]}",
            unique_id=f"AgAD{digest[:11]}",
            name=name,
            data=data,
            size=len(data) if size is None else size,
            path=f"{folder}/file_{number}{suffix}",
        )
        self._by_id[file.file_id] = self._by_path[file.path] = file
        return file

    def by_id(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def resolve(self, reference: str, uploads: dict[str, Upload], folder: str) -> StoredFile:
        """Return the file meant by a parameter: `attach://part`, or the id of an earlier file."""
        if reference.startswith("attach://"):
            upload = uploads.get(reference.removeprefix("attach://"))
            if upload is None:
                raise bad("wrong file identifier/HTTP URL specified")
            if len(upload.data) > UPLOAD_LIMIT:
                raise ApiError(413, "Request Entity Too Large")
            if folder == "photos" and len(upload.data) > PHOTO_LIMIT:
                raise bad(f"file of size {len(upload.data)} bytes is too big for a photo")
            if not upload.data:
                raise bad("file must be non-empty")
            return self.keep(upload.name, upload.data, folder)
        if reference.startswith(("http://", "https://")):
            raise bad("failed to get HTTP URL content")
        if (known := self._by_id.get(reference)) is None:
            raise bad("wrong file identifier/HTTP URL specified")
        return known

    def describe(self, file_id: str) -> dict[str, Any]:
        """Answer getFile. Downloads stop at 20 MB in the cloud, whatever was accepted from the person."""
        file = self._by_id.get(file_id)
        if file is None:
            raise bad("invalid file_id")
        if file.size > DOWNLOAD_LIMIT:
            raise bad("file is too big")
        return {**file.ids(), "file_path": file.path}
