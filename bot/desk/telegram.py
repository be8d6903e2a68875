"""An officer links their Telegram account, and sees which department works in which group."""

from starlette.responses import Response

from bot.access.links import OfficerLinks
from bot.desk.visit import Visit
from storage import desk_groups

_CHANNEL = "telegram"


async def show(visit: Visit) -> Response:
    """The page, and what its forms do: make a one-time link, end the link."""
    desk, code = visit.desk, ""
    links = OfficerLinks(desk.database, desk.clock)
    if visit.request.method == "POST":
        if visit.form.get("do") == "unlink":
            await links.unlink(visit.officer.id, _CHANNEL)
        elif desk.telegram:
            code = await links.create(visit.officer)
    account = await links.account(visit.officer.id, _CHANNEL)
    async with desk.database.read() as uow:
        groups = await desk_groups.linked(uow)
    sees = visit.officer.actor
    bot = desk.telegram_name() if desk.telegram_name is not None else None
    return visit.page(
        "telegram.html",
        on=desk.telegram,
        account=account,
        code=code,
        link=f"https://t.me/{bot}?start={code}" if bot and code else "",
        groups=[row for row in groups if sees.sees_all or row["department_id"] in sees.departments],
    )
