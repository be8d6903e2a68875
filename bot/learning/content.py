"""What a draft says, as it was typed, and what still has to be mended in it."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from bot.knowledge.citations import Citation, is_place
from bot.knowledge.directory import Directory
from bot.knowledge.documents import Documents
from bot.knowledge.entries import Audience, Entry, EntryStatus, Wording
from bot.knowledge.files.loading import FEWEST_PARAPHRASES, FEWEST_PARAPHRASES_EN, LONGEST_ANSWER, LONGEST_PHRASING
from bot.knowledge.language.vietnamese import fold

DEFAULT_TOPIC = "tu-thuc-tien"
"""the file for what was learnt from practice"""
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 80
_WORDS_IN_ID = 9


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend. code: the words are `learning.fault.<code>`. english: it stands in the way of approving only."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    english: bool = False


@dataclass(frozen=True)
class Texts:
    """An entry in one language, as typed."""

    question: str = ""
    paraphrases: tuple[str, ...] = ()
    answer: str = ""

    @property
    def empty(self) -> bool:
        return not (self.question or self.paraphrases or self.answer)

    @property
    def wording(self) -> Wording:
        own = (each for each in dict.fromkeys(self.paraphrases) if each != self.question)
        return Wording(self.question, tuple(own), self.answer)


@dataclass(frozen=True)
class Content:
    """A draft as it was typed: whatever somebody wrote stays, also what cannot be taken over yet."""

    entry_id: str = ""
    topic: str = DEFAULT_TOPIC
    department: str = ""
    audience: str = "public"
    tags: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    """a line each: `Điều 3 khoản 1 điểm c, 1399/QĐ-TCHQ`"""
    valid_from: str = ""
    valid_until: str = ""
    vi: Texts = Texts()
    en: Texts = Texts()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        texts = {
            language: Texts(**{**content[language], "paraphrases": tuple(content[language]["paraphrases"])})
            for language in ("vi", "en")
        }
        return cls(**{**content, "tags": tuple(content["tags"]), "citations": tuple(content["citations"]), **texts})

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The citations that can be read."""
        return tuple(dict.fromkeys(each for line in self.citations if (each := read_citation(line)) is not None))

    def texts(self) -> Iterable[str]:
        for texts in (self.vi, self.en):
            yield texts.question
            yield from texts.paraphrases
            yield texts.answer

    def entry(self) -> Entry:
        """Return the entry that this becomes. Only for content without faults."""
        return Entry(
            id=self.entry_id,
            status=EntryStatus.PUBLISHED,
            audience=_audience(self.audience),
            department=self.department,
            tags=self.tags,
            citations=self.cited,
            vi=self.vi.wording,
            en=self.en.wording,
            valid_from=_day(self.valid_from),
            valid_until=_day(self.valid_until),
        )


def read_citation(line: str) -> Citation | None:
    """Read `place, number`; None where it is not that."""
    place, comma, number = (part.strip() for part in line.rpartition(","))
    return Citation(number, place) if comma and number and is_place(place) else None


def id_for(question: str, taken: Iterable[str]) -> str:
    """Return an id that nobody has: the first words of the question."""
    words = re.findall(r"[a-z0-9]+", fold(question.lower()))[:_WORDS_IN_ID]
    begin = "-".join(words)[: _LONGEST_ID - 4].strip("-") or "muc-moi"
    taken = frozenset(taken)
    number, found = 1, begin
    while found in taken:
        number += 1
        found = f"{begin}-{number}"
    return found


def faults(
    content: Content,
    *,
    directory: Directory,
    documents: Documents,
    taken: Iterable[str],
    law: Mapping[str, frozenset[str]],
    today: date,
) -> list[Fault]:
    """Return what has to be mended, in the order of the form.

    taken: the ids that entries have. law: the places of each imported document.
    """
    found: list[Fault] = []
    if not _SLUG.fullmatch(content.entry_id) or len(content.entry_id) > _LONGEST_ID:
        found.append(Fault("entry_id", "id_wrong"))
    elif content.entry_id in frozenset(taken):
        found.append(Fault("entry_id", "id_taken", {"id": content.entry_id}))
    if not _SLUG.fullmatch(content.topic) or len(content.topic) > _LONGEST_ID:
        found.append(Fault("topic", "topic_wrong"))
    if content.department not in directory:
        found.append(Fault("department", "department"))
    found += [Fault("tags", "tag", {"tag": each}) for each in content.tags if not _SLUG.fullmatch(each)]
    found += _about_citations(content, documents, law, today)
    found += _about_days(content, today)
    found += _about_texts("vi", content.vi, FEWEST_PARAPHRASES, english=False)
    if content.en.empty:
        found.append(Fault("en_question", "english_missing", english=True))
    else:
        found += _about_texts("en", content.en, FEWEST_PARAPHRASES_EN, english=True)
    return found


def _about_citations(content: Content, documents: Documents, law: Mapping[str, frozenset[str]], today: date) -> Iterable[Fault]:
    if not content.citations:
        yield Fault("citations", "citation_missing")
    for line in content.citations:
        cited = read_citation(line)
        if cited is None:
            yield Fault("citations", "citation_unread", {"line": line[:120]})
        elif cited.document not in documents:
            known = ", ".join(each.number for each in documents)
            yield Fault("citations", "citation_document", {"document": cited.document, "known": known})
        elif not documents.in_force(cited.document, today):
            yield Fault("citations", "citation_ended", {"document": cited.document, "today": today})
        elif cited.document in law and cited.place not in law[cited.document]:
            yield Fault("citations", "citation_place", {"document": cited.document, "place": cited.place})


def _about_days(content: Content, today: date) -> Iterable[Fault]:
    for name in ("valid_from", "valid_until"):
        if getattr(content, name) and _day(getattr(content, name)) is None:
            yield Fault(name, "day", {"given": getattr(content, name)[:40]})
    start, end = _day(content.valid_from), _day(content.valid_until)
    if start and end and end < start:
        yield Fault("valid_until", "days_turned", {"start": start, "end": end})
    elif end and end < today:
        yield Fault("valid_until", "day_over", {"end": end})


def _about_texts(language: str, texts: Texts, fewest: int, *, english: bool) -> Iterable[Fault]:
    wording = texts.wording
    if not wording.question:
        yield Fault(f"{language}_question", "question_missing", english=english)
    for name, phrasings in (("question", (wording.question,)), ("paraphrases", wording.paraphrases)):
        for each in phrasings:
            if len(each) > LONGEST_PHRASING:
                values = {"begin": each[:40], "length": len(each), "most": LONGEST_PHRASING}
                yield Fault(f"{language}_{name}", "phrasing_long", values, english=english)
    if len(wording.paraphrases) < fewest:
        values = {"count": len(wording.paraphrases), "least": fewest}
        yield Fault(f"{language}_paraphrases", "paraphrases_few", values, english=english)
    if not wording.answer:
        yield Fault(f"{language}_answer", "answer_missing", english=english)
    elif len(wording.answer) > LONGEST_ANSWER:
        values = {"length": len(wording.answer), "most": LONGEST_ANSWER}
        yield Fault(f"{language}_answer", "answer_long", values, english=english)


def tidied(content: Content) -> Content:
    """Return the content with the spaces that nobody sees taken out, and without empty lines."""

    def line(text: str) -> str:
        return " ".join(text.split())

    def lines(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found for each in texts if (found := line(each))))

    def texts(given: Texts) -> Texts:
        answer = "\n".join(found for each in given.answer.split("\n") if (found := line(each)))
        return Texts(line(given.question), lines(given.paraphrases), answer)

    return replace(
        content,
        entry_id=line(content.entry_id),
        topic=line(content.topic) or DEFAULT_TOPIC,
        department=line(content.department),
        audience=_audience(content.audience),
        tags=lines(content.tags),
        citations=lines(content.citations),
        valid_from=line(content.valid_from),
        valid_until=line(content.valid_until),
        vi=texts(content.vi),
        en=texts(content.en),
    )


def _audience(text: str) -> Audience:
    return "member" if text == "member" else "public"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
