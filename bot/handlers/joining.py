"""Joining an enterprise with the one-time code of an invitation: from a link, by command, or typed as it is."""

import re

from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn
from bot.membership.errors import AlreadyOfAnother, InvitationExpired, InvitationUnknown, InvitationUsed

CODE = re.compile(r"(?=.*[A-Z_-]|.*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{20}")
"""a code that is typed and nothing else; twenty small letters in a row are more likely somebody's cat"""
_REFUSED = (AlreadyOfAnother, InvitationExpired, InvitationUnknown, InvitationUsed)


async def join(turn: Turn, code: str) -> None:
    try:
        joined = await turn.services.invitations.redeem(turn.uow, turn.account, code[:200])
    except _REFUSED as error:  # nothing has changed, so the turn can go on
        turn.explain(error, buttons=presenting.menu(turn))
        return
    turn.account = joined.account
    if joined.linked:
        turn.say("join.linked", buttons=presenting.menu(turn))
        turn.outcome = "linked"
        return
    key = "join.already" if joined.already else "join.done"
    enterprise, code_of_tax = turn.account.enterprise_name or "", turn.account.tax_code or ""
    turn.say(key, enterprise=enterprise, tax_code=code_of_tax, buttons=presenting.menu(turn))
    turn.outcome = "joined"


async def on_command(turn: Turn) -> None:
    if turn.argument:
        await join(turn, turn.argument)
    else:
        turn.say("join.how", buttons=[presenting.menu_button(turn)])


async def on_code(turn: Turn) -> None:
    await join(turn, turn.text.strip())


CONVERSATION = Conversation(
    commands={"join": on_command},
    phrases=dict.fromkeys(
        ("tham gia bang ma moi", "nhap ma moi", "toi co ma moi", "ma moi", "join", "i have an invitation code"), on_command
    ),
    whole={CODE: on_code},
)
