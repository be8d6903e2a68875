"""One spelling for what people type: composed, lower case, abbreviations written out, raw Telex read.

The result feeds the index and the rules, never the screen. English is only cleaned: the abbreviations below are
Vietnamese, and several of them are English words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.knowledge.entries import Language
from bot.knowledge.language.vietnamese import (
    SYLLABLES,
    fold,
    has_vietnamese_letters,
    older_tone_place,
    read_telex,
)

MOST_CHARACTERS = 20_000  # read of one message; nobody asks anything beyond that
MOST_TOKENS = 400
LONGEST_TOKEN = 40


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Only abbreviations without a vowel letter are written out: "co" is "có" far more often than C/O, and so on
# (measured: writing such ones out costs 2 to 4.5 points of hit@1). The few exceptions are no Vietnamese syllables.
_ABBREVIATIONS = {
    "bbgn": "biên bản ghi nhớ",
    "bct": "bộ công thương",
    "bn": "bao nhiêu",
    "bpc": "bộ phận chuyên môn",
    "btc": "bộ tài chính",
    "bxd": "bộ xây dựng",
    "cbcc": "cán bộ công chức",
    "cbl": "chống buôn lậu",
    "cchđh": "cải cách hiện đại hóa",
    "cchdh": "cải cách hiện đại hóa",
    "cchq": "chi cục hải quan",
    "cntt": "công nghệ thông tin",
    "csdl": "cơ sở dữ liệu",
    "cty": "công ty",
    "ctỷ": "công ty",
    "cv": "công văn",
    "cx": "cũng",
    "dc": "được",
    "dn": "doanh nghiệp",
    "dncx": "doanh nghiệp chế xuất",
    "dnxnk": "doanh nghiệp xuất nhập khẩu",
    "đc": "được",
    "đk": "đăng ký",
    "đktk": "đăng ký tờ khai",
    "đn": "doanh nghiệp",
    "đt": "điện thoại",
    "đtcbl": "điều tra chống buôn lậu",
    "dtcbl": "điều tra chống buôn lậu",
    "đv": "đơn vị",
    "đvcm": "đơn vị chuyên môn",
    "gcn": "giấy chứng nhận",
    "gp": "giấy phép",
    "gsql": "giám sát quản lý",
    "gtgt": "giá trị gia tăng",
    "hd": "hướng dẫn",
    "hđ": "hợp đồng",
    "hh": "hàng hóa",
    "hk": "không",
    "hs": "hồ sơ",
    "hq": "hải quan",
    "ht": "hệ thống",
    "j": "gì",
    "k": "không",
    "kbnn": "kho bạc nhà nước",
    "kcn": "khu công nghiệp",
    "kcx": "khu chế xuất",
    "kg": "không",
    "kh": "không",
    "kn": "khiếu nại",
    "knq": "kho ngoại quan",
    "ko": "không",
    "ktcn": "kiểm tra chuyên ngành",
    "ktstq": "kiểm tra sau thông quan",
    "lđ": "lãnh đạo",
    "lm": "làm",
    "mn": "mọi người",
    "mst": "mã số thuế",
    "nc": "nghiên cứu",
    "nđ": "nghị định",
    "ng": "người",
    "nk": "nhập khẩu",
    "nn": "nhà nước",
    "nnt": "người nộp thuế",
    "nsnn": "ngân sách nhà nước",
    "ntn": "như thế nào",
    "pccc": "phòng cháy chữa cháy",
    "pl": "pháp luật",
    "qđ": "quyết định",
    "qlrr": "quản lý rủi ro",
    "qltt": "quản lý tuân thủ",
    "r": "rồi",
    "shtt": "sở hữu trí tuệ",
    "slg": "số lượng",
    "sp": "sản phẩm",
    "sxxk": "sản xuất xuất khẩu",
    "tchq": "tổng cục hải quan",
    "tctk": "tổng cục thống kê",
    "tk": "tờ khai",
    "tkhq": "tờ khai hải quan",
    "tknk": "tờ khai nhập khẩu",
    "tkxk": "tờ khai xuất khẩu",
    "tnhh": "trách nhiệm hữu hạn",
    "tntx": "tạm nhập tái xuất",
    "tp": "thành phố",
    "tq": "thông quan",
    "trc": "trước",
    "ttđb": "tiêu thụ đặc biệt",
    "ttdb": "tiêu thụ đặc biệt",
    "tthc": "thủ tục hành chính",
    "tthq": "thủ tục hải quan",
    "tv": "thành viên",
    "txnk": "thuế xuất nhập khẩu",
    "vb": "văn bản",
    "vđ": "vấn đề",
    "vn": "việt nam",
    "vp": "vi phạm",
    "vphc": "vi phạm hành chính",
    "vs": "với",
    "xk": "xuất khẩu",
    "xnk": "xuất nhập khẩu",
    "xpvphc": "xử phạt vi phạm hành chính",
    "z": "vậy",
}
# What an abbreviation means only next to a certain neighbour.
_BEFORE_NUMBER = {"tt": "thông tư", "nd": "nghị định", "qd": "quyết định", "d": "điều", "đ": "điều"}
SHORT = frozenset((*_ABBREVIATIONS, *_BEFORE_NUMBER, "c/o"))
BY_NEIGHBOURS = frozenset((*_BEFORE_NUMBER, "hs", "k"))  # are not the same in every place
_AFTER_CODE_WORD = frozenset({"mã", "ma", "áp"})  # "mã hs" is the code of goods, "hs" alone the file

# English words that business chat mixes in and that would read as raw Telex ("test" is no Vietnamese word).
_NO_TELEX = _words(
    "add address ads agree air allow apps are as bar been best between bias book boost boss box bus car cfs chair "
    "class committee cos cost css dns docs does door down employee far fee fees fix follow food for free from gas "
    "gis goes good goods gps green hair has her here hers his host hours how if is its keep know last law laws "
    "lax list look los loss low max meet mix mr mrs ms need new now of or other ours over own pass per plus pos "
    "post rest room school screen seal seas see sex show six sms soon sos tax test tex text their there this "
    "three thus too tools tour two under ups us user users view vs was week were your yours "
)

_TOKEN = re.compile(r"c\s?/\s?o(?![^\W\d_])|[^\W_]+")
_NUMBER_OF_DOCUMENT = re.compile(
    r"\b(\d{1,5})\s*(?:/\s*\d{4}\s*)?/\s*((?:qđ|qd|tt|nđ|nd|nq|ct|ttlt|tchq|gsql|txnk)[\w-]*(?:\s*-\s*[a-zđ]{2,6}\b)?)"
)
_GLUED = re.compile(r"\b(qđ|qd|qc|tt|nđ|nd|cv)(\d{2,5})\b")  # "qđ1761"
_KINDS = {"qđ": "quyết định", "qd": "quyết định", "tt": "thông tư", "nđ": "nghị định", "nd": "nghị định",
          "nq": "nghị quyết", "ct": "chỉ thị"}  # fmt: skip
_THREE_TIMES = re.compile(r"([^\W\d])\1{2,}")
_VOWELS = frozenset("aeiouy")


_folded = lru_cache(maxsize=32768)(fold)  # the same words come again and again


@dataclass(frozen=True)
class Normalised:
    """A message as the index and the rules see it. Built once, read by all of them."""

    tokens: tuple[str, ...]  # composed, lower case, with the diacritics that were typed or written out
    language: Language

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(_folded, self.tokens))

    @classmethod
    def folded_already(cls, tokens: tuple[str, ...], folded: tuple[str, ...], language: Language) -> Normalised:
        """Return a message whose folded tokens are known."""
        made = cls(tokens, language)
        vars(made)["folded"] = folded  # where the property keeps what it has found out
        return made

    @cached_property
    def text(self) -> str:
        return " ".join(self.tokens)

    @cached_property
    def plain(self) -> str:
        """The folded text, with single spaces: what rules match against, since most people omit diacritics."""
        return " ".join(self.folded)


def clean(text: str) -> str:
    """Return the text composed, in lower case, in one line, without control characters, emoji and lone surrogates.

    At most MOST_CHARACTERS are read. Never raises.
    """
    return _clean(text[:MOST_CHARACTERS])


def clean_once(text: str) -> str:
    """The same for what is not asked again, of any length."""
    if text.isascii():
        return " ".join(text.translate(_READABLE).lower().split())
    text = unicodedata.normalize("NFC", text).translate(_READABLE)
    text = unicodedata.normalize("NFC", text)
    text = unicodedata.normalize("NFC", text.lower().replace("\u0307", ""))
    return " ".join(text.split())


_clean = lru_cache(maxsize=256)(clean_once)  # one message is read by the rules, the ranking and the departments


class _Readable(dict[int, str]):
    """What becomes of each character, found out when it first comes.

    Format characters (zero width, direction) join what they stand between; control characters and pictures separate.
    Marks that compose with nothing are decoration ("ḥ̷ì") and go.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        meant = "" if kind in ("Cf", "Mn", "Me") else " " if kind[0] == "C" or (kind[0] == "S" and code > 127) else character
        self[code] = meant
        return meant


_READABLE = _Readable()


class Lexicon:
    """Short names of departments, taken from the directory, that are written out as the directory names them."""

    def __init__(self, short_names: Mapping[str, str] | None = None) -> None:
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        for short, full in (short_names or {}).items():
            key = tuple(fold(each) for each in _TOKEN.findall(clean(short)))
            value = normalise(full, "vi").tokens
            # The rule for abbreviations holds here too, and writing out must come to an end.
            opaque = any(each.isalpha() and not _VOWELS.intersection(each) and len(each) > 1 for each in key)
            if key and opaque and not _contains(tuple(fold(each) for each in value), key):
                self._names[key] = value
        self.longest = max((len(key) for key in self._names), default=0)
        self._firsts = frozenset(key[0] for key in self._names)

    @property
    def names(self) -> Iterable[tuple[str, ...]]:
        """The short names, folded."""
        return self._names.keys()

    def write_out(self, tokens: list[str]) -> list[str]:
        folded = list(map(fold, tokens))
        if self._firsts.isdisjoint(folded):
            return tokens
        result: list[str] = []
        place = 0
        while place < len(tokens):
            length, full = self.at(folded, place) if folded[place] in self._firsts else (1, None)
            result.extend(full or (tokens[place],))
            place += length
        return result

    def at(self, folded: Sequence[str], place: int) -> tuple[int, tuple[str, ...] | None]:
        """Return how many tokens the longest name at a place has, and the name written out."""
        for length in range(min(self.longest, len(folded) - place), 0, -1):
            if (full := self._names.get(tuple(folded[place : place + length]))) is not None:
                return length, full
        return 1, None


def _contains(tokens: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(tokens[place : place + len(part)] == part for place in range(len(tokens) - len(part) + 1))


def normalise(text: str, language: Language, lexicon: Lexicon | None = None) -> Normalised:
    """Bring a message into the one spelling. Applying it to its own result changes nothing."""
    return _normalise(text[:MOST_CHARACTERS], language, lexicon)


@lru_cache(maxsize=256)  # one message is read by the rules, the ranking and the departments
def _normalise(text: str, language: Language, lexicon: Lexicon | None) -> Normalised:
    tokens = raw_tokens(clean(text), language)[:MOST_TOKENS]
    if language == "en":
        return Normalised(tuple(map(english_token, tokens)), "en")
    return Normalised(tuple(_written_out([syllable(each[:LONGEST_TOKEN]) for each in tokens], lexicon)[:MOST_TOKENS]), "vi")


def raw_tokens(cleaned: str, language: Language) -> list[str]:
    """Cut a cleaned text into what is then spelt one by one."""
    return _TOKEN.findall(_with_numbers_apart(cleaned) if language == "vi" else cleaned.replace("'", ""))


def _with_numbers_apart(cleaned: str) -> str:
    """Write the numbers of documents as people say them: 1761/QĐ-TCHQ is quyết định 1761."""
    return _GLUED.sub(r"\1 \2", _NUMBER_OF_DOCUMENT.sub(_write_document_number, cleaned))


def _written_out(raw: list[str], lexicon: Lexicon | None) -> list[str]:
    """Write out short names and abbreviations in what was read syllable by syllable."""
    if lexicon is not None:
        raw = lexicon.write_out(raw)
    if SHORT.isdisjoint(raw):
        return raw
    written: list[str] = []
    for place, token in enumerate(raw):
        before = raw[place - 1] if place else ""
        after = raw[place + 1] if place + 1 < len(raw) else ""
        written.extend(write_out(token, before, after))
    return written


def english_token(token: str) -> str:
    """Shorten letters that were held down: to one where that makes a common word ("hellooo"), else to two ("freeee")."""
    once = _squeeze(token, 1)
    return (once if once in _ENGLISH else _squeeze(token, 2))[:LONGEST_TOKEN]


def _write_document_number(match: re.Match[str]) -> str:
    kind = re.match(r"[a-zđ]+", match[2])
    return f"{_KINDS.get(kind.group(), '') if kind else ''} {match[1]} "


@lru_cache(maxsize=32768)
def syllable(token: str) -> str:
    """Mend a token that is no syllable as it stands: raw Telex, letters held down, the newer place of the tone."""
    if token.startswith("c") and "/" in token:
        return "c/o"
    token = _squeeze(token, 1)
    folded = fold(token)
    if folded in SYLLABLES or not token.isalpha():
        return older_tone_place(token)
    if token in _ABBREVIATIONS or token in _NO_TELEX:
        return token
    if (read := read_telex(token)) is not None:
        return older_tone_place(read)
    squeezed = re.sub(r"([^\W\d])\1", r"\1", token)
    if squeezed != token and fold(squeezed) in SYLLABLES:
        return older_tone_place(squeezed)
    return token


def _squeeze(token: str, times: int) -> str:
    """Shorten letters that were held down: "rồiiiii"."""
    return _THREE_TIMES.sub(lambda match: match[1] * times, token)


def write_out(token: str, before: str, after: str) -> Iterable[str]:
    """Return what an abbreviation means between two others, or the token itself."""
    if token == "c/o":  # noqa: S105 (a certificate of origin, not a secret)
        return ("chứng", "nhận", "xuất", "xứ")
    if token == "hs" and before in _AFTER_CODE_WORD:  # noqa: S105
        return (token,)
    if token in _BEFORE_NUMBER and after[:1].isdigit():
        return _BEFORE_NUMBER[token].split()
    if token == "k" and before[:1].isdigit():  # noqa: S105 ("200k" and "200 k" are money)
        return (token,)
    full = _ABBREVIATIONS.get(token)
    return full.split() if full else (token,)


# The commonest words of English questions. Those that are Vietnamese syllables too ("the", "can", "on") count less.
_ENGLISH = _words(
    "a am an do can to in no so hi i he she go up "
    "about after afternoon all also and answer any are article as at be been before being between business but by "
    "bye cant company contact could customs days decision declaration department did document does dont during "
    "enterprise evening export for from get give given good goods great had happen happens has have hello help "
    "here hey hours how if im import information into is it its join just know law legal like long make many may "
    "me member might more morning much must my need new not of office officer on or other our please program "
    "programme question receive reply report request right rights rule rules send sent shall shipment should some "
    "someone sorry still support take tell than thank thanks that the their there these they this those time "
    "trade under us want was we welcome were what when where which who whom whose why will with without work "
    "works would you your "
)


def detect_language(text: str) -> tuple[Language, bool]:
    """Return the language of a message and whether that is sure.

    Vietnamese without diacritics and English share letters and even words, so syllables that cannot be Vietnamese and
    words that are English are weighed against each other. Where nothing speaks for English, it is Vietnamese.
    """
    return _detect_language(clean(text))


@lru_cache(maxsize=256)
def _detect_language(cleaned: str) -> tuple[Language, bool]:
    tokens = [each for each in _TOKEN.findall(cleaned.replace("'", ""))[:MOST_TOKENS] if each.isalpha()]
    if not tokens:
        return "vi", False
    marked = sum(has_vietnamese_letters(each) for each in tokens)
    english = sum((0.4 if each in SYLLABLES else 1.0) for each in tokens if each in _ENGLISH)
    foreign = sum(
        fold(each) not in SYLLABLES and each not in _ABBREVIATIONS and read_telex(each) is None and len(each) > 3
        for each in tokens
    )
    if marked:
        # English questions carry Vietnamese names ("Cục Hải quan"), Vietnamese ones English terms.
        share = marked / len(tokens)
        return ("en", False) if share < 0.5 and english / len(tokens) >= 0.35 else ("vi", share >= 0.3)
    weight = (english + 0.6 * foreign) / len(tokens)
    if weight >= 0.45:
        return "en", weight >= 0.6 or len(tokens) > 3
    return "vi", weight <= 0.2
