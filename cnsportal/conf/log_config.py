"""Structured logs with redaction (masking): a constant name, identifiers, counts; never a CPF, a CNS or a name."""

import re
from typing import Any

import structlog

_BETWEEN = (
    r"[ \t\xa0\xad\u2000-\u200f\u202f\u205f-\u2060\u3000\ufeff"  # blanks of any width, or of none
    r"./_\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d\uff0e\uff0f\xb7]{0,3}"  # dots, strokes, dashes
)


def _groups(*lengths: int) -> str:
    return _BETWEEN.join(rf"\d{{{length}}}" for length in lengths)


_NUMBER = re.compile(
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32,}\b"
    r"|(?<![\d.])(?:(?:1\d\d|2[0-4]\d|25[0-5])\.){3}\d{2}(?![\d.]))"
    rf"|(?<!\d)(?:{_groups(3, 4, 4, 4)}|{_groups(3, 3, 3, 2)})(?!\d)"
)
"""What looks like a CNS or a CPF, with anything that people write between its groups, and is no id of a task or
request and no IP address.
"""

_SECRET = re.compile(
    r"(?<=/[cv]/)[\w.~-]{20,}"  # opens a card or its check (cards.public)
    r"|(?<=/reset/key/)(?!done/)[^/\s?\"']+"  # opens an account (cnsportal.web.account_urls)
    r"|(?<=/confirm-email/)[^/\s?\"']+"
    r"|(?<=/beneficiarios/)[^/\s?\"']+"  # the operator's own number of somebody
    r"|(?<=\?)[^\s\"']*=[^\s\"']*"  # what was typed into a search
    r"|(?<=DETAIL:  ).+|(?<=DETALHE:  ).+"  # PostgreSQL includes the values of the row, in its language
    r"|(?<=CONTEXT:  ).+|(?<=CONTEXTO:  ).+"  # and of the cell, where it copied
    r"|(?<=://)[^/\s@]*:[^/\s@]*(?=@)"  # user and password of a service
)
"""Parts of addresses and errors that open something or name somebody."""


def redact(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last gate: whatever slipped into a text leaves it as ``***``."""
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    """Texts wherever they stand; everything else as it is."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, dict):
        return {_redacted(key): _redacted(each) for key, each in value.items()}
    return type(value)(map(_redacted, value)) if type(value) in {list, tuple, set} else value


def hidden(text: str) -> str:
    """The text without numbers of people and without secrets."""
    return _SECRET.sub("***", _NUMBER.sub(lambda found: found["id"] or "***", text))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact,
]


def configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING, and structlog set up to flow into it."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print the request, and with it what people typed.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "zeep": {"level": "WARNING"},  # its debug lines hold whole messages
            "urllib3": {"level": "WARNING"},
        },
    }
