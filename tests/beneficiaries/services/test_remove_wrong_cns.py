"""Decisions taken back: exactly what they did, once, and nothing where later work stands on it."""

import threading

import pytest
from django.db import connection

from beneficiaries.models import CnsNumber, CnsSource, PendingReason, Review
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.remove_wrong_cns import FORMER, NotCurrent, remove_wrong_cns
from beneficiaries.services.reviews import (
    AlreadySettled,
    NotUndoable,
    ReviewCase,
    open_reviews,
    settle_review,
    undo_review,
)
from cards.models import Card
from cards.queries.eligibility import outdated
from cards.services import issue_cards
from operators.context import operator_context
from operators.models import AuditEvent, Operator
from sib.models import Movement, MovementState
from tests.beneficiaries.reasons import reason_of
from tests.cards.factories import ready_link
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, UserFactory, cns

ACCEPTED, DISMISSED, OPEN, WITHDRAWN = (
    Review.Status.ACCEPTED,
    Review.Status.DISMISSED,
    Review.Status.OPEN,
    Review.Status.WITHDRAWN,
)


def offer(person, number, source=CnsSource.CADSUS, **fields):
    return attach_cns([CnsOffer(person.pk, number, source, **fields)])[person.pk]


def case_of(person, number=None, source=CnsSource.CNX):
    open_reviews([ReviewCase(person.pk, number or cns(1), source, "B", "NAME_ABBREVIATED", origin="sib.difference:7")])
    return Review.objects.filter(person=person).latest("pk")


def decided(person, actor, *, accept=True, number=None):
    review = case_of(person, number)
    settle_review(review.pk, accept=accept, actor=actor, note="no telefone")
    review.refresh_from_db()
    return review


def history(person):
    rows = CnsNumber.objects.filter(person=person).order_by("attached_at", "pk")
    return list(rows.values_list("number", "end_reason"))


def statuses(person):
    return list(Review.objects.filter(person=person).order_by("pk").values_list("number", "status"))


def last_event():
    return AuditEvent.objects.order_by("-pk").first()


# ---- a decision -------------------------------------------------------------------------------------------------
def test_undoing_an_acceptance_ends_the_number_and_opens_the_case(operator):
    person, actor = PersonFactory(), UserFactory()
    review = decided(person, actor)

    undo_review(review.pk, actor=actor)

    review.refresh_from_db()
    event = last_event()
    assert history(person) == [(cns(1), "WITHDRAWN")]
    assert (review.status, review.decided_at, review.decided_by, review.note) == (OPEN, None, None, "")
    assert (event.kind, event.actor, event.data, event.personal) == (
        "review.reopened",
        actor,
        {"was": "ACCEPTED", "reason": ""},
        {"note": "no telefone"},
    )
    assert reason_of(person) == PendingReason.REVIEW


@pytest.mark.parametrize(
    ("before", "verified"), [(cns(2), True), (cns(2), False), (cns(1), False)], ids=["other", "informed", "confirmed"]
)
def test_undoing_restores_the_number_before(operator, before, verified):
    person, actor = PersonFactory(), UserFactory()
    review = case_of(person)
    offer(person, before, CnsSource.IMPORT, verified=verified)
    settle_review(review.pk, accept=True, actor=actor)

    undo_review(review.pk, actor=actor)

    current = person.cns_numbers.current().get()
    assert (current.number, current.source, current.verified) == (before, "IMPORT", verified)


def test_undoing_a_dismissal_opens_the_case(operator):
    person, actor = PersonFactory(), UserFactory()
    review = decided(person, actor, accept=False)

    undo_review(review.pk, actor=UserFactory())

    assert (statuses(person), history(person)) == ([(cns(1), OPEN)], [])


def test_an_undone_case_may_be_decided_again(operator):
    person, actor = PersonFactory(), UserFactory()
    review = decided(person, actor)
    undo_review(review.pk, actor=actor)

    settle_review(review.pk, accept=True, actor=actor)
    undo_review(review.pk, actor=actor)
    settle_review(review.pk, accept=False, actor=actor)

    assert (statuses(person), history(person)) == (
        [(cns(1), DISMISSED)],
        [(cns(1), "WITHDRAWN"), (cns(1), "WITHDRAWN")],
    )


def refusal(review, actor):
    with pytest.raises(NotUndoable) as standing:
        undo_review(review.pk, actor=actor)
    return str(standing.value)


def test_an_acceptance_of_somebody_else_is_not_undone(operator):
    review = decided(PersonFactory(), UserFactory())

    assert refusal(review, UserFactory()) == "Esta decisão já foi desfeita, ou é de outra pessoa."


def test_a_decision_is_undone_once(operator):
    actor = UserFactory()
    review = decided(PersonFactory(), actor)
    undo_review(review.pk, actor=actor)

    assert refusal(review, actor) == "Esta decisão já foi desfeita, ou é de outra pessoa."


def test_a_number_that_another_one_followed_stays(operator):
    person, actor = PersonFactory(), UserFactory()
    review = decided(person, actor)
    offer(person, cns(3))

    assert refusal(review, actor).startswith("A pessoa tem hoje outro número")
    assert history(person) == [(cns(1), "SUPERSEDED"), (cns(3), "")]


def test_a_number_on_a_card_is_taken_back_on_the_persons_page(operator):
    Operator.objects.update(risky_decisions_by_two=False)  # the link has a verified number
    actor = UserFactory()
    link = ready_link()
    review = decided(link.person, actor)
    issue_cards([link.pk])

    assert refusal(review, actor).startswith("Não dá mais para desfazer: o cartão (1ª via) emitido em ")
    assert link.person.cns_numbers.current().get().number == cns(1)


def test_a_former_number_that_somebody_else_has_by_now_keeps_the_decision(operator):
    person, actor = PersonFactory(), UserFactory()
    offer(person, cns(2), CnsSource.IMPORT, verified=False)
    review = decided(person, actor)
    offer(PersonFactory(), cns(2))

    assert refusal(review, actor) == "O número anterior já é de outra pessoa do cadastro. Confira as duas."
    assert (history(person), statuses(person)) == ([(cns(2), "SUPERSEDED"), (cns(1), "")], [(cns(1), ACCEPTED)])


# ---- cases that another road answered ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "verified", "status"),
    [(CnsSource.CADSUS, True, WITHDRAWN), (CnsSource.CNX, True, WITHDRAWN), (CnsSource.IMPORT, False, OPEN)],
)
def test_a_case_about_the_number_that_the_person_got_for_certain_is_dropped(operator, source, verified, status):
    person = PersonFactory()
    case_of(person)
    other = case_of(PersonFactory(), cns(2))

    offer(person, cns(1), source, verified=verified)

    other.refresh_from_db()
    assert (statuses(person), other.status) == ([(cns(1), status)], OPEN)
    if status == WITHDRAWN:
        event = last_event()
        assert (event.kind, event.source, event.data) == ("review.withdrawn", "sib.difference:7", {"answered": True})


def test_no_case_is_opened_about_the_number_that_the_person_has_for_certain(operator):
    person = PersonFactory()
    offer(person, cns(1))

    assert open_reviews([ReviewCase(person.pk, cns(1), CnsSource.CNX, "B", "NAME_ABBREVIATED")]) == 0


# ---- a number that is not theirs --------------------------------------------------------------------------------
def disowned(person, actor=None, reason="Foi aceito por engano"):
    number = person.cns_numbers.current().get()
    return remove_wrong_cns(number.pk, reason=reason, actor=actor or UserFactory())


def test_a_number_that_is_not_theirs_ends_with_its_reason(operator):
    person, actor = PersonFactory(), UserFactory()
    offer(person, cns(1))

    disowned(person, actor)

    event = AuditEvent.objects.get(kind="cns.disowned")
    assert history(person) == [(cns(1), "NOT_THEIRS")]
    assert reason_of(person) == PendingReason.WRONG_NUMBER
    assert (event.actor, event.person_id) == (actor, person.pk)
    assert event.personal == {"number": cns(1), "note": "Foi aceito por engano"}


@pytest.mark.parametrize("source", [CnsSource.CADSUS, CnsSource.CNX, CnsSource.IMPORT, CnsSource.INFORMED])
def test_a_number_that_is_not_theirs_comes_back_as_a_case_alone(operator, source):
    person = PersonFactory()
    offer(person, cns(1))
    disowned(person)

    answer = offer(person, cns(1), source, tier="A", kind="D", origin="cadsus.lookup:9")

    review = Review.objects.get()
    assert (answer, history(person)) == (Attachment.DISOWNED, [(cns(1), "NOT_THEIRS")])
    assert (review.status, review.number, review.source, review.tier) == (OPEN, cns(1), source, "A")
    assert reason_of(person) == PendingReason.REVIEW


def test_a_case_that_brings_the_number_back_asks_once(operator):
    person = PersonFactory()
    offer(person, cns(1))
    disowned(person)
    offer(person, cns(1))
    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    offer(person, cns(1))

    assert statuses(person) == [(cns(1), DISMISSED)]


def test_a_reviewer_may_give_the_number_back(operator):
    person = PersonFactory()
    offer(person, cns(1))
    disowned(person)
    offer(person, cns(1))

    case, first = Review.objects.get(), UserFactory()
    settle_review(case.pk, accept=True, actor=first)
    settle_review(case.pk, accept=True, actor=UserFactory(), confirms=first.pk)

    assert history(person) == [(cns(1), "NOT_THEIRS"), (cns(1), "")]


def test_another_number_attaches_as_ever(operator):
    person = PersonFactory()
    offer(person, cns(1))
    disowned(person)

    assert offer(person, cns(2)) is Attachment.ATTACHED


def test_the_right_person_may_have_the_number(operator):
    person, owner = PersonFactory(), PersonFactory()
    offer(person, cns(1))
    disowned(person)

    assert offer(owner, cns(1)) is Attachment.ATTACHED


def test_cases_about_the_number_are_withdrawn_and_the_one_before_is_asked_about(operator):
    person, actor = PersonFactory(), UserFactory()
    offer(person, cns(2), CnsSource.IMPORT, verified=False)
    decided(person, actor)

    disowned(person)

    former = Review.objects.get(number=cns(2))
    assert statuses(person) == [(cns(1), WITHDRAWN), (cns(2), OPEN)]
    assert (former.reason, former.source) == (FORMER, "IMPORT")
    assert Review.objects.get(number=cns(1)).decided_by == actor


def test_a_number_before_that_is_not_theirs_either_is_not_asked_about(operator):
    person = PersonFactory()
    offer(person, cns(2))
    disowned(person)
    offer(person, cns(1))

    disowned(person)

    assert statuses(person) == []


def test_cards_that_print_the_number_are_flagged(operator):
    link = ready_link()
    issue_cards([link.pk])

    disowned(link.person)

    assert list(outdated(link._meta.model.objects.all()).values_list("pk", flat=True)) == [link.pk]
    assert Card.objects.current().count() == 1


def test_drafts_for_ans_that_tell_the_number_are_held(operator):
    link = BeneficiaryFactory()
    offer(link.person, cns(1))
    facts = {"operator": operator, "beneficiary": link, "person": link.person, "cco": link.cco, "state": "READY"}
    telling = Movement.objects.create(**facts, type="2", fields={"cns": cns(1)})
    other = Movement.objects.create(**facts | {"beneficiary": BeneficiaryFactory()}, type="2", fields={})

    disowned(link.person)

    telling.refresh_from_db()
    other.refresh_from_db()
    assert (telling.state, telling.problems[0]["field"], other.state) == (MovementState.HELD, "cns", "READY")


def test_a_number_is_taken_away_once(operator):
    person = PersonFactory()
    offer(person, cns(1))
    number = disowned(person)

    with pytest.raises(NotCurrent):
        remove_wrong_cns(number.pk, reason="", actor=UserFactory())


# ---- two at once ------------------------------------------------------------------------------------------------
def at_once(operator, operations):
    """What each operation gave, or the name of what it raised, in the order of the operations."""
    given, start = [None] * len(operations), threading.Barrier(len(operations))

    def run(place, operation):
        try:
            with operator_context(operator.pk):
                start.wait()
                given[place] = operation()
        except (AlreadySettled, NotUndoable, NotCurrent) as error:
            given[place] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(operations)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_a_dismissal_stands_where_the_number_was_given_since(operator):
    person, actor = PersonFactory(), UserFactory()
    review = decided(person, actor, accept=False)
    offer(person, cns(1))

    with pytest.raises(NotUndoable, match="A pessoa já tem este número"):
        undo_review(review.pk, actor=actor)

    assert statuses(person) == [(cns(1), DISMISSED)]


def test_a_dismissal_stands_where_the_same_number_is_asked_in_another_case(operator):
    person, other, actor = PersonFactory(), PersonFactory(), UserFactory()
    review = decided(person, actor, accept=False)
    Review.objects.filter(pk=case_of(other).pk).update(person=person)  # as a merge brings it

    with pytest.raises(NotUndoable, match="em outro caso"):
        undo_review(review.pk, actor=actor)

    assert statuses(person) == [(cns(1), DISMISSED), (cns(1), OPEN)]


@pytest.fixture
def raced(transactional_db):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        yield operator, PersonFactory(), UserFactory()


def test_two_who_undo_the_same_decision_undo_it_once(raced):
    operator, person, actor = raced
    review = decided(person, actor)

    given = at_once(operator, [lambda: undo_review(review.pk, actor=actor).status] * 2)

    assert sorted(given) == ["NotUndoable", "OPEN"]
    assert history(person) == [(cns(1), "WITHDRAWN")]


def test_undoing_against_another_number_leaves_one_of_two_true_states(raced):
    operator, person, actor = raced
    review = decided(person, actor)

    undone, _ = at_once(operator, [lambda: undo_review(review.pk, actor=actor).status, lambda: offer(person, cns(3))])

    ended = "WITHDRAWN" if undone == OPEN else "SUPERSEDED"
    assert history(person) == [(cns(1), ended), (cns(3), "")]
    assert statuses(person) == [(cns(1), OPEN if undone == OPEN else ACCEPTED)]


def test_a_decision_against_the_same_number_by_another_road_waits_and_fails_nobody(raced):
    operator, person, actor = raced
    review = case_of(person)

    settled, offered = at_once(
        operator,
        [
            lambda: settle_review(review.pk, accept=True, actor=actor),
            lambda: offer(person, cns(1), kind="D"),
        ],
    )

    assert {settled, offered} <= {
        "AlreadySettled",
        Attachment.ATTACHED,
        Attachment.UNCHANGED,
        Attachment.CONFIRMED,
    }
    assert [number for number, ended in history(person) if not ended] == [cns(1)]


def test_undoing_against_taking_the_number_away_ends_it_once(raced):
    operator, person, actor = raced
    review = decided(person, actor)
    number = person.cns_numbers.current().get()

    given = at_once(
        operator,
        [
            lambda: undo_review(review.pk, actor=actor).status,
            lambda: remove_wrong_cns(number.pk, reason="", actor=actor).pk,
        ],
    )

    assert history(person) in ([(cns(1), "WITHDRAWN")], [(cns(1), "NOT_THEIRS")])
    assert sum(isinstance(each, str) and each.startswith("Not") for each in given) == 1
