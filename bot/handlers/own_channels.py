"""Several channels of one person: taking a code over to another one, and where notices go."""

from bot.delivery.message import Button
from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn
from storage import channel_accounts

_LAST = "last"
"""in a button: where they last wrote"""


async def on_command(turn: Turn) -> None:
    """Say on which channels they are known and where notices go, and let them choose another."""
    channels, preferred = await channel_accounts.channels_of(turn.uow, turn.account.contact_id)
    names = ", ".join(_name(turn, each) for each in channels)
    rows = [[Button(_name(turn, each), f"notices:{each}")] for each in channels if each != preferred and len(channels) > 1]
    if preferred is not None:
        rows.append([turn.button("button.notices_last", f"notices:{_LAST}")])
    rows += [[turn.button("button.link_channel", "link_channel")], presenting.menu_button(turn)]
    where = _name(turn, preferred) if preferred else turn.words("channels.where_last")
    turn.say("channels.known", names=names, where=where, buttons=rows)
    turn.outcome = "channels"


async def on_choice(turn: Turn) -> None:
    chosen = turn.action_arguments[0] if turn.action_arguments else ""
    channels, _ = await channel_accounts.channels_of(turn.uow, turn.account.contact_id)
    if chosen != _LAST and chosen not in channels:
        await on_command(turn)
        return
    turn.services.accounts.prefer(turn.uow, turn.account, None if chosen == _LAST else chosen)
    where = turn.words("channels.where_last") if chosen == _LAST else _name(turn, chosen)
    turn.say("channels.chosen", where=where, buttons=[presenting.menu_button(turn)])
    turn.outcome = "channels"


async def on_link(turn: Turn) -> None:
    code = turn.services.invitations.create_for_self(turn.uow, turn.account)
    turn.say("channels.code", code=code, buttons=[presenting.menu_button(turn)])
    turn.outcome = "channels"


def _name(turn: Turn, channel: str) -> str:
    key = f"channels.name.{channel}"
    return turn.words(key) if turn.services.catalogue.has(key) else channel


CONVERSATION = Conversation(
    commands={"channels": on_command},
    phrases=dict.fromkeys(("kenh lien lac", "kenh thong bao", "ket noi zalo", "lien ket zalo", "my channels"), on_command),
    actions={"channels": on_command, "notices": on_choice, "link_channel": on_link},
    asides=frozenset({"channels", "notices", "link_channel"}),
)
