"""The loopback Telegram held to the Bot API: what happens to groups and their topics, asked of two independent clients."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_clients import CLIENTS, Client, Refused


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as running:
        yield running


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
async def client(request: pytest.FixtureRequest, peer: TelegramPeer) -> AsyncIterator[Client]:
    connected = request.param(peer.url, peer.token)
    yield connected
    await connected.close()


async def refusal(client: Client, method: str, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await client.call(method, *args, **kwargs)
    return caught.value


async def test_a_topic_that_somebody_deleted_is_not_found_and_nobody_is_told(client: Client, peer: TelegramPeer) -> None:
    minh = peer.user("Minh", started=True)
    group = peer.group("Phòng", minh, forum=True)
    topic = await client.call("create_forum_topic", group.id, "YC-1")
    waiting = peer.pending_updates
    await group.loses_topic(topic.message_thread_id)
    assert peer.pending_updates == waiting
    for method, more in (("send_message", {"text": "x"}), ("edit_forum_topic", {"name": "y"})):
        refused = await refusal(client, method, chat_id=group.id, message_thread_id=topic.message_thread_id, **more)
        assert (refused.kind, "thread not found" in refused.text) == ("bad request", True)


async def test_a_topic_that_says_the_same_already_is_not_modified(client: Client, peer: TelegramPeer) -> None:
    group = peer.group("Phòng", peer.user("Minh", started=True), forum=True)
    topic = await client.call("create_forum_topic", group.id, "YC-1")
    refused = await refusal(client, "edit_forum_topic", group.id, topic.message_thread_id, name="YC-1")
    assert "topic_not_modified" in refused.text


async def test_without_the_right_to_manage_topics_none_is_opened_and_the_bot_is_told_of_its_loss(
    client: Client, peer: TelegramPeer
) -> None:
    minh = peer.user("Minh", started=True)
    group = peer.group("Phòng", minh, forum=True)
    await group.changes_rights(minh, can_manage_topics=False)
    assert "not enough rights" in (await refusal(client, "create_forum_topic", group.id, "YC-1")).text
    [update] = await client.call("get_updates")
    member = update.my_chat_member.new_chat_member
    assert (member.status, member.can_manage_topics) == ("administrator", False)
    me = await client.call("get_me")
    assert (await client.call("get_chat_member", group.id, me.id)).can_manage_topics is False


async def test_a_topic_closed_by_a_person_is_a_service_message_of_theirs(client: Client, peer: TelegramPeer) -> None:
    minh = peer.user("Minh", started=True)
    group = peer.group("Phòng", minh, forum=True)
    topic = await client.call("create_forum_topic", group.id, "YC-1")
    await group.topic_is_shut(topic.message_thread_id, by=minh)
    update = (await client.call("get_updates"))[-1]
    assert update.message.forum_topic_closed is not None
    assert (update.message.from_user.id, update.message.message_thread_id) == (minh.id, topic.message_thread_id)


async def test_a_group_without_topics_is_no_forum(client: Client, peer: TelegramPeer) -> None:
    group = peer.group("Phòng", peer.user("Minh", started=True), forum=True)
    await group.switches_topics(on=False)
    assert "not a forum" in (await refusal(client, "create_forum_topic", group.id, "YC-1")).text
