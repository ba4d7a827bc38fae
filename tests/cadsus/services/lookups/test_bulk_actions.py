"""Many lookups at once: cancelled, asked again, hurried."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from beneficiaries.models import CnsSource, PendingReason
from beneficiaries.services import note_answers
from beneficiaries.services.reviews import ReviewCase, open_reviews
from cadsus import tasks
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import ask_again, ask_all_missing, cancel_queued, raise_priority, request_cancel
from cadsus.services.lookups import bulk_actions
from cnsportal.jobs import Status
from operators.models import AuditEvent
from tests.beneficiaries.reasons import reason_of
from tests.factories import BeneficiaryFactory, PersonFactory, UserFactory, cns

UNAWARE = "O DATASUS recusou a pergunta. Confira os dados da pessoa."
BACKLOG = [Priority.BACKLOG]


@pytest.fixture
def admin(operator):
    return UserFactory()


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: messages.append((name, options)))
    return messages


def lookup_of(person=None, **fields):
    person = person or PersonFactory(cns_question=PendingReason.QUEUED)
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def pending_of(lookup):
    return reason_of(lookup.person)


def states():
    return list(Lookup.objects.order_by("pk").values_list("status", flat=True))


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "actor_label", "data"))


def test_cancel_takes_what_waits_and_leaves_what_is_under_way(admin):
    soon = timezone.now()
    lookup_of()
    lookup_of(status=Status.WAITING, next_attempt_at=soon)
    lookup_of(status=Status.RUNNING)
    lookup_of(status=Status.DONE)
    lookup_of(priority=Priority.IMPORT)

    cancelled = cancel_queued(BACKLOG, admin)

    assert (cancelled, states()) == (2, ["CANCELLED", "CANCELLED", "RUNNING", "DONE", "QUEUED"])
    assert events() == [("lookups.cancelled", str(admin), {"count": 2, "priorities": ["BACKLOG"]})]


def test_cancel_of_nothing_leaves_no_trace(admin):
    assert (cancel_queued(BACKLOG, admin), events()) == (0, [])


def test_cancelled_people_are_not_said_to_be_in_the_queue(admin):
    lookup = lookup_of()

    cancel_queued(BACKLOG, admin)

    assert pending_of(lookup) == PendingReason.NEVER_ASKED


def test_cancelled_people_keep_what_datasus_last_answered(admin):
    person = PersonFactory(cns_question=PendingReason.QUEUED)
    note_answers({person.pk: PendingReason.NOT_FOUND})
    lookup = lookup_of(person)

    cancel_queued(BACKLOG, admin)

    assert pending_of(lookup) == PendingReason.NOT_FOUND


def test_cancelled_people_with_an_open_review_still_wait_for_a_decision(admin):
    lookup = lookup_of()
    open_reviews([ReviewCase(lookup.person_id, cns(1), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])

    cancel_queued(BACKLOG, admin)

    assert pending_of(lookup) == PendingReason.REVIEW


def test_cancel_goes_through_more_than_one_set(admin, monkeypatch):
    monkeypatch.setattr(bulk_actions, "BATCH_SIZE", 2)
    lookups = [lookup_of() for _ in range(5)]

    cancelled = cancel_queued(BACKLOG, admin)

    assert (cancelled, set(states())) == (5, {"CANCELLED"})
    assert [event[2]["count"] for event in events()] == [5]
    assert {pending_of(lookup) for lookup in lookups} == {PendingReason.NEVER_ASKED}


def test_cancelling_is_a_workers_task(operator, admin, sent, django_capture_on_commit_callbacks):
    lookup_of()
    lookup_of(priority=Priority.IMPORT)

    with django_capture_on_commit_callbacks(execute=True):
        request_cancel(BACKLOG, admin)

    assert (states(), sent) == (
        ["QUEUED", "QUEUED"],
        [
            (
                "cadsus.cancel_queued",
                {
                    "kwargs": {"operator_id": operator.pk, "priorities": [2], "actor_id": admin.pk},
                    "queue": "lookups",
                },
            )
        ],
    )
    for _ in range(2):
        tasks.cancel_queued.apply(kwargs=sent[0][1]["kwargs"]).get()
    assert (states(), [event[1] for event in events()]) == (["CANCELLED", "QUEUED"], [str(admin)])


def test_ask_again_asks_those_who_failed_for_this_reason(admin, sent):
    failed = lookup_of(status=Status.FAILED, failure=UNAWARE)
    lookup_of(status=Status.FAILED, failure="Erro inesperado. Informe o código ao suporte.")

    asked = ask_again(UNAWARE, admin)

    new = Lookup.objects.exclude(status=Status.FAILED).get()
    assert (asked, new.person_id, new.status, new.priority) == (1, failed.person_id, "QUEUED", Priority.BACKLOG)
    assert new.requested_by == admin
    assert events()[-1] == ("lookups.repeated", str(admin), {"count": 1, "failure": UNAWARE})


def test_ask_again_leaves_those_alone_who_were_asked_since(admin, sent):
    for later in (Status.DONE, Status.QUEUED):
        person = PersonFactory()
        lookup_of(person, status=Status.FAILED, failure=UNAWARE)
        lookup_of(person, status=later)

    assert (ask_again(UNAWARE, admin), Lookup.objects.count(), events()) == (0, 4, [])


def test_ask_again_takes_so_many_at_a_time(admin, sent, monkeypatch):
    monkeypatch.setattr(bulk_actions, "BATCH_SIZE", 2)
    monkeypatch.setattr(bulk_actions, "MAX_ASKED_AGAIN", 3)
    for _ in range(4):
        lookup_of(status=Status.FAILED, failure=UNAWARE)

    assert [ask_again(UNAWARE, admin) for _ in range(3)] == [3, 1, 0]


def test_hurry_sends_those_that_wait_and_nothing_else(admin, sent):
    lookup_of(status=Status.WAITING, next_attempt_at=timezone.now() + timedelta(hours=1))
    lookup_of(status=Status.FAILED)

    hurried = raise_priority(admin)

    assert (hurried, states()) == (1, ["QUEUED", "FAILED"])
    assert events() == [("lookups.hurried", str(admin), {"count": 1})]
    assert (raise_priority(admin), len(events())) == (0, 1)


def test_asking_about_everybody_is_a_workers_task(operator, admin, sent, django_capture_on_commit_callbacks):
    BeneficiaryFactory()

    with django_capture_on_commit_callbacks(execute=True):
        ask_all_missing(admin)

    name, options = sent[0]
    assert (name, options) == (
        "cadsus.ask_missing_here",
        {"kwargs": {"operator_id": operator.pk}, "queue": "lookups"},
    )
    assert [event[0] for event in events()] == ["lookups.missing_asked"]
    tasks.ask_missing_here.apply(kwargs=options["kwargs"]).get()
    assert Lookup.objects.get().reason == LookupReason.WITHOUT_CNS
