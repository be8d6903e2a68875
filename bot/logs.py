"""The log: events with fields, for a person (console) or a machine (json). Secrets and texts of people never go in."""

import logging
import re
import sys
from typing import Any

import structlog

_TOKEN = re.compile(r"\b\d{6,}:[A-Za-z0-9_-]{20,}")
"""a Telegram bot token, which stands in the addresses of its API"""


class _StandardError:
    """Whatever standard error is at the moment of writing: it may be another one than when the log was set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _hide_tokens(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {k: _TOKEN.sub("<token>", v) if isinstance(v, str) else v for k, v in event.items()}


def configure(level: str, form: str) -> None:
    """Set up structlog and the standard library's logging, which our libraries use, to write to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_tokens,
    ]
    rendered = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    number = getattr(logging, level.upper())
    out: Any = _StandardError()
    structlog.configure(
        processors=[*shared, rendered],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=rendered, foreign_pre_chain=shared))
    logging.root.handlers = [handler]
    logging.root.setLevel(max(number, logging.WARNING))
