"""A small knowledge base of the tests' own, so that no test hangs on the wording of the shipped one."""

from __future__ import annotations

from pathlib import Path

DOCUMENTS = """\
documents:
  - number: 1399/QĐ-TCHQ
    title: Quyết định về Chương trình
    title_en: Decision on the programme
    issuer: Tổng cục Hải quan
    signed: 2022-07-15
    effective_from: 2022-07-15
    effective_until: null
    status: in_force
    replaced_by: null
  - number: 77/QĐ-THU
    title: Quyết định chỉ còn hiệu lực đến hết năm 2025
    title_en: A decision that holds until the end of 2025
    issuer: Tổng cục Hải quan
    signed: 2020-01-01
    effective_from: 2020-01-01
    effective_until: 2025-12-31
    status: in_force
    replaced_by: null
"""

DIRECTORY = """\
departments:
  - id: tong-cuc
    name: {vi: Tổng cục Hải quan, en: General Department of Customs}
    level: general
    parent: null
    coordinating: false
    accepts_inquiries: false
    response_target: PT16H
    competences: []
  - id: quan-ly-rui-ro
    name: {vi: Cục Quản lý rủi ro, en: Risk Management Department}
    short_names: [QLRR, Cục QLRR]
    level: general
    parent: tong-cuc
    coordinating: true
    accepts_inquiries: true
    response_target: PT16H
    competences:
      - name: {vi: Tham gia Chương trình, en: Joining the programme}
        keywords: [tham gia chương trình, thư mời, thành viên]
        examples:
          - công ty tôi nhận được thư mời tham gia thì trả lời thế nào
          - muon rut khoi chuong trinh thi gui van ban cho ai
          - our company wants to join the programme
  - id: thue
    name: {vi: Cục Thuế xuất nhập khẩu, en: Import-Export Duty Department}
    short_names: [TXNK]
    level: general
    parent: tong-cuc
    coordinating: false
    accepts_inquiries: true
    response_target: PT24H
    competences:
      - name: {vi: "Hoàn thuế, miễn thuế", en: Refund and exemption}
        keywords: [hoàn thuế, miễn thuế, nợ thuế, refund]
        examples:
          - hồ sơ hoàn thuế nhập khẩu gồm những gì
          - nop thua thue bao lau thi duoc hoan
          - duty refund for re-exported goods
  - id: chi-cuc
    name: {vi: Chi cục Hải quan, en: Customs Branch}
    level: sub
    parent: thue
    coordinating: false
    accepts_inquiries: true
    response_target: PT8H
    competences:
      - name: {vi: Hàng vướng tại hiện trường, en: Goods stuck on site}
        keywords: [kẹt hàng, ở cảng, kiểm hóa]
        examples:
          - container nằm ở bãi từ sáng chưa ai ra kiểm
          - hang ket o cua khau chua qua duoc
          - our container is stuck at the port
  - id: dac-nhiem
    name: {vi: Đội đặc nhiệm, en: Special Team}
    level: general
    parent: tong-cuc
    coordinating: false
    accepts_inquiries: false
    response_target: PT16H
    competences:
      - name: {vi: Phản ánh tiêu cực, en: Reports of misconduct}
        examples: [công chức gợi ý đưa tiền]
"""


def entry(
    entry_id: str,
    question: str,
    paraphrases: list[str],
    *,
    question_en: str,
    paraphrases_en: list[str],
    place: str = "Điều 3 khoản 1 điểm c",
    document: str = "1399/QĐ-TCHQ",
    audience: str = "public",
    status: str = "published",
    department: str = "quan-ly-rui-ro",
    extra: str = "",
) -> str:
    lines = [
        f"- id: {entry_id}",
        f"  status: {status}",
        f"  audience: {audience}",
        f"  department: {department}",
        "  tags: [thu-nghiem]",
        *([f"  {extra}"] if extra else []),
        "  citations:",
        f"    - {{document: {document}, place: {place}}}",
        "  vi:",
        f'    question: "{question}"',
        "    paraphrases:",
        *(f'      - "{each}"' for each in paraphrases),
        f'    answer: "Câu trả lời của {entry_id}."',
        "  en:",
        f'    question: "{question_en}"',
        "    paraphrases:",
        *(f'      - "{each}"' for each in paraphrases_en),
        f'    answer: "The answer of {entry_id}."',
    ]
    return "\n".join(lines) + "\n"


HOURS = entry(
    "chuyen-24-gio",
    "Bao lâu thì yêu cầu hỗ trợ được chuyển đến đơn vị chuyên môn?",
    [
        "gửi câu hỏi rồi bao lâu có người xử lý",
        "bao lau thi hq chuyen yeu cau cua dn cho bo phan chuyen mon",
        "24 giờ là tính từ lúc nào vậy",
        "Câu hỏi của tôi bao giờ tới tay đơn vị chuyên môn?",
    ],
    question_en="How long until my request reaches the unit that can deal with it?",
    paraphrases_en=["how fast will somebody competent get my question", "what is the 24 hour rule"],
)
REJOIN = entry(
    "tham-gia-lai",
    "Bị thu hồi tư cách thành viên thì bao lâu sau được xin tham gia lại?",
    [
        "mất tư cách rồi có vào lại được không",
        "sau mot nam bi thu hoi thi xin lai the nao",
        "Doanh nghiệp bị loại khỏi chương trình muốn đăng ký lại",
        "thu hồi xong chờ mấy năm mới được làm thành viên trở lại",
    ],
    place="Điều 6 khoản 5",
    question_en="How long after withdrawal may an enterprise apply to rejoin?",
    paraphrases_en=["we lost membership, when can we come back", "can a removed member apply again"],
)
LEADER = entry(
    "truong-nhom",
    "Ai là trưởng nhóm chuyên trách thực hiện Chương trình?",
    [
        "nhóm chuyên trách do ai đứng đầu",
        "truong nhom chuyen trach la lanh dao nao",
        "lãnh đạo cục nào phụ trách nhóm chuyên gia",
        "Người đứng đầu Nhóm chuyên trách thuộc đơn vị nào?",
    ],
    place="Điều 8 khoản 1",
    question_en="Who heads the dedicated group that runs the programme?",
    paraphrases_en=["who is the leader of the task group", "head of the dedicated team"],
)
MEMBERS_ONLY = entry(
    "soi-chieu-thanh-vien",
    "Thành viên có được ưu tiên kiểm tra bằng máy soi không?",
    [
        "xin soi máy thay vì mở kiểm thủ công",
        "duoc uu tien soi container khong",
        "thành viên đề nghị soi chiếu thì hải quan có ưu tiên không",
        "kiểm bằng máy soi cho nhanh được không",
    ],
    place="Điều 5 khoản 1 điểm f",
    audience="member",
    question_en="Do members get priority for inspection by scanner?",
    paraphrases_en=["scanning instead of opening the container", "priority scanning for members"],
)
EXPIRED = entry(
    "phu-hieu-giay",
    "Phù hiệu giấy của doanh nghiệp được cấp ở đâu?",
    [
        "xin cấp phù hiệu giấy",
        "phu hieu giay lay o dau",
        "mất phù hiệu giấy thì cấp lại thế nào",
        "phù hiệu giấy do ai cấp",
    ],
    document="77/QĐ-THU",
    place="Điều 2",
    question_en="Where is the paper badge issued?",
    paraphrases_en=["get a paper badge", "lost paper badge"],
)
DRAFT = entry(
    "ban-nhap",
    "Bản nháp về tem điện tử thì xem ở đâu?",
    ["tem điện tử", "tem dien tu o dau", "xin tem điện tử", "tem điện tử của ai"],
    status="draft",
    place="Điều 9",
    question_en="Where is the draft about electronic stamps?",
    paraphrases_en=["electronic stamp", "e-stamp where"],
)


def write(root: Path, *, documents: str = DOCUMENTS, directory: str = DIRECTORY, **entries: str) -> Path:
    """Lay out a knowledge base; entries: file name without `.yaml` to content."""
    folder = root / "faq"
    (folder / "entries").mkdir(parents=True, exist_ok=True)
    (folder / "documents.yaml").write_text(documents, encoding="utf-8")
    (folder / "directory.yaml").write_text(directory, encoding="utf-8")
    if not entries:
        entries = {"chung": HOURS + REJOIN + LEADER, "khac": MEMBERS_ONLY + EXPIRED + DRAFT}
    for name, content in entries.items():
        (folder / "entries" / f"{name}.yaml").write_text(content, encoding="utf-8")
    return folder
