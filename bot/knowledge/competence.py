"""Who is competent for what, learnt from one directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.departments import DepartmentGuesser
from bot.knowledge.directory import Department, Directory
from bot.knowledge.entries import Entry
from bot.knowledge.language.normalise import Lexicon


@dataclass(frozen=True, slots=True)
class Competent:
    """Who is competent for what, by one directory."""

    learnt_from: tuple[Department, ...]  # all of the directory, so far as it says who is competent
    weights: Mapping[str, float]
    guesser: DepartmentGuesser  # of those that take inquiries
    sealed: DepartmentGuesser  # of those that take reports only
    outside: NDArray[np.bool_]  # departments of the guesser that hardly any entry belongs to

    @classmethod
    def of(
        cls,
        directory: Directory,
        entries: Sequence[Entry],
        weights: Mapping[str, float],
        lexicon: Lexicon,
        before: Competent | None,
    ) -> Competent:
        """before: what was learnt at the last reading; it holds on where no competence has changed, as after most edits."""
        accepting = directory.accepting()
        reports_only = [each for each in directory if not each.accepts_inquiries and each.competences]
        learnt_from = tuple(_competence_of(each) for each in directory)
        if before is not None and (before.learnt_from, before.weights) == (learnt_from, weights):
            guesser, sealed = before.guesser.of(accepting), before.sealed.of(reports_only)
        else:
            guesser, sealed = (DepartmentGuesser(each, weights, lexicon) for each in (accepting, reports_only))
        return cls(learnt_from, weights, guesser, sealed, guesser.seldom_answered(each.department for each in entries))


def _competence_of(department: Department) -> Department:
    """Return the department without what may change and leaves what it is competent for as it was."""
    return replace(
        department,
        parent=None,
        region=None,
        response_target=timedelta(0),
        lead=None,
        deputy=None,
        telegram_group=None,
        telegram_confirm=True,
        calendar=None,
        source=(),
    )
