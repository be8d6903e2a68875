"""What a person wants to be told, chosen on the web."""

from starlette.responses import Response

from bot.errors import HelpdeskError
from bot.public.visit import Visit
from bot.subscriptions.errors import HoursWrong
from bot.subscriptions.topics import MANDATORY_FOR_MEMBERS, Topic
from storage.ids import read_id
from storage.subscriptions import TimesRow
from storage.unit_of_work import UnitOfWork


def _member(visit: Visit) -> bool:
    return visit.me.membership == "member"


async def show(visit: Visit) -> Response:
    return await _render(visit)


async def _render(visit: Visit, *, status: int = 200, error: str = "") -> Response:
    subscriptions = visit.site.subscriptions
    async with visit.site.database.read() as uow:
        choices = await subscriptions.chosen(uow, visit.me.contact_id, member=_member(visit))
        times = await subscriptions.times(uow, visit.me.contact_id)
    saved = visit.request.query_params.get("done") and not error
    return visit.page(
        "my_subscriptions.html",
        status,
        choices=choices,
        times=times,
        who=visit.me,
        error=error,
        done=visit.say("subscriptions.page.saved") if saved else "",
    )


async def save(visit: Visit) -> Response:
    """Keep the switches and the hours, all or nothing."""

    async def work(uow: UnitOfWork) -> None:
        subscriptions, contact, member = visit.site.subscriptions, visit.me.contact_id, _member(visit)
        for topic in Topic:
            if not (member and topic in MANDATORY_FOR_MEMBERS):
                await subscriptions.choose(uow, contact, topic, wanted=f"topic_{topic}" in visit.form, member=member)
        start, end = (read_id(visit.form.get(name, "")) for name in ("from_hour", "until_hour"))
        if start is None or end is None:
            raise HoursWrong()
        await subscriptions.set_times(uow, contact, TimesRow(start, end, working_days="working_days" in visit.form))

    try:
        await visit.site.database.write(work)
    except HelpdeskError as error:
        return await _render(visit, status=error.status, error=visit.error(error))
    return visit.see("/my/subscriptions?done=save")
