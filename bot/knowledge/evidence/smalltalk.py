"""Greetings, thanks, goodbyes, questions about the bot itself, and messages without a word in them."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message, matcher

# What is left around a greeting without being a question: how people are addressed, particles, names for the bot.
_FILLER = matcher(
    r"a", r"ad", r"admin", r"ad min", r"anh", r"chi", r"em", r"oi", r"ban", r"bac", r"co", r"chu", r"quy",
    r"co quan", r"hai quan", r"cac", r"moi nguoi", r"nhe", r"nha", r"nhieu", r"nhiu", r"lam", r"rat", r"da",
    r"vang", r"u", r"uh", r"ok(?:e|ay|ie)?", r"oke", r"okla",
    r"bot", r"shop", r"tro ly", r"dong hanh", r"buoi (?:sang|trua|chieu|toi)", r"ngay",
    r"(?:mot )?ngay (?:moi )?(?:tot lanh|vui ve)", r"tot lanh", r"vui ve", r"toi", r"minh", r"ben", r"thay", r"sep",
    r"day", r"do", r"ha", r"ak", r"a nhe", r"nhi", r"thoi", r"roi", r"the", r"vay",
    r"va", r"cho", r"vi", r"da ho tro", r"ho tro", r"da giup(?: do)?", r"giup do", r"giup", r"tra loi",
    r"thong tin", r"nhanh", r"su", r"duoc", r"hieu", r"biet", r"can bo", r"cong ty", r"hen gap lai", r"gap lai sau",
    r"chuc", r"mot", r"suc khoe", r"wish(?:es)?",
    r"there", r"sir", r"madam", r"team", r"customs", r"everyone", r"all", r"you", r"very", r"much", r"so", r"a lot",
    r"again", r"for", r"the", r"your", r"help", r"answer", r"support", r"quick", r"reply", r"dear", r"nice", r"day",
    r"have", r"and", r"my", r"friend", r"good", r"great", r"now", r"got it", r"it", r"that",
    r"is", r"s", r"to", r"meet", r"see", r"later", r"soon", r"i", r"understand", r"with", r"this", r"from",
)  # fmt: skip
_GREETS = matcher(
    r"xin chao", r"chao(?: buoi \w+)?", r"hello+", r"helo+", r"hi+", r"hey+", r"alo+", r"a lo", r"hallo", r"halo",
    r"good (?:morning|afternoon|evening|day)", r"greetings", r"lo",
    r"co ai (?:o do|day|truc|online|onl)?(?: khong)?", r"ad co (?:o )?day khong", r"co ai khong",
    r"kinh chao", r"xin kinh chao", r"2", r"hi hi", r"anyone (?:there|here)",
    r"is (?:anyone|anybody|someone) (?:there|here|online)",
)  # fmt: skip
_THANKS = matcher(
    r"cam on", r"cam un", r"cam ta", r"thank(?:s| you)?", r"tks+", r"thanks?", r"thanh kiu", r"thanh kiu",
    r"tk you", r"thx", r"ty", r"biet on", r"appreciate(?: it| that)?", r"tuyet voi", r"tuyet", r"hay qua",
    r"huu ich(?: qua| lam)?", r"tot qua", r"cheers", r"perfect", r"ro roi", r"hieu roi", r"da ro", r"da hieu",
    r"em hieu roi",
)  # fmt: skip
_BYE = matcher(
    r"tam biet", r"bye+(?: bye)?", r"bai bai", r"pp", r"hen gap lai", r"chao tam biet", r"goodbye", r"good bye",
    r"see you(?: later| soon)?", r"good ?night", r"ngu ngon",
)  # fmt: skip
_WHO = matcher(
    r"(?:ban|may|em|bot|ad|day|dang noi chuyen voi) (?:la|ten)(?: la)? (?:ai|gi|bot|nguoi|robot|may|"
    r"nguoi that|con nguoi)(?: (?:vay|the|a|hay|ha|khong|gi|that|bot|may|nguoi|robot))*",
    r"(?:toi|minh|em) dang (?:noi chuyen|chat) voi (?:ai|bot|nguoi|may)(?: (?:vay|the|a|hay|bot|may|nguoi|"
    r"that))*", r"ai (?:dang )?(?:tra loi|o) (?:day|dau)",
    r"(?:ban|bot|em|ad|may) (?:co the )?(?:lam|giup|biet) (?:duoc )?(?:gi|nhung gi|duoc gi|"
    r"viec gi)(?: (?:cho|vay|the|toi|minh|em|khong))*",
    r"(?:day )?(?:la )?(?:bot|chatbot|robot|may tra loi|may|nguoi that)(?: (?:hay|hay la))? (?:bot|nguoi|"
    r"nguoi that|may|a|ha|phai khong)(?: a)?", r"who (?:are|r) (?:you|u)", r"what (?:are|r) (?:you|u)",
    r"what can (?:you|u) (?:do|help)(?: (?:for|me|with|us))*",
    r"are you (?:a |an )?(?:bot|robot|human|real|ai|person|machine)(?: (?:person|or|a|human|bot|robot))*",
    r"what is your name", r"whats your name", r"your name",
    r"am i (?:talking|chatting|speaking) (?:to|with) (?:a )?(?:bot|human|person|robot|"
    r"machine)(?: or (?:a )?\w+)?",
    r"tro ly (?:nay )?(?:la )?(?:gi|ai)", r"ban ten gi", r"ten ban la gi", r"gioi thieu ve ban(?: than)?(?: di)?",
    r"introduce yourself",
)  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST = 16  # words; a longer message has something to say besides the greeting


def look(message: Message) -> Evidence | None:
    if not _LETTER.search(message.cleaned):
        return Evidence("unclear", 0.95, "there is no word in the message")
    if message.words > _LONGEST:
        return None
    for text in dict.fromkeys((message.vietnamese, message.english)):
        for kind, pattern in (("who", _WHO), ("bye", _BYE), ("thanks", _THANKS), ("greeting", _GREETS)):
            rest, times = pattern.subn(" ", text)
            if times and not _content(rest):
                return Evidence(kind, 0.95, f"nothing but small talk ({kind})")
    return None


def _content(text: str) -> str:
    for pattern in (_GREETS, _THANKS, _BYE, _WHO, _FILLER):
        text = pattern.sub(" ", text)
    return text.replace("·", " ").strip()
