"""What is committed to the ledger is sent, or its failure is recorded."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.delivery.ledger import LEASE, Priority
from bot.delivery.transport import Limits, NoAnswer, Refused, TryLater, Unreachable
from storage.database import Database
from storage.deliveries import Claimed
from storage.unit_of_work import UnitOfWork
from tests.clock import ManualClock
from tests.delivery.conftest import Platform, Post


async def test_a_message_goes_out_once_and_is_recorded(post: Post) -> None:
    await post.sender.start()
    await post.write("lan", "chào chị")
    await post.until("sent")
    row = (await post.rows())[0]
    assert post.platform.arrived == [("lan", "chào chị")]
    assert (row["platform_message_id"], row["attempts"], row["lease_until"]) == ("1", 1, None)


async def test_nothing_is_sent_before_it_is_committed(post: Post) -> None:
    await post.sender.start()
    to = await post.account("lan")

    async def fails(uow):  # type: ignore[no-untyped-def]
        from bot.delivery.message import Message

        post.ledger.add(uow, to, Message("never"), kind="reply")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await post.database.write(fails)
    await post.write("lan", "after")
    await post.until("sent")
    assert post.platform.calls == [("lan", "after")]


async def test_messages_of_a_chat_arrive_in_order_and_one_at_a_time(post: Post) -> None:
    await post.sender.start()
    texts = [f"{n}" for n in range(12)]
    await post.write("lan", *texts)
    await post.until(*["sent"] * 12)
    assert [text for _, text in post.platform.arrived] == texts
    assert post.platform.most_in_flight == 1


async def test_chats_do_not_wait_for_each_other(post: Post) -> None:
    await post.sender.start()
    post.platform.gate.clear()
    for person in ("lan", "minh", "hoa"):
        await post.write(person, "x")
    await post.platform.until_in_flight(3)
    post.platform.gate.set()
    await post.until("sent", "sent", "sent")


async def test_replies_go_before_bulk(clock: ManualClock, database: Database) -> None:
    platform = Platform(Limits(in_flight=1))
    post = Post(database, clock, platform)
    for n in range(5):
        await post.write(f"bulk-{n}", "bulk", priority=Priority.BULK)
    await post.write("lan", "reply")
    await post.sender.start()
    await post.until(*["sent"] * 6)
    await post.sender.stop()
    assert platform.arrived[0] == ("lan", "reply")


async def test_what_must_go_out_once_cannot_be_written_twice(post: Post) -> None:
    await post.write("lan", "x", key="routing:100:1")
    with pytest.raises(IntegrityError):
        await post.write("lan", "x", key="routing:100:1")


async def test_a_failure_that_passes_is_tried_again_after_the_wait_that_the_platform_asked_for(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(TryLater("Too Many Requests", after=timedelta(seconds=7)))
    await post.write("lan", "x")
    await post.until("queued")
    row = (await post.rows())[0]
    assert row["next_attempt_at"] == post.clock.now() + timedelta(seconds=7)
    assert row["attempts"] == 1


async def test_what_follows_in_the_chat_waits_behind_what_is_tried_again(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(TryLater("ill"))
    await post.write("lan", "first", "second")
    await post.until("queued", "queued")
    await post.write("lan", "third")
    post.clock.advance(timedelta(seconds=5))
    await post.until("sent", "sent", "sent")
    assert [text for _, text in post.platform.arrived] == ["first", "second", "third"]


async def test_a_message_that_the_platform_refuses_is_recorded_and_never_tried_again(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(Refused("message is too long"))
    await post.write("lan", "x", "y")
    await post.until("refused", "sent")
    assert "too long" in (await post.rows())[0]["error"]


async def test_an_account_that_blocked_us_gets_nothing_more_until_it_writes(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(Unreachable("bot was blocked by the user"))
    await post.write("lan", "x")
    await post.until("blocked")
    assert "blocked" in (await post.rows())[0]["error"]


async def test_a_reply_without_an_answer_is_sent_again(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(NoAnswer("cut"))
    await post.write("lan", "x")
    await post.until("queued")
    post.clock.advance(timedelta(seconds=2))
    await post.until("sent")


async def test_bulk_without_an_answer_is_shown_to_a_person_and_not_repeated(post: Post) -> None:
    await post.sender.start()
    post.platform.outcomes.append(NoAnswer("cut"))
    await post.write("lan", "x", priority=Priority.BULK)
    await post.until("unknown")
    post.clock.advance(timedelta(days=1))
    await post.sender.recover()
    assert await post.states() == ["unknown"]


async def test_a_reply_is_given_up_after_a_day(post: Post) -> None:
    await post.write("lan", "x")
    post.clock.advance(timedelta(hours=25))
    post.platform.outcomes.append(TryLater("ill"))
    await post.sender.start()
    await post.until("given_up")


async def test_what_a_dead_sender_held_is_sent_by_the_next(
    post: Post, database: Database, clock: ManualClock, platform: Platform
) -> None:
    await post.write("lan", "x")
    await post.write("minh", "bulk", priority=Priority.BULK)
    assert await post.states() == ["sending", "queued"]  # the first was claimed at birth, and then its process died

    clock.advance(LEASE + timedelta(seconds=1))
    second = Post(database, clock, platform, owner="second")
    await second.sender.start()
    await second.until("sent", "sent")
    await second.sender.stop()
    assert sorted(platform.arrived) == [("lan", "x"), ("minh", "bulk")]


async def test_two_senders_never_send_the_same_row(database: Database, clock: ManualClock) -> None:
    platform = Platform()
    first, second = Post(database, clock, platform, "first"), Post(database, clock, platform, "second")
    for n in range(60):
        await first.write(f"person-{n}", f"{n}", priority=Priority.BULK)
    if database.is_sqlite:  # two processes share only PostgreSQL; here both senders are one process's
        await first.sender.start()
    else:
        await asyncio.gather(first.sender.start(), second.sender.start())
    await first.until(*["sent"] * 60)
    await first.sender.stop()
    await second.sender.stop()
    assert len(platform.arrived) == len(set(platform.arrived)) == 60


async def test_stopping_gives_back_what_was_not_tried(clock: ManualClock, database: Database) -> None:
    platform = Platform(Limits(in_flight=1))
    post = Post(database, clock, platform)
    await post.sender.start()
    platform.gate.clear()
    for n in range(4):
        await post.write(f"person-{n}", "x")
    await platform.until_in_flight(1)
    stopping = asyncio.create_task(post.sender.stop())
    asyncio.get_running_loop().call_soon(platform.gate.set)
    await stopping
    assert sorted(await post.states()) == ["queued", "queued", "queued", "sent"]


async def test_a_stop_between_a_claim_and_its_hand_over_leaves_nothing_in_doubt(post: Post) -> None:
    await post.write("lan", "x", priority=Priority.ALERT)
    claim, stopping = post.sender._claim, asyncio.Queue[asyncio.Task[None]]()

    async def claim_and_stop(uow: UnitOfWork) -> list[Claimed]:
        uow.after_commit(lambda: stopping.put_nowait(asyncio.create_task(post.sender.stop())))
        return await claim(uow)

    post.sender._claim = claim_and_stop  # type: ignore[method-assign]
    await post.sender.start()
    async with asyncio.timeout(5):
        await (await stopping.get())
    assert await post.states() == ["queued"], "an alert whose lease ends is one of which nobody knows whether it was sent"


async def test_the_rate_of_the_account_is_kept(clock: ManualClock, database: Database) -> None:
    platform = Platform(Limits(per_second=50))
    post = Post(database, clock, platform)
    await post.sender.start()
    started = asyncio.get_running_loop().time()
    for n in range(25):
        await post.write(f"person-{n}", "x")
    await post.until(*["sent"] * 25)
    took = asyncio.get_running_loop().time() - started
    await post.sender.stop()
    assert took >= (25 - 20) / 50 * 0.95  # a burst of twenty, then fifty a second
