"""What the settings say of our Official Account."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.channels.zalo_oa.zbs import Template

CHANNEL = "zalo_oa"


@dataclass(frozen=True)
class OaAccount:
    """signature_id, signature_with: what Zalo's signature begins and ends with, on which its documents disagree. too_old:
    how long after it happened an event is still acted on. templates: by what they are for. verifier: for PKCE, fixed."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    oa_id: str = ""
    api_url: str = "https://openapi.zalo.me"
    business_url: str = "https://business.openapi.zalo.me"
    oauth_url: str = "https://oauth.zaloapp.com"
    signature_id: Literal["app", "oa"] = "app"
    signature_with: Literal["oa", "app"] = "oa"
    too_old: timedelta = timedelta(hours=6)
    appsecret_proof: bool = False
    button_template: str = ""
    """the template type that carries buttons; empty: choices are a numbered list in the text"""
    templates: dict[str, Template] = field(default_factory=dict)
    verifier: str = field(default="", repr=False)
    public_url: str = ""
