"""The table of opinions with responses, as the administration files it: Word and Excel.

The form is that of a consultation on a draft document in Vietnam: numbers of those asked and of those who answered above; in
the table the place in the draft, what was said, by whom, and what was taken over or explained. It is written in Vietnamese.
The same consultation gives the same bytes.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import _Cell

from bot.consultation.responding import Answered
from bot.consultation.summary import Summary
from bot.locales.catalogue import Catalogue
from bot.reports.excel import Sheet, workbook
from bot.reports.fixed import without_clock

_LANGUAGE = "vi"
_WIDTHS_CM = (1.1, 3.2, 8.0, 4.4, 9.0)
_FONT = "Times New Roman"


class Tables:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def _say(self, key: str, **params: Any) -> str:
        return self._catalogue.say(f"opinions.{key}", _LANGUAGE, **params)

    def _numbers(self, found: Summary) -> list[str]:
        """Return the sentences with the numbers above the table."""
        asked, counts = found.asked, found.counts
        by = found.by_response
        return [
            self._say("asked", enterprises=asked.enterprises, contacts=asked.contacts, unreachable=asked.unreachable),
            self._say("answered", positions=counts.positions, members=counts.members, opinions=counts.opinions),
            self._say("became", accepted=by["accepted"], partly=by["partly"], not_accepted=by["not_accepted"]),
        ]

    def _head(self) -> list[str]:
        return [self._say(f"column.{name}") for name in ("number", "place", "opinion", "enterprise", "response")]

    def _rows(self, found: Summary, *, public: bool) -> Iterator[list[str]]:
        person = self._say("person") if public else None
        for number, each in enumerate(found.groups, 1):
            place = found.place(each.group.unit) or self._say("whole_draft")
            yield [str(number), place, self._opinions(each), "\n".join(each.names(person)), self._response(each)]

    def _opinions(self, each: Answered) -> str:
        texts = list(dict.fromkeys(voice.opinion.text for voice in each.voices))
        return texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)

    def _response(self, each: Answered) -> str:
        response = each.group.response
        if response is None:
            return self._say("no_response")
        return f"{self._catalogue.say(f'consultation.response.{response}', _LANGUAGE)}. {each.group.reason}"

    def _moment(self, found: Summary) -> datetime:
        row = found.whole.row
        return row.published_at or row.responded_at or row.closed_at or row.updated_at

    def _titles(self, found: Summary) -> list[str]:
        row = found.whole.row
        period = self._say("period", number=row.number, opened=row.opened_at or row.opens_at, closed=row.closes_at)
        return [self._say("title"), row.title_vi, period]

    # Word

    def word(self, found: Summary, *, public: bool = False) -> bytes:
        """Return the table as docx. public: without the names of people who spoke for no enterprise, and of single answers."""
        row = found.whole.row
        document = Document()
        _page(document)
        _line(document, row.issuer.upper(), bold=True, align=WD_ALIGN_PARAGRAPH.LEFT)
        for place, text in enumerate(self._titles(found)):
            _line(document, text, bold=place < 2, italic=place == 2, align=WD_ALIGN_PARAGRAPH.CENTER)
        for text in self._numbers(found):
            _line(document, text)
        table = document.add_table(rows=1, cols=len(_WIDTHS_CM))
        table.style = "Table Grid"
        table.autofit = False
        for cell, text in zip(table.rows[0].cells, self._head(), strict=True):
            _write(cell, text, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
        _repeat_head(table.rows[0])
        for values in self._rows(found, public=public):
            for cell, text in zip(table.add_row().cells, values, strict=True):
                _write(cell, text)
        for line in table.rows:
            for cell, width in zip(line.cells, _WIDTHS_CM, strict=True):
                cell.width = Cm(width)
        for number, each in enumerate(found.tallies, 1):
            _line(document, f"{self._say('question', number=number)} {each.question.text_vi}", bold=True)
            _line(document, self._say("answers", count=each.answered))
            if each.question.kind == "text":
                for text, enterprise in each.texts:
                    _line(document, f"- {text}" if public else f"- {text} ({enterprise})")
            else:
                for label, count in each.lines(_LANGUAGE):
                    _line(document, f"- {label}: {count}")
        if row.conclusion_vi:
            _line(document, self._say("conclusion"), bold=True)
            _line(document, row.conclusion_vi)
        moment = self._moment(found).astimezone(UTC).replace(microsecond=0, tzinfo=None)
        properties = document.core_properties
        properties.author = properties.last_modified_by = "Đồng Hành"
        properties.title = row.title_vi[:250]
        properties.created = properties.modified = moment
        out = io.BytesIO()
        document.save(out)
        return without_clock(out.getvalue(), at=f"{moment.isoformat()}Z")

    # Excel

    def excel(self, found: Summary) -> bytes:
        """Return the table as xlsx, with every single opinion and the answers on sheets of their own: for officers only."""
        title = [*self._titles(found), *self._numbers(found)]
        numbered: list[list[str | int]] = [[int(values[0]), *values[1:]] for values in self._rows(found, public=False)]
        sheets = [
            Sheet(self._say("sheet.table"), self._head(), numbered, (6, 22, 60, 34, 60), title),
            Sheet(
                self._say("sheet.opinions"),
                [
                    self._say(f"column.{name}")
                    for name in ("number", "place", "opinion", "enterprise", "tax_code", "who", "response")
                ],
                list(self._single(found)),
                (6, 22, 60, 34, 16, 22, 60),
            ),
        ]
        if found.tallies:
            head = [self._say(f"column.{name}") for name in ("question", "answer", "count")]
            sheets.append(Sheet(self._say("sheet.answers"), head, list(self._answers(found)), (60, 60, 10)))
        return workbook(sheets, at=self._moment(found))

    def _single(self, found: Summary) -> Iterator[list[str | int]]:
        number = 0
        for each in found.groups:
            for voice in each.voices:
                number += 1
                place = found.place(voice.opinion.unit) or self._say("whole_draft")
                who = (voice.who, voice.tax_code or "", voice.contact_name)
                yield [number, place, voice.opinion.text, *who, self._response(each)]

    def _answers(self, found: Summary) -> Iterator[list[str | int]]:
        for each in found.tallies:
            if each.question.kind == "text":
                for text, enterprise in each.texts:
                    yield [each.question.text_vi, f"{text} ({enterprise})", 1]
            else:
                for label, count in each.lines(_LANGUAGE):
                    yield [each.question.text_vi, label, count]


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)


def _line(
    document: WordDocument,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(4)
    run = paragraph.add_run(_clean(text))
    run.bold, run.italic = bold, italic


def _write(cell: _Cell, text: str, *, bold: bool = False, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT) -> None:
    for place, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        paragraph.alignment = align
        run = paragraph.add_run(_clean(line))
        run.bold, run.font.size = bold, Pt(12)


def _clean(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return "".join(letter for letter in text if letter in "\n\t" or letter >= " ")


def _repeat_head(row: Any) -> None:
    """Have the first row shown again on every page."""
    properties = row._tr.get_or_add_trPr()
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    properties.append(head)
