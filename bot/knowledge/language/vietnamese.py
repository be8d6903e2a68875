"""What a Vietnamese syllable is: which letters may stand together, and where the tone mark goes.

Spelling is regular enough to be stated instead of listed. The syllables that follow from it, about 2,500 without
marks, tell a word that is typed raw or wrong from one that merely is not in our files.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONSETS = ("", *_words("b c ch d g gh h k kh l m n ng ngh nh ph r s t th tr v x"))
_RHYMES = _words(
    "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu "
    "i ia ich iec iem ien ieng iep iet ieu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot "
    "u ua uan uang uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu "
    "uy uya uych uyen uyet uyn uynh uyp uyt uyu uya"
)
_AFTER_QU = _words(
    "a ac ach ai am an ang anh ao ap at au ay e ech en enh eo et eu i it in inh y yen yet ynh yt yu ych o oc on ot oi ong"
)
_AFTER_GI = _words(
    "a ac ai am an ang anh ao ap at au ay e em en eo et eng ep ieng "
    "o oc oi om on ong op ot u ua uc um un ung uong uoc up ut uou i o u"
)
_FRONT = frozenset("eiy")


def _all_syllables() -> frozenset[str]:
    found = set(_words("y yem yen yet yeu yeng pin pa po gi gin gim git giet gien gieng gie xoong boong coong"))
    for onset in _ONSETS:
        for rhyme in _RHYMES:
            front = rhyme[0] in _FRONT
            if (onset in ("k", "gh", "ngh") and not front) or (onset in ("c", "ng") and front):
                continue
            if onset == "g" and front and rhyme[0] != "i":
                continue
            found.add(onset + rhyme)
            if onset and rhyme == "i":
                found.add(onset + "y")  # lý and lí, ký and kí
    found.update("qu" + rhyme for rhyme in _AFTER_QU)
    found.update("gi" + rhyme for rhyme in _AFTER_GI)
    return frozenset(found)


SYLLABLES = _all_syllables()

_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_MARKS = {letter: mark for mark, letter in _TONES.items()}
_VIETNAMESE_LETTERS = re.compile("[đăâêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")
_STOPPED = re.compile(r"(?:c|ch|p|t)$")


class _Bare(dict[int, str]):
    """What is left of each character without its marks, found out when it first comes."""

    def __missing__(self, code: int) -> str:
        # `đ` and `Đ` have no decomposition in Unicode, so they are mapped by hand.
        parts = unicodedata.normalize("NFD", chr(code).replace("đ", "d").replace("Đ", "D"))
        bare = self[code] = "".join(each for each in parts if not unicodedata.combining(each))
        return bare


_BARE = _Bare()


def fold(text: str) -> str:
    """Return the text without diacritics, `đ` as `d`."""
    return text if text.isascii() else text.translate(_BARE)


def has_vietnamese_letters(text: str) -> bool:
    """Say whether a letter of the (lower-case, composed) text is one that English does not have."""
    return _VIETNAMESE_LETTERS.search(text) is not None


# hoà and hòa are one word; the mark is kept where the older spelling puts it.
_NEWER = {
    f"{first}{unicodedata.normalize('NFC', second + mark)}": f"{unicodedata.normalize('NFC', first + mark)}{second}"
    for first, second in (("o", "a"), ("o", "e"), ("u", "y"))
    for mark in _TONES
}
_NEWER_ENDING = re.compile(f"(?<!q)({'|'.join(_NEWER)})$")


@lru_cache(maxsize=32768)
def older_tone_place(token: str) -> str:
    """Write hoà as hòa and thuý as thúy, so that both spellings are the same word."""
    if token.isascii():
        return token
    return _NEWER_ENDING.sub(lambda match: _NEWER[match.group()], token)


_DOUBLED = {
    "uwow": "ươ", "uow": "ươ", "dd": "đ", "aa": "â", "ee": "ê", "oo": "ô", "aw": "ă", "ow": "ơ", "uw": "ư",
}  # fmt: skip
_LATE_DOUBLE = re.compile(r"^(.*?)([aeo])([iuy]?(?:c|ch|m|n|ng|nh|p|t)?)([sfrxj]?)\2([sfrxj]?)$")
_LATE_HORN = re.compile(r"^(.*?)(uo|[auo])([iu]?(?:c|ch|m|n|ng|nh|p|t)?)([sfrxj]?)w([sfrxj]?)$")
_TONE_LETTER = re.compile(r"^(.*[aeiouyâêôăơư][a-z]*?)([sfrxj])([a-z]*)$")


@lru_cache(maxsize=8192)
def read_telex(token: str) -> str | None:
    """Return the syllable that somebody meant whose Telex keyboard was off, or None.

    `thuees` is thuế, `dduowcj` and `dduocwj` are được. Only what comes out as a well-formed syllable counts, so most
    foreign words stay what they are.
    """
    if not token.isascii() or not token.isalpha() or not 2 <= len(token) <= 9 or token in SYLLABLES:
        return None
    raw, late_d = token, False
    if raw.count("d") == 2 and raw.startswith("d") and raw.endswith("d"):
        raw, late_d = raw[:-1], True
    if match := _LATE_DOUBLE.match(raw):
        before, vowel, coda, tone, last = match.groups()
        raw = f"{before}{vowel}{vowel}{coda}{tone or last}" if f"{vowel}{coda}" != vowel else raw
        if vowel + coda == vowel and tone:
            raw = f"{before}{vowel}{vowel}{tone}"
    elif match := _LATE_HORN.match(raw):
        before, vowel, coda, tone, last = match.groups()
        raw = f"{before}{vowel}w{coda}{tone or last}"
    tone = ""
    letters = raw
    for typed, meant in _DOUBLED.items():
        letters = letters.replace(typed, meant)
    if match := _TONE_LETTER.match(letters):
        before, tone, after = match.groups()
        letters = before + after
    if late_d:
        letters = "đ" + letters[1:]
    if letters == token or fold(letters) not in SYLLABLES:
        return None
    if tone not in ("s", "j", "") and _STOPPED.search(letters):
        return None  # a syllable that ends in a stop carries no other tone
    return with_tone(letters, tone)


def with_tone(letters: str, tone: str) -> str:
    """Put the tone (s, f, r, x, j as on a Telex keyboard) on the vowel that carries it, in the older spelling."""
    if not tone:
        return letters
    plain = fold(letters)
    start = 2 if plain.startswith("qu") or (plain.startswith("gi") and plain[2:3] and plain[2] in "aeouy") else 0
    vowels = [place for place in range(start, len(plain)) if plain[place] in "aeiouy"]
    if not vowels:
        return letters
    shaped = [place for place in vowels if letters[place] in "ăâêôơư"]
    if shaped:
        place = shaped[-1]
    elif len(vowels) == 1:
        place = vowels[0]
    elif len(vowels) == 2:
        place = vowels[1] if vowels[-1] + 1 < len(plain) else vowels[0]
    else:
        place = vowels[1]
    marked = unicodedata.normalize("NFC", letters[place] + _MARKS[tone])
    return letters[:place] + marked + letters[place + 1 :]
