"""Tax codes of enterprises: checked before they are believed."""

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from bot.membership.errors import TaxCodeWrong

_PERSONAL_LENGTH = 12
"""a personal identity number, which stands in for the tax code of a household business"""


def tax_code(text: str) -> str:
    """Return the tax code in its usual spelling (0100233488, 0314409058-002). Raises TaxCodeWrong.

    Ten digits with a check digit, thirteen for a branch, or the twelve digits of a personal identity number.
    """
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    rest = text.strip().translate({ord(character): None for character in " .-–/0123456789"})
    if rest or not digits:
        raise TaxCodeWrong(given=text.strip()[:40])
    if len(digits) == _PERSONAL_LENGTH and digits.startswith("0"):
        return digits
    try:
        return str(mst.format(mst.validate(digits)))
    except ValidationError:
        raise TaxCodeWrong(given=text.strip()[:40]) from None
