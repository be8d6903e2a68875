"""What is still missing before the Official Account works, step by step, for `donghanh doctor`."""

from datetime import datetime, timedelta

from bot.channels.zalo_oa.account import CHANNEL, OaAccount
from bot.channels.zalo_oa.api import OaApi
from bot.channels.zalo_oa.errors import OaError
from bot.channels.zalo_oa.tokens import NOT_OURS, NoToken, TokenKeeper
from bot.channels.zalo_oa.webhook import PATH
from bot.channels.zalo_oa.zbs import misfits
from bot.clock import Clock
from bot.delivery.transport import NotSent
from storage import channel_accounts, waiting_events
from storage.database import Database

_DATE = "%d/%m/%Y"


class Checks:
    def __init__(self, account: OaAccount, api: OaApi, tokens: TokenKeeper, database: Database, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._tokens = tokens
        self._database = database
        self._clock = clock

    async def problems(self) -> list[str]:
        """Return a sentence for each thing to mend, in the order in which they are mended."""
        found = self._settings() + await self._webhook()
        connected, trouble = await self._token()
        found += trouble
        if connected:
            found += await self._account_on_zalo()
            found += await self._templates()
        return found + await self._events()

    def _settings(self) -> list[str]:
        account, found = self._account, []
        if not account.oa_secret and account.signature_with == "oa":
            found.append(
                "ZALO_OA_SECRET_KEY is empty: every event would be refused; it is on the page that links app and account"
            )
        if account.signature_id == "oa" and not account.oa_id:
            found.append("ZALO_OA_ID is empty, and ZALO_OA_SIGNATURE_ID=oa needs it")
        if not account.public_url.startswith("https://"):
            found.append(
                "PUBLIC_URL: Zalo reaches a webhook, and people a file, only at an https:// address of a verified domain"
            )
        if not account.templates:
            found.append("ZALO_OA_TEMPLATE_ANSWERED is empty: who last wrote more than 7 days ago cannot be told of an answer")
        return found

    async def _webhook(self) -> list[str]:
        """Zalo tells nobody where it posts; whether it does, the first event shows."""
        async with self._database.read() as uow:
            if await channel_accounts.are_any(uow, CHANNEL) or await waiting_events.counts(uow, CHANNEL):
                return []
        return [
            f"no event has come from Zalo yet: enter {self._account.public_url + PATH} as the app's webhook and switch its "
            "events on; where that is done, write to the account once to try it"
        ]

    async def _token(self) -> tuple[bool, list[str]]:
        pair = await self._tokens.kept()
        if pair is None:
            if self._account.refresh_token:
                return False, ["no token yet: start `donghanh serve`, which uses ZALO_OA_REFRESH_TOKEN"]
            return False, ["no consent yet: `donghanh zalo connect` prints the link that an administrator of the account opens"]
        if not pair.refresh_token:
            return False, [NOT_OURS]
        if pair.refused:
            return False, [f"Zalo refused to renew the token ({pair.refused}): run `donghanh zalo connect` again"]
        now = self._clock.now()
        if pair.access_token is None or pair.expires_at is None or pair.expires_at <= now:
            return False, ["the access token has ended: is `donghanh serve` running? It renews the token by itself"]
        return True, []

    async def _account_on_zalo(self) -> list[str]:
        try:
            told = await self._api.account()
        except NoToken as error:
            return [str(error)]
        except (OaError, NotSent) as error:
            return [f"ZALO_OA_APP_ID: Zalo does not tell about the account: {error}"]
        found = []
        if self._account.oa_id and str(told.get("oaid", told.get("oa_id", ""))) not in ("", self._account.oa_id):
            found.append(f"ZALO_OA_ID: the token belongs to another account, {told.get('oaid')}")
        if told.get("is_verified") is False:
            found.append("the account is not verified: Zalo lets only verified accounts use the interface")
        until = _day(told.get("package_valid_through_date"))
        if until is not None and until <= self._clock.now().replace(tzinfo=None) + timedelta(days=14):
            found.append(f"the package {told.get('package_name', '')} ends on {until:%d/%m/%Y}: renew it")
        try:
            quota = await self._api.quota()
        except (OaError, NotSent) as error:
            return [*found, f"the quota cannot be read: {error}"]
        if quota and all(str(each.get("remain")) == "0" for each in quota):
            found.append("the quota of consultation messages is used up: those after 48 h wait until there is more")
        return found

    async def _templates(self) -> list[str]:
        found = []
        for purpose, template in self._account.templates.items():
            setting = f"ZALO_OA_TEMPLATE_{purpose.upper()}"
            try:
                wanted = await self._api.template_parameters(template.id)
            except (OaError, NotSent) as error:
                found.append(f"{setting}: template {template.id} cannot be read: {error}")
                continue
            found += [f"{setting}: template {template.id}: {misfit}" for misfit in misfits(template, wanted)]
        return found

    async def _events(self) -> list[str]:
        async with self._database.read() as uow:
            counts = await waiting_events.counts(uow, CHANNEL)
        said = {
            "slow": "were kept because we were slow",
            "failed": "could not be taken and are tried again",
            "unknown": "are of a kind that is not known and are kept for 30 days",
            "sealed": "were sealed with another SECRET_KEY and are lost; what people wrote then they must write again",
            "too_old": "came too late and are kept for 30 days; is the webhook reachable?",
        }
        return [f"{count} events {said.get(reason, reason)}" for reason, count in sorted(counts.items())]


def _day(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), _DATE)  # noqa: DTZ007 - a day without a zone
    except ValueError:
        return None
