"""What a form brings: read once, within limits, cleaned of what no person can read."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.body_limit import BodyTooLarge
from bot.desk import errors
from bot.escalation.deferrals import moment_of
from bot.escalation.errors import DateTooFar, DateUnreadable
from bot.handlers.pipeline import readable
from storage.ids import read_id

FORM_BYTES = 128 * 1024
"""a form without files: a text of 8,000 characters, each of which may take nine bytes on the way, and the rest"""
UPLOAD_BYTES = 25 * 1024 * 1024
"""a form with files, all of it"""
FILES = 5
_FIELDS = 60


@dataclass(frozen=True)
class Form:
    values: dict[str, str] = field(default_factory=dict)
    files: tuple[UploadFile, ...] = ()
    file_fields: frozenset[str] = frozenset()
    """the fields that the files came in"""

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def number(self, name: str) -> int | None:
        """Return a field with a number or an id, or None where it has none."""
        return read_id(self.get(name))


async def read(request: Request) -> Form:
    """Read the form. Raises FormTooLarge, TooManyFiles or FormUnreadable."""
    try:
        # One file more than allowed is let in here, to be refused in words of our own.
        form = await request.form(max_files=FILES + 1, max_fields=_FIELDS, max_part_size=FORM_BYTES)
    except BodyTooLarge as error:
        raise errors.FormTooLarge(most=max(1, error.most // (1024 * 1024))) from None
    except HTTPException:
        raise errors.FormUnreadable() from None
    values: dict[str, str] = {}
    files: list[UploadFile] = []
    file_fields: set[str] = set()
    for name, value in form.multi_items():
        if isinstance(value, str):
            values[name] = readable(value.replace("\r\n", "\n").replace("\r", "\n"))
        elif value.filename:
            files.append(value)
            file_fields.add(name)
    if len(files) > FILES:
        raise errors.TooManyFiles(most=FILES)
    return Form(values, tuple(files), frozenset(file_fields))


def moment(form: Form, name: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read a field with a local date and time (`2026-12-01T09:30`) as a moment in UTC. Raises DateUnreadable or DateTooFar."""
    text = form.get(name).strip()
    try:
        return moment_of(datetime.fromisoformat(text), zone, now)
    except ValueError:
        raise DateUnreadable(given=text[:40], field=name) from None
    except (DateUnreadable, DateTooFar) as error:
        raise type(error)(**error.params, field=name) from None
