"""Merging while somebody else merges, or gives a number: each waits for the other, and nothing hangs on nobody."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from beneficiaries.models import CnsNumber, CnsSource, Person, Regrouping, Review
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.deduplication import regrouping
from beneficiaries.services.deduplication.merge_people import merge_people
from beneficiaries.services.deduplication.regrouping import RegroupingRefused, people_token
from beneficiaries.services.review_cases import ReviewCase, open_reviews
from cadsus.models import LookupReason, Priority
from cadsus.services.lookups.enqueue import ask_cns
from cnsportal.db.optimistic_lock import EditConflict
from operators.context import operator_context
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns
from tests.races import somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30  # seconds


@pytest.fixture
def scene():
    operator, user = OperatorFactory(), UserFactory()
    with operator_context(operator.pk):
        pair = PersonFactory(cpf=None), PersonFactory(cpf=None)
    return operator, user, pair


def merging(scene, kept, other):
    operator, user, _ = scene
    return _in_context(
        operator, merge_people, kept.pk, other.pk, {}, reason="a mesma",
        read=_in_context(operator, people_token, [kept, other]), actor=user,
    )  # fmt: skip


def _in_context(operator, operation, *args: object, **kwargs: object):
    with operator_context(operator.pk):
        return operation(*args, **kwargs)


def _closing(operation, *args: object):
    try:
        return operation(*args)
    finally:
        connection.close()


def meanwhile(monkeypatch, begin) -> list[bool]:
    """Have ``begin`` called in the middle of the next merge, with the people locked, and wait until it waits."""
    met: list[bool] = []

    def guard(_people: object) -> str:
        if not met:
            met.append(False)
            begin()
            met[0] = somebody_waits()
        return ""

    monkeypatch.setattr(regrouping, "GUARDS", [guard])
    return met


def test_of_two_merges_of_one_pair_one_is_made_and_the_other_is_told(scene, monkeypatch):
    first, second = scene[2]
    with ThreadPoolExecutor(1) as pool:
        others: list[Future[Regrouping]] = []
        met = meanwhile(monkeypatch, lambda: others.append(pool.submit(_closing, merging, scene, second, first)))

        merging(scene, first, second)

        with pytest.raises((RegroupingRefused, EditConflict)):
            others[0].result(PATIENCE)
    assert met == [True]
    with operator_context(scene[0].pk):
        assert (Person.objects.get().pk, Regrouping.objects.count()) == (first.pk, 1)


def test_a_number_for_a_record_that_is_being_merged_comes_to_nobody(scene, monkeypatch):
    operator, _, (kept, other) = scene
    offer = [CnsOffer(other.pk, cns(1), CnsSource.CADSUS)]
    with ThreadPoolExecutor(1) as pool:
        answers: list[Future[dict[int, Attachment]]] = []
        met = meanwhile(
            monkeypatch,
            lambda: answers.append(pool.submit(_closing, _in_context, operator, attach_cns, offer)),
        )

        merging(scene, kept, other)

        assert answers[0].result(PATIENCE) == {other.pk: Attachment.UNKNOWN_PERSON}
    assert met == [True]
    with operator_context(operator.pk):
        assert CnsNumber.objects.count() == 0


def test_a_merge_read_before_a_number_came_is_not_made(scene):
    operator, user, (kept, other) = scene
    read = _in_context(operator, people_token, [kept, other])
    _in_context(operator, attach_cns, [CnsOffer(other.pk, cns(1), CnsSource.CADSUS)])

    with pytest.raises(EditConflict):
        _in_context(operator, merge_people, kept.pk, other.pk, {}, reason="a mesma", read=read, actor=user)


def case_of(person):
    return ReviewCase(person.pk, cns(1), CnsSource.CNX, tier="D", reason="a mesma")


def test_a_merge_waits_for_a_case_that_is_being_opened_and_takes_it_along(scene):
    operator, _, (kept, other) = scene
    with ThreadPoolExecutor(1) as pool:
        with operator_context(operator.pk), transaction.atomic():
            open_reviews([case_of(other)])
            merge = pool.submit(_closing, merging, scene, kept, other)
            assert somebody_waits()

        merge.result(PATIENCE)
    with operator_context(operator.pk):
        assert list(Review.objects.values_list("person", "number", "status")) == [(kept.pk, cns(1), "OPEN")]


def test_a_case_of_a_record_that_is_being_merged_is_not_opened(scene, monkeypatch):
    operator, _, (kept, other) = scene
    with ThreadPoolExecutor(1) as pool:
        opened: list[Future[int]] = []
        met = meanwhile(
            monkeypatch,
            lambda: opened.append(pool.submit(_closing, _in_context, operator, open_reviews, [case_of(other)])),
        )

        merging(scene, kept, other)

        assert opened[0].result(PATIENCE) == 0
    assert met == [True]


def test_nobody_is_asked_about_a_record_that_is_being_merged(scene, monkeypatch):
    operator, _, (kept, other) = scene
    ask = partial(ask_cns, [other.pk], reason=LookupReason.REQUESTED, priority=Priority.BACKLOG)
    with ThreadPoolExecutor(1) as pool:
        asked: list[Future[dict[int, int]]] = []
        met = meanwhile(monkeypatch, lambda: asked.append(pool.submit(_closing, _in_context, operator, ask)))

        merging(scene, kept, other)

        assert asked[0].result(PATIENCE) == {}
    assert met == [True]
