"""What the people of a measurement write: no text twice, so that nothing is answered from memory."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bench.processes import PROJECT
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision

_OF_EACH = 300
_LETTERS = "bcdfghklmnpqrstvx"


@dataclass(frozen=True)
class Questions:
    """answered: those that the knowledge base answers. escalated: those that it gives to an officer."""

    answered: tuple[str, ...]
    escalated: tuple[str, ...]


def shipped() -> Questions:
    """Choose from the phrasings of the shipped entries, and from the directory's examples of what goes to whom."""
    today = date.today()  # noqa: DTZ011 - any day will do
    knowledge = Knowledge.load(PROJECT / "faq", today=today)
    phrasings = [text for entry in knowledge.entries.values() for text in entry.vi.paraphrases]
    examples = [text for each in knowledge.directory for competence in each.competences for text in competence.examples]
    shuffled = random.Random(17)

    def those(texts: list[str], decision: Decision) -> tuple[str, ...]:
        shuffled.shuffle(texts)
        decided = (text for text in texts if knowledge.look_up(marked(text, 0), on=today).decision is decision)
        return tuple(itertools.islice(decided, _OF_EACH))

    return Questions(those(phrasings, Decision.ANSWER), those(examples, Decision.ESCALATE))


def marked(text: str, number: int) -> str:
    """Return the text with a word that no other text of the measurement has."""
    letters = ""
    while number or not letters:
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"{text} zz{letters}"


def in_turn(texts: tuple[str, ...]) -> Iterator[str]:
    return (marked(text, number) for number, text in enumerate(itertools.cycle(texts)))
