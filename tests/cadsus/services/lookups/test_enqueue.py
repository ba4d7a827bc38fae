from datetime import date, timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone

from beneficiaries.models import PendingReason, Person
from cadsus.client.pdq_query import SearchKey
from cadsus.domain.search_override import SearchOverride
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import ask_cns, try_now
from cnsportal.jobs import Status
from operators.models import AuditEvent
from tests.beneficiaries.reasons import reason_of
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns


@pytest.fixture
def sent(monkeypatch, django_capture_on_commit_callbacks):
    """Messages that left once the transaction was through: (task, kwargs, queue)."""
    messages = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, kwargs, queue: messages.append((name, kwargs.get("run_id"), queue))
    )

    def after(work):
        with django_capture_on_commit_callbacks(execute=True):
            answer = work()
        return answer, messages

    return after


def ask(people, priority=Priority.BACKLOG, **how):
    return ask_cns(
        [person.pk for person in people], **{"reason": LookupReason.WITHOUT_CNS, "priority": priority, **how}
    )


def pending(person):
    return reason_of(person)


def lookup_of(person, **fields):
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def test_ask_cns_queues_one_lookup_a_person(operator, sent):
    people = [PersonFactory(), PersonFactory()]

    asked, messages = sent(lambda: ask(people))

    lookups = {lookup.person_id: lookup for lookup in Lookup.objects.all()}
    assert asked == {person.pk: lookups[person.pk].pk for person in people}
    assert [(lookup.status, lookup.environment) for lookup in lookups.values()] == [("QUEUED", "simulator")] * 2
    assert messages == [("cadsus.work_queue", None, "lookups")]
    assert [pending(person) for person in people] == [PendingReason.QUEUED] * 2


def test_ask_cns_says_who_asked_and_why(operator, sent):
    person, actor = PersonFactory(), UserFactory()

    asked, _ = sent(lambda: ask([person], reason=LookupReason.REQUESTED, actor=actor))

    event = AuditEvent.objects.get()
    assert (event.kind, event.subject_id, event.person_id) == ("cns.asked", asked[person.pk], person.pk)
    assert (event.actor, event.data, event.personal) == (actor, {"reason": "REQUESTED"}, {})
    assert Lookup.objects.get().requested_by == actor


def test_ask_cns_of_somebody_at_the_screen_goes_ahead(operator, sent):
    _, messages = sent(lambda: ask([PersonFactory()], Priority.INTERACTIVE))

    assert [queue for _, _, queue in messages] == ["interactive"]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.WAITING])
def test_ask_cns_does_not_double_an_open_lookup(operator, sent, status):
    person = PersonFactory()
    lookup = lookup_of(person, status=status, next_attempt_at=timezone.now())

    asked, _ = sent(lambda: ask([person]))

    assert (asked, Lookup.objects.count()) == ({person.pk: lookup.pk}, 1)
    assert not AuditEvent.objects.exists()


def test_ask_cns_sends_at_once_what_waited_for_another_try(operator, sent):
    person = PersonFactory()
    lookup = lookup_of(person, status=Status.WAITING, failures=4, next_attempt_at=timezone.now() + timedelta(hours=1))

    _, messages = sent(lambda: ask([person], Priority.INTERACTIVE))

    lookup.refresh_from_db()
    assert (lookup.status, lookup.failures, lookup.next_attempt_at) == (Status.QUEUED, 0, None)
    assert (lookup.priority, messages) == (Priority.INTERACTIVE, [("cadsus.run_lookup", lookup.pk, "interactive")])


def test_ask_cns_hurries_what_stood_further_back(operator, sent):
    person = PersonFactory()
    ask([person])

    _, messages = sent(lambda: ask([person], Priority.INTERACTIVE))

    assert Lookup.objects.get().priority == Priority.INTERACTIVE
    assert [queue for _, _, queue in messages] == ["interactive"]


def test_ask_cns_does_not_hold_back_what_stood_further_ahead(operator, sent):
    person = PersonFactory()
    ask([person], Priority.INTERACTIVE)

    _, messages = sent(lambda: ask([person]))

    assert (Lookup.objects.get().priority, messages) == (Priority.INTERACTIVE, [])


@pytest.mark.parametrize("status", [Status.DONE, Status.FAILED, Status.CANCELLED])
def test_ask_cns_asks_again_after_an_end(operator, sent, status):
    person = PersonFactory()
    ended = lookup_of(person, status=status)

    asked, _ = sent(lambda: ask([person]))

    assert asked[person.pk] > ended.pk


def test_ask_cns_asks_without_cpf_where_the_mother_is_known(operator, sent):
    asked, _ = sent(lambda: ask([PersonFactory(cpf=None)]))

    assert len(asked) == 1


def test_ask_cns_leaves_out_whom_too_little_is_known_of(operator, sent):
    person = PersonFactory(cpf=None, mother_name="")

    asked, _ = sent(lambda: ask([person]))

    assert (asked, pending(person)) == ({}, PendingReason.TOO_LITTLE)


def test_ask_cns_takes_no_more_statements_for_many_than_for_few(operator, django_assert_num_queries):
    for count in (1, 30):
        people = [PersonFactory() for _ in range(count)]
        with django_assert_num_queries(6):
            ask(people)


def test_database_holds_one_open_lookup_a_person(operator):
    person = PersonFactory()
    lookup_of(person)

    with pytest.raises(IntegrityError, match="lookup_open_once"), transaction.atomic():
        lookup_of(person)


def test_database_lets_nothing_wait_without_a_date(operator):
    with pytest.raises(IntegrityError, match="lookup_waits_until"), transaction.atomic():
        lookup_of(PersonFactory(), status=Status.WAITING)


def test_try_now_sends_what_waits_back_into_the_queue(operator, sent):
    later = timezone.now() + timedelta(hours=1)
    wanted, other = (lookup_of(PersonFactory(), status=Status.WAITING, next_attempt_at=later) for _ in range(2))

    count, messages = sent(lambda: try_now(Lookup.objects.filter(pk=wanted.pk)))

    statuses = dict(Lookup.objects.values_list("pk", "status"))
    assert (count, statuses) == (1, {wanted.pk: Status.QUEUED, other.pk: Status.WAITING})
    assert messages == [("cadsus.work_queue", None, "lookups")]


def test_try_now_calls_nobody_when_nothing_waits(operator, sent):
    lookup_of(PersonFactory())

    assert sent(lambda: try_now(Lookup.objects.all())) == (0, [])


def test_ask_cns_by_a_told_number_keeps_it_with_the_lookup(operator, sent):
    person = PersonFactory(cpf=None, mother_name="")

    sent(lambda: ask([person], Priority.INTERACTIVE, by=SearchOverride(SearchKey.CNS, cns(1))))

    assert Lookup.objects.values_list("key", "number").get() == ("cns", cns(1))


def test_ask_cns_by_another_key_changes_the_open_lookup(operator, sent):
    person = PersonFactory()
    ask([person], Priority.INTERACTIVE)

    by_facts = SearchOverride(SearchKey.DEMOGRAPHICS, facts=("name", "sex"), birth_city="355030")
    sent(lambda: ask([person], Priority.INTERACTIVE, by=by_facts))
    first = wished()
    sent(lambda: ask([person], Priority.INTERACTIVE, by=SearchOverride(SearchKey.NIS, "12056412547")))

    assert (first, wished()) == (("dados", "", "name,sex", "355030"), ("nis", "12056412547", "", ""))


def wished():
    return Lookup.objects.values_list("key", "number", "facts", "birth_city").get()


def test_ask_cns_by_facts_that_somebody_chose_asks_however_little_is_known(operator, sent):
    person = PersonFactory(cpf=None, mother_name="", pis_pasep="")

    sent(
        lambda: ask(
            [person], Priority.INTERACTIVE, by=SearchOverride(SearchKey.DEMOGRAPHICS, facts=("name", "birth_date"))
        )
    )

    assert wished() == ("dados", "", "name,birth_date", "")


def test_ask_cns_knows_nobody_of_another_operator(operator, sent):
    other = OperatorFactory()
    stranger = Person.objects.create(operator=other, name="Ana", birth_date=date(1990, 1, 1), cpf="52998224725")

    asked, messages = sent(lambda: ask([stranger]))

    assert (asked, messages, Lookup.objects.count()) == ({}, [], 0)
