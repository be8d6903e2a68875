"""aiogram is imported without what it prepares for all its types at once; each is prepared at its first use."""

import subprocess
import sys

PROGRAM = """
import bot.channels.telegram.channel, bot.channels.telegram.forum
from aiogram import methods, types
from pydantic import BaseModel

every = [getattr(types, name) for name in types.__all__]
models = [each for each in every if isinstance(each, type) and issubclass(each, BaseModel)]
print(len(models), sum(each.__pydantic_complete__ for each in models))
chat = {"id": 1, "type": "private"}
story = {"message_id": 1, "date": 1, "chat": chat, "story": {"chat": chat, "id": 7}}
read = types.Update.model_validate({"update_id": 1, "message": {**story, "reply_to_message": story}})
print(type(read.message.reply_to_message.story).__name__)
answer = methods.Response[list[types.GameHighScore]].model_validate({"ok": True, "result": []})
print(answer.ok, methods.SendDice(chat_id=1).model_dump()["chat_id"])
"""


def test_no_type_is_prepared_before_its_use_and_one_that_we_never_use_reads_all_the_same() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    first, *read = run.stdout.splitlines()
    known, prepared = map(int, first.split())
    assert known > 300
    assert prepared < known / 4
    assert read == ["Story", "True 1"]
