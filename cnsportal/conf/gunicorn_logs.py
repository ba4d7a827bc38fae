"""The logs of gunicorn, which has its own handlers: with the same redaction as all others."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from cnsportal.conf.log_config import hidden


class RedactedFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


class RedactedLogger(Logger):
    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, RedactedFormatter(fmt._fmt, fmt.datefmt), stream)  # noqa: SLF001
