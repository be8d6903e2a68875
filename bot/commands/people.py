"""`donghanh officer`, `donghanh invite`, `donghanh token`: who may come in."""

from datetime import timedelta
from typing import Annotated

import typer

from bot.commands.running import day, with_core

officer = typer.Typer(help="Officers of the authority.", no_args_is_help=True)
token = typer.Typer(help="Bearer tokens for the API.", no_args_is_help=True)

Role = Annotated[str, typer.Option(help="officer, coordinator, editor, approver, special_team or administrator")]
Department = Annotated[str | None, typer.Option(help="id, name or short name, as in faq/directory.yaml")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(officer, name="officer")
    app.command("invite")(invite)
    app.add_typer(token, name="token")


@officer.command("add")
def add(
    login: str,
    name: Annotated[str, typer.Option(help="as colleagues and enterprises read it")],
    role: Role = "officer",
    department: Department = None,
    lead: Annotated[bool, typer.Option(help="leads the department")] = False,
) -> None:
    """Add an officer and show their one-time password."""
    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core

    async def act(core: Core) -> str:
        officers = Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory))
        _, password = await officers.add(login=login, name=name, role=role, department=department, lead=lead)
        return password

    print(f"login: {login}    one-time password: {with_core(act)}")


@officer.command("reset-password")
def reset_password(login: str) -> None:
    """Give an officer a new one-time password; the old one and all their sessions end."""
    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core

    async def act(core: Core) -> str:
        return await Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory)).reset_password(login)

    print(f"login: {login}    one-time password: {with_core(act)}")


@officer.command("deactivate")
def deactivate(login: str) -> None:
    """End an officer's access at once."""
    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core

    async def act(core: Core) -> None:
        await Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory)).deactivate(login)

    with_core(act)
    print(f"{login} can no longer sign in.")


@officer.command("link")
def link(login: str) -> None:
    """Make a one-time link with which an officer shows on Telegram who they are."""
    from bot.access.links import OfficerLinks
    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core
    from bot.wiring.channels import telegram_name

    async def act(core: Core) -> tuple[str, str | None]:
        officers = Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory))
        code = await OfficerLinks(core.database, core.clock).create(await officers.find(login))
        return code, await telegram_name(core)

    code, name = with_core(act)
    if name:
        print(f"https://t.me/{name}?start={code}")
    print(f"in the chat with the bot: /start {code}\ngood for half an hour, once")


@officer.command("unlink")
def unlink(login: str) -> None:
    """End the link between an officer and their Telegram account."""
    from bot.access.links import OfficerLinks
    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core

    async def act(core: Core) -> bool:
        officers = Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory))
        return await OfficerLinks(core.database, core.clock).unlink((await officers.find(login)).id, "telegram")

    print(f"{login} is linked no more." if with_core(act) else f"{login} was not linked.")


@officer.command("away")
def away(
    login: str,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="the last day; without it they are back")] = None,
) -> None:
    """Note that an officer is absent: what would remind them reminds their deputy (faq/directory.yaml, or the desk)."""
    from datetime import UTC, datetime, time

    from bot.access.officers import Officers
    from bot.access.roles import Posts
    from bot.app import Core

    last = day(until, "--until")

    async def act(core: Core) -> None:
        end = datetime.combine(last + timedelta(days=1), time(), core.settings.zone).astimezone(UTC) if last else None
        await Officers(core.database, core.clock, Posts(lambda: core.knowledge.directory)).set_away(login, end)

    with_core(act)
    print(f"{login} is away until the end of {last:%d/%m/%Y}." if last else f"{login} is back.")


def invite(
    tax_code: Annotated[str, typer.Argument(help="of the enterprise; checked")],
    name: Annotated[str, typer.Option(help="of the enterprise; needed if it is new")] = "",
    member: Annotated[bool, typer.Option(help="has signed a memorandum")] = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="how long the invitation is valid")] = 14,
    region: Annotated[str, typer.Option(help="the province of its customs office, as in directory.yaml")] = "",
) -> None:
    """Make a one-time invitation for a contact person of an enterprise."""
    from bot.app import Core
    from bot.membership.enterprises import find_or_add
    from storage.unit_of_work import UnitOfWork

    async def act(core: Core) -> tuple[str, str]:
        async def work(uow: UnitOfWork) -> str:
            enterprise = await find_or_add(
                uow,
                tax_code=tax_code,
                name=name,
                membership="member" if member else "invited",
                now=core.clock.now(),
                region=region.strip(),
            )
            return core.services.invitations.create(uow, enterprise, valid_for=timedelta(days=days))

        return core.settings.base_url, await core.database.write(work)

    url, code = with_core(act)
    print(f"web chat: {url}/?join={code}\nin any chat: /start {code}")


@token.command("create")
def create(
    role: Role,
    department: Department = None,
    name: Annotated[str, typer.Option(help="what it is for")] = "API",
    days: Annotated[int | None, typer.Option(min=1, help="how long it holds; without it until it is revoked")] = None,
) -> None:
    """Make a bearer token; it is shown once."""
    from bot.access.roles import Posts
    from bot.access.tokens import Tokens
    from bot.app import Core

    async def act(core: Core) -> str:
        tokens = Tokens(core.database, core.clock, Posts(lambda: core.knowledge.directory))
        expires = core.clock.now() + timedelta(days=days) if days else None
        _, secret = await tokens.create(role=role, name=name, department=department, expires_at=expires)
        return secret

    print(with_core(act))


@token.command("revoke")
def revoke(token_id: int) -> None:
    """End a token at once."""
    from bot.access.roles import Posts
    from bot.access.tokens import Tokens
    from bot.app import Core

    async def act(core: Core) -> None:
        await Tokens(core.database, core.clock, Posts(lambda: core.knowledge.directory)).revoke(token_id)

    with_core(act)
    print("revoked")


@token.command("list")
def list_tokens() -> None:
    """Show the tokens, without their secrets."""
    from bot.access.roles import Posts
    from bot.access.tokens import Token, Tokens
    from bot.app import Core

    async def act(core: Core) -> list[Token]:
        return await Tokens(core.database, core.clock, Posts(lambda: core.knowledge.directory)).list()

    for each in with_core(act):
        print(each.id, each.role, each.department_id or "-", each.name, "revoked" if each.revoked_at else "")
