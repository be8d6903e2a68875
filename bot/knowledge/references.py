"""Documents and articles that a question names: "1399 điều 7 khoản 1 nói gì"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.knowledge.citations import Citation
from bot.knowledge.vietnamese import fold

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


@dataclass(frozen=True, slots=True)
class Reference:
    """What the citations of an entry lean on, in the form in which questions name it."""

    documents: frozenset[str]
    articles: frozenset[str]
    tasks: frozenset[str]

    @classmethod
    def of(cls, citations: Iterable[Citation]) -> Reference:
        citations = tuple(citations)
        places = " ".join(fold(each.place.lower()) for each in citations)
        return cls(
            frozenset(each.document.split("/")[0] for each in citations),
            frozenset(_ARTICLE.findall(places)),
            frozenset(_TASK.findall(places)),
        )

    def agreement(self, named: Named, known: frozenset[str]) -> float:
        """Return -1 to 1: whether the entry cites what is named; 0 when the question names nothing.

        known: the numbers of the documents that entries cite. Other numbers (days, sums, decrees that nothing cites)
        say nothing about which entry is meant.
        """
        found = 0.0
        if named.documents:
            if named.documents & self.documents:
                found += 0.5
            elif named.documents & known:
                found -= 1.0
        if named.articles and found >= 0:
            found += 0.5 if named.articles & self.articles else -0.4
        if named.tasks:
            found += 0.5 if named.tasks & self.tasks else -0.4
        return max(-1.0, min(found, 1.0))
