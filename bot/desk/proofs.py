"""Proofs as files to be kept: who was told what and when, the same bytes as long as nothing changes."""

from functools import partial
from typing import TypeVar

from starlette.responses import Response

from bot.desk.errors import PageNotFound
from bot.desk.visit import Visit
from bot.outreach import proof_files
from bot.outreach.proof_files import Provable

Subject = TypeVar("Subject")
_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


async def proof(visit: Visit, proofs: Provable[Subject], row: Subject, number: str) -> Response:
    """Answer with the proof of this campaign or consultation, of the kind that the path ends with."""
    kind = visit.request.path_params["ending"]
    if kind not in _TYPES:
        raise PageNotFound()
    content = await proof_files.file(proofs, row, visit.language, kind=kind, more=partial(visit.words.say, "proof.more"))
    headers = {
        "Content-Disposition": f'attachment; filename="{number}.{kind}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=_TYPES[kind], headers=headers)
