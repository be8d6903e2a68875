"""What is always true of updates and messages, whatever is killed, whenever: invariants 1, 2 and 4 of the architecture.

People write while the real program is killed with SIGKILL and started again. How many people, and how often, are set by
KILL_TEST_PEOPLE and KILL_TEST_KILLS for longer runs; KILL_TEST_SEED repeats the moments of a run, as far as moments repeat.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram.people import User
from tests.process.conftest import PUBLIC, MakeProgram
from tests.process.program import FEW, STARTS_WITHIN, Program, until

pytestmark = pytest.mark.process

PEOPLE = int(os.environ.get("KILL_TEST_PEOPLE", "24"))
KILLS = int(os.environ.get("KILL_TEST_KILLS", "2"))
SEED = int(os.environ.get("KILL_TEST_SEED", "1399"))
IN_FLIGHT = 40
"""sends at once, see `bot.channels.telegram.channel.LIMITS`"""
SETTLES_WITHIN = 30 + PEOPLE

QUESTIONS = (
    "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?",
    "Tờ khai 104567890123 luồng đỏ của tôi bị giữ 5 ngày ở cảng Cát Lái, phải làm gì?",
    "Muốn tham gia chương trình hỗ trợ tự nguyện tuân thủ thì doanh nghiệp cần điều kiện gì?",
    "Lô hàng hóa chất mã HS 2905 của công ty tôi bị yêu cầu phân tích phân loại lại, khi nào có kết quả?",
)


class Killing:
    """One run: people who write, and a program that is killed while they do."""

    def __init__(self, peer: TelegramPeer, program: Program) -> None:
        self.peer = peer
        self.program = program
        self.random = random.Random(SEED)
        self.people = [peer.user(f"Người {number}") for number in range(PEOPLE)]
        self.in_hand: Counter[int] = Counter()
        """rows that a killed process held, with how many of them held it"""

    async def run(self) -> None:
        # An answer that comes late leaves a moment in which the message is out and nobody has written it down.
        self.peer.delays("sendMessage", seconds=0.05, after_effect=True, times=None)
        shares = self._shares()
        for kill in range(KILLS):
            await self._write(next(shares))
            sent = self._sent()
            await self._start()
            writing = asyncio.create_task(self._write(next(shares)))
            if kill % 2 == 0:  # in the middle of the answers to what waited; otherwise whatever it is doing
                await until(lambda sent=sent: self._sent() > sent, STARTS_WITHIN, "it answers")  # type: ignore[misc]
            await asyncio.sleep(self.random.uniform(0, 0.3))
            await self.program.kill()
            await writing
            self._look_after_the_kill()
        await self._write(next(shares))
        await self._start()
        await self._write(next(shares))
        await self.peer.taken(timeout=SETTLES_WITHIN)
        await until(self._all_ended, SETTLES_WITHIN, "every row of the ledger comes to its end")
        await self.program.stop()

    def _shares(self) -> Iterator[list[tuple[User, str]]]:
        """What people write while the program is down and while it is up, in turns: mixed, but in order for each person."""
        turns = [person for person in self.people for _ in QUESTIONS]
        self.random.shuffle(turns)
        left = {person.id: iter(QUESTIONS) for person in self.people}
        said = [(person, next(left[person.id])) for person in turns]
        parts = 2 * (KILLS + 1)
        return iter([said[len(said) * part // parts : len(said) * (part + 1) // parts] for part in range(parts)])

    async def _write(self, said: list[tuple[User, str]]) -> None:
        for person, text in said:
            await person.says(text)
            await asyncio.sleep(self.random.uniform(0, 0.05))

    def _sent(self) -> int:
        return len(self.peer.calls_of("sendMessage"))

    async def _start(self) -> None:
        """Start the program and wait until it has called Telegram for the first time: from now on it is at work."""
        known = len(self.peer.calls)
        await self.program.start()
        await until(lambda: len(self.peer.calls) > known or not self.program.alive, STARTS_WITHIN, "the program comes up")
        assert self.program.alive, self.program.log_end()

    def _look_after_the_kill(self) -> None:
        confirmed = {str(update.id) for update in self.peer.platform.updates.delivered}
        taken = {row["event_id"] for row in self.program.rows("SELECT event_id FROM events")}
        assert confirmed <= taken, "an update that Telegram was told we have is not in the database"
        self.in_hand.update(row["id"] for row in self.program.rows("SELECT id FROM deliveries WHERE state = 'sending'"))

    def _all_ended(self) -> bool:
        assert self.program.alive, self.program.log_end()
        return not self.program.rows("SELECT id FROM deliveries WHERE state IN ('queued', 'sending')")


async def test_nothing_is_lost_and_nothing_done_twice_whatever_is_killed_whenever(make_program: MakeProgram) -> None:
    """A run by polling and one by webhook, beside each other because a start takes seconds; each with all its checks."""
    async with TelegramPeer() as polled, TelegramPeer() as posting:
        by_webhook = make_program(
            "webhook",
            telegram=posting,
            **FEW,
            TELEGRAM_MODE="webhook",
            TELEGRAM_WEBHOOK_SECRET="a-secret",
            PUBLIC_URL=PUBLIC,
        )
        posting.reaches(PUBLIC, at=f"http://127.0.0.1:{by_webhook.port}")
        runs = [
            Killing(polled, make_program("polling", telegram=polled, **FEW, TELEGRAM_MODE="polling")),
            Killing(posting, by_webhook),
        ]
        await asyncio.gather(*(run.run() for run in runs))
        for run in runs:
            every_question_has_exactly_one_inquiry(run)
            every_row_ended_sent_or_with_its_failure(run)
            twice = every_message_arrived_and_only_those_in_hand_at_a_kill_twice(run)
            nothing_went_wrong_by_itself(run)
            print(f"{run.program.folder.name}: {PEOPLE * len(QUESTIONS)} questions, {KILLS} kills, {twice} messages twice")


def every_question_has_exactly_one_inquiry(run: Killing) -> None:
    rows = run.program.rows(
        "SELECT a.external_id AS person, i.text AS text FROM inquiries i JOIN channel_accounts a ON a.id = i.account_id"
    )
    found = Counter((row["person"], row["text"]) for row in rows)
    expected = Counter((str(person.id), text) for person in run.people for text in QUESTIONS)
    assert found == expected
    numbers = [row["number"] for row in run.program.rows("SELECT number FROM inquiries ORDER BY number")]
    assert len(set(numbers)) == len(numbers)


def every_row_ended_sent_or_with_its_failure(run: Killing) -> None:
    rows = run.program.rows("SELECT state, error FROM deliveries")
    assert {row["state"] for row in rows} == {"sent"}, [row for row in rows if row["state"] != "sent"]


def every_message_arrived_and_only_those_in_hand_at_a_kill_twice(run: Killing) -> int:
    """Return how many messages arrived more than once."""
    twice = 0
    rows = run.program.rows("SELECT id, recipient, json_extract(content, '$.text') AS text FROM deliveries")
    for person in run.people:
        written = [row for row in rows if row["recipient"] == str(person.id)]
        arrived = Counter(message.text for message in person.messages)
        assert arrived.keys() == {row["text"].strip() for row in written}
        for text, times in arrived.items():
            same = [row["id"] for row in written if row["text"].strip() == text]
            assert len(same) <= times <= len(same) + sum(run.in_hand[row] for row in same)
            twice += times - len(same)
    assert twice <= KILLS * IN_FLIGHT
    return twice


def nothing_went_wrong_by_itself(run: Killing) -> None:
    """A kill is the only fault of the run: whatever the program calls an error comes from us."""
    wrong = [line for line in run.program.logged() if line["level"] in ("error", "critical")]
    assert wrong == []
