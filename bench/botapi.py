"""A loopback Bot API that costs as little as possible, so that a measurement is of its client.

    python -m bench.botapi --port 8081

It answers every method; `send…` with the Message that Telegram would return. It keeps when each message arrived and for
which chat: `GET /bench/seen` hands that over as packed pairs of 64-bit numbers (monotonic nanoseconds, chat), and
`GET /bench/reset` forgets it. With `--rate` and `--chat-rate` it refuses what is too fast, as Telegram does, and keeps when
(`GET /bench/refused`: moments alone); with `--faults` it fails now and then, drawn from `--seed`: see `Rules`. The clock is the
machine's, so another process on it can compare.
"""

import argparse
import asyncio
import math
import random
import re
import time
from array import array
from dataclasses import dataclass
from enum import Enum
from typing import cast
from urllib.parse import unquote_plus

import orjson
import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r]*\r\n")
_FORM = re.compile(rb"(?:^|&)(chat_id|text)=([^&]*)")
_PART = re.compile(rb'name="?(chat_id|text)"?[^\r]*(?:\r\n[^\r]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)


class Fate(Enum):
    """What becomes of a message. CUT and LATE_CUT end the connection without an answer, the second after it was delivered;
    SILENT delivers it and never answers."""

    ARRIVES = "arrives"
    TOO_MANY = "429"
    ILL = "500"
    BLOCKED = "403"
    CUT = "cut"
    LATE_CUT = "late_cut"
    SILENT = "silent"


@dataclass
class Bucket:
    """Lets `rate` a second through, and `burst` at once."""

    rate: float
    burst: float
    level: float = -1.0
    at: int = 0

    def wait(self, now: int) -> float:
        """Return the seconds until there is room."""
        if self.level < 0:
            self.level = self.burst
        elif now > self.at:
            self.level = min(self.burst, self.level + (now - self.at) / 1e9 * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 - 1e-6 else (1 - self.level) / self.rate


class Rules:
    """The limits that are kept, and the faults that happen. faults: the share (0 to 1) of each fate; a chat whose number can
    be divided by `blocked` has blocked the bot."""

    def __init__(
        self,
        *,
        rate: float = 0,
        burst: float = 1,
        chat_rate: float = 0,
        chat_burst: float = 1,
        faults: dict[str, float] | None = None,
        blocked: int = 0,
        seed: int = 1,
    ) -> None:
        self._all = Bucket(rate, burst) if rate else None
        self._chats: dict[int, Bucket] = {}
        self._chat = (chat_rate, chat_burst)
        self._faults = [(Fate(name), share) for name, share in (faults or {}).items()]
        self._blocked = blocked
        self._draw = random.Random(seed)

    def judge(self, chat: int, now: int) -> tuple[Fate, float]:
        """Return what becomes of a message to this chat, and after how many seconds one would be let through."""
        if self._blocked and chat % self._blocked == 0:
            return Fate.BLOCKED, 0
        point = self._draw.random()
        for fate, share in self._faults:
            if point < share:
                return fate, 1.0
            point -= share
        buckets = [self._all] if self._all else []
        if self._chat[0]:
            buckets.append(self._chats.setdefault(chat, Bucket(*self._chat)))
        wait = max((bucket.wait(now) for bucket in buckets), default=0.0)
        if wait > 0:
            return Fate.TOO_MANY, wait
        for bucket in buckets:
            bucket.level -= 1
        return Fate.ARRIVES, 0


class Seen:
    """What arrived, in order: moment and chat, one after the other; and the moments of refusals."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.pairs = array("q")
        self.refused = array("q")
        self.messages = 0
        self.rules = rules or Rules()

    def note(self, at: int, chat: int) -> int:
        self.pairs.extend((at, chat))
        self.messages += 1
        return self.messages


class _Connection(asyncio.Protocol):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class does not derive from it

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        at = time.monotonic_ns()
        self._buffer += data
        while taken := _take_request(self._buffer):
            path, body, self._buffer = taken
            answer = _answer(self._seen, path, body, at)
            if answer is None:
                self._transport.close()
                return
            self._transport.write(answer)


def _take_request(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Return path, body and what follows of the first request, or nothing while it is not all there."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, start = buffer[:end], end + 4
    path = head.split(b" ", 2)[1]
    if _CHUNKED.search(head):
        return _take_chunks(path, buffer, start)
    found = _LENGTH.search(head)
    stop = start + (int(found[1]) if found else 0)
    return (path, buffer[start:stop], buffer[stop:]) if len(buffer) >= stop else None


def _take_chunks(path: bytes, buffer: bytes, start: int) -> tuple[bytes, bytes, bytes] | None:
    body = b""
    while found := _CHUNK.match(buffer, start):
        size, start = int(found[1], 16), found.end()
        if len(buffer) < start + size + 2:
            return None
        if size == 0:
            return path, body, buffer[start + 2 :]
        body += buffer[start : start + size]
        start += size + 2
    return None


def _answer(seen: Seen, path: bytes, body: bytes, at: int) -> bytes | None:
    """Return the answer; nothing where the connection is to be cut."""
    method = path.rpartition(b"/")[2].partition(b"?")[0]
    if path.startswith(b"/bench/"):
        content = {b"seen": seen.pairs, b"refused": seen.refused}.get(method, array("q")).tobytes()
        if method == b"reset":
            seen.pairs, seen.refused = array("q"), array("q")
        return _http(content, b"application/octet-stream")
    if method.startswith(b"send") and method != b"sendChatAction":
        chat, text = _read_message(body)
        return _send(seen, chat, text, at)
    return _http(_RESULTS.get(method, b'{"ok":true,"result":true}'))


def _send(seen: Seen, chat: int, text: str, at: int) -> bytes | None:
    fate, wait = seen.rules.judge(chat, at)
    if fate in (Fate.ARRIVES, Fate.LATE_CUT, Fate.SILENT):
        number = seen.note(at, chat)
        if fate is Fate.ARRIVES:
            return _http(orjson.dumps({"ok": True, "result": _message(number, chat, text)}))
        return None if fate is Fate.LATE_CUT else b""
    if fate is Fate.CUT:
        return None
    if fate is Fate.TOO_MANY:
        seen.refused.append(at)
        after = max(1, math.ceil(wait))
        words = f"Too Many Requests: retry after {after}"
        return _refusal(429, words, parameters={"retry_after": after})
    if fate is Fate.BLOCKED:
        return _refusal(403, "Forbidden: bot was blocked by the user")
    return _refusal(500, "Internal Server Error")


def _refusal(code: int, words: str, **more: object) -> bytes:
    content = orjson.dumps({"ok": False, "error_code": code, "description": words, **more})
    return _http(content, status=b"%d Refused" % code)


def _read_message(body: bytes) -> tuple[int, str]:
    """Return chat and text, from a form, a form in parts, or JSON."""
    if body.startswith(b"{"):
        given = orjson.loads(body)
        return int(given["chat_id"]), given.get("text", "")
    if body.startswith(b"--"):
        parts = {name: value.decode() for name, value in _PART.findall(body)}
        return int(parts[b"chat_id"]), parts.get(b"text", "")
    fields = dict(_FORM.findall(body))
    return int(fields[b"chat_id"]), unquote_plus(fields.get(b"text", b"").decode())


def _message(number: int, chat: int, text: str) -> dict[str, object]:
    return {
        "message_id": number,
        "from": {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
        "chat": {"id": chat, "type": "private", "first_name": "Load"},
        "date": 1_790_000_000,
        "text": text,
    }


def _http(content: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(content))
    return head + content


_RESULTS = {
    b"getMe": b'{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}',
    b"getWebhookInfo": b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
    b"getUpdates": b'{"ok":true,"result":[]}',
}


async def serve(port: int, rules: Rules | None = None) -> None:
    seen = Seen(rules)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(seen), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser(description="A loopback Bot API for measurements")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--rate", type=float, default=0, help="messages a second in all; 0: no limit")
    options.add_argument("--burst", type=float, default=1)
    options.add_argument("--chat-rate", type=float, default=0)
    options.add_argument("--chat-burst", type=float, default=1)
    options.add_argument("--faults", default="", help="such as 500=0.05,429=0.01,cut=0.01,late_cut=0.01,silent=0.01")
    options.add_argument("--blocked", type=int, default=0, help="every so manieth chat has blocked the bot")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    faults = {name: float(share) for name, _, share in (each.partition("=") for each in given.faults.split(",") if each)}
    rules = Rules(
        rate=given.rate,
        burst=given.burst,
        chat_rate=given.chat_rate,
        chat_burst=given.chat_burst,
        faults=faults,
        blocked=given.blocked,
        seed=given.seed,
    )
    uvloop.run(serve(given.port, rules))


if __name__ == "__main__":
    main()
