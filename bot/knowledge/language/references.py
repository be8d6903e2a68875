"""Documents and articles that a question names: "1399 điều 7 khoản 1 nói gì"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.citations import Citation
from bot.knowledge.language.vietnamese import fold

Scores = NDArray[np.float64]

_NUMBER = re.compile(r"\b(\d{3,5})\b")
_ARTICLE = re.compile(r"\b(?:dieu|article|art)\s(\d{1,3})\b")
_TASK = re.compile(r"\b(?:nhiem vu|task)\s(?:so\s)?(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names, as it names it."""

    documents: frozenset[str]
    articles: frozenset[str]
    tasks: frozenset[str]

    @property
    def anything(self) -> bool:
        return bool(self.documents or self.articles or self.tasks)


def named_in(plain: str) -> Named:
    """Read the folded, normalised text of a question."""
    return Named(frozenset(_NUMBER.findall(plain)), frozenset(_ARTICLE.findall(plain)), frozenset(_TASK.findall(plain)))


def names_place(plain: str, citation: Citation) -> bool:
    """Say whether a question, folded, names the document and the article of a citation."""
    named = named_in(plain)
    articles = _ARTICLE.findall(fold(citation.place.lower()))
    return citation.document.split("/")[0] in named.documents and not named.articles.isdisjoint(articles)


class References:
    """What the citations of each entry lean on, in the form in which questions name it."""

    def __init__(self, citations: Sequence[Iterable[Citation]]) -> None:
        self._many = len(citations)
        self._documents: dict[str, NDArray[np.bool_]] = {}
        self._articles: dict[str, NDArray[np.bool_]] = {}
        self._tasks: dict[str, NDArray[np.bool_]] = {}
        for number, each in enumerate(citations):
            for citation in each:
                place = fold(citation.place.lower())
                self._mark(self._documents, (citation.document.split("/")[0],), number)
                self._mark(self._articles, _ARTICLE.findall(place), number)
                self._mark(self._tasks, _TASK.findall(place), number)

    def _mark(self, among: dict[str, NDArray[np.bool_]], names: Iterable[str], number: int) -> None:
        for name in names:
            among.setdefault(name, np.zeros(self._many, dtype=bool))[number] = True

    def _citing(self, among: Mapping[str, NDArray[np.bool_]], names: Iterable[str]) -> NDArray[np.bool_]:
        found = np.zeros(self._many, dtype=bool)
        for name in names:
            if name in among:
                found |= among[name]
        return found

    def agreement(self, plain: str) -> Scores | float:
        """Return for each entry, -1 to 1, whether it cites what the folded text names; 0 when that names nothing.

        Other numbers than those of cited documents (days, sums, decrees) say nothing about which entry is meant.
        """
        named = named_in(plain)
        if not named.anything:
            return 0.0
        found = np.zeros(self._many)
        known = named.documents & self._documents.keys()
        if known:
            found += np.where(self._citing(self._documents, known), 0.5, -1.0)
        if named.articles:
            found += np.where(found < 0, 0.0, np.where(self._citing(self._articles, named.articles), 0.5, -0.4))
        if named.tasks:
            found += np.where(self._citing(self._tasks, named.tasks), 0.5, -0.4)
        return np.clip(found, -1.0, 1.0)
