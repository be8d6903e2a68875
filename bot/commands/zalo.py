"""`donghanh zalo`: connecting the Official Account."""

import typer

from bot.commands.running import fail, settings, with_core

zalo = typer.Typer(help="Zalo's Official Account.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(zalo, name="zalo")


@zalo.callback()
def group() -> None:
    """Zalo's Official Account."""


@zalo.command("connect")
def connect() -> None:
    """Print the link that an administrator of the Official Account opens to let this system in."""
    from bot.app import Core
    from bot.channels.zalo_oa.consent import PATH, link
    from bot.wiring.zalo import account

    found = settings()
    if not found.zalo_oa_app_id:
        fail("ZALO_OA_APP_ID is empty; docs/zalo.md tells where it stands.")
    if not found.public_url.startswith("https://"):
        fail("PUBLIC_URL must begin with https://: Zalo sends the administrator back there.")

    async def act(core: Core) -> str:
        return link(account(found), core.clock)

    print(f"The callback URL in Zalo's developer console must be {found.public_url + PATH}")
    print("An administrator of the account opens this within the hour, while `donghanh serve` runs:")
    print(with_core(act))
