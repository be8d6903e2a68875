"""Reports for the hotline: officers who take money or harass, and smuggling that somebody does.

A report accuses. A question about reporting, about the special team, or about what becomes of an officer who takes
money, does not, and is answered like any other. So accusing words alone decide nothing: they are weighed with who is
said to have acted, with what the sender went through, and with signs that only a rule is asked about.
"""

from __future__ import annotations

from bot.knowledge.evidence.message import Evidence, Message, found, matcher

THRESHOLD = 2.5

# Names of units and of duties that carry the words without accusing anybody.
# What syllables with several meanings have to be, where the person typed the marks.
_MEANT = {
    "tien": "tiền", "voi": "vòi", "doi": "đòi", "chung": "chung", "chi": "chi", "bi": "bì bị", "phong": "phong",
    "lot": "lót", "boi": "bồi bôi", "duong": "dưỡng", "tui": "túi", "an": "ăn", "chan": "chặn", "tong": "tống",
    "ke": "kê", "bao": "bảo báo", "kho": "khó", "lam": "làm lạm", "tieu": "tiêu", "cuc": "cực", "giu": "giữ",
    "om": "om", "ep": "ép", "ma": "ma mà", "tuy": "túy", "lau": "lậu", "gia": "giả gia giá",
    "tron": "trốn trơn", "gian": "gian", "lan": "lận", "dua": "đưa", "nhan": "nhận", "qua": "quà",
    "bien": "biên", "lai": "lai", "nhau": "nhậu", "hau": "hậu", "dong": "đóng", "gop": "góp", "cam": "cảm cám",
    "hang": "hàng",
}  # fmt: skip
_NAMES = matcher(
    r"(?:cuc )?(?:dieu tra )?(?:phong )?chong (?:buon lau|tham nhung|tieu cuc|"
    r"gian lan thuong mai)(?: (?:va )?gian lan thuong mai)?",
    r"(?:lop|khoa|dao tao|chuong trinh|tai lieu) boi duong", r"boi duong (?:kien thuc|nghiep vu|can bo|cong chuc)",
    r"anti[ -]?(?:smuggling|corruption|bribery)(?: (?:and )?investigation)?", r"toi pham buon lau",
    r"(?:chua|khong) (?:toi muc|den muc|he|bao gio|phai) (?:la )?(?:doi|voi|nhan) (?:tien|vinh)",
    r"(?:nguy co|rui ro)[a-z ]{0,40}?(?:buon lau|tron thue|gian lan)",
)  # fmt: skip
_TAKES_MONEY = matcher(
    r"(?:doi|voi|ep|bat|yeu cau|goi y|go y|ra gia|nhac kheo|vong vo)(?: [a-z]+){0,3}? (?:tien|phong bi|"
    r"lot tay|boi duong|ca phe|hoi lo|"
    r"chi tien|qua cap|trieu|tram)(?! (?:cham nop|thue|phat|dien|le phi|nop thue|dat coc|ky quy|hoan|do))",
)
# Nothing else than a bribe, whatever stands around it. Apart from the pattern above, whose longer matches hide these.
_BRIBES = matcher(
    r"voi vinh", r"phong bi", r"lot tay", r"lam tien", r"an tien", r"hoi lo",
    r"nhan (?:tien|qua|hoi lo|phong bi|lot tay)", r"chung chi",
    r"bao ke", r"dua tien", r"chi tien", r"tien (?:ca phe|boi tron|ngoai|luat|bo tui|mai lo)",
    r"phi (?:boi tron|ngoai luong)",
    r"an chan", r"tong tien", r"moi tien", r"vong vinh", r"boi duong", r"bo tui", r"bat chi",
    r"brib\w*", r"kick ?backs?", r"under the table",
    r"(?:ask\w*|demand\w*|want\w*|request\w*|expect\w*|hint\w*)(?: \w+){0,4}? (?:money|cash|envelope|"
    r"gifts?|unofficial (?:fee|payment)s?|tea money|coffee money|extra payment|something extra)",
    r"(?:tea|coffee|lubricat\w*|grease|speed) money", r"facilitation (?:fee|payment)s?",
    r"unofficial (?:fee|payment)s?", r"extort\w*",
    r"took (?:money|cash)", r"pay(?:ing)? (?:him|her|them|off) (?:cash|money|or)", r"backhander\w*",
)  # fmt: skip
# Money that may be anything, until an officer makes something depend on it.
_MONEY = matcher(
    r"tien", r"\d+ ?(?:k|tr|trieu|ngan|nghin|usd|do)",
    r"(?:vai|may|mot|hai|nam|muoi) (?:tram|trieu|cu|chai|lit|ngan)", r"qua", r"qua cap", r"bien lai", r"hoa don",
    r"nhau(?: nhet)?", r"bia", r"an uong", r"biet dieu", r"chi", r"chung", r"dong gop", r"ung ho", r"cam on",
    r"hau ta",
    r"money", r"cash", r"dollars?", r"usd", r"vnd", r"million", r"envelopes?", r"gifts?", r"receipts?", r"tips?",
    r"something extra", r"dinner", r"favou?rs?", r"fees?",
)  # fmt: skip
_DUES = matcher(
    r"thue", r"le phi", r"tien phat", r"nop phat", r"bao lanh", r"kho bac", r"ky quy", r"luu (?:bai|cont|kho)",
    r"dat coc", r"an dinh", r"hoan thue", r"tai khoan",
    r"tax(?:es)?", r"dut(?:y|ies)", r"fines?", r"guarantee", r"bank", r"deposit", r"refund", r"demurrage",
)  # fmt: skip
_DEPENDS = matcher(
    r"(?:thi|la|roi) moi",
    r"moi (?:kiem|cho|ky|chiu|duyet|xong|tra|giai|lam|nha|tha|ra|qua|mo|boc|thong|dong|xac|nhan|duoc|keo|di|"
    r"het)", r"phai (?:co|dua|chi|nop|biet|lo)(?: [a-z]+){0,3}? (?:thi|moi)",
    r"(?:neu )?khong(?: [a-z]+){1,4} (?:thi|la) (?:se )?(?:bi|giu|ngam|treo|cu|do|soi|chuyen|lam|hanh|kho|"
    r"phat|om|keo)", r"thi (?:bao|noi|keu|nghe)(?: [a-z]+){0,2}? (?:biet dieu|co qua|tu hieu|chi)", r"doa",
    r"bat (?:buoc )?phai", r"noi (?:kheo|boc|nho|rieng|thang)",
    r"goi y", r"nhac kheo", r"am chi", r"ra hieu", r"khong (?:co |xuat |ghi )?(?:bien lai|hoa don)", r"khong chieu",
    r"thu (?:them|rieng|ngoai|moi)", r"cong ty nao cung phai", r"ai cung phai", r"hoai", r"lan nao cung",
    r"until (?:we|i|you|they)", r"unless", r"otherwise", r"or else", r"before (?:he|she|they)",
    r"told (?:us|me) to", r"(?:were|was|been|are) (?:told|asked|forced|made) to", r"no receipts?",
    r"without (?:a |any )?receipts?", r"keeps? (?:delaying|asking|holding|finding)",
    r"in (?:exchange|return) for", r"threaten\w*", r"if (?:we|i) (?:don ?t|do not|refuse)", r"hint\w*",
    r"(?:has|have|had) to (?:pay|give)",
)  # fmt: skip
_HARASSES = matcher(
    r"sach nhieu", r"nhung nhieu", r"hach sach", r"gay kho(?: de| khan)?", r"lam kho(?: de)?", r"tieu cuc",
    r"ngam ho so", r"hanh(?: doanh nghiep)? du thu",
    r"co tinh (?:giu|cham|lam|keo|gay|om)", r"om ho so", r"phien ha", r"thai do (?:hach|hong|quat|doa)",
    r"doa (?:nat|giu)", r"tham nhung", r"lo ma",
    r"cua quyen", r"moc ngoac", r"tiep tay", r"thong dong", r"lam dung chuc quyen",
    r"treo (?:ho so|lo hang) (?:vi|do) khong",
    r"harass\w*", r"corrupt\w*", r"misconduct", r"abus\w+ (?:of )?(?:power|position|authority)",
    r"deliberately (?:delay|hold|block)\w*", r"collud\w*",
    r"in cahoots", r"threaten\w*", r"turn(?:s|ed|ing)? a blind eye",
)  # fmt: skip
_SMUGGLES = matcher(
    r"buon lau", r"nhap lau", r"tron thue", r"khai gian", r"gian lan(?: thuong mai| thue| xuat xu)?", r"hang lau",
    r"tuon hang", r"cho lau", r"hang cam", r"hang gia",
    r"ma tuy", r"gia mao (?:xuat xu|chung tu|c o|hoa don)", r"khai khong dung (?:hang|gia)", r"tron (?:khai|kiem)",
    r"khai sai (?:hang|ten hang|gia)[a-z ]{0,20}de tron",
    r"quay vong (?:to khai|hoa don)", r"doi ten hang", r"giau hang", r"mua hoa don",
    r"(?:fake|false|forged) (?:invoices?|documents?)", r"(?:falsif|forg)\w+ (?:invoices?|documents?|papers?)",
    r"smuggl\w*", r"evad\w+ (?:tax|dut|import|vat|customs)\w*", r"tax evasion", r"duty evasion",
    r"under[ -]?declar\w*", r"false(?:ly)? declar\w*",
    r"undervalu\w*", r"contraband", r"counterfeit\w*", r"misdeclar\w*", r"fraud\w*", r"drugs",
)  # fmt: skip
_OFFICER = matcher(
    r"(?:can bo|cong chuc|nhan vien hai quan|hai quan|lanh dao|doi truong|chi cuc|cuc truong|kiem hoa vien|"
    r"giam sat vien|sep hai quan|dong chi|"
    r"anh (?:a|ay|kiem hoa|hai quan|can bo)|ong (?:a|ay|can bo|hai quan)|may (?:anh|ong|bac)|"
    r"nguoi cua hai quan|nhan vien (?:o )?chi cuc|ho)",
    r"(?:customs )?(?:officers?|officials?|inspectors?|staff)", r"customs",
)  # fmt: skip
_SOMEBODY = matcher(
    r"(?:mot|co|1|may|nhieu|cac) (?:cong ty|doanh nghiep|nguoi|ong|ba|nhom|can bo|cong chuc|anh|dau moi|ben|"
    r"co so|kho|xe|lo hang|container|doi tuong|vai)",
    r"doi thu", r"duong day", r"cong ty (?:doi thu|canh tranh|kia|no|ben canh|x|a|b|khac|ten)", r"ben kia",
    r"nhom nguoi", r"chu hang", r"lo hang cua", r"hang xom",
    r"cong ty cu(?: cua)?", r"sep (?:em|toi|cu)", r"mot so",
    r"(?:a|another|some|this|that|one|certain|my|our|the)(?: \w+)? (?:company|competitor|group|gang|trader|importer|"
    r"exporter|warehouse|broker|forwarder|truck|boss|employer|firm|business)", r"someone", r"competitors?",
    r"smuggling ring",
)  # fmt: skip
_HAPPENS = matcher(
    r"^phat hien",
    r"bi (?:can bo|cong chuc|hai quan|nhan vien|anh|ong|doi|voi|bat|ep|lam|gay|hanh|sach|nhung|ngam|om|tong|"
    r"vong)",
)
_WENT_THROUGH = matcher(
    r"(?:toi|em|minh|chung toi|cong ty (?:em|toi|minh|chung toi)|ben (?:em|toi|minh)|doanh nghiep (?:em|toi|"
    r"minh))(?: [a-z]+){0,3}? bi",
    r"(?:toi|em|minh|ben em|ben minh|chung toi|cong ty em)(?: [a-z]+){0,2}? (?:biet|thay|phat hien|"
    r"chung kien|nghi|nghi ngo|nghe|co bang chung|co clip|co ghi am|"
    r"tan mat|vua)", r"moi (?:chiu|ky|cho|duyet|thong quan|keo|giai quyet|lam|dong dau|tha|nha|qua|xong|duoc)",
    r"khong (?:dua|chi|co)(?: [a-z]+){0,3}? (?:thi|la) (?:khong|bi|giu|ngam|treo|cu)",
    r"vi khong (?:chiu )?(?:dua|chi|boi duong|chung|lot tay|co phong bi|biet dieu)",
    r"(?:hom qua|hom nay|sang nay|chieu nay|toi nay|tuan truoc|vua roi|dem nay|ngay mai|hom truoc)",
    r"(?:muon|xin|de nghi|can|toi|em|duoc) (?:to giac|to cao|mat bao|bao tin|phan anh|trinh bao|"
    r"khieu nai (?:thai do|hanh vi|viec))", r"bang chung", r"ghi am",
    r"co (?:chung tu|clip|anh chup|hinh|video|tin nhan)", r"(?:tan mat|chinh mat)", r"lan nao cung",
    r"(?:toi|em|minh|chung toi|doanh nghiep)(?: phai| deu phai| cung phai) (?:dua|chi|chung|lot)",
    r"(?:me|us|our company|we were|i was)",
    r"i (?:saw|know|witnessed|heard|suspect|noticed|found out|believe|think|discovered|have evidence|"
    r"have proof)",
    r"we (?:saw|know|suspect|noticed|have evidence|have proof|believe|had to pay|were)",
    r"(?:want|like|need|wish) to (?:report|denounce|blow the whistle|tip)", r"reporting",
    r"(?:refus\w+|won't|wont|will not|would not) (?:to )?(?:clear|sign|release|process)",
    r"(?:yesterday|today|tonight|this morning|last week)", r"unless (?:we|i) pay",
)  # fmt: skip
_KEEPS_QUIET = matcher(
    r"(?:bao|phan anh|to cao|to giac) kin", r"kin dao", r"giau ten",
    r"(?:khong|so) (?:muon )?(?:bi )?lo(?: [a-z]+)?", r"an danh", r"so (?:bi )?(?:tra thu|tra dua|lam kho|lo)",
    r"bi mat",
    r"(?:giu|khong muon lo) (?:danh tinh|ten)", r"mat bao", r"anonym\w*", r"confidential\w*", r"retaliat\w*",
    r"hide my name", r"without my name", r"keep my (?:name|identity)",
)  # fmt: skip
_ASKS_WHERE = matcher(
    r"(?:phan anh|bao|to cao|to giac|bao tin|gui|goi|khieu nai)(?: [a-z]+){0,8}? (?:o dau|cho ai|ai|"
    r"kenh nao|den dau|bang cach nao|qua dau|"
    r"the nao|ra sao|don vi nao|ve dau|so nao|voi ai|co quan nao)",
    r"lam (?:sao|the nao|cach nao) de (?:phan anh|bao|to)",
    r"(?:kenh|cach|quy trinh|thu tuc) (?:nao|gi|phan anh|to cao|to giac|bao tin)",
    r"cho bao (?:tin )?(?:nao|o dau)", r"co (?:cho|kenh|noi) nao",
    r"(?:report|tell|inform|complain|denounce|contact|notify)(?: \w+){0,3}? (?:to )?(?:who|whom|where)",
    r"who(?:m)? (?:do|can|should|to) (?:i|we|you|one)?",
    r"how (?:do|can|should|would|to) (?:i |we |one |you |enterprises |companies |businesses )?(?:report|"
    r"tell|inform|complain|denounce|contact|notify)",
    r"where (?:do|can|should|to)", r"where inform", r"is there (?:a|an|any) (?:channel|hotline|number|way)",
)  # fmt: skip
_ASKS_ABOUT = matcher(
    r"la gi", r"la ai", r"nhiem vu", r"chuc nang", r"vai tro", r"trach nhiem cua",
    r"quy dinh(?: nao| gi| the nao)?", r"(?:bi|se|duoc) xu ly (?:nhu the nao|the nao|ra sao|sao|gi|ky luat)",
    r"xu ly ky luat", r"ky luat (?:nhu the nao|the nao|ra sao|gi|khong)",
    r"(?:muc|hinh thuc) (?:phat|xu phat|ky luat|xu ly)", r"the nao la",
    r"bi phat (?:bao nhieu|the nao|gi|ra sao|khong)", r"so dien thoai",
    r"^(?:phan anh|to cao|to giac|bao cao|bao tin|thong tin|reporting)", r"muon biet", r"co phai(?! la)",
    r"co khoan", r"chien luoc", r"chu truong", r"de cap", r"de an", r"ke hoach", r"strategy",
    r"thi (?:bao|phan anh|goi|to cao|gui|lam|phai|sao|bi|xu ly)", r"neu", r"truong hop", r"gia su",
    r"khi (?:nao|bi|gap|phat hien|co) ", r"co (?:bi|duoc|phai)(?: [a-z]+){1,6} khong",
    r"thanh lap", r"lap ra", r"tiep nhan (?:nhung )?(?:gi|thong tin|loai|tin|phan anh)",
    r"lam (?:nhung )?(?:gi|viec gi)", r"de lam gi", r"cong van", r"van ban nao", r"dieu nao", r"hieu qua",
    r"muc dich",
    r"what (?:is|are|does|do|happens|kind|sort|counts)", r"which (?:unit|department|team|office|body|document)",
    r"how does",
    r"who (?:handles|receives|deals)", r"role", r"dut(?:y|ies) of", r"responsib\w+", r"if an?", r"penalt\w+",
    r"disciplin\w+", r"hotline number", r"phone number", r"is there an?",
)  # fmt: skip


def look(message: Message) -> Evidence | None:
    """Return the evidence for a report, of whatever strength; from 0.5 on it is taken for one."""
    text = " ".join(_NAMES.sub(" ", message.plain).split())
    money, harass, smuggle = (
        [words for words in found(pattern, text) if message.means(words, _MEANT)]
        for pattern in (_TAKES_MONEY, _HARASSES, _SMUGGLES)
    )
    money += [words for words in found(_BRIBES, text) if message.means(words, _MEANT)]
    officer, depends = bool(found(_OFFICER, text)), bool(found(_DEPENDS, text))
    loose = [words for words in found(_MONEY, text) if message.means(words, _MEANT)] if officer and depends else []
    if found(_DUES, text):
        loose = []
    if not (money or harass or smuggle or loose):
        return None
    by_officer = money or harass or loose
    score = max(2.0 if money else 0.0, 1.2 if harass or loose else 0.0, 1.2 if smuggle else 0.0)
    score += 0.4 * (bool(money) + bool(harass) + bool(smuggle) - 1) + 0.3 * (len(set(smuggle)) > 1)
    score += 1.0 * bool(by_officer and officer) + 0.9 * bool(by_officer and depends)
    score += 1.2 if smuggle and found(_SOMEBODY, text) else 0.0
    score += 0.6 if found(_HAPPENS, text) else 0.0
    through = set(found(_WENT_THROUGH, text))
    score += min(1.4 + 0.5 * (len(through) - 1), 2.2) if through else 0.0
    score += 1.7 if found(_KEEPS_QUIET, text) else 0.0
    about = set(found(_ASKS_ABOUT, text))
    score -= min(1.4 + 0.6 * (len(about) - 1), 2.6) if about else 0.0
    score -= 1.5 if found(_ASKS_WHERE, text) else 0.0
    if score <= 0:
        return None
    words = ", ".join(dict.fromkeys([*money, *harass, *smuggle, *loose][:4]))
    kind = "misconduct" if by_officer else "smuggling"
    return Evidence(kind, min(score / (2 * THRESHOLD), 1.0), f"reads like a report: {words}")
