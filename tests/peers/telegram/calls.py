"""From an HTTP request to a validated call: every encoding that clients use, checked by aiogram's own models."""

import json
import re
from typing import Any, get_args

import aiogram.methods
from aiohttp import web
from pydantic import BaseModel, ValidationError

from .errors import ApiError, bad
from .files import Upload
from .platform import Call

Wire = dict[str, Any]
MODELS: dict[str, type[BaseModel]] = {
    name.lower(): getattr(aiogram.methods, name)
    for name in aiogram.methods.__all__
    if name not in ("TelegramMethod", "Request", "Response")
}


# Where plain text is a lawful value, a text that looks like JSON stays text: people do write "[1]".
JSON_FIELDS = {
    name: {
        key for key, field in model.model_fields.items() if not (field.annotation is str or str in get_args(field.annotation))
    }
    for name, model in MODELS.items()
}
REQUIRED_TEXTS = {"text": "message text is empty", "chat_id": "chat_id is empty"}


async def read_params(request: web.Request) -> tuple[Wire, dict[str, Upload]]:
    """Return the parameters as they came and the file parts. A file given directly becomes `attach://itself`."""
    params: Wire = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            params |= await request.json()
        except ValueError:
            raise bad("can't parse JSON object") from None
    elif request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for key, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[key] = Upload(value.filename, value.file.read())
            elif isinstance(value, bytes | bytearray):
                uploads[key] = Upload(key, bytes(value))
            else:
                params[key] = value
    return params, uploads


def validate(name: str, params: Wire, uploads: dict[str, Upload]) -> Call:
    """Return the call, or raise 400 naming the parameter that is missing or wrong."""
    model = MODELS[name.lower()]
    given = dict(params)
    for key in uploads:
        if key in model.model_fields and key not in given:
            given[key] = f"attach://{key}"
    for key in JSON_FIELDS[name.lower()] & given.keys():
        if isinstance(value := given[key], str) and value[:1] in ("{", "["):
            try:
                given[key] = json.loads(value)
            except ValueError:
                raise bad(f"can't parse {key} JSON object") from None
    given = {key: value for key, value in given.items() if value not in (None, "")}
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "request"
        if first["type"] == "missing" and len(first["loc"]) == 1:
            raise bad(REQUIRED_TEXTS.get(key, f'parameter "{key}" is required')) from None
        raise bad(f"can't parse {key}: {first['msg']}") from None
    args = checked.model_dump(exclude_unset=True, exclude_none=True, warnings=False)
    for key in ("chat_id", "from_chat_id"):
        if isinstance(number := args.get(key), str) and re.fullmatch(r"-?\d+", number):
            args[key] = int(number)
    return Call(model.__api_method__, args, uploads)  # type: ignore[attr-defined]


def known(name: str) -> str:
    """Return the method's proper name. Raises 404 for one that the Bot API does not have."""
    model = MODELS.get(name.lower())
    if model is None:
        raise ApiError(404, "Not Found: method not found")
    return str(model.__api_method__)  # type: ignore[attr-defined]


def answers_plain_true(name: str) -> bool:
    return MODELS[name.lower()].__returning__ is bool  # type: ignore[attr-defined]
