"""A one-time address for whoever wants to go on in a browser: said in their own chat, and good for them alone."""

from bot.delivery.message import Button
from bot.handlers import presenting
from bot.handlers.turn import Turn
from bot.membership.links import VALID_FOR


def offer(turn: Turn, purpose: str, subject_id: int | None, key: str, *, title: str = "") -> None:
    """Say the address in a sentence of the catalogue that has {page} and {valid}."""
    token = turn.services.links.create(
        turn.uow,
        purpose=purpose,
        subject_id=subject_id,
        contact_id=turn.account.contact_id,
        account_id=turn.account.id,
    )
    page = f"{turn.services.base_url}/l/{token}"
    rows = [presenting.menu_button(turn)]
    if page.startswith("https://"):  # Telegram takes no other address under a button
        rows.insert(0, [Button(turn.words("button.open_page"), url=page)])
    turn.say(key, page=page, valid=VALID_FOR, title=title, buttons=rows)
    turn.outcome = "linked"
