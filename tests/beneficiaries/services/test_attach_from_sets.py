"""Great sets that are in the database already: what is plain is attached by SQL, and just as attach_cns would have."""

import threading
from functools import partial

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from beneficiaries.models import CnsNumber, CnsSource, Person, Review
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.attach_cns import attach_from_select
from beneficiaries.services.remove_wrong_cns import remove_wrong_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns

OFFERS = """
    SELECT person_id, number, 'A' AS tier, jsonb_build_object('de', 'teste') AS evidence
      FROM unnest(%(people)s::bigint[], %(numbers)s::text[]) AS offer (person_id, number)
"""


def offered(pairs, **how):
    parameters = {"people": [person for person, _ in pairs], "numbers": [number for _, number in pairs]}
    with transaction.atomic():
        return attach_from_select(OFFERS, parameters, source=CnsSource.CNX, origin="teste:1", **how)


def held():
    return set(CnsNumber.objects.current().values_list("person_id", "number", "source", "verified", "tier"))


def events():
    found = AuditEvent.objects.filter(kind__startswith="cns.").values_list(
        "kind", "person_id", "source", "data", "personal"
    )
    return sorted(map(repr, found))


def test_people_without_a_number_get_one_with_evidence_and_event(operator):
    person, actor = PersonFactory(), UserFactory()

    count = offered([(person.pk, cns(1))], actor=actor)

    kept, event = CnsNumber.objects.get(), AuditEvent.objects.get(kind="cns.attached")
    assert (kept.person, kept.number, kept.source, kept.tier, kept.verified) == (person, cns(1), "CNX", "A", True)
    assert (count, kept.evidence, kept.attached_by) == (1, {"de": "teste"}, actor)
    assert (event.person_id, event.source, event.actor) == (person.pk, "teste:1", actor)
    assert event.data == {"source": "CNX", "tier": "A", "answer": "ATTACHED"}
    assert event.personal == {"number": cns(1)}


def test_a_number_that_was_taken_from_a_person_does_not_come_back_in_a_set(operator):
    person = PersonFactory()
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CNX)])
    remove_wrong_cns(CnsNumber.objects.get().pk, reason="Foi aceito por engano", actor=UserFactory())

    assert (offered([(person.pk, cns(1))]), held()) == (0, set())
    assert offered([(person.pk, cns(2))]) == 1


def test_cases_that_a_set_answers_leave_the_desk(operator):
    answered, other = PersonFactory.create_batch(2)
    open_reviews([ReviewCase(each.pk, cns(1), CnsSource.CADSUS, "B", "GIVEN_NAME") for each in (answered, other)])

    offered([(answered.pk, cns(1))])

    assert dict(Review.objects.values_list("person", "status")) == {answered.pk: "WITHDRAWN", other.pk: "OPEN"}


def test_whoever_is_not_plain_is_left_for_the_one_door(operator):
    holder, other, nobody, elsewhere = [*PersonFactory.create_batch(3), PersonFactory(operator_id=OperatorFactory().pk)]
    attach_cns([CnsOffer(holder.pk, cns(1), CnsSource.CADSUS)])
    before = held()

    offered([(holder.pk, cns(2)), (other.pk, cns(1)), (nobody.pk, "700000000000009"), (elsewhere.pk, cns(3))])

    assert held() == before


def test_a_number_that_two_people_want_is_left_for_the_one_door(operator):
    first, second = PersonFactory.create_batch(2)

    offered([(second.pk, cns(1)), (first.pk, cns(1)), (first.pk, cns(2))])

    assert {(person, number) for person, number, *_ in held()} == {(first.pk, cns(2))}


@pytest.fixture
def people(operator):
    return PersonFactory.create_batch(4)


NUMBERS = st.sampled_from([cns(1), cns(2), cns(3), "700000000000009"])


@effort(max_examples=60)
@given(before=st.lists(NUMBERS, max_size=4), after=st.lists(NUMBERS, min_size=4, max_size=4))
def test_sets_end_as_the_one_door_would_have_ended_them(people, before, after):
    ids = [person.pk for person in people]
    wanted = dict(zip(ids, after, strict=True))
    ends = []
    for by_sets in (False, True):
        with transaction.atomic():
            attach_cns([_wanted(pair) for pair in zip(ids, before, strict=False)])
            done = _by_sets(wanted) if by_sets else {}
            rest = {person: number for person, number in wanted.items() if person not in done}
            answers = {**done, **attach_cns([_wanted(pair) for pair in rest.items()])}
            ends.append((answers, held(), events()))
            transaction.set_rollback(True)

    assert ends[0] == ends[1]


def _wanted(pair):
    person, number = pair
    return CnsOffer(person, number, CnsSource.CNX, tier="A", evidence={"de": "teste"}, origin="teste:1")


def _by_sets(wanted):
    offered(list(wanted.items()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM attached")
        return {person: Attachment.ATTACHED for (person,) in cursor.fetchall()}


def run_together(operations):
    threads = [threading.Thread(target=operation) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_sets_and_the_one_door_at_once_give_everybody_one_number():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        people = PersonFactory.create_batch(30)
    pairs = [(person.pk, cns(index)) for index, person in enumerate(people)]
    barrier = threading.Barrier(3)

    def operation(work):
        with operator_context(operator.pk):
            barrier.wait()
            work()
        connection.close()

    run_together(
        [
            partial(operation, lambda: offered(pairs)),
            partial(operation, lambda: offered(list(reversed(pairs)))),
            partial(operation, lambda: attach_cns([_wanted(pair) for pair in pairs])),
        ]
    )

    with operator_context(operator.pk):
        assert {(person, number) for person, number, *_ in held()} == set(pairs)
        assert CnsNumber.objects.count() == len(pairs) == Person.objects.with_cns().count()
