import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Q

from beneficiaries.models import Person
from cadsus.client.errors import GatewayError
from cadsus.models import Lookup, LookupOutcome, LookupQuerySet, LookupReason, Priority
from cadsus.queries.link_status import blocked
from cadsus.services import ask_cns, credential_in_use, work_queue
from cadsus.throttling.blockers import Blocker
from cnsportal.jobs import OPEN, Status
from operators.management.argument_types import whole_number
from operators.management.base import CommandRefused, OperatorCommand

MAX_ATTEMPTS = 3  # a lookup that could not be asked so often counts as failed here; the queue goes on with it
POLL_SECONDS = 0.3  # seconds between two looks at the queue
IDLE_TIMEOUT_SECONDS = (
    60.0  # seconds without an answer while DATASUS is away, or another worker asks; it goes on by itself later
)
ENDS = ("attached", "review", "not_found", "failed", "queued")
STANDSTILL = frozenset(Blocker) - {Blocker.NONE, Blocker.AWAY}
"""What does not pass while somebody waits at a terminal."""
POSITIVE = whole_number("informe um número inteiro a partir de 1", least=1)
LATE = "O DATASUS não respondeu a tempo."


class Command(OperatorCommand):
    help = "Consulta no DATASUS o CNS de quem ainda não tem, espera e conta o que resultou."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=POSITIVE, metavar="N", help="no máximo tantas pessoas")
        parser.add_argument("--concurrency", type=POSITIVE, default=8, metavar="N", help="consultas ao mesmo tempo")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        begin = time.monotonic()
        try:
            credential_in_use(settings.CADSUS_ENVIRONMENT)
        except GatewayError as error:
            raise CommandRefused(error.sentence) from None
        people = Person.objects.without_cns().with_active_link().order_by("pk")[: options["limit"]]
        ids = list(people.values_list("pk", flat=True))
        lookups = ask_cns(ids, reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG).values()
        self._work(lookups, options["concurrency"])
        return {**_figures(lookups), "seconds": round(time.monotonic() - begin, 1)}

    def report(self, figures: dict[str, Any], options: dict[str, Any]) -> None:
        """The figures in any case; where questions are still in the queue, the reason and exit code 1 as well."""
        super().report(figures, options)
        if figures["queued"]:
            raise CommandRefused(_left_waiting(figures["queued"]))

    def _work(self, lookups: Collection[int], concurrency: int) -> None:
        """Ask here, beside any worker, until every lookup has its answer or has failed often enough."""
        moved = time.monotonic()
        while (over := _over(lookups).count()) < len(lookups):
            self.progress(f"{over} de {len(lookups)} consultas respondidas")
            if work_queue(concurrency):
                moved = time.monotonic()
            elif (
                blocked(settings.CADSUS_ENVIRONMENT).obstacle in STANDSTILL
                or time.monotonic() > moved + IDLE_TIMEOUT_SECONDS
            ):
                return
            time.sleep(POLL_SECONDS)
            Lookup.objects.due().requeue()
            Lookup.recover_stalled()  # what a killed worker left, where no scheduler runs


def _over(lookups: Collection[int]) -> LookupQuerySet:
    ended = Q(status__in=[Status.DONE, Status.FAILED, Status.CANCELLED])
    return Lookup.objects.filter(ended | Q(status=Status.WAITING, failures__gte=MAX_ATTEMPTS), pk__in=lookups)


def _left_waiting(queued: int) -> str:
    obstacle = blocked(settings.CADSUS_ENVIRONMENT).obstacle
    reason = LATE if obstacle is Blocker.NONE else obstacle.sentence
    return f"Ficaram na fila, sem resposta: {queued}. {reason} A fila segue sozinha assim que for possível."


def _figures(lookups: Collection[int]) -> dict[str, int]:
    """The ends add up to what was queried; an answer that attached nothing is for a person to look at."""
    found = Lookup.objects.filter(pk__in=lookups)
    ends = Counter(_end(*row) for row in found.values_list("status", "outcome", "attached", "failures"))
    return {"queried": len(lookups), **{end: ends[end] for end in ENDS}}


def _end(status: str, outcome: str, attached: bool, failures: int) -> str:
    if status != Status.DONE:
        return "queued" if status in OPEN and failures < MAX_ATTEMPTS else "failed"
    if attached:
        return "attached"
    return "not_found" if outcome == LookupOutcome.NOT_FOUND else "review"
