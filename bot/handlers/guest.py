"""What a guest may leave with an inquiry, if they wish: tax code and company name. Both stay marked as unverified."""

import re

from bot.handlers import finding, presenting
from bot.handlers.conversation import Conversation, NotForThisStep
from bot.handlers.turn import Turn
from bot.membership.errors import TaxCodeWrong
from bot.membership.tax_codes import tax_code
from storage.inquiries import InquiryRecord

TAX_CODE = "guest.tax_code"
COMPANY = "guest.company"
_COMPANY_AT_MOST = 300
_NAMED = re.compile(r"(?:mst|mã số thuế|ma so thue|tax code)\s*(?:là|la|is)?\s*[:.]?\s*", re.IGNORECASE)
_ONLY_A_NUMBER = re.compile(r"\d(?:[ .–-]?\d){7,15}")
_WORDS_OF_A_SENTENCE = 4


def is_guest(turn: Turn) -> bool:
    """Say whether nobody knows yet for which enterprise the person writes."""
    return turn.account.enterprise_id is None and turn.account.claimed_tax_code is None


def offer(turn: Turn, inquiry: InquiryRecord) -> None:
    """Offer a guest whose inquiry went to people to say who they are. Nothing waits for it."""
    if is_guest(turn):
        buttons = [[turn.button("button.leave_details", f"details:{inquiry.id}"), turn.button("button.skip", "skip")]]
        turn.say("guest.offer", number=inquiry.number, buttons=buttons, inquiry_id=inquiry.id)


def may_be_tax_code(text: str) -> bool:
    """Say whether the text is an attempt at a tax code, right or wrong, and nothing else."""
    return _ONLY_A_NUMBER.fullmatch(_named(text)) is not None


def _named(text: str) -> str:
    """Return what follows "MST:"."""
    return _NAMED.sub("", text.strip(), count=1)


async def on_button(turn: Turn) -> None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    turn.remember(TAX_CODE, inquiry=inquiry.id)
    turn.say("guest.tax_code", buttons=[[turn.button("button.skip", "skip")]], inquiry_id=inquiry.id)
    turn.outcome = "guest_details"


async def on_tax_code(turn: Turn) -> None:
    """Check the tax code and ask for the name. What holds no digit and is a sentence is no attempt at one."""
    text = turn.asked or turn.text.strip()
    sentence = len(text.split()) >= _WORDS_OF_A_SENTENCE and not any(character.isdigit() for character in text)
    if turn.incoming.files or sentence:
        raise NotForThisStep
    take_tax_code(turn, text, turn.memory["inquiry"])


def take_tax_code(turn: Turn, text: str, inquiry_id: int) -> None:
    """Check the tax code and ask for the company's name; a wrong one is explained, and may be typed again."""
    skip = [[turn.button("button.skip", "skip")]]
    try:
        code = tax_code(_named(text))
    except TaxCodeWrong as error:
        turn.remember(TAX_CODE, inquiry=inquiry_id)
        turn.explain(error, buttons=skip)
        return
    turn.remember(COMPANY, inquiry=inquiry_id, tax_code=code)
    turn.say("guest.company", tax_code=code, buttons=skip)
    turn.outcome = "guest_details"


async def on_company(turn: Turn) -> None:
    name = " ".join(turn.asked.split())
    if turn.incoming.files:
        raise NotForThisStep
    if not any(character.isalpha() for character in name) or len(name) > _COMPANY_AT_MOST:
        turn.say("guest.company_unclear", most=_COMPANY_AT_MOST, buttons=[[turn.button("button.skip", "skip")]])
        turn.outcome = "refused"
        return
    code, inquiry = turn.memory["tax_code"], await finding.own(turn, turn.memory["inquiry"])
    turn.account = turn.services.accounts.claim(turn.uow, turn.account, tax_code=code, company=name)
    if inquiry is not None and finding.is_open(inquiry):
        await turn.services.inquiries.claim(turn.uow, inquiry, turn.asker, tax_code=code, company=name)
    turn.forget()
    turn.say("guest.kept", tax_code=code, company=name, buttons=[presenting.menu_button(turn)])
    turn.outcome = "guest_details"


CONVERSATION = Conversation(
    actions={"details": on_button},
    steps={TAX_CODE: on_tax_code, COMPANY: on_company},
)
