"""Files both ways: which are taken, that their content is kept, and who may fetch them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.channels.webchat.uploads import MEGABYTE, plain_name
from bot.delivery.message import Attachment, Message
from storage.models import ChatMessage, Event, File
from tests.channels.webchat.conftest import Chat, Visitor

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
QUESTION = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"


async def stored_files(chat: Chat) -> list[dict[str, object]]:
    folder = chat.core.settings.files_dir
    return [{"sha256": path.name, "size": path.stat().st_size} for path in sorted(folder.glob("??/*"))]


async def test_a_file_is_stored_before_the_turn_and_shown_by_its_name(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.sends_files(("tờ khai 1.pdf", PDF), text="Gửi kèm tờ khai")
    assert answer.status_code == 200
    own = (await visitor.sees())[0]
    assert (own["text"], own["files"]) == ("Gửi kèm tờ khai", [{"name": "tờ khai 1.pdf"}])
    assert [file["size"] for file in await stored_files(chat)] == [len(PDF)]
    assert len(await visitor.texts()) >= 1


async def test_five_files_go_together(chat: Chat) -> None:
    visitor = await chat.visitor()
    files = [(f"anh {number}.png", PNG + bytes([number])) for number in range(5)]
    assert (await visitor.sends_files(*files)).status_code == 200
    assert len(await stored_files(chat)) == 5


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ...", 415, "webchat.file_type"),
        ("a", PDF, 415, "webchat.file_type"),
        ("a.html", b"<script>", 415, "webchat.file_type"),
        ("a.svg", b"<svg/>", 415, "webchat.file_type"),
        ("a.pdf.exe", PDF, 415, "webchat.file_type"),
        ("a.pdf", b"MZ\x90\x00 a program", 415, "webchat.file_content"),
        ("a.docx", PDF, 415, "webchat.file_content"),
        ("a.pdf", b"", 422, "webchat.file_empty"),
    ],
)
async def test_other_files_are_refused_by_name(chat: Chat, name: str, content: bytes, status: int, code: str) -> None:
    visitor = await chat.visitor()
    answer = await visitor.sends_files((name, content), text="xem giúp")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert name in answer.json()["title"]
    assert await chat.count(Event) == 0


async def test_six_files_are_too_many(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.sends_files(*[(f"{number}.pdf", PDF) for number in range(6)])
    assert (answer.status_code, answer.json()["code"]) == (413, "webchat.too_many_files")


async def test_a_file_above_20_mb_is_refused_and_not_kept(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.sends_files(("to.pdf", PDF + b"\0" * (20 * MEGABYTE)))
    assert (answer.status_code, answer.json()["code"]) == (413, "webchat.file_too_large")
    assert await stored_files(chat) == []


async def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(chat: Chat) -> None:
    visitor = await chat.visitor()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 8192

    answer = await visitor.http.post("/chat/messages", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "webchat.too_large")


@pytest.mark.parametrize("content", [b"", b"--x", b"--x\r\nContent-Disposition: nonsense\r\n\r\n\r\n--x--"])
async def test_a_broken_form_is_refused(chat: Chat, content: bytes) -> None:
    visitor = await chat.visitor()
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await visitor.http.post("/chat/messages", content=content, headers=kind)
    assert answer.status_code in (400, 422)


async def test_files_sent_one_after_the_other_are_slowed_down(chat: Chat) -> None:
    visitor = await chat.visitor()
    files = [(f"{number}.pdf", PDF) for number in range(5)]
    answers = [await visitor.sends_files(*files) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_the_same_files_sent_again_are_taken_once(chat: Chat) -> None:
    visitor = await chat.visitor()
    sent = {"id": "0c7c0c6e-2d51-4a0b-9f3e-5f3f1f6f0a11"}
    for _ in range(2):
        assert (await visitor.sends_files(("a.pdf", PDF), **sent)).status_code == 200
    assert len(await visitor.texts("person")) == 1
    assert len(await stored_files(chat)) == 1


async def given_file_of_an_officer(chat: Chat, visitor: Visitor, name: str, media_type: str = "application/pdf") -> str:
    """Have an officer's file arrive in the visitor's chat; return where it is fetched from."""

    async def content() -> AsyncIterator[bytes]:
        yield PDF

    await visitor.posts(text=QUESTION)
    sha256, _ = await chat.core.files.keep(content(), at_most=MEGABYTE)
    await chat.tells(visitor, Message("Kèm công văn trả lời.", files=(Attachment(sha256, name, media_type),)))
    url: str = (await visitor.sees())[-1]["files"][0]["url"]
    return url


async def test_a_file_of_an_officer_is_downloaded_under_its_name(chat: Chat) -> None:
    visitor = await chat.visitor()
    url = await given_file_of_an_officer(chat, visitor, "Công văn 12/TCHQ.pdf")
    answer = await visitor.http.get(url)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''C%C3%B4ng%20v%C4%83n%2012%2FTCHQ.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_file_that_a_browser_might_run_is_handed_out_as_plain_bytes(chat: Chat) -> None:
    visitor = await chat.visitor()
    url = await given_file_of_an_officer(chat, visitor, "trang.html", "text/html")
    assert (await visitor.http.get(url)).headers["content-type"] == "application/octet-stream"


async def test_nobody_else_gets_the_file(chat: Chat) -> None:
    visitor, other = await chat.visitor(), await chat.visitor()
    url = await given_file_of_an_officer(chat, visitor, "riêng.pdf")
    await other.posts(text=QUESTION)
    assert (await other.http.get(url)).status_code == 404
    other.http.cookies.clear()
    assert (await other.http.get(url)).status_code == 403


@pytest.mark.parametrize("path", ["0/0", "x/0", "1/99999999999999999999", f"{2**63}/0", f"{10**40}/0", "../../static"])
async def test_a_file_that_is_not_there_is_not_found(chat: Chat, path: str) -> None:
    visitor = await chat.visitor()
    assert (await visitor.http.get(f"/chat/files/{path}")).status_code == 404


async def test_where_a_file_lies_is_told_to_nobody(chat: Chat) -> None:
    visitor = await chat.visitor()
    await given_file_of_an_officer(chat, visitor, "riêng.pdf")
    async with chat.core.database.read() as uow:
        contents = [row["content"] for row in await uow.rows(select(ChatMessage.content))]
    sha256 = next(file["sha256"] for content in contents for file in content.get("files", []) if "sha256" in file)
    assert sha256 not in (await visitor.http.get("/chat/messages")).text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\lan\\tờ khai.pdf", "tờ khai.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ('x"><b>.pdf', "xb.pdf"),
        ("t\u006f\u031b\u0300 khai.pdf", "tờ khai.pdf"),
        ("dài" * 100 + ".pdf", ("dài" * 100)[:116] + ".pdf"),
    ],
)
def test_a_file_name_is_made_fit_to_be_shown_and_saved(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept


async def test_a_file_that_waits_for_its_inquiry_is_kept_with_it(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.sends_files(
        ("tờ khai.pdf", PDF), text="Tờ khai luồng đỏ 105678901234 của tôi bị ách tắc tại cảng, đề nghị hỗ trợ"
    )
    for words in ("0314409058", "Công ty TNHH Thử Nghiệm"):
        if await chat.count(File):
            break
        await visitor.posts(text=words)
    async with chat.core.database.read() as uow:
        files = await uow.rows(select(File.name, File.size, File.sha256, File.fetch_at))
    assert [(file["name"], file["size"], file["fetch_at"]) for file in files] == [("tờ khai.pdf", len(PDF), None)]
