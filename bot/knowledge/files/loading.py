"""Reads the folder of the knowledge base and checks everything in it, so that a wrong file changes nothing.

All problems are gathered before anybody is told: an editor mends a file once, not once per mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.knowledge.citations import PLACE_EXPECTED, Citation, is_place
from bot.knowledge.directory import Competence, Department, Directory
from bot.knowledge.documents import Document, Documents, DocumentStatus
from bot.knowledge.entries import Audience, Entry, EntryStatus, Wording
from bot.knowledge.files.calendar_file import read_working_time
from bot.knowledge.files.problems import KnowledgeFilesError, Problem
from bot.knowledge.files.working_hours import WorkingTime
from bot.knowledge.files.yaml_files import Node, Reader
from bot.knowledge.language.vietnamese import fold

LONGEST_ANSWER = 900
LONGEST_PHRASING = 600
FEWEST_PARAPHRASES = 4
FEWEST_PARAPHRASES_EN = 1
LEVELS = ("general", "provincial", "sub")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"\d{1,5}(?:/\d{4})?/[A-ZĐ0-9]+(?:-[A-ZĐ0-9]+)*")


@dataclass(frozen=True, slots=True)
class KnowledgeFiles:
    """What the folder holds, checked."""

    documents: Documents
    directory: Directory
    entries: tuple[Entry, ...]
    warnings: tuple[Problem, ...]
    working_time: WorkingTime


def load_files(root: Path, *, today: date, ended_is_wrong: bool = False) -> KnowledgeFiles:
    """Read and check `documents.yaml`, `directory.yaml`, `calendar.yaml` and `entries/*.yaml`.

    today: validity is judged on that day; what has ended only warns, since time must not break a start.
    ended_is_wrong: for whoever changes the files: an entry that ended before today is a mistake of theirs.
    Raises KnowledgeFilesError with every problem in every file.
    """
    problems: list[Problem] = []
    if not root.is_dir():
        expected = "the folder with documents.yaml, directory.yaml and entries/"
        raise KnowledgeFilesError([Problem(root.name or ".", 0, "", "there is no such folder", expected)])
    documents = _read_documents(root, problems, today)
    working_time = read_working_time(root, problems)
    departments = _read_departments(root, problems, documents, working_time)
    known = _Known(documents, frozenset(each.id for each in departments), today, ended_is_wrong)
    entries = _read_entries(root, problems, known)
    if any(not each.warning for each in problems):
        raise KnowledgeFilesError(problems)
    return KnowledgeFiles(documents, Directory(departments), entries, tuple(sorted(problems)), working_time)


def _open(root: Path, path: Path, problems: list[Problem], key: str) -> Iterable[Node]:
    """Yield the items of the list that stands under the only field of the file."""
    reader = Reader(root, path, problems)
    if not path.is_file():
        reader.report(0, "", "the file is missing", f"a file with the list `{key}`")
        return
    node = reader.read()
    fields = node.mapping([key]) if node else None
    if fields and key in fields:
        yield from fields[key].items()


def _read_documents(root: Path, problems: list[Problem], today: date) -> Documents:
    found: dict[str, Document] = {}
    replacements: list[tuple[Node, str]] = []
    for position in _open(root, root / "documents.yaml", problems, "documents"):
        item = position.called_by("number")
        fields = item.mapping(
            ("number", "title", "title_en", "issuer", "signed", "effective_from", "status"),
            ("kind", "language", "effective_until", "replaced_by"),
        )
        if fields is None:
            continue
        number = fields["number"].text() if "number" in fields else None
        if number is not None and not _NUMBER.fullmatch(number):
            fields["number"].report(f"`{number}` is not a document's number", "a number such as 1399/QĐ-TCHQ")
        if number is not None and number in found:
            fields["number"].report(f"the document {number} is there twice", "each number once")
            continue
        texts = {key: fields[key].text() for key in ("title", "title_en", "issuer", "kind", "language") if key in fields}
        days = {
            key: _required_day(fields[key]) if key != "effective_until" else fields[key].day()
            for key in ("signed", "effective_from", "effective_until")
            if key in fields
        }
        status = fields["status"].choice(DocumentStatus) if "status" in fields else None
        replaced_by = fields["replaced_by"].optional_text() if "replaced_by" in fields else None
        if replaced_by is not None:
            replacements.append((fields["replaced_by"], replaced_by))
        start, end = days.get("effective_from"), days.get("effective_until")
        if start and end and end < start:
            fields["effective_until"].report(f"{end} is before {start}", "a day after `effective_from`")
        if number is None or status is None or start is None or days.get("signed") is None:
            continue
        found[number] = Document(
            number=number,
            title=texts.get("title") or "",
            title_en=texts.get("title_en") or "",
            issuer=texts.get("issuer") or "",
            kind=texts.get("kind") or "",
            language=texts.get("language") or "vi",
            signed=cast(date, days["signed"]),
            effective_from=start,
            effective_until=end,
            status=DocumentStatus(status),
            replaced_by=replaced_by,
        )
        if not found[number].in_force(today):
            item.report(f"{number} is not in force on {today}", "entries that cite it are not answered with", warning=True)
    for node, number in replacements:
        if number not in found:
            node.report(f"the document {number} is not in documents.yaml", "a number from this file, or null")
    return Documents(found.values())


def _required_day(node: Node) -> date | None:
    if node.is_null:
        node.report("this is empty", "a date such as 2022-07-15")
        return None
    return node.day()


def _read_departments(root: Path, problems: list[Problem], documents: Documents, working_time: WorkingTime) -> list[Department]:
    found: dict[str, Department] = {}
    nodes: dict[str, Node] = {}
    for position in _open(root, root / "directory.yaml", problems, "departments"):
        item = position.called_by("id")
        fields = item.mapping(
            ("id", "name", "level", "parent", "coordinating", "accepts_inquiries", "response_target", "competences"),
            ("short_names", "region", "lead", "deputy", "telegram_group", "telegram_confirm", "source", "calendar"),
        )
        if fields is None:
            continue
        department_id = _id(fields)
        if department_id is None:
            continue
        if department_id in found:
            fields["id"].report(f"the department {department_id} is there twice", "each id once")
            continue
        name, name_en = _both_languages(fields.get("name"))
        booleans = {key: fields[key].boolean() if key in fields else None for key in ("coordinating", "accepts_inquiries")}
        optional = {
            key: fields[key].optional_text() if key in fields else None
            for key in ("parent", "region", "lead", "deputy", "telegram_group", "calendar")
        }
        if optional["calendar"] is not None and optional["calendar"] not in working_time.others:
            known = ", ".join(working_time.others) or "none there yet"
            fields["calendar"].report(
                f"there is no calendar `{optional['calendar']}`", f"one of calendar.yaml ({known}), or null"
            )
        found[department_id] = Department(
            id=department_id,
            name=name,
            name_en=name_en,
            short_names=fields["short_names"].texts() if "short_names" in fields else (),
            level=(fields["level"].choice(LEVELS) or "") if "level" in fields else "",
            coordinating=bool(booleans["coordinating"]),
            accepts_inquiries=booleans["accepts_inquiries"] is not False,
            telegram_confirm=fields["telegram_confirm"].boolean() is not False if "telegram_confirm" in fields else True,
            response_target=(fields["response_target"].duration() if "response_target" in fields else None)
            or timedelta(hours=24),
            competences=tuple(_competences(fields.get("competences"))),
            source=tuple(_citations(fields["source"], documents)) if "source" in fields else (),
            **optional,
        )
        nodes[department_id] = item
    _check_tree(root, problems, found, nodes)
    return list(found.values())


def _competences(node: Node | None) -> Iterable[Competence]:
    for item in node.items() if node else ():
        fields = item.mapping(("name", "examples"), ("keywords",))
        if fields is None:
            continue
        name, name_en = _both_languages(fields.get("name"))
        keywords = fields["keywords"].texts() if "keywords" in fields else ()
        examples = fields["examples"].texts() if "examples" in fields else ()
        yield Competence(name, name_en, keywords, examples)


def _check_tree(root: Path, problems: list[Problem], found: dict[str, Department], nodes: dict[str, Node]) -> None:
    for each in found.values():
        node = nodes[each.id].named(f"{each.id}.parent")
        if each.parent is not None and each.parent not in found:
            node.report(f"there is no department `{each.parent}`", "an id from this file, or null")
        above, chain = each.parent, [each.id]
        while above is not None and above in found and above not in chain:
            chain.append(above)
            above = found[above].parent
        if above == each.id:
            node.report(f"the levels run in a circle: {' → '.join([*chain, each.id])}", "levels that end at null")
    coordinating = [each for each in found.values() if each.coordinating]
    if not coordinating and (found or (root / "directory.yaml").is_file()):
        problem = ("no department coordinates", "exactly one with `coordinating: true`")
        problems.append(Problem("directory.yaml", 0, "coordinating", *problem))
    for each in coordinating[1:]:
        other = coordinating[0].id
        nodes[each.id].named(f"{each.id}.coordinating").report(f"{other} coordinates already", "exactly one that does")
    for each in coordinating[:1]:
        if not each.accepts_inquiries:
            node = nodes[each.id].named(f"{each.id}.accepts_inquiries")
            node.report("the coordinating department takes no inquiries", "true, since what nobody else takes goes there")


@dataclass(frozen=True, slots=True)
class _Known:
    """What an entry is held against."""

    documents: Documents
    departments: frozenset[str]
    today: date
    ended_is_wrong: bool


def _read_entries(root: Path, problems: list[Problem], known: _Known) -> tuple[Entry, ...]:
    folder = root / "entries"
    paths = sorted(each for each in folder.glob("**/*.y*ml") if each.is_file()) if folder.is_dir() else []
    entries: dict[str, Entry] = {}
    for path in paths:
        root_node = Reader(root, path, problems).read()
        for position in root_node.items() if root_node else ():
            entry = _entry(position.called_by("id"), entries, known)
            if entry is not None:
                entries[entry.id] = entry
    if not paths:
        problems.append(Problem("entries", 0, "", "there is no file with entries", "at least one entries/<topic>.yaml"))
    problems.extend(_twins(entries.values()))
    return tuple(entries.values())


def _twins(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Warn where two entries are asked for in the same words: nobody could tell which one is meant."""
    said = [(each, text) for each in entries if each.status is not EntryStatus.RETIRED for text in _phrasings(each)]
    # Of many thousands hardly one is there twice: the numbers of their words are kept, and not the words once more.
    hashes = np.fromiter((hash(_bare(text)) for _, text in said), np.int64, len(said))
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    asked: dict[str, str] = {}
    for place in np.flatnonzero(counts[which] > 1).tolist():
        entry, text = said[place]
        other = asked.setdefault(_bare(text), entry.id)
        if other != entry.id:
            wrong = f"“{text}” is a way of asking {other} too"
            yield Problem(entry.file, entry.line, entry.id, wrong, "which one is meant cannot be told", warning=True)


def _phrasings(entry: Entry) -> tuple[str, ...]:
    return (*entry.vi.phrasings, *entry.en.phrasings)


def _bare(text: str) -> str:
    return fold(" ".join(text.lower().split()).rstrip("?.! "))


def _entry(item: Node, earlier: dict[str, Entry], known: _Known) -> Entry | None:
    documents, departments, today = known.documents, known.departments, known.today
    fields = item.mapping(
        ("id", "status", "audience", "department", "citations", "vi", "en"),
        ("tags", "valid_from", "valid_until"),
    )
    entry_id = _id(fields) if fields else None
    if fields is None or entry_id is None:
        return None
    if entry_id in earlier:
        other = earlier[entry_id]
        fields["id"].report(f"the id {entry_id} is used in {other.file}:{other.line} already", "each id once, over all files")
    status = fields["status"].choice(EntryStatus) if "status" in fields else None
    audience = fields["audience"].choice(("public", "member")) if "audience" in fields else None
    department = fields["department"].text() if "department" in fields else None
    if department is not None and departments and department not in departments:
        fields["department"].report(f"there is no department `{department}`", "an id from directory.yaml")
    tags = fields["tags"].texts() if "tags" in fields else ()
    for tag in tags:
        if not _ID.fullmatch(tag):
            fields["tags"].report(f"`{tag}` is not a tag", "lower case, digits, hyphens")
    valid_from = fields["valid_from"].day() if "valid_from" in fields else None
    valid_until = fields["valid_until"].day() if "valid_until" in fields else None
    if valid_from and valid_until and valid_until < valid_from:
        fields["valid_until"].report(f"{valid_until} is before {valid_from}", "a day after `valid_from`")
    elif valid_until and valid_until < today and known.ended_is_wrong:
        if status != "retired":
            fields["valid_until"].report(f"the entry ended on {valid_until}", "a later day, or `status: retired`")
    elif valid_until and valid_until < today:
        fields["valid_until"].report(
            f"the entry ended on {valid_until}", "it is not answered with; retire it or set a later day", warning=True
        )
    cited = _citations(fields["citations"], documents) if "citations" in fields else {}
    citations = tuple(cited)
    if "citations" in fields and not citations:
        fields["citations"].report("there is no citation that can be used", "at least one")
    for each in citations:
        if status == "published" and each.document in documents and not documents.in_force(each.document, today):
            fields["citations"].report(
                f"{each.document} is not in force on {today}", "the entry is not answered with", warning=True
            )
    vi = _wording(fields.get("vi"), FEWEST_PARAPHRASES)
    en = _wording(fields.get("en"), FEWEST_PARAPHRASES_EN)
    if status is None or audience is None or department is None or vi is None or en is None or entry_id in earlier:
        return None
    return Entry(
        id=entry_id,
        status=EntryStatus(status),
        audience=cast(Audience, audience),
        department=department,
        tags=tags,
        citations=citations,
        vi=vi,
        en=en,
        valid_from=valid_from,
        valid_until=valid_until,
        file=item.file,
        line=item.line,
        citation_lines=tuple(cited.values()),
    )


def _wording(node: Node | None, fewest: int) -> Wording | None:
    fields = node.mapping(("question", "paraphrases", "answer")) if node else None
    if fields is None:
        return None
    question = fields["question"].text(longest=LONGEST_PHRASING) if "question" in fields else None
    paraphrases: list[str] = []
    if "paraphrases" in fields:
        seen = {question}
        for each in fields["paraphrases"].items():
            text = each.text(longest=LONGEST_PHRASING)
            if text is not None and text in seen:
                each.report("this is there already", "another way of asking")
            elif text is not None:
                paraphrases.append(text)
                seen.add(text)
        if len(paraphrases) < fewest:
            wrong = f"there are {len(paraphrases)}"
            fields["paraphrases"].report(wrong, f"at least {fewest}, as people really write")
    answer = fields["answer"].text(longest=LONGEST_ANSWER) if "answer" in fields else None
    if question is None or answer is None:
        return None
    return Wording(question, tuple(paraphrases), answer)


def _citations(node: Node, documents: Documents) -> dict[Citation, int]:
    """Return what is cited, in its order, each with its line."""
    found: dict[Citation, int] = {}
    for item in node.items():
        fields = item.mapping(("document", "place"))
        if fields is None or "document" not in fields or "place" not in fields:
            continue
        document, place = fields["document"].text(), fields["place"].text()
        if document is not None and len(documents) and document not in documents:
            fields["document"].report(f"`{document}` is not in documents.yaml", "the number of a document listed there")
        if place is not None and not is_place(place):
            fields["place"].report(f"`{place}` is not a place", PLACE_EXPECTED)
        if document is not None and place is not None:
            found.setdefault(Citation(document, place), item.line)
    return found


def _both_languages(node: Node | None) -> tuple[str, str]:
    fields: dict[str, Any] | None = node.mapping(("vi", "en")) if node else None
    if not fields:
        return "", ""
    vi = fields["vi"].text() if "vi" in fields else None
    en = fields["en"].text() if "en" in fields else None
    return vi or "", en or ""


def _id(fields: dict[str, Node]) -> str | None:
    node = fields.get("id")
    value = node.text(longest=80) if node else None
    if node is not None and value is not None and not _ID.fullmatch(value):
        node.report(f"`{value}` is not an id", "lower case, digits, hyphens")
        return None
    return value
