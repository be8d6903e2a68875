"""A duration in a setting: ISO 8601, such as PT24H."""

from datetime import timedelta
from typing import Annotated, Any

import isodate
from pydantic import BeforeValidator


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = isodate.parse_duration(value.strip().upper())
    except isodate.ISO8601Error as error:
        raise ValueError("expected an ISO 8601 duration such as PT24H or PT20S") from error
    if not isinstance(parsed, timedelta):
        raise ValueError("expected a duration without months or years, such as PT24H")
    return parsed


Duration = Annotated[timedelta, BeforeValidator(_duration)]
