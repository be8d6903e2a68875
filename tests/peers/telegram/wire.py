"""How acts and what they show travel as JSON between a test and a peer in another process."""

import base64
import dataclasses
from typing import Any

from . import view
from .files import StoredFile

VALUES = {cls.__name__: cls for cls in (view.Message, view.Button, view.Topic, view.Answer, view.Call, StoredFile)}


def encode(value: Any) -> Any:
    """Return JSON for a value. People, groups and presses travel as references by their id."""
    kind = type(value).__name__.removeprefix("Remote")
    if isinstance(value, bytes):
        return {"_": "bytes", "base64": base64.b64encode(value).decode()}
    if kind in VALUES:
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"_": kind, **fields}
    if kind in ("User", "Group"):
        return {"_": kind, "id": value.id}
    if kind == "Press":
        return {"_": kind, "id": value.id, "data": value.data}
    if isinstance(value, list | tuple):
        return {"_": type(value).__name__, "items": [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"_": "dict", "items": [[encode(key), encode(item)] for key, item in value.items()]}
    return value


def decode(value: Any, references: Any) -> Any:
    """Return the value. references: called with kind and fields for a person, a group, a press."""
    if not isinstance(value, dict):
        return value
    kind = value["_"]
    if kind == "bytes":
        return base64.b64decode(value["base64"])
    if kind in ("list", "tuple"):
        items = [decode(item, references) for item in value["items"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {decode(key, references): decode(item, references) for key, item in value["items"]}
    fields = {name: decode(field, references) for name, field in value.items() if name != "_"}
    return VALUES[kind](**fields) if kind in VALUES else references(kind, fields)
