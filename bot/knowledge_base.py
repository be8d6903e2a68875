"""The knowledge base as the settings want it: for the program that serves and for the commands alike."""

from datetime import date

from bot.knowledge.service import Knowledge, Meaning
from bot.settings import Settings


def load_knowledge(settings: Settings, *, today: date) -> Knowledge:
    """Read the files and what the settings say of meaning. Raises KnowledgeFilesError."""
    meaning = Meaning.chosen(
        settings.embeddings,
        model=settings.embeddings_model,
        key=settings.embeddings_key.get_secret_value(),
        data_dir=settings.data_dir,
    )
    return Knowledge.load(settings.faq_dir, today=today, meaning=meaning)
