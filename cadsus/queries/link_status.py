"""The state of the connection to DATASUS: whether lookups may go now, and the results of recent ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from cadsus.models import Credential, Exchange, Lookup, Pause
from cadsus.throttling.blockers import Blocker
from cadsus.throttling.registry import circuit_breaker_for, credential_breaker, opening_hours_for

UNOPENED = "CERTIFICATE"  # Credential.failed_step of one whose key did not open
WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Blocked:
    """What blocks it, since and until when, as far as that is known."""

    obstacle: Blocker
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkState:
    environment: str
    obstacle: Blocker
    since: datetime | None
    until: datetime | None
    last_success: datetime | None
    asked: int  # calls of the last hour that are over
    failed: int  # of these, without an answer
    pending: int  # lookups that are open

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.asked if self.asked else None


CLEAR = Blocked(Blocker.NONE)


def blocked(environment: str) -> Blocked:
    """The first obstacle between this operator and DATASUS."""
    pause = Pause.objects.in_force().filter(environment=environment).first()
    if pause:
        return Blocked(Blocker.PAUSED, pause.paused_at, pause.until)
    credential = Credential.objects.active().filter(environment=environment).first()
    found = _credential_blocked(credential)
    if found is not CLEAR or credential is None:
        return found
    refused = credential_breaker(credential.environment, credential.fingerprint).state()
    if refused.is_open:
        return Blocked(Blocker.CREDENTIAL_REFUSED, refused.opened_at, refused.probes_at)
    away = circuit_breaker_for(environment).state()
    if away.is_open:
        return Blocked(Blocker.AWAY, away.opened_at, away.probes_at)
    hours, now = opening_hours_for(environment), timezone.localtime()
    return CLEAR if hours.contains(now) else Blocked(Blocker.OUTSIDE_HOURS, until=hours.opens_after(now))


def _credential_blocked(credential: Credential | None) -> Blocked:
    if credential is None:
        return Blocked(Blocker.NO_CREDENTIAL)
    if credential.not_after < timezone.now():
        return Blocked(Blocker.EXPIRED, since=credential.not_after)
    if credential.key_id not in settings.CADSUS_KEKS or credential.failed_step == UNOPENED:
        return Blocked(Blocker.LOCKED)
    return CLEAR


def link_state(environment: str) -> LinkState:
    """For banners and pages; four short queries."""
    found = blocked(environment)
    calls = Exchange.objects.filter(environment=environment, milliseconds__isnull=False)
    counts = calls.filter(at__gt=timezone.now() - WINDOW).aggregate(
        asked=Count("pk"), failed=Count("pk", filter=~Q(trouble=""))
    )
    return LinkState(
        environment=environment,
        obstacle=found.obstacle,
        since=found.since,
        until=found.until,
        last_success=calls.filter(trouble="").order_by("-at").values_list("at", flat=True).first(),
        pending=Lookup.objects.open().filter(environment=environment).count(),
        **counts,
    )
