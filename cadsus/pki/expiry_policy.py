"""When the operator is warned of an expiring certificate, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cnsportal.formats.br import format_date

AHEAD = (60, 30, 15, 7, 1)
"""Days before the end of a certificate on which its operator is warned."""
EXPIRED_DAYS = 0
"""Stands where a number of AHEAD does, once the certificate has ended."""
URGENT_DAYS = 7  # from here on it is urgent


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """A certificate in use that ends; moments in local time."""

    environment: str  # "de produção"
    holder: str
    until: datetime
    successor_until: datetime | None = None  # of the certificate that waits for its turn, where there is one

    def threshold(self, now: datetime) -> int | None:
        """The nearest of AHEAD that was reached, ENDED, or None while the end is far away."""
        left = self.until - now
        if left <= timedelta(0):
            return EXPIRED_DAYS
        return min((days for days in AHEAD if left <= timedelta(days=days)), default=None)

    def is_urgent(self, now: datetime) -> bool:
        return self.until - now <= timedelta(days=URGENT_DAYS)

    def headline(self, now: datetime) -> str:
        return f"O certificado {self.environment} {_expiry_phrase(self.until, now)}"

    def advice(self, now: datetime) -> str:
        """What to do, and what happens otherwise."""
        stop = f"as consultas {self.environment} {'estão paradas' if self.until <= now else 'vão parar'}"
        if self.successor_until is None:
            return f"Envie o próximo certificado: sem ele {stop}."
        known = f"O próximo já está guardado e vale até {format_date(self.successor_until)}: teste-o e ponha-o em uso"
        return f"{known}. Até lá {stop}." if self.until <= now else f"{known} antes disso; senão {stop}."


def is_due(threshold: int | None, warned: int | None) -> bool:
    """Whether to warn of this threshold after the nearest one that was warned of: of each once, of missed ones not."""
    return threshold is not None and (warned is None or threshold < warned)


def successor(until: datetime, waiting: Sequence[datetime]) -> datetime | None:
    """The end of the certificate that lasts longest of those that wait and outlast the one in use."""
    return max((end for end in waiting if end > until), default=None)


def _expiry_phrase(until: datetime, now: datetime) -> str:
    if until <= now:
        return f"venceu em {format_date(until)}, às {until:%H:%M}"
    days = (until.date() - now.date()).days
    if days <= 1:
        return f"vence {'amanhã' if days else 'hoje'}, {format_date(until)}, às {until:%H:%M}"
    return f"vence em {days} dias, em {format_date(until)}"
