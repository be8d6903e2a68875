"""Results of surveys and of ratings as Excel; the same results give the same bytes."""

from collections.abc import Mapping
from datetime import datetime

from bot.consultation.questions import shown
from bot.locales.catalogue import Catalogue
from bot.reports.excel import Sheet, Value, workbook
from bot.surveys.results import GOAL, Outcome, Satisfaction, Share
from bot.surveys.surveys import questions_of


class SurveyTables:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def results(self, found: Outcome, language: str, *, names: Mapping[int, str], named: list[tuple[int, int, str]]) -> bytes:
        """Return the results. names, named: of a survey that names who answers; else empty."""
        say, row, turnout = self._catalogue.say, found.row, found.turnout
        title = [
            row.title(language),
            say("survey.table.turnout", language, asked=turnout.asked, begun=turnout.begun, finished=turnout.finished),
        ]
        if found.satisfied is not None:
            title.append(say("survey.table.satisfied", language, share=round(found.satisfied * 100, 1), goal=round(GOAL * 100)))
        rows: list[list[Value]] = []
        texts: list[list[Value]] = []
        for each in found.results:
            text = each.question.text(language)
            if each.hidden:
                rows.append([text, say("survey.hidden", language), None, None])
            for label, count in each.lines(language):
                rows.append([text, label, count, round(count / each.answered, 4) if each.answered else None])
            texts += [[text, said] for said in each.texts]
        head = [say(f"survey.table.{name}", language) for name in ("question", "answer", "count", "share")]
        sheets = [Sheet(say("survey.table.results", language), head, rows, (60, 50, 10, 10), title)]
        if texts:
            sheets.append(Sheet(say("survey.table.texts", language), head[:2], texts, (60, 90)))
        if named:
            questions = {question.seq: question for question in questions_of(row)}
            listed: list[list[Value]] = [
                [names.get(contact, ""), questions[number].text(language), shown(questions[number], value, language)]
                for contact, number, value in named
                if number in questions
            ]
            who = [say("survey.table.who", language), *head[:2]]
            sheets.append(Sheet(say("survey.table.named", language), who, listed, (40, 60, 60)))
        return workbook(sheets, at=row.closed_at or row.updated_at)

    def satisfaction(self, found: Satisfaction, language: str, *, at: datetime) -> bytes:
        """Return the ratings after inquiries, by month and by department."""
        say = self._catalogue.say
        head = [say(f"survey.table.{name}", language) for name in ("name", "closed", "rated", "satisfied_count", "share")]
        whole = say("survey.table.whole", language)

        def line(name: str, each: Share) -> list[Value]:
            kept = [each.satisfied, round(each.share, 4)] if each.share is not None else [None, say("survey.hidden", language)]
            return [name, each.closed, each.rated, *kept]

        rows = [line(whole, found.whole)]
        months = Sheet(
            say("survey.table.months", language),
            head,
            [*rows, *(line(each.name, each) for each in found.months)],
            (30, 14, 14, 14, 22),
        )
        departments = Sheet(
            say("survey.table.departments", language),
            head,
            [line(each.name, each) for each in found.departments],
            (60, 14, 14, 14, 22),
        )
        return workbook([months, departments], at=at)
