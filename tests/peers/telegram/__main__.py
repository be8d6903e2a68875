"""`python -m tests.peers.telegram --port 0 --token ...`: the peer as its own process. Prints its URL."""

import argparse
import asyncio
import signal
import sys

from .peer import BOTNAME, TOKEN, TelegramPeer


async def serve(options: argparse.Namespace) -> None:
    async with TelegramPeer(options.token, port=options.port, username=options.username, flood=options.flood) as peer:
        print(peer.url, flush=True)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if options.with_parent:
            # The end of our input is the end of the process that started us: nothing is left running.
            loop.add_reader(sys.stdin.fileno(), stop.set)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.telegram", description="A loopback Bot API server")
    parser.add_argument("--port", type=int, default=0, help="0 lets the kernel choose")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--username", default=BOTNAME)
    parser.add_argument("--flood", action="store_true", help="answer 429 beyond Telegram's rates")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
