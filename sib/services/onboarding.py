"""Onboarding of an operator from a conference: what only ANS has is rehearsed, shown, and imported in one go.

Everything is one transaction. A worker that is killed leaves nothing behind, and the next one does all of it.
"""

from dataclasses import asdict

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.services import onboarding as registry
from cnsportal.db.copy import copy_rows
from cnsportal.db.sql_files import read_statements
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from operators.services.lock_operator import lock_operator
from sib.domain.reconcile import Outcome
from sib.models import CnxStep, ConferenceFile, Founding, HeldNewcomer
from sib.queries import staging_tables

_SQL = read_statements("sib/sql/onboarding.sql")
ACTIVE, INACTIVE = Outcome.ONLY_AT_ANS.name, Outcome.ONLY_AT_ANS_INACTIVE.name
FOUNDED = "FOUNDED"  # answer of a difference whose record was taken into the registry


def request_founding(file: ConferenceFile, *, with_inactive: bool, actor: User | None = None) -> Founding:
    """Have a worker weigh what only this conference has; nothing is written before somebody agrees."""
    founding = Founding.objects.create(
        operator_id=current_operator_id(), file=file, with_inactive=with_inactive, requested_by=actor
    )
    founding.enqueue()
    return founding


def confirm_onboarding(founding: Founding, *, actor: User | None = None) -> bool:
    """Let it be written; False where it does not wait for that. The caller enqueues or processes it."""
    waiting = Founding.objects.filter(pk=founding.pk, status=Status.WAITING)
    return bool(waiting.update(status=Status.QUEUED, wants_apply=True, requested_by=actor, queued_at=timezone.now()))


def process_onboarding(run_id: int) -> None:
    """Weigh, or write; safe to start again at any moment, and by two workers at once."""
    Founding.objects.select_related("file").perform(run_id, _rehearse_or_apply, keep_alive=True)


def _rehearse_or_apply(founding: Founding) -> None:
    with staging_tables.large_work_memory():
        lock_operator()  # one founding at a time
        _rehearse(founding)
        status = Status.WAITING
        if founding.wants_apply:
            _found(founding)
            status = Status.DONE
        founding.save(update_fields=["counts", "founded_at", "numbers"])
        if not founding.finish(status):
            transaction.set_rollback(True)


def _rehearse(founding: Founding) -> None:
    outcomes = [ACTIVE, INACTIVE] if founding.with_inactive else [ACTIVE]
    about = {"operator": founding.operator_id, "file": founding.file_id, "outcomes": outcomes}
    founding.counts = asdict(registry.rehearse(_SQL["newcomers"], about))
    HeldNewcomer.objects.filter(founding=founding).delete()
    rows = [(founding.operator_id, founding.pk, *row) for row in registry.held_rows()]
    copy_rows("sib_heldnewcomer", ("operator_id", "founding_id", "cco", "code", "reason"), rows)


def _found(founding: Founding) -> None:
    founding.numbers = registry.apply_onboarding(
        origin=founding.origin, file_id=founding.file_id, actor=founding.requested_by
    )
    founding.founded_at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_SQL["mark_founded"], {"file": founding.file_id, "answer": FOUNDED})
    data = {key: value for key, value in founding.counts.items() if key != "held"}
    data |= {"numbers": founding.numbers, "held": sum(founding.counts["held"].values()), "file": founding.file_id}
    record([Event(EventKind.PEOPLE_FOUNDED, "founding", founding.pk, actor=founding.requested_by, data=data)])


def can_found(file: ConferenceFile) -> bool:
    """Whether the conference has anything of the kind left, and its records are still those of the mirror."""
    known = sum(file.outcomes.get(name, 0) for name in (ACTIVE, INACTIVE))
    if file.is_active or not known:
        return False
    if known <= sum(file.foundings.exclude(founded_at=None).values_list("counts__links", flat=True)):
        return False
    last = ConferenceFile.objects.latest_mirrored()
    return last == file and file.step in {CnxStep.REHEARSED, CnxStep.APPLIED, CnxStep.REVERTED}
