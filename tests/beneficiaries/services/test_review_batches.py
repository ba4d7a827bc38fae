"""One decision on equal cases: what it attaches, whom it leaves alone, and how it is taken back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from beneficiaries.models import CnsNumber, CnsSource, DecisionReason, Review, ReviewBatch
from beneficiaries.queries.review_groups import list_groups
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.review_batches import decide_group, undo_batch
from beneficiaries.services.reviews import NotUndoable, settle_review
from cards.services import issue_cards
from operators.models import AuditEvent
from tests.beneficiaries.equal_cases import open_case, open_cases, somebody
from tests.factories import BeneficiaryFactory, PersonFactory, UserFactory, cns
from tests.races import race, somebody_waits


def decide(actor=None, *, accept=True, group=None):
    group = group or list_groups()[0]
    reason = DecisionReason.DATA_AGREES if accept else DecisionReason.DOUBT
    return decide_group(
        group.key, last=group.last, accept=accept, actor=actor or UserFactory(), reason=reason, note="amostra vista"
    )


def current():
    return dict(CnsNumber.objects.current().values_list("person_id", "number"))


def statuses():
    return list(Review.objects.order_by("pk").values_list("status", flat=True))


def test_accepting_attaches_each_number_as_the_single_decision_does(operator):
    cases, actor = open_cases(3), UserFactory()

    outcome = decide(actor)

    assert (outcome.decided, outcome.skipped) == (3, 0)
    assert current() == {case.person_id: case.number for case in cases}
    number = CnsNumber.objects.current().get(person=cases[0].person_id)
    assert (number.source, number.attached_by, number.kind) == ("REVIEW", actor, "D")
    assert number.evidence["review"] == cases[0].pk
    decided = Review.objects.values_list("status", "decided_by", "decision_reason", "note", "batch").distinct()
    assert list(decided) == [("ACCEPTED", actor.pk, "DADOS", "amostra vista", outcome.batch.pk)]


def test_dismissing_attaches_nothing(operator):
    open_cases(2)

    outcome = decide(accept=False)

    assert (outcome.decided, current(), statuses()) == (2, {}, ["DISMISSED", "DISMISSED"])


def test_the_trail_names_each_case_and_the_set(operator):
    cases, actor = open_cases(2), UserFactory()

    outcome = decide(actor)

    events = AuditEvent.objects.filter(kind__startswith="review.", actor=actor).order_by("pk")
    assert [(event.kind, event.subject_id, event.person_id) for event in events] == [
        *(("review.accepted", case.pk, case.person_id) for case in cases),
        ("review.batch_decided", outcome.batch.pk, None),
    ]
    assert events.last().data == {"cases": 2, "accepted": True, "reason": "DADOS"}


def test_what_came_after_the_group_was_shown_waits(operator):
    open_cases(2)
    (shown,) = list_groups()
    later = open_case(3)

    outcome = decide(group=shown)

    later.refresh_from_db()
    assert (outcome.decided, outcome.skipped, later.status) == (2, 0, "OPEN")


def test_what_changed_since_the_group_was_shown_is_left_alone(operator):
    first, second, third = open_cases(3)
    (shown,) = list_groups()
    settle_review(first.pk, accept=False, actor=UserFactory())
    attach_cns([CnsOffer(second.person_id, cns(60), CnsSource.CADSUS)])

    outcome = decide(group=shown)

    assert outcome.decided == 1
    assert statuses() == ["DISMISSED", "OPEN", "ACCEPTED"]
    assert current() == {second.person_id: cns(60), third.person_id: third.number}


def test_a_group_that_is_gone_decides_nothing(operator):
    open_cases(2)
    (shown,) = list_groups()
    decide(accept=False)

    outcome = decide(group=shown)

    assert (outcome.batch, outcome.decided, ReviewBatch.objects.count()) == (None, 0, 1)


@pytest.mark.parametrize("count", [2, 30])
def test_a_set_asks_the_database_as_often_for_few_as_for_many(operator, django_assert_num_queries, count):
    open_cases(count)
    (shown,), actor = list_groups(), UserFactory()

    with django_assert_num_queries(22):
        decide(actor, group=shown)


def test_undoing_opens_every_case_and_brings_back_what_was_there(operator):
    replaced = [somebody(1), somebody(2)]
    attach_cns(
        [CnsOffer(person.pk, cns(70 + i), CnsSource.IMPORT, verified=False) for i, person in enumerate(replaced)]
    )
    before = current()
    for number, person in enumerate(replaced):
        open_case(number + 1, person=person)
    actor = UserFactory()
    outcome = decide(actor)

    undone = undo_batch(outcome.batch.pk, actor=actor)

    assert (undone.decided, undone.skipped, current(), statuses()) == (2, 0, before, ["OPEN", "OPEN"])
    kept = Review.objects.values_list("decided_by", "decided_at", "decision_reason", "note", "batch").distinct()
    assert list(kept) == [(None, None, "", "", None)]
    assert [group.count for group in list_groups()] == [2]


def test_undoing_a_dismissal_opens_the_cases(operator):
    open_cases(2)
    actor = UserFactory()
    outcome = decide(actor, accept=False)

    undo_batch(outcome.batch.pk, actor=actor)

    assert statuses() == ["OPEN", "OPEN"]


def test_undoing_leaves_what_later_work_stands_on(operator):
    link = BeneficiaryFactory(whole=True, person=somebody(1))
    carded, _ = open_case(1, person=link.person), open_case(2)
    actor = UserFactory()
    outcome = decide(actor)
    issue_cards([link.pk])

    undone = undo_batch(outcome.batch.pk, actor=actor)

    assert (undone.decided, undone.skipped, statuses()) == (1, 1, ["ACCEPTED", "OPEN"])
    assert current() == {carded.person_id: carded.number}


def test_undoing_leaves_a_dismissal_that_something_else_answered(operator):
    first, _ = open_cases(2)
    actor = UserFactory()
    outcome = decide(actor, accept=False)
    attach_cns([CnsOffer(first.person_id, first.number, CnsSource.CADSUS)])

    undone = undo_batch(outcome.batch.pk, actor=actor)

    assert (undone.decided, undone.skipped, statuses()) == (1, 1, ["DISMISSED", "OPEN"])


def refusal(batch, actor):
    with pytest.raises(NotUndoable) as standing:
        undo_batch(batch.pk, actor=actor)
    return str(standing.value)


def test_a_set_is_undone_once_and_by_whoever_decided(operator):
    open_cases(2)
    actor = UserFactory()
    batch = decide(actor).batch

    assert refusal(batch, UserFactory()) == "Esta decisão já foi desfeita, ou é de outra pessoa."
    undo_batch(batch.pk, actor=actor)
    assert refusal(batch, actor) == "Esta decisão já foi desfeita, ou é de outra pessoa."


def test_where_nothing_can_be_undone_it_is_said(operator):
    cases, actor = open_cases(2), UserFactory()
    batch = decide(actor).batch
    attach_cns([CnsOffer(case.person_id, cns(80 + i), CnsSource.CADSUS) for i, case in enumerate(cases)])

    assert refusal(batch, actor).startswith("Não dá mais para desfazer")
    assert ReviewBatch.objects.get().undone_at is None


def test_a_former_number_that_somebody_else_has_by_now_keeps_the_whole_set(operator):
    person, other = somebody(1), somebody(2)
    attach_cns([CnsOffer(person.pk, cns(70), CnsSource.IMPORT, verified=False)])
    attach_cns([CnsOffer(other.pk, cns(71), CnsSource.IMPORT, verified=False)])
    open_case(1, person=person), open_case(2, person=other)
    actor = UserFactory()
    batch = decide(actor).batch
    attach_cns([CnsOffer(PersonFactory().pk, cns(70), CnsSource.CADSUS)])

    assert refusal(batch, actor).startswith("Um dos números anteriores já é de outra pessoa")
    assert statuses() == ["ACCEPTED", "ACCEPTED"]


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_who_decide_one_group_each_case_goes_to_one(operator):
    cases, actor = open_cases(6), UserFactory()
    (shown,) = list_groups()

    outcomes = race(operator, lambda: decide(actor, group=shown), 2)

    assert sorted(outcome.decided for outcome in outcomes) == [0, 6]
    assert current() == {case.person_id: case.number for case in cases}
    assert AuditEvent.objects.filter(kind="review.accepted").count() == 6


@pytest.mark.django_db(transaction=True)
def test_where_somebody_is_faster_with_every_number_nothing_is_decided(operator):
    cases, actor = open_cases(2), UserFactory()
    (shown,) = list_groups()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            attach_cns([CnsOffer(PersonFactory().pk, case.number, CnsSource.CADSUS) for case in cases])
            deciding = threads.submit(race, operator, lambda: decide(actor, group=shown), 1)
            assert somebody_waits()
        (outcome,) = deciding.result()

    assert (outcome.batch, outcome.decided, outcome.skipped) == (None, 0, 2)
    assert (statuses(), ReviewBatch.objects.count()) == (["OPEN", "OPEN"], 0)
    assert not AuditEvent.objects.filter(kind__in=["review.accepted", "review.batch_decided"]).exists()
