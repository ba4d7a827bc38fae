from dataclasses import replace

import pytest

from beneficiaries.models import CnsSource, PendingReason, Review
from beneficiaries.services import Attachment, CnsOffer, attach_cns, note_questions
from beneficiaries.services.reviews import AlreadySettled, ReviewCase, open_reviews, settle_review
from operators.context import operator_context
from operators.models import AuditEvent
from tests.beneficiaries.reasons import reason_of
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns


def case(person, number=None, **fields):
    return ReviewCase(person.pk, number or cns(1), CnsSource.CADSUS, "B", "O nome está abreviado.", **fields)


def event_kinds():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_open_reviews_puts_a_case_on_the_desk_and_says_so_on_the_person(operator):
    person = PersonFactory()

    opened = open_reviews([case(person, origin="cadsus.lookup:1", comparison=[{"field": "nome"}])])

    review = Review.objects.get()
    assert (opened, review.person, review.number, review.comparison) == (1, person, cns(1), [{"field": "nome"}])
    assert reason_of(person) == PendingReason.REVIEW
    assert event_kinds() == ["review.opened"]


def test_open_reviews_does_not_ask_twice(operator):
    person = PersonFactory()
    open_reviews([case(person)])

    assert open_reviews([case(person), case(person)]) == 0
    assert Review.objects.count() == 1


def test_open_reviews_does_not_ask_again_what_was_dismissed(operator):
    person = PersonFactory()
    open_reviews([case(person)])
    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    assert open_reviews([case(person)]) == 0


@pytest.mark.parametrize("size", [1, 30])
def test_open_reviews_asks_the_database_as_often_for_one_as_for_many(operator, django_assert_num_queries, size):
    people = PersonFactory.create_batch(size)

    with django_assert_num_queries(6):
        open_reviews([case(person) for person in people])


def test_settle_review_attaches_an_accepted_number(operator):
    person, actor = PersonFactory(), UserFactory()
    open_reviews([case(person, kind="D")])
    review = Review.objects.get()

    answer = settle_review(review.pk, accept=True, actor=actor, note="confere com o documento")

    review.refresh_from_db()
    number = person.cns_numbers.get()
    assert (answer, review.status, review.decided_by) == (Attachment.ATTACHED, Review.Status.ACCEPTED, actor)
    assert (number.number, number.source, number.attached_by, number.tier) == (cns(1), "REVIEW", actor, "B")
    assert number.evidence["found"] == "CADSUS"
    assert event_kinds() == ["review.opened", "cns.attached", "review.accepted"]
    assert AuditEvent.objects.get(kind="review.accepted").personal == {"note": "confere com o documento"}


def test_settle_review_dismisses(operator):
    person = PersonFactory()
    open_reviews([case(person)])

    answer = settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    assert (answer, person.cns_numbers.count(), Review.objects.get().status) == (None, 0, Review.Status.DISMISSED)


@pytest.mark.parametrize(("tier", "reason"), [("D", PendingReason.UNSURE), ("B", PendingReason.CHECK_CPF)])
def test_settle_review_that_dismisses_says_what_the_person_waits_for(operator, tier, reason):
    person = PersonFactory()
    open_reviews([replace(case(person), tier=tier)])

    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    assert reason_of(person) == reason


def test_settle_review_that_dismisses_one_of_two_leaves_the_person_on_the_desk(operator):
    person = PersonFactory()
    open_reviews([case(person), case(person, cns(2))])

    settle_review(Review.objects.get(number=cns(1)).pk, accept=False, actor=UserFactory())

    assert reason_of(person) == PendingReason.REVIEW


def test_settle_review_that_dismisses_does_not_hide_what_was_said_meanwhile(operator):
    person = PersonFactory()
    open_reviews([case(person)])
    note_questions([person.pk], PendingReason.QUEUED)

    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    assert reason_of(person) == PendingReason.QUEUED


def test_settle_review_of_another_operator_is_not_found(operator):
    open_reviews([case(PersonFactory())])
    review = Review.objects.get()

    with outside_operator_context(), operator_context(OperatorFactory().pk), pytest.raises(Review.DoesNotExist):
        settle_review(review.pk, accept=True, actor=UserFactory())


def test_settle_review_keeps_the_case_open_when_somebody_else_holds_the_number(operator):
    person, holder = PersonFactory(), PersonFactory()
    open_reviews([case(person)])
    attach_cns([CnsOffer(holder.pk, cns(1), CnsSource.CNX)])

    answer = settle_review(Review.objects.get().pk, accept=True, actor=UserFactory())

    assert (answer, Review.objects.get().status) == (Attachment.TAKEN, Review.Status.OPEN)


def test_settle_review_is_done_once(operator):
    open_reviews([case(PersonFactory())])
    review = Review.objects.get()
    settle_review(review.pk, accept=True, actor=UserFactory())

    with pytest.raises(AlreadySettled):
        settle_review(review.pk, accept=False, actor=UserFactory())
