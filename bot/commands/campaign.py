"""`donghanh campaign`: what goes out, watched from the terminal."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.running import with_core

if TYPE_CHECKING:
    from rich.table import Table

    from bot.app import Core
    from bot.outreach.progress import Progress
    from storage.campaigns import CampaignRow

campaign = typer.Typer(help="Campaigns: one message to many.", no_args_is_help=True)

_EVERY_S = 1.0


def add_to(app: typer.Typer) -> None:
    app.add_typer(campaign, name="campaign")


@campaign.command("list")
def listed(limit: Annotated[int, typer.Option(min=1, max=200, help="how many, the newest first")] = 20) -> None:
    """List campaigns with their numbers and states."""

    async def act(core: "Core") -> None:
        from storage import campaigns

        async with core.database.read() as uow:
            rows = await campaigns.listed(uow, limit=limit)
        language = core.settings.default_language
        for row in rows:
            print(f"{row.number}  {core.catalogue.say(f'desk.campaign_state.{row.state}', language):<14}  {row.title}")

    with_core(act)


@campaign.command("watch")
def watch(
    number: Annotated[str, typer.Argument(help="number, such as TB-2026-000012, or id")],
    once: Annotated[bool, typer.Option("--once", help="look once instead of following it to its end")] = False,
) -> None:
    """Show how far a campaign has come: rate, done, left, failures, time to finish."""

    async def act(core: "Core") -> None:
        from rich.live import Live

        from bot.escalation.actors import Actor, ActorKind, Role

        operator = Actor(ActorKind.SYSTEM, role=Role.ADMINISTRATOR)
        row = await core.outreach.campaigns.find(number, operator)
        with Live(refresh_per_second=4) as live:
            while True:
                progress = await core.outreach.progress.look(row.id)
                live.update(_table(core, row, progress))
                if once or row.state not in ("scheduled", "sending", "paused"):
                    return
                await asyncio.sleep(_EVERY_S)
                row = await core.outreach.campaigns.find(number, operator)

    with_core(act)


def _table(core: "Core", row: "CampaignRow", progress: "Progress") -> "Table":
    from datetime import timedelta

    from rich.table import Table

    def say(key: str, **params: object) -> str:
        return core.catalogue.say(key, core.settings.default_language, **params)

    share = progress.done / progress.total if progress.total else 0.0
    table = Table(title=f"{row.number} {row.title}", show_header=False)
    left = timedelta(seconds=round(progress.finish_in.total_seconds())) if progress.finish_in is not None else None
    for name, value in (
        ("desk.campaign.state", say(f"desk.campaign_state.{row.state}")),
        ("desk.progress.done", f"{progress.done:,} / {progress.total:,} ({share:.1%})"),
        ("desk.progress.rate", f"{progress.rate:.1f}/s"),
        ("desk.progress.left", f"{progress.left:,}"),
        ("desk.progress.sent", f"{progress.sent:,}"),
        ("desk.progress.acknowledged", f"{progress.acknowledged:,}"),
        ("desk.progress.failed", f"{progress.failed:,}"),
        ("desk.progress.unknown", f"{progress.unknown:,}"),
        ("desk.progress.finish_in", say("desk.span", left=left) if left is not None else "–"),
    ):
        table.add_row(say(name), value)
    return table
