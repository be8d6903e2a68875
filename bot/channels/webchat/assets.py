"""The page's files: kept in memory, compressed once, and addressed by a hash of all of them, so that browsers keep them."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.menu import Menu
from bot.channels.webchat.guard import HEADERS
from bot.locales.catalogue import LANGUAGES, Catalogue

_MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_PARTS = ("webchat.page_", "state.")
"""what the page itself says; none of it has values to fill in"""
_ELSEWHERE = frozenset({"language", "cancel"})
"""commands that the page has in another place: in its header, and as a button while there is something to cancel"""
_PLACES = {"inquiries": 0, "ask_officer": 1, "help": 2}


@dataclass(frozen=True)
class _Asset:
    content: bytes
    compressed: bytes
    media_type: str


class Assets:
    """The files of `static/`, and `texts.js`: the catalogue's words for the page, in every language."""

    def __init__(self, catalogue: Catalogue, menu: Menu) -> None:
        found = {
            path.name: path.read_bytes() for path in files(__package__).joinpath("static").iterdir() if path.name[0] not in "._"
        }
        found["texts.js"] = _texts(catalogue, menu)
        digest = hashlib.sha256()
        for name in sorted(found):
            digest.update(name.encode() + b"\0" + found[name])
        self.version = digest.hexdigest()[:16]
        self._assets = {
            name: _Asset(content, gzip.compress(content, mtime=0), _MEDIA_TYPES["." + name.rpartition(".")[2]])
            for name, content in found.items()
        }

    def url(self, name: str) -> str:
        return f"/chat/static/{self.version}/{name}"

    @property
    def scripts(self) -> list[str]:
        return sorted(self.url(name) for name in self._assets if name.endswith(".js"))

    async def serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404, headers=HEADERS)
        ours = request.path_params["version"] == self.version
        # A page of another version (an update is under way) gets what there is, but must not keep it under that name.
        kept = "public, max-age=31536000, immutable" if ours else "no-cache"
        headers = {**HEADERS, "Cache-Control": kept, "Vary": "Accept-Encoding"}
        content = asset.content
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = asset.compressed, "gzip"
        return Response(content, media_type=asset.media_type, headers=headers)


def _texts(catalogue: Catalogue, menu: Menu) -> bytes:
    texts: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES:
        words = {key: catalogue.say(key, language) for key in sorted(catalogue.keys(language)) if key.startswith(_PARTS)}
        commands = [each for each in menu.get(language, []) if each[0] not in _ELSEWHERE]
        texts[language] = {**words, "menu": sorted(commands, key=lambda each: _PLACES.get(each[0], len(_PLACES)))}
    return b"export default " + json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
