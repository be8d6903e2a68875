"""Recognises what a message is besides a question: by what cannot be mistaken, and by the fitted model."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.knowledge.evidence import concrete, own, smalltalk, unfit
from bot.knowledge.evidence.compositions import BLAMED, MATTERS, POLITE, at_hand
from bot.knowledge.evidence.message import Evidence, Message
from bot.knowledge.evidence.model import shipped

# From which probability a kind decides by itself. A report that is missed would be kept by the chat and read by everybody;
# a question that is led to the hotline costs its writer one more message: hence the lowest limit of all in what it risks.
LIMITS = {
    "hotline": 0.25,
    "smalltalk": 0.4,
    "investigation": 0.35,
    "other_enterprise": 0.35,
    "out_of_scope": 0.45,
    "injection": 0.35,
    "abuse": 0.4,
}
# The same where the meaning was asked too. What is declined leaves no officer with it, so it has to be surer.
LIMITS_BY_MEANING = {"other_enterprise": 0.9, "out_of_scope": 0.88, "injection": 0.8, "abuse": 0.75}
# A report is seldom put like these; where the meaning is surer of one of them, it is none.
NEVER_REPORTS = ("out_of_scope", "injection", "abuse")
# Who blames nobody for anything reports nothing, however much else is as in reports: "cán bộ chậm".
BLAMES_NOTHING = 0.5
# Where the meaning was asked too; by its own scale, on which what is sought and the rest are as many. Of strangers' messages
# few are reports: what is sure by that scale only from 0.7 on led twice as many of the others to the hotline.
BY_MEANING, REPORT_BY_MEANING = 0.7, 0.78
# Whose words are rather those of a department's matter tells of an officer, goods and money in passing.
REPORT_IN_A_CASE = 0.9
PLAINLY_POLITE, FEW_WORDS = 0.8, 6  # "giỏi ghê", "hellooo": small talk without a word that the lexicon knows
POLITE_ABOUT_MATTERS = 0.75  # "chúc ngành hải quan phát triển" wants nothing; "chào ad, cho hỏi về tờ khai" does
NEVER = 1.1  # above every chance: it does not decide
NOTICED = 0.15  # below it, nothing is said about a kind
FOREIGN = 0.75  # of all that is no question for the knowledge base: it is not answered, whatever it is exactly
TOLD = 0.85  # how sure a case at hand is: what was composed leaves little doubt
LONGEST_OUTBURST = 40  # words; whoever writes more has something to say
REPORTS = ("misconduct", "smuggling")
SMALL_TALK = ("unclear", "greeting", "thanks", "bye", "who")


def report_chance(message: Message) -> float:
    """Return how probable it is, by its words, that the message reports something to the hotline."""
    return sum(message.chances[each] for each in REPORTS)


def carries_no_matter(message: Message) -> bool:
    """Say whether nothing in the message is a matter of customs, however many words it takes to be rude."""
    # "chưa thấy cái gì dốt thế": what is stuck without goods or papers is a manner of speaking.
    return message.words <= LONGEST_OUTBURST and (MATTERS - {"stuck"}).isdisjoint(message.features.concepts)


def small_talk_by_meaning(message: Message, chance: float) -> Evidence | None:
    """Return that the message is nothing but small talk, if it is. chance: how probable, by words and meaning."""
    if chance < BY_MEANING:
        return None  # and nothing is doubted for it
    return Evidence(smalltalk.kind_of(message.features), chance, "means nothing but small talk", decides=True)


def evidence_in(
    message: Message, *, second: float | None = None, others: Mapping[str, float] = MappingProxyType({})
) -> list[Evidence]:
    """Return all that is recognised about the message, whatever its strength; from `Evidence.decides` on it settles it.

    second: how probable it is that it reports something, by its words and its meaning; None where only the words are known.
    others: how probable other kinds are, likewise, of those for which more than the words is known.
    """
    if (wordless := smalltalk.wordless(message)) is not None:
        return [wordless]
    model, features = shipped(), message.features
    chances = message.chances
    found = []

    polite = chances["smalltalk"]

    def notice(kind: str, chance: float, limit: float, telling: str) -> None:
        if chance >= NOTICED:
            words = ", ".join(model.telling(features, telling))
            found.append(Evidence(kind, chance, f"reads like it: {words}", decides=chance >= limit))

    report = max(REPORTS, key=lambda each: chances[each])
    reports = report_chance(message) if second is None else second
    # Without marks a thank-you can look like a payment: "cam on anh chi ho tro".
    by_words = BLAMES_NOTHING if BLAMED.isdisjoint(features.concepts) else LIMITS["hotline"]
    by_meaning = REPORT_IN_A_CASE if chances["case"] > report_chance(message) else REPORT_BY_MEANING
    limit = by_words if second is None else by_meaning
    rather = max((others[kind] for kind in NEVER_REPORTS if others.get(kind, 0) >= LIMITS_BY_MEANING[kind]), default=0.0)
    notice(report, reports, max(limit, polite, rather), report)
    for kind in ("investigation", "other_enterprise", "out_of_scope", "injection", "abuse"):
        meant = others.get(kind)
        if kind == "other_enterprise" and own.speaks_of_own_only(message):
            notice(kind, chances[kind], NEVER, kind)
        elif meant is None:
            notice(kind, chances[kind], LIMITS[kind], kind)
        elif meant >= LIMITS_BY_MEANING[kind]:
            notice(kind, meant, LIMITS_BY_MEANING[kind], kind)
        else:  # what the meaning does not bear out is doubted no more than for its words
            notice(kind, min(chances[kind], meant), NEVER, kind)
    lexicon_knows_none = POLITE.isdisjoint(features.concepts)
    if lexicon_knows_none and polite >= PLAINLY_POLITE and message.words <= FEW_WORDS and MATTERS.isdisjoint(features.concepts):
        found.append(Evidence(smalltalk.kind_of(features), polite, "nothing but small talk", decides=True))
    elif not lexicon_knows_none:  # without a polite word it may be a reply, a number, anything
        # Whether one talks to a person or a machine is no matter of an officer's.
        matters = MATTERS - {"officer"} if "about_bot" in features.concepts else MATTERS
        enough = LIMITS["smalltalk"] if matters.isdisjoint(features.concepts) else POLITE_ABOUT_MATTERS
        if polite >= enough:
            found.append(Evidence(smalltalk.kind_of(features), polite, "nothing but small talk", decides=True))
    foreign = 1 - chances["none"] - chances["case"]
    if foreign >= NOTICED:
        found.append(Evidence("foreign", foreign, "no question for the knowledge base", decides=foreign >= FOREIGN))
    if at_hand(features.concepts):
        found.append(Evidence("concrete", max(chances["case"], TOLD), "tells of a case at hand", decides=True))
    # A question for a department may be one that an entry answers all the same: the ranking has the last word.
    notice("case", chances["case"], NEVER, "case")
    found.extend(filter(None, (unfit.look(message), unfit.curses(message), concrete.look(message))))
    return found
