"""The benchmarks work, and count what goes wrong. Their figures are no matter of tests: they belong to a quiet machine."""

from array import array
from collections.abc import Sequence

import pytest

from bench import search, sweep, webhook
from bench.load import Outcome, Update, match
from bench.processes import PROJECT

_MS = 1_000_000
FEW = PROJECT / "tests" / "handlers" / "knowledge"
"""a knowledge base of a few entries: whether the figures are right shows there as well"""


def outcome(*posted: tuple[int, int], status: int = 200) -> Outcome:
    """posted: (chat, moment in milliseconds) of each update."""
    updates = [Update(chat, due=at * _MS, sent=at * _MS, status=status) for chat, at in posted]
    return Outcome(0, 1000 * _MS, updates)


def seen(*replies: tuple[int, int]) -> "array[int]":
    """replies: (moment in milliseconds, chat) of each."""
    return array("q", [value for at, chat in replies for value in (at * _MS, chat)])


def test_a_reply_belongs_to_the_oldest_update_of_its_chat():
    run = outcome((1, 10), (2, 20), (1, 30))
    match(run, seen((25, 2), (26, 1), (40, 1)))
    assert sorted(run.waits_ms) == [5, 10, 16]
    assert run.lost == 0


@pytest.mark.parametrize(
    ("replies", "unanswered", "surplus"),
    [([], 2, 0), ([(15, 1)], 1, 0), ([(15, 1), (16, 1), (17, 2)], 0, 1)],
    ids=["nothing came", "one came", "one came twice"],
)
def test_an_update_without_a_reply_and_a_second_reply_are_counted(
    replies: Sequence[tuple[int, int]], unanswered: int, surplus: int
):
    run = outcome((1, 10), (2, 11))
    match(run, seen(*replies))
    assert (run.unanswered, run.surplus) == (unanswered, surplus)


def test_an_update_that_was_not_taken_is_refused_and_not_unanswered():
    run = outcome((1, 10), status=503)
    match(run, seen())
    assert (run.refused, run.unanswered, run.lost) == (1, 0, 1)


@pytest.mark.process
def test_the_webhook_bench_answers_every_update_once_and_loses_none():
    report = webhook.run(webhook.Plan(rounds=1, seconds=0.3, connections=8))
    assert report.lost == 0
    assert report.answered_twice == 0
    assert report.repeated > 0
    assert all(each.taken > 0 for each in (report.echo, *report.ours))
    assert "Nothing was lost." in webhook.told(report)


def test_the_search_bench_measures_ours_and_the_others_in_both_sizes_and_says_what_was_reached(monkeypatch):
    monkeypatch.setattr(search, "embedder", lambda: None)  # its cost is measured by hand; without it this takes seconds
    measured = search.run(search.Plan(entries=120, passages=300, questions=5, shipped=FEW))
    shipped = measured[0].entries
    assert [(each.title, each.entries, each.passages) for each in measured] == [
        (title, entries, passages)
        for entries, passages in ((shipped, 0), (120, 0), (shipped, 300))
        for title in (search.WORDS, search.BM25)
    ]
    assert all(len(each.times_ms) == 5 for each in measured)
    assert all(each.beyond_ms == each.times_ms for each in measured)
    written = search.told(measured)
    assert "passages more, p99" in written
    assert "p99 by BM25's" in written


def test_the_sweep_bench_finds_what_is_due_each_time_and_nothing_else():
    (measured,) = sweep.run([400], 2, on_postgresql=False)
    assert measured.done == [sweep.DUE, sweep.DUE]
    assert "ix_rungs_pending_at" in measured.indexes
