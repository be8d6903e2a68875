"""The command `donghanh`. Each group of commands is a file in `bot/commands`; what is slow to load is loaded by its command."""

import gc
import os

import typer

from bot.commands import campaign, enterprises, knowledge, law, learning, operations, people, recall, serve, zalo

# What a command loads stays until it ends; going over it again and again is a tenth of every start, and with ten thousand
# entries the half.
COLLECTING = (50_000, 20, 100)

app = typer.Typer(
    name="donghanh",
    help="Đồng Hành: the messaging helpdesk of a customs authority.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serve.add_to(app)
knowledge.add_to(app)
law.add_to(app)
learning.add_to(knowledge.faq)
recall.add_to(app)
people.add_to(app)
enterprises.add_to(app)
campaign.add_to(app)
operations.add_to(app)
zalo.add_to(app)


def main() -> None:
    # Our matrices are small: where a second thread joins in, the two mostly wait for each other, at full load.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(*COLLECTING)
    app()


if __name__ == "__main__":
    main()
