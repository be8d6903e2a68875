"""What the page posts, parsed once: a message of words, a pressed button, or files."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from bot.channels.webchat.refusals import NotTaken
from bot.channels.webchat.uploads import FILE_AT_MOST, FILES_AT_MOST, MEGABYTE
from bot.delivery.message import ACTION_BYTES
from bot.locales.catalogue import LANGUAGES

WORDS_AT_MOST = 100 * 1024
"""bytes of a request without files"""
_WITH_FILES_AT_MOST = FILES_AT_MOST * FILE_AT_MOST + MEGABYTE


@dataclass(frozen=True)
class Posted:
    id: str
    """made by the page, the same when it tries again"""
    text: str
    action: str
    language: str | None
    uploads: tuple[UploadFile, ...] = ()


@asynccontextmanager
async def posted(request: Request) -> AsyncIterator[Posted]:
    """Read and check a request; its files are there until the end of the block. Raises NotTaken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        yield _checked(await _json(_limited(request, WORDS_AT_MOST)), ())
    elif kind == "multipart/form-data":
        try:
            # One file more than is taken: so that a person is told the rule rather than "400".
            form = await _limited(request, _WITH_FILES_AT_MOST).form(
                max_files=FILES_AT_MOST + 1, max_fields=8, max_part_size=WORDS_AT_MOST
            )
        except (MultiPartException, HTTPException):
            raise NotTaken(400, "malformed") from None
        try:
            uploads = tuple(part for part in form.getlist("files") if isinstance(part, UploadFile))
            if len(uploads) > FILES_AT_MOST:
                raise NotTaken(413, "too_many_files", most=FILES_AT_MOST)
            yield _checked({name: value for name, value in form.items() if isinstance(value, str)}, uploads)
        finally:
            await form.close()
    else:
        raise NotTaken(415, "malformed")


def _limited(request: Request, at_most: int) -> Request:
    """Return the request with a body that ends with NotTaken as soon as it is longer than `at_most` bytes."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > at_most:
        raise NotTaken(413, "too_large")
    came = 0

    async def receive() -> Message:
        nonlocal came
        message = await request.receive()
        came += len(message.get("body", b""))
        if came > at_most:
            raise NotTaken(413, "too_large")
        return message

    return Request(request.scope, receive)


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise NotTaken(400, "malformed") from None
    if not isinstance(body, dict):
        raise NotTaken(400, "malformed")
    return body


def _checked(body: dict[str, Any], uploads: tuple[UploadFile, ...]) -> Posted:
    text, action, language = body.get("text", ""), body.get("action", ""), body.get("language")
    if not (isinstance(text, str) and isinstance(action, str) and isinstance(body.get("id"), str)):
        raise NotTaken(422, "malformed")
    try:
        id = str(uuid.UUID(body["id"]))
    except ValueError:
        raise NotTaken(422, "malformed") from None
    if len(action.encode("utf-8", "replace")) > ACTION_BYTES or not action.isprintable():
        raise NotTaken(422, "malformed")
    if not (text.strip() or action or uploads):
        raise NotTaken(422, "empty")
    return Posted(id, text, action, language if language in LANGUAGES else None, uploads)
