"""What people see of us on Zalo: real buttons where a template carries them, files uploaded once; and what doctor says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.zalo_oa import zbs
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.delivery.message import Button
from bot.handlers.incoming import Incoming
from storage.models import Inquiry, PlatformUpload
from storage.unit_of_work import table_of
from tests.channels.zalo_oa.conftest import Desk
from tests.handlers.conftest import KNOWN
from tests.peers.zalo_oa import Person, ZaloPeer

PDF = b"%PDF-1.7\n" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def account_changes() -> dict[str, Any]:
    return {"button_template": "button"}


@pytest.fixture
async def lan(desk: Desk, zalo: ZaloPeer) -> Person:
    person = zalo.person("Lan")
    await person.says(KNOWN)
    await desk.settled()
    person.heard.clear()
    return person


def uploads(zalo: ZaloPeer, kind: str = "") -> int:
    return sum(path.startswith(f"/v2.0/oa/upload/{kind}") for path in zalo.calls)


# Buttons


async def test_where_a_template_carries_buttons_a_press_is_the_choice(desk: Desk, zalo: ZaloPeer) -> None:
    zalo.platform.switches.carried_templates = ("button",)
    lan = zalo.person("Lan")
    await lan.says(KNOWN)
    await desk.settled()
    assert [button["type"] for button in lan.heard[-1].buttons] == ["oa.query.hide"] * len(lan.heard[-1].buttons)
    assert "1. " not in lan.last.splitlines()[-1]
    await lan.presses("Có")
    await desk.settled()
    assert [row["helped"] for row in await desk.rows(Inquiry)] == [True]


async def test_where_zalo_carries_none_everybody_gets_numbers_from_the_same_message_on(desk: Desk, zalo: ZaloPeer) -> None:
    lan, minh = zalo.person("Lan"), zalo.person("Minh")
    await lan.says(KNOWN)
    await desk.settled()
    assert "1. " in lan.last
    assert not lan.heard[-1].buttons
    refused = len(zalo.calls)
    await minh.says(KNOWN)
    await desk.settled()
    assert "1. " in minh.last
    sent = zalo.calls[refused:].count("/v3.0/oa/message/cs")
    assert sent == len(minh.heard), "nothing is tried that was refused once"
    await lan.chooses("Có")
    await desk.settled()
    assert [row["helped"] for row in await desk.rows(Inquiry)] == [True, None]


async def test_an_open_question_has_no_numbers_where_buttons_are_refused_either(desk: Desk, lan: Person) -> None:
    desk.channel._buttons = True
    row = await desk.tells(lan, "Công ty có mấy tờ khai?", buttons=((Button("Trả lời cán bộ", "reply:1"),),), asks=True)
    assert row["state"] == "sent"
    assert lan.last == "Công ty có mấy tờ khai?"


@pytest.mark.parametrize("real_buttons", [False, True])
async def test_beside_an_answer_in_own_words_a_bare_number_is_that_answer(
    desk: Desk, zalo: ZaloPeer, lan: Person, real_buttons: bool
) -> None:
    desk.channel._buttons = real_buttons  # tried, and refused by Zalo, where it is so
    await desk.tells(lan, "Công ty có mấy kho?", buttons=((Button("Bỏ qua", "skip"),),), beside=True)
    assert lan.last.splitlines()[0] == "Công ty có mấy kho?"
    assert "#1 Bỏ qua" in lan.last
    assert "1. " not in lan.last
    menus, said = desk.channel._menus, Incoming("zalo_oa", "e", lan.id, desk.clock.now(), text="1")
    assert await menus.chosen(said) == said
    for text in ("#1", "# 1", "số 1", "chọn 1"):
        assert (await menus.chosen(replace(said, text=text))).action == "skip", text


async def test_more_choices_than_zalo_shows_as_buttons_are_numbers(desk: Desk, zalo: ZaloPeer, lan: Person) -> None:
    zalo.platform.switches.carried_templates = ("button",)
    desk.channel._buttons = True
    rows = tuple((Button(f"Lựa chọn {each}", f"a:{each}"),) for each in range(6))
    await desk.tells(lan, "Xin chọn", buttons=rows)
    assert "6. Lựa chọn 5" in lan.last
    assert not lan.heard[-1].buttons


# Files


async def test_a_file_is_uploaded_once_for_all_and_again_when_zalo_has_forgotten_it(
    desk: Desk, zalo: ZaloPeer, lan: Person
) -> None:
    minh = zalo.person("Minh")
    await minh.says(KNOWN)
    await desk.settled()
    files = (await desk.keep(PDF, "công văn.pdf", "application/pdf"), await desk.keep(PNG, "sơ đồ.png", "image/png"))
    for person in (lan, minh):
        await desk.tells(person, "Kèm tệp", files=files)
        assert [each.file for each in person.heard if each.file] == [PDF, PNG]
    assert (uploads(zalo, "file"), uploads(zalo, "image")) == (1, 1)
    zalo.platform.uploads.clear()  # Zalo lost them before their time: -100
    lan.heard.clear()
    assert (await desk.tells(lan, "Kèm tệp", files=files))["state"] == "sent"
    assert [each.file for each in lan.heard if each.file] == [PDF, PNG]
    assert (uploads(zalo, "file"), uploads(zalo, "image")) == (2, 2)


async def test_an_upload_is_not_used_beyond_zalos_days(desk: Desk, zalo: ZaloPeer, lan: Person) -> None:
    files = (await desk.keep(PDF, "công văn.pdf", "application/pdf"),)
    await desk.tells(lan, "Kèm tệp", files=files)
    desk.clock.advance(timedelta(days=6, hours=1))
    await lan.says("/menu")
    await desk.settled()
    await desk.tells(lan, "Kèm tệp", files=files)
    assert uploads(zalo) == 2
    async with desk.core.database.read() as uow:
        assert len(await uow.rows(table_of(PlatformUpload).select())) == 1


@pytest.mark.parametrize(
    ("name", "size"), [("bảng kê.xlsx", 100), ("lớn.pdf", 5 * 1024 * 1024 + 1), ("ảnh.png", 1024 * 1024 + 1)]
)
async def test_what_zalo_takes_no_such_file_of_goes_behind_a_link(
    desk: Desk, zalo: ZaloPeer, lan: Person, name: str, size: int
) -> None:
    media_type = "image/png" if name.endswith("png") else "application/octet-stream"
    await desk.tells(lan, "Kèm tệp", files=(await desk.keep(bytes(size), name, media_type),))
    assert name in lan.last
    assert "https://bot.example/files/" in lan.last
    assert uploads(zalo) == 0


async def test_an_upload_that_fails_for_now_is_tried_again_and_the_text_is_not_sent_twice(
    desk: Desk, zalo: ZaloPeer, lan: Person
) -> None:
    files = (await desk.keep(PDF, "công văn.pdf", "application/pdf"),)
    zalo.fails("/upload/file", status=502)
    row = await desk.tells(lan, "Kèm tệp", files=files)
    assert row["state"] == "queued"
    desk.clock.advance(timedelta(minutes=5))
    await desk.restarts()
    assert [each.text for each in lan.heard if each.text] == ["Kèm tệp"]
    assert [each.file for each in lan.heard if each.file] == [PDF]


# Doctor


async def problems(channel: ZaloOaChannel) -> str:
    return "\n".join(await channel.problems())


async def test_doctor_says_only_what_is_missing(desk: Desk, lan: Person) -> None:
    await desk.channel.tokens.look()
    assert await problems(desk.channel) == (
        "ZALO_OA_TEMPLATE_ANSWERED is empty: who last wrote more than 7 days ago cannot be told of an answer"
    )


async def test_doctor_asks_for_the_webhook_until_an_event_has_come(desk: Desk, zalo: ZaloPeer) -> None:
    await desk.channel.tokens.look()
    assert "no event has come from Zalo yet: enter https://bot.example/webhooks/zalo-oa as" in await problems(desk.channel)
    await zalo.person("Lan").follows()
    assert "no event has come" not in await problems(desk.channel)


async def test_doctor_names_the_settings_that_are_missing(desk: Desk, zalo: ZaloPeer) -> None:
    bare = replace(
        desk.account(refresh_token=zalo.platform.pairs[0].refresh),
        oa_secret="",
        oa_id="",
        signature_id="oa",
        public_url="http://bot.example",
    )
    channel = desk.make(bare)
    said = await problems(channel)
    for setting in ("ZALO_OA_SECRET_KEY", "ZALO_OA_ID", "PUBLIC_URL", "ZALO_OA_TEMPLATE_ANSWERED"):
        assert setting in said
    await channel.stop()


async def test_doctor_tells_how_consent_stands(desk: Desk, zalo: ZaloPeer) -> None:
    await desk.channel.tokens.look()
    desk.clock.advance(timedelta(hours=26))
    assert "is `donghanh serve` running" in await problems(desk.channel)
    for pair in zalo.platform.pairs:
        pair.used = True
    await desk.channel.tokens.look()
    said = await problems(desk.channel)
    assert "-14020" in said
    assert "donghanh zalo connect" in said


async def test_doctor_compares_each_template_with_what_zalo_wants(desk: Desk, zalo: ZaloPeer) -> None:
    await desk.channel.tokens.look()
    zalo.template("1", ma=20, ten=30)
    templates = {"answered": zbs.parse("1: ma={number}; sai={department}"), "alert": zbs.parse("2: ma={number}")}
    channel = desk.make(desk.account(refresh_token=zalo.platform.pairs[0].refresh, templates=templates))
    said = await problems(channel)
    assert "ZALO_OA_TEMPLATE_ANSWERED: template 1" in said
    assert "ten" in said
    assert "sai" in said
    assert "ZALO_OA_TEMPLATE_ALERT: template 2 cannot be read: -109" in said
    await channel.stop()


async def test_doctor_tells_of_a_quota_that_is_used_up_another_account_and_events_that_wait(desk: Desk, zalo: ZaloPeer) -> None:
    await desk.channel.tokens.look()
    zalo.platform.quota = 0
    await zalo.post(zalo.envelope("something_new", "1"))
    channel = desk.make(replace(desk.account(refresh_token=zalo.platform.pairs[0].refresh), oa_id="1"))
    said = await problems(channel)
    assert "quota of consultation messages is used up" in said
    assert f"another account, {zalo.platform.oa_id}" in said
    assert "1 events are of a kind that is not known" in said
    await channel.stop()
