import time
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Q

from beneficiaries.models import Person
from cadsus.models import Lookup, LookupQuerySet, Outcome, Priority, Reason
from cadsus.services import ask_cns, credential_in_use, work_queue
from cadsus.troubles import GatewayError
from cnsportal.runs import Status
from operators.commands import OperatorCommand, Refused

TRIES = 3  # a lookup that could not be asked so often counts as failed here; the queue goes on with it
PAUSE = 0.3  # seconds between two looks at the queue
PATIENCE = 60.0  # seconds without anything to ask: DATASUS is away, or the queue is paused; it goes on by itself later


class Command(OperatorCommand):
    help = "Consulta no DATASUS o CNS de quem ainda não tem, espera e conta o que resultou."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=_positive, metavar="N", help="no máximo tantas pessoas")
        parser.add_argument("--concurrency", type=_positive, default=8, metavar="N", help="consultas ao mesmo tempo")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        begin = time.monotonic()
        try:
            credential_in_use(settings.CADSUS_ENVIRONMENT)
        except GatewayError as error:
            raise Refused(error.sentence) from None
        people = Person.objects.without_cns().with_active_link().order_by("pk")[: options["limit"]]
        ids = list(people.values_list("pk", flat=True))
        lookups = ask_cns(ids, reason=Reason.WITHOUT_CNS, priority=Priority.BACKLOG).values()
        self._work(lookups, options["concurrency"])
        return {**_figures(lookups), "seconds": round(time.monotonic() - begin, 1)}

    def _work(self, lookups: Collection[int], concurrency: int) -> None:
        """Ask here, beside any worker, until every lookup has its answer or has failed often enough."""
        moved = time.monotonic()
        while (over := _over(lookups).count()) < len(lookups):
            self.progress(f"{over} de {len(lookups)} consultas respondidas")
            if work_queue(concurrency):
                moved = time.monotonic()
            elif time.monotonic() > moved + PATIENCE:
                return
            time.sleep(PAUSE)
            Lookup.objects.due().requeue()
            Lookup.sweep()  # what a killed worker left, where no scheduler runs


def _over(lookups: Collection[int]) -> LookupQuerySet:
    ended = Q(status__in=[Status.DONE, Status.FAILED, Status.CANCELLED])
    return Lookup.objects.filter(ended | Q(status=Status.WAITING, failures__gte=TRIES), pk__in=lookups)


def _figures(lookups: Collection[int]) -> dict[str, int]:
    """The four ends add up to what was queried; an answer that attached nothing is for a person to look at."""
    ends = Counter(
        _end(*row) for row in Lookup.objects.filter(pk__in=lookups).values_list("status", "outcome", "attached")
    )
    return {"queried": len(lookups), **{end: ends[end] for end in ("attached", "review", "not_found", "failed")}}


def _end(status: str, outcome: str, attached: bool) -> str:
    if status != Status.DONE:
        return "failed"
    if attached:
        return "attached"
    return "not_found" if outcome == Outcome.NOT_FOUND else "review"


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ArgumentTypeError("informe um número inteiro a partir de 1")
    return int(text)
