"""aiogram, imported in a third of its time: its models are made ready when they are used, and most never are.

aiogram makes the validators of all its 400 types while it is imported, each with everything that lies within it. That takes
more than two seconds of every start, and we use some twenty. pydantic makes a model ready by itself at its first use, but only
where it finds the names that its annotations mention; aiogram keeps those out of reach, and so they are handed in here.
"""

from typing import Any, Literal, Optional, Union

from pydantic import BaseModel

_base: Any = BaseModel
_make_ready: Any = _base.__dict__["model_rebuild"]


def _put_off(model: type[BaseModel], /, **_: Any) -> None:
    """Stands for `model_rebuild` during aiogram's import."""


_base.model_rebuild = classmethod(_put_off)
try:
    from aiogram import types
    from aiogram.client.default import Default
    from aiogram.methods import Response, TelegramMethod
finally:
    _base.model_rebuild = _make_ready

# The same names as at the end of aiogram's own `types/__init__.py`.
_NAMES = {
    "List": list,
    "Optional": Optional,
    "Union": Union,
    "Literal": Literal,
    "Default": Default,
    **{name: getattr(types, name) for name in types.__all__},
}


def _ready(model: type[BaseModel], /, **options: Any) -> Any:
    """Make a model ready, as pydantic does at its first use, with aiogram's names where it was given none."""
    return _make_ready.__func__(model, **({"_types_namespace": _NAMES} | options))


_each: Any
for _each in (types.TelegramObject, TelegramMethod, Response):
    _each.model_rebuild = classmethod(_ready)
