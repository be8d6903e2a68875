"""getUpdates and the webhook methods: two ways to receive that exclude each other."""

import re
from typing import Any
from urllib.parse import urlsplit

from .errors import bad, conflict
from .platform import Call, Platform, Wire, method


@method("getUpdates")
async def get_updates(platform: Platform, call: Call) -> list[Wire]:
    if platform.webhook.url:
        raise conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
    remember_kinds(platform, call.args)
    limit = call.args.get("limit", 100)
    return await platform.polling.take(
        call.args.get("offset", 0),
        limit if 1 <= limit <= 100 else 100,
        max(0, min(50, call.args.get("timeout", 0))),
    )


def remember_kinds(platform: Platform, args: Wire) -> None:
    """Leaving `allowed_updates` out keeps the former setting; an empty list means the default."""
    if "allowed_updates" in args:
        platform.updates.allowed = list(args["allowed_updates"])


@method("setWebhook")
async def set_webhook(platform: Platform, call: Call) -> bool:
    args = call.args
    url = args.get("url") or ""
    if url:
        check_url(url)
    secret = args.get("secret_token") or ""
    if len(secret) > 256 or not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    platform.flood.charge_webhook_change()
    remember_kinds(platform, args)
    if args.get("drop_pending_updates"):
        platform.updates.drop()
    if url:
        platform.polling.interrupt("terminated by setWebhook request")
    platform.webhook.point_at(
        url, secret, max(1, min(100, args.get("max_connections") or 40)), certificate="certificate" in args
    )
    return True


def check_url(url: str) -> None:
    """HTTPS on four ports; plain HTTP only to this machine, as a self-hosted `--local` server allows."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in (443, 80, 88, 8443):
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


@method("deleteWebhook")
async def delete_webhook(platform: Platform, call: Call) -> bool:
    if call.args.get("drop_pending_updates"):
        platform.updates.drop()
    platform.webhook.point_at("", "", 40)
    return True


@method("getWebhookInfo")
async def get_webhook_info(platform: Platform, call: Call) -> Wire:
    webhook = platform.webhook
    info: dict[str, Any] = {
        "url": webhook.url,
        "has_custom_certificate": webhook.certificate,
        "pending_update_count": platform.updates.count(),
    }
    if webhook.url:
        info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
        if webhook.last_error:
            info |= {"last_error_date": int(webhook.last_error_at), "last_error_message": webhook.last_error}
    if platform.updates.allowed:
        info["allowed_updates"] = platform.updates.allowed
    return info
