"""The life of a job (cnsportal.jobs), on lookups, since a job is always one of some model."""

import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from cadsus.models import Lookup
from cards.models import CardBatch
from cnsportal.jobs import MAX_ATTEMPTS, JobLost, Status
from operators.context import current_operator_id, operator_context
from tests.factories import OperatorFactory, PersonFactory


def new_lookup(**fields):
    person = PersonFactory()
    defaults = {"environment": "simulator", "reason": "WITHOUT_CNS", "priority": 2}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def claimed_lookup():
    lookup = new_lookup()
    lookup.attempt = Lookup.objects.claim(lookup.pk)
    return lookup


def long_ago():
    return timezone.now() - timedelta(hours=1)


def messages(queue):
    """How many messages wait at the broker."""
    with current_app.connection_for_read() as broker:
        return broker.default_channel.client.llen(queue)


@pytest.fixture(autouse=True)
def empty_broker():
    with current_app.connection_for_write() as broker:
        for queue in ("interactive", "lookups", "bulk"):
            broker.default_channel.client.delete(queue)


def status(job):
    return type(job).objects.values_list("status", "attempt").get(pk=job.pk)


def test_claim_takes_a_queued_job_once(operator):
    lookup = new_lookup()

    assert (Lookup.objects.claim(lookup.pk), Lookup.objects.claim(lookup.pk)) == (1, None)
    assert status(lookup) == (Status.RUNNING, 1)


def test_claim_does_not_see_another_operators_job(operator):
    lookup = new_lookup()
    with_other = OperatorFactory()
    lookup.operator = with_other
    Lookup.objects.filter(pk=lookup.pk).update(operator=with_other)

    assert Lookup.objects.claim(lookup.pk) is None


@pytest.mark.django_db(transaction=True)
def test_claim_in_a_race_is_won_once():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        lookup = new_lookup()
    attempts, start = [], threading.Barrier(6)

    def claim():
        try:
            with operator_context(operator.pk):
                start.wait()
                attempts.append(Lookup.objects.claim(lookup.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(attempts, key=str) == [1, None, None, None, None, None]


def test_heartbeat_keeps_progress_while_the_attempt_is_ours(operator):
    lookup = claimed_lookup()

    assert lookup.heartbeat(done=3, total=12)
    lookup.refresh_from_db()
    assert (lookup.done, lookup.total, lookup.percent) == (3, 12, 25)


def test_heartbeat_and_finish_of_a_lost_attempt_change_nothing(operator):
    lookup = claimed_lookup()
    Lookup.objects.filter(pk=lookup.pk).update(heartbeat_at=long_ago())
    Lookup.recover_stalled()
    Lookup.objects.claim(lookup.pk)

    assert (lookup.is_still_claimed(), lookup.heartbeat(done=9), lookup.finish(Status.DONE)) == (False, False, False)
    assert status(lookup) == (Status.RUNNING, 2)


def test_cancel_ends_the_next_heartbeat(operator):
    lookup = claimed_lookup()

    assert Lookup.objects.cancel(lookup.pk)
    assert not lookup.heartbeat()


def after_performing(work, **options):
    """What is kept of a batch that this work was done on: status, attempt, sentence; and whether it came back."""
    batch = CardBatch.objects.create(operator_id=current_operator_id())
    performed = CardBatch.objects.perform(batch.pk, work, **options)
    batch.refresh_from_db()
    return (batch.status, batch.attempt, batch.failure), performed == batch


def cancelled(batch):
    CardBatch.objects.cancel(batch.pk)
    return Status.DONE


def lost(batch):
    CardBatch.objects.cancel(batch.pk)
    raise JobLost


def refused(batch):
    raise LookupError("x" * 301)


@pytest.mark.parametrize(
    ("work", "kept"),
    [
        (lambda _: Status.DONE, (Status.DONE, 1, "")),
        (lambda _: Status.WAITING, (Status.WAITING, 1, "")),
        (lambda _: None, (Status.RUNNING, 1, "")),
        (cancelled, (Status.CANCELLED, 1, "")),
        (lost, (Status.CANCELLED, 1, "")),
        (refused, (Status.FAILED, 1, "x" * 300)),
    ],
    ids=["done", "waiting", "finishes itself", "cancelled", "lost", "refused"],
)
def test_perform_finishes_a_job_as_its_work_ends(operator, work, kept):
    assert after_performing(work, refusals=LookupError) == (kept, True)


def test_perform_lets_an_exception_pass_that_is_no_refusal(operator):
    with pytest.raises(LookupError):
        after_performing(refused)

    assert status(CardBatch.objects.get()) == (Status.RUNNING, 1)


def test_perform_leaves_a_job_alone_that_another_worker_has(operator):
    lookup, done = claimed_lookup(), []

    assert (Lookup.objects.perform(lookup.pk, done.append), done) == (None, [])


@pytest.mark.django_db(transaction=True)
def test_perform_sends_heartbeats_while_the_work_takes_its_time(settings):
    settings.RUN_STALE_SECONDS = 0.2
    operator = OperatorFactory()

    def work(batch):
        before = CardBatch.objects.get(pk=batch.pk).heartbeat_at
        deadline = time.monotonic() + 30
        while CardBatch.objects.get(pk=batch.pk).heartbeat_at == before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return Status.DONE

    with operator_context(operator.pk):
        assert after_performing(work, keep_alive=True) == ((Status.DONE, 1, ""), True)


@pytest.mark.django_db(transaction=True)
def test_a_step_that_hangs_is_recovered_where_nobody_keeps_the_job_alive(settings):
    settings.RUN_STALE_SECONDS = 0.2
    operator = OperatorFactory()

    def hang(_):
        time.sleep(0.5)
        assert CardBatch.recover_stalled() == 1
        return Status.DONE

    with operator_context(operator.pk):
        assert after_performing(hang) == ((Status.QUEUED, 1, ""), True)


def test_cancel_leaves_a_finished_job_alone(operator):
    lookup = new_lookup(status=Status.DONE)

    assert not Lookup.objects.cancel(lookup.pk)


def test_enqueue_sends_after_the_transaction(operator, django_capture_on_commit_callbacks):
    batch = CardBatch.objects.create(operator=operator)

    with django_capture_on_commit_callbacks(execute=True):
        batch.enqueue()
        before = messages("bulk")

    assert (before, messages("bulk")) == (0, 1)


def test_enqueue_may_name_a_faster_queue(operator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        CardBatch.objects.create(operator=operator).enqueue("interactive")

    assert (messages("interactive"), messages("bulk")) == (1, 0)


def test_enqueue_sends_a_lookup_by_itself_only_where_somebody_waits(operator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        new_lookup(priority=0).enqueue()
        new_lookup(priority=2).enqueue()

    assert (messages("interactive"), messages("lookups")) == (1, 0)


def test_recovery_sends_a_stalled_job_again(operator, django_capture_on_commit_callbacks):
    batch = CardBatch.objects.create(operator=operator, status=Status.RUNNING, attempt=1, heartbeat_at=long_ago())

    with django_capture_on_commit_callbacks(execute=True):
        freed = CardBatch.recover_stalled()

    batch.refresh_from_db()
    assert (freed, messages("bulk"), batch.status) == (1, 1, Status.QUEUED)


@pytest.mark.parametrize(
    "stopped",
    [lambda at: {"status": Status.RUNNING, "attempt": 1, "heartbeat_at": at}, lambda at: {"queued_at": at}],
    ids=["stalled", "lost on the way"],
)
def test_recovery_sends_again_what_stopped_while_the_clock_was_ahead(operator, stopped):
    CardBatch.objects.create(operator=operator, **stopped(timezone.now() + timedelta(days=1)))

    assert CardBatch.recover_stalled() == 1


def test_recovery_leaves_a_living_job_alone(operator):
    new_lookup(status=Status.RUNNING, attempt=1, heartbeat_at=timezone.now())

    assert Lookup.recover_stalled() == 0


def test_recovery_leaves_a_job_alone_that_a_worker_ahead_of_the_database_has_claimed(operator, time_machine):
    new_lookup()
    time_machine.move_to(timezone.now() + timedelta(hours=1))

    [claimed] = Lookup.objects.claim_next("simulator", 1, 2)

    assert (Lookup.recover_stalled(), status(claimed)) == (0, (Status.RUNNING, 1))


def test_recovery_gives_up_after_the_last_attempt(operator):
    lookup = new_lookup(status=Status.RUNNING, attempt=MAX_ATTEMPTS, heartbeat_at=long_ago())

    Lookup.recover_stalled()

    lookup.refresh_from_db()
    assert (lookup.status, len(lookup.failure_id)) == (Status.FAILED, 12)
    assert lookup.failure.startswith("O processamento foi interrompido várias vezes.")


def test_recovery_sends_again_what_the_broker_lost(operator, django_capture_on_commit_callbacks):
    CardBatch.objects.create(operator=operator, queued_at=long_ago())

    with django_capture_on_commit_callbacks(execute=True):
        freed = CardBatch.recover_stalled()

    assert (freed, messages("bulk")) == (1, 1)


def test_recovery_waits_while_messages_wait_for_their_turn(operator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        CardBatch.objects.create(operator=operator, queued_at=long_ago()).enqueue()

    assert CardBatch.recover_stalled() == 0


def test_fail_keeps_the_id_that_the_log_carries(operator):
    lookup = new_lookup(status=Status.RUNNING, attempt=1, heartbeat_at=timezone.now())

    Lookup.fail(lookup.pk, "abc123abc123")

    lookup.refresh_from_db()
    assert (lookup.status, lookup.failure_id) == (Status.FAILED, "abc123abc123")
