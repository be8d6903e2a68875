"""What all tables share."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, Text, text
from sqlalchemy.orm import DeclarativeBase

from storage.types import UtcDateTime

Big = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Big,
        str: Text,
        datetime: UtcDateTime,
        bool: Boolean,
        float: Float,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def due_index(name: str, column: str, *more: str) -> Index:
    """Index the rows where something is due; `IS NOT NULL` is implied by `<= :now` in every plan, also a generic one."""
    where = text(f"{column} IS NOT NULL")
    return Index(name, column, *more, sqlite_where=where, postgresql_where=where)
