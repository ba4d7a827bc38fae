"""The queue's page: how much is queued, how fast it goes, when it ends, and what blocks it."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Avg, Count, Exists, OuterRef, Q
from django.utils import timezone

from cadsus.client.errors import ErrorKind
from cadsus.models import Exchange, Lookup, LookupQuerySet
from cadsus.queries.link_status import WINDOW, LinkState, link_state
from cadsus.throttling.blockers import Blocker
from cadsus.throttling.forecast import estimate_completion, throughput, when
from cadsus.throttling.registry import opening_hours_for, rate_limiter_for
from cnsportal.formats.br import format_count
from cnsportal.jobs import OPEN, Status
from cnsportal.web.stale_cache import invalidate, stale_while_revalidate
from operators.context import current_operator_id

RECENT_PERIOD = timedelta(minutes=10)
UNEXPECTED = "Erro inesperado; o código está em cada consulta."
UNPLANNED_BLOCKERS = frozenset(Blocker) - {Blocker.NONE, Blocker.PAUSED, Blocker.OUTSIDE_HOURS}
MAX_FAILURE_KINDS = 10  # kinds of failures


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls of the last hour and what kept them from being answered; answers of the last ten minutes."""

    answered_lately: int
    seconds_a_call: float | None
    troubles: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Overview:
    link: LinkState
    traffic: Traffic
    by_status: dict[str, int]
    queued: dict[int, int]  # by priority
    failed: list[tuple[str, int]]  # people who could not be asked, by the sentence that says why

    @property
    def waiting(self) -> int:
        return self.by_status.get(Status.WAITING, 0)

    @property
    def running(self) -> int:
        return self.by_status.get(Status.RUNNING, 0)


def overview() -> Overview:
    """As it was a few seconds ago."""
    return stale_while_revalidate(_key(), _look)


def forget_overview() -> None:
    """After a change whose effect is to be seen at once."""
    invalidate(_key())


def forecast(seen: Overview) -> str:
    """One sentence about the end of the queue; empty where there is none."""
    if not seen.link.pending:
        return ""
    queue = f"A fila de {format_count(seen.link.pending)}"
    if seen.link.obstacle in UNPLANNED_BLOCKERS:
        return f"{queue} espera; não dá para prever quando termina."
    environment, now = settings.CADSUS_ENVIRONMENTS[seen.link.environment], timezone.now()
    rate = environment["rate"] / (1 + rate_limiter_for(seen.link.environment).others_at_work(current_operator_id()))
    per_second = throughput(rate, settings.CADSUS_CONCURRENCY, seen.traffic.seconds_a_call)
    held = seen.link.until if seen.link.obstacle is Blocker.PAUSED else None
    end = estimate_completion(now, seen.link.pending, per_second, opening_hours_for(seen.link.environment), held)
    if end is None:
        return f"{queue} ainda não tem ritmo medido; não dá para prever quando termina."
    return f"{queue} termina {when(end, now)}."


def failed_for_good() -> LookupQuerySet:
    """Those that could not be asked and will not be asked again by themselves, the last question of each person."""
    later = Lookup.objects.filter(person=OuterRef("person"), pk__gt=OuterRef("pk"))
    failed: LookupQuerySet = Lookup.objects.filter(
        ~Exists(later), status=Status.FAILED, environment=settings.CADSUS_ENVIRONMENT
    )
    return failed


def open_and_failed() -> dict[str, int]:
    """Without those that are over, which are many."""
    return dict(
        Lookup.objects.filter(status__in=[*OPEN, Status.FAILED]).order_by().values_list("status").annotate(Count("pk"))
    )


def last_answer() -> Exchange | None:
    calls = Exchange.objects.filter(environment=settings.CADSUS_ENVIRONMENT, milliseconds__isnull=False, trouble="")
    return calls.order_by("-at").first()


def _look() -> Overview:
    environment = settings.CADSUS_ENVIRONMENT
    lookups = Lookup.objects.order_by()
    queued = lookups.filter(status=Status.QUEUED).values_list("priority")
    failed = failed_for_good().order_by().values_list("failure").annotate(count=Count("pk"))
    return Overview(
        link=link_state(environment),
        traffic=_traffic(environment),
        by_status=dict(lookups.values_list("status").annotate(Count("pk"))),
        queued=dict(queued.annotate(Count("pk"))),
        failed=list(failed.order_by("-count", "failure")[:MAX_FAILURE_KINDS]),
    )


def _traffic(environment: str) -> Traffic:
    now = timezone.now()
    calls = Exchange.objects.filter(environment=environment, milliseconds__isnull=False, at__gt=now - WINDOW)
    kinds = (
        calls.order_by()
        .values("trouble")
        .annotate(
            calls=Count("pk"),
            milliseconds=Avg("milliseconds"),
            lately=Count("pk", filter=Q(at__gt=now - RECENT_PERIOD)),
        )
    )
    found = {kind["trouble"]: kind for kind in kinds}
    answered = found.pop("", None)
    troubles = [(_sentence(name), kind["calls"]) for name, kind in found.items()]
    return Traffic(
        answered_lately=answered["lately"] if answered else 0,
        seconds_a_call=answered["milliseconds"] / 1000 if answered else None,
        troubles=sorted(troubles, key=lambda trouble: (-trouble[1], trouble[0])),
    )


def _sentence(trouble: str) -> str:
    return ErrorKind[trouble].sentence if trouble in ErrorKind.__members__ else UNEXPECTED


def _key() -> str:
    return f"cadsus:overview:{settings.CADSUS_ENVIRONMENT}:{current_operator_id()}"
