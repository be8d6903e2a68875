"""The proof of a campaign: who was told what, when, where, and whether they confirmed it, with the hash of the words.

Made of the ledger alone: made again while nothing has changed there, it is the same, byte for byte.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.locales.catalogue import Catalogue
from bot.outreach.progress import Progress, ProgressWatch
from bot.outreach.waves import MAIN
from storage import campaigns as stored
from storage import waves
from storage.campaigns import CampaignRow, StepRow
from storage.database import Database
from storage.waves import RecipientRow

_READ_AT_ONCE = 2000


@dataclass(frozen=True)
class Proof:
    """title: of the whole. facts: name and value, in order. words: by language. steps: who did what. head: of the rows."""

    title: str
    facts: Sequence[tuple[str, str]]
    words: Sequence[tuple[str, str]]
    steps: Sequence[tuple[str, str, str]]
    head: Sequence[str]
    at: datetime
    """what the files say of when they were made: when the campaign last changed"""


class Proofs:
    def __init__(self, database: Database, catalogue: Catalogue, progress: ProgressWatch) -> None:
        self._database = database
        self._catalogue = catalogue
        self._progress = progress

    async def whole(self, row: CampaignRow, language: str) -> tuple[Proof, list[list[str]]]:
        """Return what stands above the list of recipients, and the list, in the order in which it was written down."""
        return await self._above(row, language), [each async for some in self._rows(row, language) for each in some]

    async def _above(self, campaign: CampaignRow, language: str) -> Proof:
        progress = await self._progress.look(campaign.id, whole=True)
        async with self._database.read() as uow:
            steps = await stored.steps(uow, campaign.id)
            main = await waves.of_campaign(uow, campaign.id, purpose=MAIN)
        said = main[0].messages if main else {}
        return Proof(
            title=self._say("proof.title", language, number=campaign.number),
            facts=self._facts(campaign, progress, language),
            words=[(self._say(f"desk.language_name.{each}", language), message["text"]) for each, message in said.items()],
            steps=[self._step(each, language) for each in steps],
            head=[self._say(f"proof.column.{each}", language) for each in _COLUMNS],
            at=max([campaign.updated_at, *(each.at for each in steps)]),
        )

    async def _rows(self, campaign: CampaignRow, language: str) -> AsyncIterator[list[list[str]]]:
        async with self._database.read() as uow:
            main = await waves.of_campaign(uow, campaign.id, purpose=MAIN)
        after, place = 0, 0
        while main:
            async with self._database.read() as uow:
                found = await waves.recipients(uow, main[0].id, after=after, limit=_READ_AT_ONCE)
            if not found:
                return
            after = found[-1].id
            yield [self._row(place + each, row, language) for each, row in enumerate(found, 1)]
            place += len(found)

    def _facts(self, campaign: CampaignRow, progress: Progress, language: str) -> list[tuple[str, str]]:
        def moment(at: datetime | None) -> str:
            return self._say("proof.moment", language, at=at) if at is not None else "–"

        facts = [
            ("campaign", f"{campaign.number} · {campaign.title}"),
            ("kind", self._say(f"desk.campaign_kind.{campaign.kind}", language)),
            ("author", campaign.author_name),
            ("approved", f"{campaign.approved_name or '–'} · {moment(campaign.approved_at)}"),
            ("released", moment(campaign.released_at)),
            ("sent", f"{moment(progress.first_sent_at)} – {moment(progress.last_sent_at)}"),
            ("hash", f"SHA-256 {campaign.text_hash or '–'}"),
            ("recipients", str(progress.total)),
        ]
        named = [(self._say(f"proof.fact.{name}", language), value) for name, value in facts]
        return named + [
            (self._say(f"desk.delivery.{state}", language), str(amount)) for state, amount in sorted(progress.states.items())
        ]

    def _step(self, step: StepRow, language: str) -> tuple[str, str, str]:
        key = f"desk.campaign_action.{step.action}"
        what = self._say(key, language) if self._catalogue.has(key) else step.action
        return self._say("proof.moment", language, at=step.at), what, step.actor_name

    def _row(self, place: int, row: RecipientRow, language: str) -> list[str]:
        def moment(at: datetime | None) -> str:
            return self._say("proof.moment", language, at=at) if at is not None else ""

        channel, state = f"desk.channel.{row.channel}", f"desk.delivery.{row.state}"
        return [
            str(place),
            row.enterprise or "",
            row.tax_code or "",
            row.name,
            self._say(channel, language) if self._catalogue.has(channel) else row.channel,
            self._say(state, language) if self._catalogue.has(state) else row.state,
            moment(row.sent_at),
            moment(row.acknowledged_at),
            row.platform_message_id or "",
            row.error or "",
        ]

    def _say(self, key: str, language: str, **params: object) -> str:
        return self._catalogue.say(key, language, **params)


_COLUMNS = ("place", "enterprise", "tax_code", "person", "channel", "state", "sent", "acknowledged", "message", "reason")
