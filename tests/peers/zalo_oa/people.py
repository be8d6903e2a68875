"""People on Zalo: what they do becomes an event at our webhook, what they hear is what our channel sent them."""

from typing import TYPE_CHECKING, Any

from .world import Heard, PersonState

if TYPE_CHECKING:
    from .peer import ZaloPeer


class Person:
    def __init__(self, peer: "ZaloPeer", state: PersonState) -> None:
        self._peer = peer
        self.state = state
        self.id = state.id

    @property
    def heard(self) -> list[Heard]:
        return self.state.heard

    @property
    def last(self) -> str:
        return self.state.heard[-1].text

    async def says(self, text: str, **how: Any) -> int:
        """Send a text; return the status that our webhook answered."""
        return await self._sends("user_send_text", {"text": text}, **how)

    async def sends(self, kind: str, name: str, content: bytes, **how: Any) -> int:
        """Send a file, image, audio … that lies on Zalo's media host."""
        url = self._peer.host(name, content)
        payload: dict[str, Any] = {"url": url, "thumbnail": url}
        if kind == "file":
            payload |= {"name": name, "size": str(len(content)), "type": name.rpartition(".")[2]}
        return await self._sends(f"user_send_{kind}", {"attachments": [{"type": kind, "payload": payload}]}, **how)

    async def attaches(self, kind: str, payload: dict[str, Any], text: str = "", **how: Any) -> int:
        """Send something whose payload is given: a sticker, a link, a location."""
        message: dict[str, Any] = {"attachments": [{"type": kind, "payload": payload}]} | ({"text": text} if text else {})
        return await self._sends(f"user_send_{kind}", message, **how)

    async def presses(self, title: str, **how: Any) -> int:
        """Press a button of the newest message that has one of this title: Zalo sends its text as if it had been typed."""
        for heard in reversed(self.heard):
            for button in heard.buttons:
                if title.lower() in button["title"].lower():
                    return await self.says(button["payload"], **how)
        raise AssertionError(f"no button {title!r}")

    async def chooses(self, label: str, **how: Any) -> int:
        """Type the number beside a choice of the newest message that has it."""
        for heard in reversed(self.heard):
            for line in heard.text.splitlines():
                number, dot, words = line.partition(". ")
                if dot and number.isdigit() and label.lower() in words.lower():
                    return await self.says(number, **how)
        raise AssertionError(f"no choice {label!r} in {self.heard[-1:]}")

    async def follows(self, **how: Any) -> int:
        self.state.follows, self.state.blocked = True, False
        self.state.last_interaction = self._peer.platform.now()
        return await self._peer.post(self._people_event("follow"), **how)

    async def unfollows(self, **how: Any) -> int:
        self.state.follows, self.state.blocked = False, True
        return await self._peer.post(self._people_event("unfollow"), **how)

    async def submits(self, name: str, phone: str, **how: Any) -> int:
        """Answer a request for contact data."""
        self.state.phone = "84" + phone[1:] if phone.startswith("0") else phone
        body = self._peer.envelope("user_submit_info", self.id) | {"info": {"name": name, "phone": phone, "address": "Hà Nội"}}
        self.state.last_interaction = self._peer.platform.now()
        return await self._peer.post(body, **how)

    async def receives(self, message_id: str, **how: Any) -> int:
        body = self._peer.envelope("user_received_message", self.id) | {"message": {"msg_id": message_id}}
        return await self._peer.post(body, **how)

    async def sees(self, *message_ids: str, **how: Any) -> int:
        body = self._peer.envelope("user_seen_message", self.id) | {"message": {"msg_ids": list(message_ids)}}
        return await self._peer.post(body, **how)

    async def is_written_to_in_console(self, text: str, *, admin: str = "admin-7", **how: Any) -> int:
        """An officer types in Zalo's own console."""
        heard = Heard(self._peer.platform.new_id("msg"), text)
        self.heard.append(heard)
        return await self._peer.post(self._peer.echo(self.id, heard, admin=admin), **how)

    def _people_event(self, name: str) -> dict[str, Any]:
        peer = self._peer
        return {
            "oa_id": peer.platform.oa_id,
            "follower": {"id": self.id},
            "user_id_by_app": f"app-{self.id}",
            "event_name": name,
            "source": "testing_follow",
            "app_id": peer.platform.app_id,
            "timestamp": peer.timestamp(),
        }

    async def _sends(self, name: str, message: dict[str, Any], **how: Any) -> int:
        self.state.last_interaction = self._peer.platform.now()
        message = {"msg_id": self._peer.platform.new_id("in")} | message
        return await self._peer.post(self._peer.envelope(name, self.id) | {"message": message}, **how)
