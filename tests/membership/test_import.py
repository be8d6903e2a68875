"""A table of enterprises is taken over row by row: what can be used is used, what cannot is named with what to do."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.membership.enterprise_import import EnterpriseImport, Report
from bot.membership.errors import HeadingsMissing, TableTooLarge, TableUnreadable
from storage import enterprises
from storage.database import Database
from storage.enterprises import EnterpriseRow
from tests.clock import ManualClock

HEADINGS = ["Mã số thuế", "Tên doanh nghiệp", "Thành viên", "Mức tuân thủ", "Địa bàn", "Ngành", "Loại hình", "Chương HS"]
AN_PHAT = ["0100233488", "Công ty An Phát", "Thành viên", "Mức 2", "Hải Phòng", "Dệt may", "Sản xuất", "50, 61;62"]
BRANCH = ["0314409058-002", "Chi nhánh Sài Gòn", "", "3", "TP. Hồ Chí Minh", "", "Đại lý hải quan", ""]


class Desk:
    def __init__(self, database: Database, clock: ManualClock, folder: Path) -> None:
        self.database, self._folder = database, folder
        self._import = EnterpriseImport(database, clock)

    def excel(self, *rows: list[Any], title: list[Any] | None = None) -> Path:
        book = Workbook()
        for row in ([title] if title else []) + [HEADINGS, *rows]:
            book.active.append(row)  # type: ignore[union-attr]
        path = self._folder / "bang.xlsx"
        book.save(path)
        return path

    def csv(self, text: str, encoding: str = "utf-8") -> Path:
        path = self._folder / "bang.csv"
        path.write_bytes(text.encode(encoding))
        return path

    async def take(self, path: Path, *, dry_run: bool = False) -> Report:
        return await self._import.run(path, dry_run=dry_run)

    async def known(self, code: str) -> EnterpriseRow | None:
        async with self.database.read() as uow:
            return (await enterprises.by_tax_codes(uow, [code])).get(code)


@pytest.fixture
def desk(database: Database, clock: ManualClock, tmp_path: Path) -> Desk:
    return Desk(database, clock, tmp_path)


def figures(report: Report) -> tuple[int, int, int, int, int]:
    return report.rows, report.added, report.changed, report.same, report.refused


def named(report: Report) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.key) for each in report.problems]


async def test_a_table_is_taken_over_and_the_second_time_changes_nothing(desk: Desk) -> None:
    path = desk.excel(AN_PHAT, BRANCH, title=["DANH SÁCH DOANH NGHIỆP"])
    assert figures(await desk.take(path)) == (2, 2, 0, 0, 0)
    assert figures(await desk.take(path)) == (2, 0, 0, 2, 0)
    known = await desk.known("0100233488")
    assert known is not None
    assert (known.name, known.membership, known.compliance_level) == ("Công ty An Phát", "member", 2)
    assert (known.region, known.sector, known.kind, known.hs_chapters) == (
        "Hải Phòng",
        "Dệt may",
        "manufacturing",
        ("50", "61", "62"),
    )
    assert known.member_since is not None


async def test_an_empty_cell_changes_nothing_and_a_dash_empties(desk: Desk) -> None:
    await desk.take(desk.excel(AN_PHAT))
    assert figures(await desk.take(desk.excel(["0100233488", "", "", "4", "-", "", "", ""]))) == (1, 0, 1, 0, 0)
    known = await desk.known("0100233488")
    assert known is not None
    assert (known.name, known.compliance_level, known.region, known.sector) == ("Công ty An Phát", 4, None, "Dệt may")


async def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk) -> None:
    assert figures(await desk.take(desk.excel(AN_PHAT, BRANCH), dry_run=True)) == (2, 2, 0, 0, 0)
    assert await desk.known("0100233488") is None


async def test_each_row_that_cannot_be_used_is_named_and_the_others_are_taken_over(desk: Desk) -> None:
    report = await desk.take(
        desk.excel(
            AN_PHAT,
            ["0100233489", "Sai số kiểm tra", "", "", "", "", "", ""],
            ["", "Không mã", "", "", "", "", "", ""],
            ["0314409058-002", "X", "có lẽ", "9", "", "", "cửa hàng", "200"],
            ["0100233488", "Trùng", "", "", "", "", "", ""],
            ["0100109106", "", "", "", "", "", "", ""],
        )
    )
    assert figures(report) == (6, 1, 0, 0, 5)
    assert named(report) == [
        (3, "Mã số thuế", "import.tax_code"),
        (4, "Mã số thuế", "import.tax_code_missing"),
        (5, "Thành viên", "import.choice"),
        (5, "Mức tuân thủ", "import.level"),
        (5, "Loại hình", "import.choice"),
        (5, "Chương HS", "import.chapter"),
        (6, "", "import.twice"),
        (7, "", "import.name_missing"),
    ]


async def test_a_formula_is_a_text_and_never_a_value(desk: Desk) -> None:
    report = await desk.take(desk.excel(["0100233488", '=CONCAT("a","b")', "", "", "", "", "", ""]))
    assert named(report) == [(2, "Tên doanh nghiệp", "import.formula")]


async def test_a_code_that_the_spreadsheet_took_for_a_number_is_understood(desk: Desk) -> None:
    await desk.take(desk.excel([100233488, "An Phát", "", 2, "", "", "", 61]))
    known = await desk.known("0100233488")
    assert known is not None
    assert (known.compliance_level, known.hs_chapters) == (2, ("61",))


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t")])
async def test_csv_is_read_as_people_save_it(desk: Desk, encoding: str, delimiter: str) -> None:
    lines = [delimiter.join(["MST", "Tên"]), delimiter.join(["0100233488", "Công ty Ấp Bắc"])]
    assert figures(await desk.take(desk.csv("\r\n".join(lines), encoding))) == (1, 1, 0, 0, 0)
    known = await desk.known("0100233488")
    assert known is not None
    assert known.name == "Công ty Ấp Bắc"


async def test_a_table_without_headings_is_refused(desk: Desk) -> None:
    with pytest.raises(HeadingsMissing):
        await desk.take(desk.csv("0100233488,An Phát\n"))


async def test_what_is_no_table_is_refused(desk: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "hong.xlsx"
    broken.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(TableUnreadable):
        await desk.take(broken)
    with pytest.raises(TableUnreadable):
        await desk.take(desk.csv("MST\0,Tên"))


async def test_a_bomb_is_refused_before_it_unfolds(desk: Desk, tmp_path: Path) -> None:
    bomb = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (64 * 1024 * 1024))
    with pytest.raises(TableTooLarge):
        await desk.take(bomb)
