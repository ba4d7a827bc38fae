"""What the desk's queue is narrowed to, and that its counts say what the filters find."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from beneficiaries.models import CnsSource, Review
from beneficiaries.queries.review_queue import AGES, STATES, QueueCounts, ReviewFilter, count_queue, waiting_for
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.context import operator_context
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def reader(operator):
    return UserFactory()


@pytest.fixture
def cases(operator, reader, time_machine):
    """One of each source, tier, age and state, some of them twice."""
    time_machine.move_to(NOW, tick=False)
    other = UserFactory()
    kinds = product((CnsSource.CADSUS, CnsSource.CNX), "BD", (1, 7, 8, 30, 31), (None, reader, other))
    for number, (source, tier, days, proposer) in enumerate(kinds):
        person = PersonFactory()
        open_reviews([ReviewCase(person.pk, cns(number), source, tier, "NAME_ABBREVIATED")])
        proposed = {"proposed_by": proposer, "proposed_at": NOW} if proposer else {}
        Review.objects.filter(person=person).update(opened_at=NOW - timedelta(days=days), **proposed)
    return list(Review.objects.all())


FILTERS = [
    ReviewFilter(*parts) for parts in product(("", "CADSUS", "IMPORT"), ("", "B", "E"), ("", *AGES), ("", *STATES))
]


def test_counts_are_those_of_the_queue_for_every_filter(cases, reader):
    counts = count_queue(reader.pk)

    differing = [each for each in FILTERS if counts.of(each) != waiting_for(reader.pk, each).count()]

    assert differing == []


def test_the_queue_is_counted_by_one_query(cases, reader, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert isinstance(count_queue(reader.pk), QueueCounts)


def test_counts_of_a_part_keep_the_others(cases, reader):
    counts = count_queue(reader.pk)

    assert counts.by_value(ReviewFilter(source="CNX", tier="B"), "tier") == {
        "": 20, "A": 0, "B": 10, "C": 0, "D": 10, "E": 0,
    }  # fmt: skip


def test_own_proposals_are_in_the_queue_only_where_asked_for(cases, reader):
    found = {
        state: {case.proposed_by_id for case in waiting_for(reader.pk, ReviewFilter(state=state))}
        for state in ("", *STATES)
    }
    others = {case.proposed_by_id for case in cases} - {reader.pk}

    assert found == {"": others, "segunda": others - {None}, "minhas": {reader.pk}}


@pytest.mark.parametrize(("age", "days"), [("semana", {1, 7}), ("mes", {8, 30}), ("antigo", {31})])
def test_ages_are_calendar_days(cases, reader, age, days):
    found = waiting_for(reader.pk, ReviewFilter(age=age))

    assert {(NOW - case.opened_at).days for case in found} == days


def test_an_address_that_cannot_be_read_narrows_nothing():
    asked = ReviewFilter.of({"fonte": "x", "nivel": "BD", "idade": "ontem", "situacao": "1", "mais": "CNX"})

    assert (asked, asked.suffix) == (ReviewFilter(), "")


def test_an_address_says_what_was_chosen():
    asked = ReviewFilter("CNX", "B", "mes", "segunda")

    assert asked.suffix == "?fonte=CNX&nivel=B&idade=mes&situacao=segunda"
    assert ReviewFilter.of({"fonte": "CNX", "nivel": "B", "idade": "mes", "situacao": "segunda"}) == asked


def test_another_operator_counts_nothing_of_it(cases, reader):
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        assert count_queue(reader.pk).of(ReviewFilter()) == 0
