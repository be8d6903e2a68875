"""One knowledge base for all processes, also where each reads files on a disk of its own."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.knowledge.law.parsing import ReadLaw, parse
from bot.knowledge.law.reading import read_bytes
from bot.lawbooks.lawbooks import Lawbooks
from bot.learning.drafts import Drafts
from bot.learning.sharing import announce, digest
from storage.drafts import DraftRow
from tests.clock import ManualClock
from tests.learning.curating import COMPLETE, VI, answered_inquiry, proposed
from tests.office import OWN, Office
from tests.replicas.conftest import running

ENTRY = COMPLETE.entry_id
APPROVED = Path("entries") / "tu-thuc-tien.yaml"


def drafts_of(office: Office) -> Drafts:
    """As the desk of that process has them."""
    return Drafts(
        office.core.database,
        office.clock,
        office.core.knowledge,
        folder=office.core.knowledge.folder,
        today=lambda: office.clock.now().date(),
        published=office.core.shared.announce,
    )


async def given_proposed(office: Office, login: str = "lan") -> DraftRow:
    lan = await office.officer(login)
    return await proposed(office, lan.actor)


async def until(office: Office, entry_id: str = ENTRY) -> None:
    """Wait until the process has read its files and found the entry in them."""
    read = asyncio.Event()

    async def note() -> None:
        read.set()

    office.core.shared.reloaded = note
    async with asyncio.timeout(20):
        while office.core.knowledge.entry(entry_id) is None:
            await read.wait()
            read.clear()


def noting_reloads(office: Office) -> asyncio.Queue[None]:
    """Return a queue that gets something after each reading, when what is done after it has been done."""
    done: asyncio.Queue[None] = asyncio.Queue()
    follows = office.core.shared.reloaded

    async def note() -> None:
        await follows()
        done.put_nowait(None)

    office.core.shared.reloaded = note
    return done


async def test_what_is_approved_in_one_process_is_answered_with_in_the_other(two: tuple[Office, Office]) -> None:
    one, other = two
    row = await given_proposed(one)
    hoa = await one.officer("hoa", role="approver", department=None)

    await drafts_of(one).approve(row.id, row.revision, hoa.actor)
    await until(other)

    assert (other.core.knowledge.folder / APPROVED).read_bytes() == (one.core.knowledge.folder / APPROVED).read_bytes()
    assert digest(other.core.knowledge) == digest(one.core.knowledge)
    found = other.core.knowledge.look_up(VI.question, on=other.clock.now().date())
    assert found.candidates[0].id == ENTRY


async def test_a_process_that_did_not_run_has_it_before_it_takes_questions(
    postgresql_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with running(postgresql_url, tmp_path / "one", clock) as one:
        row = await given_proposed(one)
        hoa = await one.officer("hoa", role="approver", department=None)
        await drafts_of(one).approve(row.id, row.revision, hoa.actor)
    async with running(postgresql_url, tmp_path / "late", clock) as late:
        assert late.core.knowledge.entry(ENTRY) is not None


async def test_an_editors_word_in_the_files_goes_before_what_was_approved(
    postgresql_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    async with running(postgresql_url, tmp_path / "one", clock) as one:
        row = await given_proposed(one)
        hoa = await one.officer("hoa", role="approver", department=None)
        await drafts_of(one).approve(row.id, row.revision, hoa.actor)
    file = tmp_path / "one" / "faq" / APPROVED
    file.write_text(file.read_text(encoding="utf-8").replace("status: published", "status: retired"), encoding="utf-8")
    before = file.read_bytes()

    async with running(postgresql_url, tmp_path / "one", clock) as one:
        entry = one.core.knowledge.entry(ENTRY)
        assert entry is not None
        assert entry.status == "retired"
    assert file.read_bytes() == before


async def test_a_command_has_every_process_read_its_files_anew(two: tuple[Office, Office]) -> None:
    one, other = two
    for office in two:
        file = office.core.knowledge.folder / "entries" / "1399-thu-hoi.yaml"
        text = file.read_text(encoding="utf-8")
        first = next(iter(office.core.knowledge.entries))
        file.write_text(text.replace(f"id: {first}\n", "id: doi-ten\n"), encoding="utf-8")

    await announce(one.core.database)

    await until(one, "doi-ten")
    await until(other, "doi-ten")


async def test_a_wrong_file_leaves_the_old_knowledge_of_that_process_and_the_log_says_where(
    two: tuple[Office, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    said: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr("bot.learning.sharing.log.error", lambda _event, **fields: said.put_nowait(fields["problem"]))
    there = set(one.core.knowledge.entries)
    (one.core.knowledge.folder / "entries" / "1399-thu-hoi.yaml").write_text("\t- id: x", encoding="utf-8")
    row = await given_proposed(other)
    hoa = await other.officer("hoa", role="approver", department=None)
    await drafts_of(other).approve(row.id, row.revision, hoa.actor)

    async with asyncio.timeout(20):
        assert "1399-thu-hoi.yaml:1" in await said.get()
    assert set(one.core.knowledge.entries) == there
    assert not (one.core.knowledge.folder / APPROVED).exists()

    (one.core.knowledge.folder / "entries" / "1399-thu-hoi.yaml").write_bytes(
        (other.core.knowledge.folder / "entries" / "1399-thu-hoi.yaml").read_bytes()
    )
    await announce(other.core.database)
    await until(one)


async def test_every_process_quotes_a_law_that_was_imported_or_replaced_beside_one_of_them(two: tuple[Office, Office]) -> None:
    one, _ = two
    reloads = [noting_reloads(office) for office in two]
    asked = "Điều 99 Quyết định 1399 quy định gì?"
    law = "Số: 1399/QĐ-TCHQ\nĐiều 99. Kho lạnh\nChủ kho ghi sổ nhiệt độ hai lần mỗi ngày.\n"
    for wording in (law, law.replace("hai lần", "bốn lần")):
        read = ReadLaw(parse(read_bytes("kho.txt", wording.encode())), "kho.txt", f"{hash(wording) & (2**64 - 1):064x}")
        lawbooks = Lawbooks(one.core.database, one.clock, lambda: one.core.knowledge.documents)
        await lawbooks.store(read, number="1399/QĐ-TCHQ")

        await announce(one.core.database)  # as `donghanh law import` does at its end

        for office, read_anew in zip(two, reloads, strict=True):
            async with asyncio.timeout(20):
                await read_anew.get()
            found = office.core.knowledge.look_up(asked, on=office.clock.now().date()).passage
            assert found is not None
            assert found.passage in wording


async def test_an_approval_that_nobody_was_told_of_is_found_by_looking(two: tuple[Office, Office]) -> None:
    one, other = two
    row = await given_proposed(one)
    hoa = await one.officer("hoa", role="approver", department=None)
    silent = Drafts(
        one.core.database, one.clock, one.core.knowledge, folder=one.core.knowledge.folder, today=lambda: one.clock.now().date()
    )
    await silent.approve(row.id, row.revision, hoa.actor)  # and then the process was killed

    assert not await other.core.shared.look()
    assert await other.core.shared.look(lacking=True)
    assert other.core.knowledge.entry(ENTRY) is not None


async def test_two_processes_do_not_give_one_id_to_two_entries(two: tuple[Office, Office]) -> None:
    one, other = two
    first, second = await given_proposed(one), await _another(other)
    hoa = await one.officer("hoa", role="approver", department=None)

    done = await asyncio.gather(
        drafts_of(one).approve(first.id, first.revision, hoa.actor),
        drafts_of(other).approve(second.id, second.revision, hoa.actor),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in done) == ["DraftFaulty", "DraftRow"]
    await until(one)
    await until(other)
    assert digest(one.core.knowledge) == digest(other.core.knowledge)


async def _another(office: Office) -> DraftRow:
    """Another draft under the same id, from another inquiry."""
    minh = await office.officer("minh")
    drafts = drafts_of(office)
    inquiry = await answered_inquiry(office, await office.officer("tuan"))
    row = await drafts.from_inquiry(inquiry, replace(minh.actor, department_id=OWN))
    content = replace(COMPLETE, vi=replace(VI, answer="Nộp lại sau một ngày."))
    row = await drafts.save(row.id, row.revision, content, minh.actor)
    return await drafts.propose(row.id, row.revision, minh.actor)


async def test_what_this_disk_cannot_take_is_tried_once_a_change_and_said(
    two: tuple[Office, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    row = await given_proposed(one)
    hoa = await one.officer("hoa", role="approver", department=None)
    other.core.signals.close()  # looks only when asked to, below
    directory = other.core.knowledge.folder / "directory.yaml"
    directory.write_text(directory.read_text(encoding="utf-8").replace(f"id: {OWN}\n", "id: doi-ten\n"), encoding="utf-8")
    await drafts_of(one).approve(row.id, row.revision, hoa.actor)
    tried: list[str] = []
    monkeypatch.setattr("bot.learning.sharing.log.warning", lambda event, **fields: tried.append(f"{event} {fields['entry']}"))

    await other.core.shared.look(lacking=True)
    await other.core.shared.look(lacking=True)

    assert tried == [f"entry.not_taken_over {ENTRY}"]
    assert not (other.core.knowledge.folder / APPROVED).exists()


async def test_monitoring_sees_which_knowledge_a_process_answers_from(two: tuple[Office, Office]) -> None:
    one, _ = two
    shown = REGISTRY.get_sample_value("donghanh_knowledge_entries", {"digest": digest(one.core.knowledge)})
    assert shown == len(one.core.knowledge.entries)
