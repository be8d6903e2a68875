"""From a campaign to what people read: the message in each language, and the hash that proves which words these were."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.delivery.message import Button, Message
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.outreach import errors
from bot.outreach.drafts import attachments
from bot.outreach.states import Kind
from storage.campaigns import CampaignRow

UNITS_AT_MOST = 4000
"""of a whole message, as the narrowest platform counts (UTF-16 units): one message, never two halves"""
_LABEL_AT_MOST = 60
_PURPOSES = {Kind.RISK_ALERT: "alert"}
"""what a platform's approved template is for, outside the time in which people may be written to freely"""

Messages = Mapping[str, Message]
"""what is said, by language"""


class Texts:
    """entry_question: an entry's question in a language, for the button that opens it; none where there is no such entry."""

    def __init__(self, catalogue: Catalogue, entry_question: Any) -> None:
        self._catalogue = catalogue
        self._entry_question = entry_question

    def compose(self, campaign: CampaignRow) -> dict[str, Message]:
        """Return the message in each language. Raises TextTooLong where one is more than a platform takes at once."""
        made = {language: self._message(campaign, language) for language in LANGUAGES}
        for language, message in made.items():
            length = units(message.text)
            if length > UNITS_AT_MOST:
                raise errors.TextTooLong(language=language, length=length, most=UNITS_AT_MOST)
        return made

    def _message(self, campaign: CampaignRow, language: str) -> Message:
        say = self._catalogue.say
        head = say(f"campaign.head.{campaign.kind}", language, number=campaign.number)
        if campaign.risk:
            head = say(f"campaign.head.risk.{campaign.risk}", language, number=campaign.number)
        if (first := corrected_number(campaign)) is not None:
            head = say("campaign.head.correction", language, number=campaign.number, first=first)
        parts = [head, campaign.title, campaign.text_en if language == "en" else campaign.text_vi]
        if campaign.kind == Kind.EVENT and campaign.event_at is not None:
            parts.append(say("campaign.event", language, on=campaign.event_at, place=campaign.event_place or ""))
        if campaign.links:
            parts.append("\n".join(say("campaign.link", language, **each) for each in campaign.links))
        if campaign.acknowledge and campaign.ack_due_at is not None:
            parts.append(say("campaign.please_acknowledge", language, until=campaign.ack_due_at))
        text = "\n\n".join(part.strip() for part in parts if part.strip())
        purpose = purpose_of(campaign.kind)
        return Message(
            text,
            self._buttons(campaign, language),
            attachments(campaign.files),
            self._deadline(campaign),
            purpose=purpose,
            facts=(("number", campaign.number), ("title", campaign.title)) if purpose else (),
        )

    def trial(self, messages: Messages) -> dict[str, Message]:
        """Return the same messages, marked as a trial."""
        mark = {language: self._catalogue.say("campaign.trial", language) for language in messages}
        return {
            language: replace(message, text=f"{mark[language]}\n\n{message.text}") for language, message in messages.items()
        }

    @staticmethod
    def _deadline(campaign: CampaignRow) -> Any:
        return campaign.ack_due_at if campaign.acknowledge else None

    def _buttons(self, campaign: CampaignRow, language: str) -> tuple[tuple[Button, ...], ...]:
        say = self._catalogue.say
        rows: list[tuple[Button, ...]] = []
        if campaign.acknowledge:
            rows.append((Button(say("button.campaign_read", language), f"read:{campaign.id}"),))
        if campaign.kind == Kind.EVENT:
            rows.append(
                (
                    Button(say("button.event_yes", language), f"event:yes:{campaign.id}"),
                    Button(say("button.event_no", language), f"event:no:{campaign.id}"),
                )
            )
        for entry in campaign.entries:
            question = self._entry_question(entry, language)
            if question:
                rows.append((Button(_short(question), f"entry:{entry}"),))
        rows.append((Button(say("button.ask_officer", language), "ask_officer"),))
        return tuple(rows)


def purpose_of(kind: str) -> str:
    """Return what a campaign's messages are for (`Message.purpose`); empty where no template is."""
    return _PURPOSES.get(Kind(kind), "")


def correction_key(first: CampaignRow, number: str) -> str:
    """Return the key of a correction, which names the campaign that it corrects."""
    return f"correction:{first.number}:{number}"


def corrected_number(campaign: CampaignRow) -> str | None:
    """Return the number of the campaign that this one corrects; none where it is no correction."""
    if campaign.key is None or not campaign.key.startswith("correction:"):
        return None
    return campaign.key.split(":")[1]


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def to_json(messages: Messages) -> dict[str, Any]:
    return {language: message.to_json() for language, message in messages.items()}


def hash_of(messages: Messages) -> str:
    """Return the SHA-256 of what is said, in all languages, with buttons and files."""
    # A platform's template is chosen by the purpose; it is no part of what was approved.
    texts = {language: replace(message, purpose="", facts=()) for language, message in messages.items()}
    said = json.dumps(to_json(texts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LABEL_AT_MOST else text[: _LABEL_AT_MOST - 1].rstrip() + "…"
