"""The run of kills stands on the same services as the program, and follows them."""

from pathlib import Path

from bench.kills import _Core
from bench.ours import database_in
from storage.schema import migrate


async def test_what_the_run_of_kills_stands_on_can_be_put_together(tmp_path: Path) -> None:
    url = database_in(tmp_path)
    await migrate(url)
    core = _Core(url)
    try:
        await core.outreach.runner.run()
    finally:
        await core.database.close()
