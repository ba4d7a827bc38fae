import time
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Collection
from itertools import count
from typing import Any

from django.conf import settings
from django.db.models import Q

from beneficiaries.models import Person
from cadsus.models import Lookup, LookupQuerySet, Outcome, Priority, Reason
from cadsus.services import ask_cns, credential_in_use, send_due
from cadsus.troubles import GatewayError
from cnsportal.runs import Status
from operators.commands import OperatorCommand, Refused, worker_running

TRIES = 3  # a lookup that could not be asked so often counts as failed here; the queue goes on with it
PAUSE = 0.3  # seconds between two looks at the queue
LOOKS_PER_SWEEP = 20


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
        with worker_running(options["concurrency"]):
            people = Person.objects.without_cns().with_active_link().order_by("pk")[: options["limit"]]
            ids = list(people.values_list("pk", flat=True))
            lookups = ask_cns(ids, reason=Reason.WITHOUT_CNS, priority=Priority.BACKLOG).values()
            self._wait(lookups)
        return {**_figures(lookups), "seconds": round(time.monotonic() - begin, 1)}

    def _wait(self, lookups: Collection[int]) -> None:
        """Until every lookup has its answer or has failed often enough, sending again what is due."""
        for look in count():
            over = _over(lookups).count()
            self.progress(f"{over} de {len(lookups)} consultas respondidas")
            if over == len(lookups):
                return
            send_due(lookups)
            if not look % LOOKS_PER_SWEEP:
                Lookup.sweep()  # what a killed worker left, where no scheduler runs
            time.sleep(PAUSE)


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
