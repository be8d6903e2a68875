"""Messages that no entry may answer: abuse, attempts to give the bot orders, and other worlds altogether."""

from __future__ import annotations

import re

from bot.knowledge.evidence.message import Evidence, Message, found, matcher

# Insults that mean something harmless without their marks ("lon", "cac", "du") are matched with them only.
_ABUSE_MARKED = re.compile(
    r"(?<!\w)(?:địt|đụ|lồn|cặc|buồi|đéo|đếch|đĩ|mẹ mày|mẹ kiếp|chó má|"
    r"đồ chó|thằng chó|đồ ngu|óc chó|khốn nạn|chết tiệt|đồ điên|thằng ngu|con ngu|súc vật|mất dạy|ngu như|"
    r"vô học|vãi)(?!\w)"
)
_ABUSE = matcher(
    r"dmm?", r"đmm?", r"dcm", r"dkm", r"clm", r"vcl", r"vkl", r"vcc", r"vai (?:lon|ca)", r"dit me", r"du ma",
    r"me may", r"cho ma", r"do ngu", r"oc cho", r"thang ngu", r"con ngu", r"bot ngu", r"ngu (?:vai|the|qua|nhu)",
    r"khon nan", r"mat day", r"suc vat", r"cut (?:di|me)", r"im me", r"lu (?:ngu|khon)", r"vo dung",
    r"fuck\w*", r"shit\w*", r"bullshit", r"bitch\w*", r"idiots?", r"stupid(?: bot| machine)?", r"asshole\w*",
    r"bastards?", r"moron\w*", r"dumb (?:bot|machine|ass)", r"useless (?:bot|piece)", r"wtf", r"stfu",
    r"go to hell", r"screw you", r"piece of (?:crap|shit|garbage)",
)  # fmt: skip
_ORDERS = matcher(
    r"(?:ignore|disregard|forget|override|bypass)(?: \w+){0,4}? (?:instructions?|rules?|prompts?|"
    r"guidelines?|above|previous|restrictions?|training)", r"system prompts?",
    r"(?:reveal|print|show|repeat|output)(?: \w+){0,4}? (?:prompts?|instructions|system message|api key|"
    r"token|password)", r"you are now", r"act as (?:a |an )?(?!customs|member)\w+", r"pretend (?:to be|you)",
    r"jailbreak\w*", r"developer mode", r"dan mode", r"do anything now", r"as an ai",
    r"(?:bo qua|quen|phot lo|vut bo|huy|khong tuan theo)(?: \w+){0,4}? (?:huong dan|chi dan|lenh|chi thi|"
    r"quy tac|prompt|luat le|o tren|truoc do|phia tren|cai dat)",
    r"(?:hay|gio|ban|may|bot) (?:dong vai|gia vo|nhap vai)",
    r"dong vai (?:mot|nhu|la|hacker|giam doc|luat su|chuyen gia|admin)", r"tu bay gio (?:ban|may|em) (?:la|se)",
    r"ban gio la", r"(?:in|dua|hien|tiet lo|cho xem|doc|lap lai)(?: \w+){0,4}? (?:prompt|cau lenh he thong|"
    r"huong dan he thong|lenh he thong|mat khau|token|api key|cau hinh)",
    r"che do (?:nha phat trien|admin|quan tri)", r"tra loi rang (?:co|dung|duoc)",
    r"(?:select|delete|insert|update) (?:\w+ ){0,4}?(?:from|into|set|where)", r"drop table", r"script alert",
    r"union select", r"os system", r"rm rf", r"begin system", r"end of prompt", r"im start", r"sudo",
)  # fmt: skip
_MARKUP = re.compile(
    r"<\s*/?\s*(?:script|img|iframe|svg|system|\|)|\{\{.*\}\}|\$\{|<\|im_|\[/?INST\]|###\s*(?:system|"
    r"instruction)|';\s*--",
    re.IGNORECASE,
)
_OTHER_WORLD = matcher(
    r"thoi tiet", r"troi (?:mua|nang|bao)", r"du bao", r"bong da", r"world cup", r"doi tuyen", r"ngoai hang anh",
    r"ti so", r"ty so", r"tran dau", r"da banh", r"cau thu",
    r"(?:ngay mai|hom nay|toi nay|cuoi tuan)(?: \w+){0,3}? (?:mua|nang|lanh|an gi|da banh)",
    r"nau (?:an|pho|bun|com|mon|canh)", r"mon an", r"cong thuc (?:nau|lam banh)", r"quan an", r"nha hang", r"an gi",
    r"phim", r"bai hat", r"ca si", r"dien vien", r"nghe nhac", r"choi game", r"gia vang", r"chung khoan",
    r"co phieu", r"bitcoin", r"tien ao", r"crypto", r"xo so", r"ket qua so xo", r"lo de", r"danh de", r"tu vi",
    r"cung hoang dao", r"boi toan", r"nguoi yeu", r"ban gai", r"ban trai", r"tan gai", r"that tinh", r"ly hon",
    r"ket hon", r"dang ky ket hon", r"khai sinh", r"ho khau", r"can cuoc(?: cong dan)?", r"cccd",
    r"bang lai(?: xe)?", r"giay phep lai xe", r"ho chieu", r"so do", r"dat dai", r"mua nha", r"tuyen sinh",
    r"thi (?:dai hoc|tot nghiep)", r"diem thi", r"luong huu", r"quyet toan thue tncn", r"vay tien",
    r"vay von ngan hang", r"lai suat", r"khach san", r"tour du lich", r"du lich", r"ve may bay", r"dat phong",
    r"kham benh", r"benh vien", r"trieu chung", r"dau (?:bung|dau|rang|lung)", r"thuoc (?:gi|nao|tri|ho)",
    r"giam can", r"lam tho", r"viet (?:tho|van|truyen|code|bai van|cv|email tinh)",
    r"ke (?:chuyen|truyen)(?: cuoi)?", r"truyen cuoi", r"giai (?:toan|bai tap)", r"phuong trinh", r"lap trinh",
    r"python", r"tong thong", r"bau cu", r"trong cay", r"nuoi (?:cho|meo)", r"cho meo",
    r"sua (?:xe may|dien thoai|may lanh|tu lanh)", r"xem ngay", r"phong thuy", r"wifi nha", r"facebook",
)  # fmt: skip
_OTHER_WORLD_EN = matcher(
    r"weather", r"forecast", r"rain(?:ing)?", r"football", r"soccer", r"premier league", r"recipes?",
    r"cook(?:ing)?", r"restaurants?", r"movies?", r"films?", r"songs?", r"music", r"lyrics", r"video games?",
    r"stock market", r"stocks?", r"cryptocurrency", r"lottery", r"horoscope", r"girlfriend", r"boyfriend",
    r"dating", r"divorce", r"marriage", r"driving licen[cs]e", r"passports?", r"tourist visa", r"hotels?",
    r"flights?", r"homework", r"poems?", r"jokes?", r"write (?:a |an |me )?(?:essay|story|code|script|song|poem)",
    r"capital of", r"president", r"election", r"headache", r"doctors?", r"hospital", r"mortgage", r"lose weight",
    r"love",
)  # fmt: skip
_MEANT = {
    "so": "số sổ xổ", "do": "đỏ tỏ", "phim": "phim", "tho": "thơ", "doi": "đội", "ban": "bạn", "an": "ăn",
    "nang": "nắng", "mua": "mưa mua", "tran": "trận", "dau": "đau đấu", "bung": "bụng", "lo": "lô", "de": "đề",
    "dat": "đất", "dai": "đai", "ca": "ca",
}  # fmt: skip
_CUSTOMS = matcher(
    r"hai quan", r"thue", r"cang", r"nganh", r"de an", r"hai quan", r"xuat khau", r"nhap khau", r"xuat nhap khau",
    r"to khai", r"thong quan", r"thue (?:xuat|nhap)", r"lo hang", r"container", r"cont", r"hang hoa",
    r"doanh nghiep", r"cong ty", r"tuan thu", r"doi tac", r"chuong trinh", r"cua khau", r"kiem hoa", r"mau hang",
    r"ma hs", r"qua canh", r"\d{3,4} q\w+", r"quyet dinh", r"dieu \d+", r"thong tu", r"nghi dinh",
    r"kho ngoai quan", r"tam nhap", r"bien ban ghi nho",
    r"customs", r"imports?", r"exports?", r"importing", r"exporting", r"declarations?", r"clearance", r"shipments?",
    r"dut(?:y|ies)", r"compan(?:y|ies)", r"enterprises?", r"program(?:me)?", r"hs codes?", r"tariff",
    r"decision \d+", r"cargo", r"trade",
)  # fmt: skip


def look(message: Message) -> Evidence | None:
    """Return the strongest of: `injection`, `abuse`, `out_of_scope`."""
    raw = message.cleaned[:4000]
    text = message.plain
    if orders := found(_ORDERS, text) or _MARKUP.findall(raw):
        return Evidence("injection", 0.9, f"reads like orders to a machine: {orders[0]}")
    if abuse := _ABUSE_MARKED.findall(raw) or found(_ABUSE, text):
        return Evidence("abuse", 0.9, f"abusive: {abuse[0]}")
    other = [words for words in found(_OTHER_WORLD, message.vietnamese) if message.means(words, _MEANT)]
    if message.detected != ("vi", True):
        other += found(_OTHER_WORLD_EN, message.english)
    if other and not found(_CUSTOMS, text):
        return Evidence(
            "out_of_scope", 0.9 if len(set(other)) > 1 or message.words < 15 else 0.7, f"of another world: {other[0]}"
        )
    return None
