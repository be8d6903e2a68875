"""A loopback Bot API that costs as little as possible, so that a measurement is of its client.

    python -m bench.botapi --port 8081

It answers every method; `send…` with the Message that Telegram would return. It keeps when each message arrived and for
which chat: `GET /bench/seen` hands that over as packed pairs of 64-bit numbers (monotonic nanoseconds, chat), and
`GET /bench/reset` forgets it. The clock is the machine's, so another process on it can compare.
"""

import argparse
import asyncio
import re
import time
from array import array
from typing import cast
from urllib.parse import unquote_plus

import orjson
import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r]*\r\n")
_FORM = re.compile(rb"(?:^|&)(chat_id|text)=([^&]*)")
_PART = re.compile(rb'name="?(chat_id|text)"?[^\r]*(?:\r\n[^\r]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)


class Seen:
    """What arrived, in order: moment and chat, one after the other."""

    def __init__(self) -> None:
        self.pairs = array("q")
        self.messages = 0

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
            self._transport.write(_answer(self._seen, path, body, at))


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


def _answer(seen: Seen, path: bytes, body: bytes, at: int) -> bytes:
    method = path.rpartition(b"/")[2].partition(b"?")[0]
    if path.startswith(b"/bench/"):
        content = seen.pairs.tobytes() if method == b"seen" else b""
        if method == b"reset":
            seen.pairs = array("q")
        return _http(content, b"application/octet-stream")
    if method.startswith(b"send") and method != b"sendChatAction":
        chat, text = _read_message(body)
        return _http(orjson.dumps({"ok": True, "result": _message(seen.note(at, chat), chat, text)}))
    return _http(_RESULTS.get(method, b'{"ok":true,"result":true}'))


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


def _http(content: bytes, kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(content), content)


_RESULTS = {
    b"getMe": b'{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}',
    b"getWebhookInfo": b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
    b"getUpdates": b'{"ok":true,"result":[]}',
}


async def serve(port: int) -> None:
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(seen), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser(description="A loopback Bot API for measurements")
    options.add_argument("--port", type=int, required=True)
    uvloop.run(serve(options.parse_args().port))


if __name__ == "__main__":
    main()
