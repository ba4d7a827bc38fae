"""The main job, end to end on real parts: import, conference, lookups, cards. Every step may be repeated.

A step that was done is found done; one that was interrupted goes on where it stopped, so that the figures at the end
are the same however often the work was cut off.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from beneficiaries.models import Person
from beneficiaries.services.csv_import.import_file import import_file
from beneficiaries.services.csv_import.receipt import RECEIPT, receipt_row
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import ask_cns, wake_if_pending
from cards.models import CardBatch
from cards.services import Order, start_batch_of
from cnsportal.jobs import OPEN, Job, Status
from demo import scenario
from demo.figures import SCOPE, own_batch, own_conference, own_links, own_lookups, own_people
from demo.processes import folder
from operators.formats.atomic_files import atomic_write, temporary_path
from operators.formats.csv_tables import Table
from sib.models import ConferenceFile

R = TypeVar("R", bound=Job)

POLL_SECONDS = 0.2  # seconds between two looks
MAX_FAILURES = 3  # failures in a row after which a lookup is counted as not asked; the queue goes on with it by itself


class Stuck(Exception):
    """A step did not come to its end: one sentence."""


@dataclass
class ProgressStep:
    """What the person before the screen sees of a step."""

    title: str
    report: Callable[[str, int, int | None], None]

    def report_progress(self, done: int, total: int | None) -> None:
        self.report(self.title, done, total)


def import_registry(step: ProgressStep) -> None:
    """The operator's CSV into the registry, with its receipt; once, for people may have been changed since."""
    if own_links().exists():
        return step.report_progress(scenario.LINKS, scenario.LINKS)
    source = folder() / "beneficiarios.csv"
    with source.open("rb") as stream, atomic_write(folder() / "recibo.csv") as output:
        lines = Table(output, RECEIPT)
        import_file(
            stream,
            keep=lambda line: lines.add(receipt_row(line)),
            progress=lambda done: step.report_progress(done, scenario.LINKS),
        )
    return None


def reconcile(step: ProgressStep, keep_alive: Callable[[], None]) -> ConferenceFile:
    """Drop the CNX into the inbox, where the scheduled task finds it, and wait until it is applied."""
    if not own_conference():
        source, inbox = folder() / "conferencia.CNX", settings.INBOX_DIR / scenario.REGISTRATION
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, inbox / source.name)
    return _wait(step, own_conference, keep_alive)


def ask_datasus(step: ProgressStep, keep_alive: Callable[[], None]) -> None:
    """Ask for everybody who has an active link, no CNS, and was not asked before; wait for the answers."""
    asked = Lookup.objects.values("person")
    people = Person.objects.without_cns().with_active_link().exclude(pk__in=asked)
    own = people.filter(pk__in=own_people()).values_list("pk", flat=True)
    ask_cns(list(own), reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
    total = own_lookups().count()
    while waiting := own_lookups().filter(status__in=OPEN, failures__lt=MAX_FAILURES).count():
        step.report_progress(total - waiting, total)
        wake_if_pending()
        keep_alive()
        time.sleep(POLL_SECONDS)
    step.report_progress(total, total)


def issue(step: ProgressStep, keep_alive: Callable[[], None]) -> CardBatch:
    """One batch for all active links: those that may not have a card yet are refused with a sentence."""
    if not own_batch():
        start_batch_of(own_links().active(), order=Order(scope=SCOPE))
    batch = _wait(step, own_batch, keep_alive)
    if batch.file:
        with (
            batch.file.open("rb") as source,
            temporary_path(folder() / "cartoes.pdf") as draft,
            draft.open("wb") as target,
        ):
            shutil.copyfileobj(source, target)
    return batch


def _wait(step: ProgressStep, find: Callable[[], R | None], keep_alive: Callable[[], None]) -> R:
    while True:
        run = find()
        if run and run.status == Status.DONE:
            step.report_progress(run.total or run.done or 1, run.total or run.done or 1)
            return run
        if run and run.status in {Status.FAILED, Status.CANCELLED}:
            raise Stuck(f"{step.title}: {run.failure or run.get_status_display()} {run.failure_id}".strip())
        step.report_progress(run.done if run else 0, run.total if run else None)
        keep_alive()
        time.sleep(POLL_SECONDS)
