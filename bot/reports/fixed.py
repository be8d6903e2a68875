"""Files of the same content are the same bytes, whenever they are made: Word and Excel files without the clock in them."""

import io
import re
import zipfile

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""the earliest moment that the format can hold"""
_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def without_clock(made: bytes, *, at: str) -> bytes:
    """Return the package with its parts in order and without the times at which they were written.

    at: what it says of when it was made, ISO 8601 in UTC (`2026-11-16T02:00:00Z`).
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = source.read(name)
            if name == _CORE:
                content = _MOMENT.sub(lambda found: found[1] + at.encode() + found[2], content)
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, content)
    return out.getvalue()
