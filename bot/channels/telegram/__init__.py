import bot.channels.telegram.library  # noqa: F401 - before anything here imports aiogram
