"""Every error of the API as application/problem+json (RFC 9457), with a stable code and a sentence for people."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bot.body_limit import BodyTooLarge
from bot.errors import HelpdeskError
from bot.locales.catalogue import LANGUAGES, Catalogue

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
_DETAILS_AT_MOST = 20
_CODES = {404: "api.not_found", 405: "api.method_not_allowed", 400: "api.bad_request"}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, for programs"},
        "detail": {"type": "string", "description": "what is wrong and how to mend it, for people"},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "fields that cannot be used, each with why"},
    },
}


class Problems:
    """Turns errors into answers, in the language that the caller asks for (Accept-Language), else the default."""

    def __init__(self, catalogue: Catalogue, default_language: str) -> None:
        self._catalogue = catalogue
        self._default_language = default_language

    def install(self, app: FastAPI) -> None:
        app.add_exception_handler(HelpdeskError, self._helpdesk_error)
        app.add_exception_handler(RequestValidationError, self._invalid)
        app.add_exception_handler(HTTPException, self._http_error)
        app.add_exception_handler(BodyTooLarge, self._too_large)
        app.add_exception_handler(Exception, self._unexpected)

    def answer(
        self,
        request: Request,
        status: int,
        code: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> JSONResponse:
        language = self._language(request)
        key = next((k for k in (f"desk.error.{code}", f"error.{code}") if self._catalogue.has(k)), "error.api.other")
        content = {
            "type": f"urn:donghanh:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": self._catalogue.say(key, language, **self._translated(dict(params or {}), language)),
            **more,
        }
        return JSONResponse(content, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)

    def _translated(self, params: dict[str, Any], language: str) -> dict[str, Any]:
        for name in ("state", "action"):
            key = f"desk.{name}.{params.get(name)}"
            if self._catalogue.has(key):
                params[name] = self._catalogue.say(key, language).lower()
        for name in ("field", "campaign_state", "campaign_action"):
            key = f"desk.campaign_{name.removeprefix('campaign_')}.{params.get(name)}"
            if self._catalogue.has(key):
                params[name] = self._catalogue.say(key, language).lower()
        return params

    def _language(self, request: Request) -> str:
        wanted = request.headers.get("accept-language", "")[:2].lower()
        return wanted if wanted in LANGUAGES else self._default_language

    async def _helpdesk_error(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HelpdeskError)
        headers = {"WWW-Authenticate": 'Bearer realm="donghanh"'} if error.status == 401 else None
        return self.answer(request, error.status, error.code, params=error.params, headers=headers)

    async def _invalid(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = [
            {"field": ".".join(str(part) for part in each["loc"]), "message": each["msg"]}
            for each in error.errors()[:_DETAILS_AT_MOST]
        ]
        return self.answer(
            request, 422, "api.invalid", params={"fields": ", ".join(each["field"] for each in found)[:300]}, errors=found
        )

    async def _http_error(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "api.other")
        return self.answer(request, error.status_code, code, params={"code": code}, headers=error.headers)

    async def _too_large(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, BodyTooLarge)
        return self.answer(request, 413, "api.too_large", params={"most": error.most // 1024})

    async def _unexpected(self, request: Request, error: Exception) -> JSONResponse:
        log.error("api.failed", path=request.url.path, exc_info=error)
        return self.answer(request, 500, "api.other", params={"code": "api.other"})
