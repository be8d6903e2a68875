"""What the webhook takes and what it refuses, and that it answers in time whatever happens behind it."""

import asyncio
import json
import tarfile
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot import backup
from bot.channels.sealing import Seal
from bot.channels.zalo_oa.signature import fits
from bot.settings import PROJECT
from storage.models import ChannelAccount, Inquiry, InquiryMessage, WaitingEvent
from tests.channels.zalo_oa.conftest import Desk
from tests.handlers.conftest import KNOWN, REPORT, STUCK
from tests.peers.zalo_oa import ZaloPeer


async def test_a_wrong_signature_is_refused_and_told_at_the_desk(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    assert await lan.says(KNOWN, mac="0" * 64) == 403
    assert await desk.rows(ChannelAccount) == []
    assert await desk.alarms() == ["signature"]


async def test_a_body_changed_by_a_byte_is_refused(desk: Desk, zalo: ZaloPeer) -> None:
    raw = json.dumps(zalo.envelope("user_send_text", "1") | {"message": {"msg_id": "m", "text": "a"}}).encode()
    assert await zalo.post(raw.replace(b'"a"', b'"b"'), mac=zalo.sign(raw)) == 403


async def test_an_event_of_another_app_is_refused_and_told_at_the_desk(desk: Desk, zalo: ZaloPeer) -> None:
    body = zalo.envelope("user_send_text", "1") | {"message": {"msg_id": "m", "text": KNOWN}, "app_id": "555"}
    assert await zalo.post(body) == 403
    assert await desk.alarms() == ["unknown_app"]


async def test_an_old_event_is_kept_and_told_but_not_acted_on(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    old = str(int((desk.clock.now() - timedelta(hours=7)).timestamp() * 1000))
    assert await lan.says(KNOWN, timestamp=old) == 200
    assert await desk.rows(ChannelAccount) == []
    assert [row["reason"] for row in await desk.rows(WaitingEvent)] == ["too_old"]
    assert await desk.alarms() == ["too_old"]


async def test_an_old_event_is_answered_though_nobody_can_be_told_now(desk: Desk, zalo: ZaloPeer) -> None:
    desk.channel._alarms._database = Stuck()  # type: ignore[assignment]
    old = str(int((desk.clock.now() - timedelta(hours=7)).timestamp() * 1000))
    async with asyncio.timeout(10):
        assert await zalo.person("Lan").says(KNOWN, timestamp=old) == 200
    assert [row["reason"] for row in await desk.rows(WaitingEvent)] == ["too_old"]


async def test_an_event_that_zalo_repeats_for_two_hours_is_taken(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    sent = str(int(desk.clock.now().timestamp() * 1000))
    desk.clock.advance(timedelta(hours=2))
    assert await lan.says(KNOWN, timestamp=sent, retry=5) == 200
    await desk.settled()
    assert lan.heard


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"not json", b'{"timestamp": 1}', b"[" * 50_000])
async def test_what_is_no_event_is_refused(desk: Desk, zalo: ZaloPeer, raw: bytes) -> None:
    assert await zalo.post(raw, mac="0" * 64) in (400, 403)


async def test_what_is_too_large_is_refused(desk: Desk, zalo: ZaloPeer) -> None:
    assert await zalo.post(b" " * (1024 * 1024 + 1), mac="0" * 64) == 413


async def test_an_unknown_event_is_kept_and_answered_200(desk: Desk, zalo: ZaloPeer) -> None:
    assert await zalo.post(zalo.envelope("oa_call_user_someday", "1") | {"anything": {"x": 1}}) == 200
    assert [(row["name"], row["reason"]) for row in await desk.rows(WaitingEvent)] == [("oa_call_user_someday", "unknown")]
    assert await desk.alarms() == ["event_unknown"]
    assert await zalo.again() == 200
    assert len(await desk.rows(WaitingEvent)) == 1


@pytest.mark.parametrize("kind", ["sticker", "location"])
async def test_what_we_cannot_use_is_answered_politely(desk: Desk, zalo: ZaloPeer, kind: str) -> None:
    lan = zalo.person("Lan")
    await lan.attaches(kind, {"id": "1", "coordinates": {"latitude": "10.7", "longitude": "106.7"}})
    await desk.settled()
    assert lan.heard


async def test_a_slow_turn_is_answered_in_time_and_taken_once(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says("xin chào")
    await desk.settled()
    before = len(lan.heard)
    receiver = desk.channel._receiver
    assert receiver is not None
    may_go_on = asyncio.Event()
    taken = receiver._take

    async def slow(incoming: object) -> bool:
        await may_go_on.wait()
        return await taken(incoming)  # type: ignore[arg-type]

    receiver._take = slow
    step = desk.channel._webhook.doorstep
    assert step is not None
    step._in_time, step._keeping = 0.05, 1.75
    started = time.monotonic()
    assert await lan.says(STUCK) == 200
    assert time.monotonic() - started < 1.9
    assert [row["reason"] for row in await desk.rows(WaitingEvent)] == ["slow"]
    may_go_on.set()
    await asyncio.gather(*step._late)
    await desk.settled()
    assert len(lan.heard) > before
    assert await desk.rows(WaitingEvent) == [], "what people wrote is not kept a second time"


async def test_an_event_whose_turn_fails_is_taken_later_in_order(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    receiver, step = desk.channel._receiver, desk.channel._webhook.doorstep
    assert receiver is not None
    assert step is not None
    taken = receiver._take

    async def broken(incoming: object) -> bool:
        raise ConnectionError("the database is away")

    receiver._take = broken
    assert await lan.says("/menu") == 200
    assert await lan.says(STUCK) == 200
    receiver._take = taken
    assert await step.run() == 0, "not at once: what failed a moment ago would fail again"
    desk.clock.advance(timedelta(seconds=3))
    assert await step.run() == 2
    await desk.settled()
    assert any("YC-2026" in heard.text for heard in lan.heard)
    assert await desk.rows(WaitingEvent) == []


async def test_what_an_officer_types_in_the_console_is_kept_with_the_inquiry(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says(STUCK)
    await desk.settled()
    await lan.is_written_to_in_console("Chị gửi giúp số tờ khai nhé", admin="admin-7")
    await zalo.again()
    assert [(row["kind"], row["text"], row["author_name"]) for row in await desk.rows(InquiryMessage)] == [
        ("elsewhere", "Chị gửi giúp số tờ khai nhé", "admin-7")
    ]


async def test_the_echo_of_what_we_sent_is_not_kept_again(desk: Desk, zalo: ZaloPeer) -> None:
    zalo.echoes = True
    lan = zalo.person("Lan")
    await lan.says(STUCK)
    await desk.settled()
    assert await desk.rows(InquiryMessage) == []
    assert await desk.rows(WaitingEvent) == []


async def test_receipts_are_recorded_in_any_order_and_once(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says(KNOWN)
    await desk.settled()
    message = lan.heard[-1].id
    await lan.sees(message, "somebody-elses")
    seen_at = desk.clock.now()
    desk.clock.advance(timedelta(minutes=1))
    await lan.receives(message)
    await lan.sees(message)
    row = next(row for row in await desk.rows() if row["platform_message_id"] == message)
    assert (row["seen_at"], row["received_at"]) == (seen_at, desk.clock.now())


async def test_unfollowing_ends_what_waits_and_a_late_event_of_theirs_loses_nothing(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    await lan.says(KNOWN)
    await desk.settled()
    heard = len(lan.heard)
    await lan.unfollows()
    assert [row["unreachable"] for row in await desk.rows(ChannelAccount)] == ["blocked"]
    assert await lan.says(STUCK) == 200  # it was on its way when they left
    await desk.settled()
    assert len(lan.heard) == heard
    rows = await desk.rows()
    assert rows[-1]["state"] in ("unreachable", "blocked")
    assert "-217" in rows[-1]["error"]
    assert rows[-1]["inquiry_id"] is not None, "the inquiry stands, and its page shows why nothing arrived"


async def test_the_other_ways_of_signing_are_settings(clock: object) -> None:
    import hashlib

    raw = b'{"timestamp":"1"}'
    mac = hashlib.sha256(b"oa" + raw + b"1" + b"app-secret").hexdigest()
    assert fits(f"mac={mac}", identity="oa", raw=raw, timestamp="1", secret="app-secret")
    assert not fits(f"mac={mac}", identity="app", raw=raw, timestamp="1", secret="app-secret")


def held_by(desk: Desk, text: str) -> list[str]:
    """Return the files of the database that hold the text: what a backup would copy."""
    folder = desk.core.settings.data_dir
    return [each.name for each in folder.rglob("*") if each.is_file() and text.encode() in each.read_bytes()]


class Turns:
    """Stands where turns begin: lets them wait, or fail."""

    def __init__(self, desk: Desk) -> None:
        receiver, step = desk.channel._receiver, desk.channel._webhook.doorstep
        assert receiver is not None
        assert step is not None
        self._receiver, self.step, self._taken = receiver, step, receiver._take
        self._may_go_on = asyncio.Event()
        step._in_time, step._keeping = 0.05, 30.0

    def hold(self) -> None:
        async def late(incoming: object) -> bool:
            await self._may_go_on.wait()
            return await self._taken(incoming)  # type: ignore[arg-type]

        self._receiver._take = late

    def fail(self) -> None:
        async def broken(incoming: object) -> bool:
            raise ConnectionError("the database is away")

        self._receiver._take = broken

    async def go_on(self) -> None:
        self._receiver._take = self._taken
        self._may_go_on.set()
        await asyncio.gather(*self.step._late)


@pytest.mark.parametrize("how", ["slow", "failed"])
@pytest.mark.parametrize("text", [REPORT, STUCK])
async def test_what_waits_is_answered_for_sealed_and_shows_nothing_of_what_it_is(
    desk: Desk, zalo: ZaloPeer, how: str, text: str
) -> None:
    lan = zalo.person("Lan")
    turns = Turns(desk)
    (turns.hold if how == "slow" else turns.fail)()
    assert await lan.says(text) == 200, "nothing gives Zalo a reason to switch the webhook off"
    (row,) = await desk.rows(WaitingEvent)
    assert (row["name"], row["reason"], row["body"][:7]) == ("user_send_text", how, "sealed:")
    assert not any(secret in str(row) for secret in (text, lan.id))
    assert held_by(desk, text) == []
    await turns.go_on()
    desk.clock.advance(timedelta(seconds=3))
    assert await turns.step.run() == (how == "failed")
    await desk.settled()
    assert await desk.rows(WaitingEvent) == []
    if text == REPORT:
        assert "Đội đặc nhiệm" in lan.last or "đường dây" in lan.last.lower()
        assert held_by(desk, text) == []
    else:
        assert "YC-2026" in lan.last


async def test_another_process_takes_what_one_that_died_had_answered_for(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    turns = Turns(desk)
    turns.hold()
    assert await lan.says(STUCK) == 200
    other = desk.make(desk.account(), owner="two")
    await other.start(desk.core.pipeline.take)
    desk.clock.advance(timedelta(seconds=61))
    step = other._webhook.doorstep
    assert step is not None
    assert await step.run() == 1
    await other.stop()
    await turns.go_on()
    await desk.settled()
    assert len(await desk.rows(Inquiry)) == 1, "the turn that came to its end after all did nothing twice"


async def test_what_another_key_sealed_is_given_up_and_told_by_doctor(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    turns = Turns(desk)
    turns.fail()
    assert await lan.says(STUCK) == 200
    turns.step._seal = Seal(b"another key", "events that wait")
    desk.clock.advance(timedelta(seconds=3))
    assert await turns.step.run() == 0
    assert [(row["reason"], row["body"], row["due_at"]) for row in await desk.rows(WaitingEvent)] == [("sealed", "", None)]
    assert any("SECRET_KEY" in problem for problem in await desk.channel.problems())


async def test_nothing_that_waits_goes_into_a_backup(desk: Desk, zalo: ZaloPeer, tmp_path: Path) -> None:
    lan = zalo.person("Lan")
    Turns(desk).fail()
    assert await lan.says(REPORT) == 200
    sealed = (await desk.rows(WaitingEvent))[0]["body"]
    archive, settings = tmp_path / "copy.tar.gz", desk.core.settings
    await backup.write(backup.Place(settings.database(), settings.data_dir, PROJECT / "faq"), archive)
    with tarfile.open(archive) as opened:
        copied = opened.extractfile("donghanh.db")
        assert copied is not None
        content = copied.read()
    assert b"waiting_events" in content
    assert sealed[-40:].encode() not in content


async def test_a_webhook_that_was_refused_for_as_long_as_zalo_repeats_is_told_at_the_desk(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    turns = Turns(desk)
    turns.fail()
    database, turns.step._database = turns.step._database, Away()  # type: ignore[assignment]
    assert await lan.says(STUCK) == 503
    turns.step._database = database
    desk.clock.advance(timedelta(minutes=59))
    await turns.step.look_at_silence()
    assert await desk.alarms() == []
    desk.clock.advance(timedelta(minutes=1))
    await turns.step.look_at_silence()
    assert await desk.alarms() == ["webhook_refused"]


async def test_a_refused_event_that_comes_again_and_is_taken_alarms_nobody(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    turns = Turns(desk)
    turns.fail()
    database, turns.step._database = turns.step._database, Away()  # type: ignore[assignment]
    assert await lan.says(STUCK) == 503
    turns.step._database, turns.step._in_time = database, 30.0
    await turns.go_on()
    assert await zalo.again() == 200
    desk.clock.advance(timedelta(hours=2))
    await turns.step.look_at_silence()
    assert await desk.alarms() == []


class Stuck:
    """A database that comes to no end."""

    async def write(self, work: object) -> None:
        await asyncio.Event().wait()


class Away:
    """A database that takes nothing."""

    async def write(self, work: object) -> None:
        raise ConnectionError("the database is away")


async def test_of_an_old_or_unknown_event_with_a_report_only_that_it_came_is_kept(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    step = desk.channel._webhook.doorstep
    assert step is not None
    step._in_time = 30.0
    old = str(int((desk.clock.now() - timedelta(hours=7)).timestamp() * 1000))
    assert await lan.says(REPORT, timestamp=old) == 200
    unknown = zalo.envelope("user_send_something", lan.id) | {"message": {"msg_id": "m", "note": {"words": REPORT}}}
    assert await zalo.post(unknown) == 200
    assert [(row["reason"], row["body"]) for row in await desk.rows(WaitingEvent)] == [("too_old", ""), ("unknown", "")]
    assert held_by(desk, REPORT) == []


async def test_of_an_old_event_that_nobody_can_look_at_in_time_only_that_it_came_is_kept(desk: Desk, zalo: ZaloPeer) -> None:
    lan = zalo.person("Lan")
    step = desk.channel._webhook.doorstep
    assert step is not None
    never = asyncio.Event()

    async def slow(text: str) -> bool:
        return await never.wait()

    step._may_keep, step._in_time, step._keeping = slow, 0.02, 30.0
    old = str(int((desk.clock.now() - timedelta(hours=7)).timestamp() * 1000))
    assert await lan.says(STUCK, timestamp=old) == 200
    assert [(row["reason"], row["body"]) for row in await desk.rows(WaitingEvent)] == [("too_old", "")]
    never.set()
