import threading
from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from beneficiaries.models import CnsNumber, CnsSource, PendingReason, Person
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.detach_cns import withdraw_cns
from operators.context import operator_context
from operators.models import AuditEvent
from tests.beneficiaries.reasons import reason_of
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns

AGAIN = datetime(2027, 1, 1, 12, tzinfo=UTC)


def offer(person, number, source=CnsSource.CADSUS, **fields):
    return CnsOffer(person.pk, number, source, **fields)


def history(person):
    return list(person.cns_numbers.order_by("pk").values_list("number", "end_reason"))


def bare_number(person, number):
    """A row as somebody would write it past the one door."""
    return CnsNumber(
        operator_id=person.operator_id,
        person=person,
        number=number,
        source="CNX",
        verified=True,
        attached_at=person.created_at,
    )


def event_kinds(person):
    return list(AuditEvent.objects.filter(person_id=person.pk).order_by("pk").values_list("kind", flat=True))


def test_attach_cns_gives_a_person_its_first_number(operator):
    person = PersonFactory()
    actor = UserFactory()

    answers = attach_cns([offer(person, cns(1), kind="D", tier="A", evidence={"campo": "nome"})], actor=actor)

    number = person.cns_numbers.get()
    assert answers == {person.pk: Attachment.ATTACHED}
    assert (number.number, number.kind, number.source, number.tier) == (cns(1), "D", "CADSUS", "A")
    assert (number.evidence, number.attached_by, number.is_current) == ({"campo": "nome"}, actor, True)
    assert event_kinds(person) == ["cns.attached"]


def test_attach_cns_keeps_the_number_apart_as_personal_data_in_the_trail(operator):
    person = PersonFactory()

    attach_cns([offer(person, cns(1), tier="A")])

    event = AuditEvent.objects.get(person_id=person.pk)
    assert event.personal == {"number": cns(1)}
    assert event.data == {"source": "CADSUS", "tier": "A", "answer": "ATTACHED"}


def test_attach_cns_offered_again_changes_nothing(operator):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])

    answers = attach_cns([offer(person, cns(1))])

    assert answers == {person.pk: Attachment.UNCHANGED}
    assert history(person) == [(cns(1), "")]
    assert event_kinds(person) == ["cns.attached"]


@pytest.mark.parametrize(
    ("source", "number", "verified", "is_dated"),
    [
        (CnsSource.CADSUS, cns(1), True, True),
        (CnsSource.CADSUS, cns(1), False, False),
        (CnsSource.CADSUS, cns(2), True, False),
        (CnsSource.CNX, cns(1), True, False),
        (CnsSource.INFORMED, cns(1), False, False),
    ],
)
def test_attach_cns_dates_that_datasus_gave_the_current_number_again(operator, source, number, verified, is_dated):
    person, other = PersonFactory(), PersonFactory()
    attach_cns([offer(person, cns(1)), offer(other, cns(3))])

    with time_machine.travel(AGAIN, tick=False):
        attach_cns([offer(person, number, source, verified=verified)])

    dated = dict(Person.objects.values_list("pk", "cns_confirmed_at"))
    assert dated == {person.pk: AGAIN if is_dated else None, other.pk: None}


def test_a_date_goes_with_the_number_of_which_it_was_said(operator):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])
    attach_cns([offer(person, cns(2))])
    attach_cns([offer(person, cns(2))])
    before = Person.objects.get().cns_confirmed_at

    withdraw_cns([CnsNumber.objects.current().get().pk], origin="sib.conferencefile:1")

    assert before is not None
    assert (CnsNumber.objects.current().get().number, Person.objects.get().cns_confirmed_at) == (cns(1), None)


def test_attach_cns_refuses_a_number_held_by_someone_else(operator):
    held, ours = PersonFactory(), PersonFactory()
    attach_cns([offer(held, cns(1))])

    answers = attach_cns([offer(ours, cns(1))])

    assert answers == {ours.pk: Attachment.TAKEN}
    assert (history(ours), history(held)) == ([], [(cns(1), "")])
    assert reason_of(ours) == PendingReason.TAKEN
    assert event_kinds(ours) == ["cns.refused"]


def test_attach_cns_supersedes_and_keeps_the_old_number_in_the_history(operator):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])

    answers = attach_cns([offer(person, cns(2), CnsSource.CNX)])

    assert answers == {person.pk: Attachment.SUPERSEDED}
    assert history(person) == [(cns(1), "SUPERSEDED"), (cns(2), "")]
    assert AuditEvent.objects.order_by("pk").last().personal == {"number": cns(2), "previous": cns(1)}


@pytest.mark.parametrize("source", [CnsSource.IMPORT, CnsSource.INFORMED])
def test_attach_cns_lets_a_weak_source_fill_but_never_replace(operator, source):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])

    answers = attach_cns([offer(person, cns(2), source, verified=False)])

    assert answers == {person.pk: Attachment.CONFLICT}
    assert history(person) == [(cns(1), "")]


def test_attach_cns_confirms_a_number_that_was_only_informed(operator):
    person = PersonFactory()
    attach_cns([offer(person, cns(1), CnsSource.INFORMED, verified=False)])

    answers = attach_cns([offer(person, cns(1), CnsSource.CNX, tier="A")])

    assert answers == {person.pk: Attachment.CONFIRMED}
    assert history(person) == [(cns(1), "CONFIRMED"), (cns(1), "")]
    assert person.cns_numbers.current().get().verified


@pytest.mark.parametrize("number", ["", "100000000000008", "300000000000000", "７00000000000005"])
def test_attach_cns_refuses_what_is_not_a_number_and_never_erases(operator, number):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])

    answers = attach_cns([offer(person, number)])

    assert answers == {person.pk: Attachment.INVALID}
    assert history(person) == [(cns(1), "")]


def test_attach_cns_answers_for_people_it_does_not_know(operator):
    assert attach_cns([CnsOffer(0, cns(1), CnsSource.CADSUS)]) == {0: Attachment.UNKNOWN_PERSON}


def test_attach_cns_does_not_see_people_of_another_operator(operator):
    other = OperatorFactory()
    stranger = PersonFactory(operator_id=other.pk)

    assert attach_cns([offer(stranger, cns(1))]) == {stranger.pk: Attachment.UNKNOWN_PERSON}


def test_attach_cns_of_two_who_want_one_number_serves_the_first(operator):
    first, second = PersonFactory(), PersonFactory()

    answers = attach_cns([offer(second, cns(1)), offer(first, cns(1))])

    assert answers == {first.pk: Attachment.ATTACHED, second.pk: Attachment.TAKEN}


def test_attach_cns_does_not_swap_numbers_between_two_people(operator):
    first, second = PersonFactory(), PersonFactory()
    attach_cns([offer(first, cns(1)), offer(second, cns(2))])

    answers = attach_cns([offer(first, cns(2)), offer(second, cns(1))])

    assert answers == {first.pk: Attachment.TAKEN, second.pk: Attachment.TAKEN}
    assert (history(first), history(second)) == ([(cns(1), "")], [(cns(2), "")])


def test_attach_cns_refuses_a_set_that_names_a_person_twice(operator):
    person = PersonFactory()

    with pytest.raises(ValueError, match="twice"):
        attach_cns([offer(person, cns(1)), offer(person, cns(2))])


@pytest.mark.parametrize("size", [1, 40])
def test_attach_cns_asks_the_database_as_often_for_one_as_for_many(operator, django_assert_num_queries, size):
    people = PersonFactory.create_batch(size)

    with django_assert_num_queries(10):
        attach_cns([offer(person, cns(index)) for index, person in enumerate(people)])


@pytest.mark.django_db(transaction=True)
def test_attach_cns_in_a_race_gives_one_number_to_one_person():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        people = PersonFactory.create_batch(3)

    for number in map(cns, range(15)):
        answers = race(operator, [partial(attach_cns, [offer(person, number)]) for person in people])
        assert sorted(answer.is_written for answer in answers) == [False, False, True]
        assert Counter(answers)[Attachment.TAKEN] == 2


@pytest.mark.django_db(transaction=True)
def test_attach_cns_in_a_race_gives_one_person_one_number():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        person = PersonFactory()

    answers = race(operator, [partial(attach_cns, [offer(person, cns(index))]) for index in range(4)])

    with operator_context(operator.pk):
        assert Counter(answers) == {Attachment.ATTACHED: 1, Attachment.SUPERSEDED: 3}
        assert person.cns_numbers.current().count() == 1


def race(operator, operations):
    """Do all the operations at once, each in its own thread and connection; their answers in any order."""
    answers, start = [], threading.Barrier(len(operations))

    def run(operation):
        try:
            with operator_context(operator.pk):
                start.wait()
                answers.extend(operation().values())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(operation,)) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_database_lets_no_two_people_hold_one_number(operator):
    first, second = PersonFactory(), PersonFactory()
    attach_cns([offer(first, cns(1))])

    with pytest.raises(IntegrityError, match="cns_of_one_person"), transaction.atomic():
        bare_number(second, cns(1)).save()


def test_the_database_refuses_wrong_check_digits(operator):
    person = PersonFactory()

    with pytest.raises(IntegrityError, match="cns_check_digits"), transaction.atomic():
        bare_number(person, "100000000000008").save()


def test_the_database_lets_the_history_only_end(operator):
    person = PersonFactory()
    attach_cns([offer(person, cns(1))])

    for change in (
        lambda: CnsNumber.objects.update(number=cns(2)),
        lambda: CnsNumber.objects.update(person=PersonFactory()),
        lambda: CnsNumber.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="only ends"), transaction.atomic():
            change()


def test_people_with_and_without_cns(operator):
    with_number, without = PersonFactory(), PersonFactory()
    attach_cns([offer(with_number, cns(1))])

    assert list(Person.objects.with_cns()) == [with_number]
    assert list(Person.objects.without_cns()) == [without]
