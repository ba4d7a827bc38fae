"""Two people for a risky decision: who proposes, who confirms, and that they are never one."""

import pytest
from django.db import IntegrityError, transaction

from beneficiaries.domain.decision_risk import Risk
from beneficiaries.models import CnsNumber, CnsSource, Review
from beneficiaries.queries.decision_effect import DecisionEffect
from beneficiaries.queries.review_groups import list_groups
from beneficiaries.queries.review_queue import waiting_for
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.remove_wrong_cns import remove_wrong_cns
from beneficiaries.services.review_batches import decide_group
from beneficiaries.services.review_proposals import Proposal, ProposedMeanwhile
from beneficiaries.services.reviews import AlreadySettled, NotUndoable, settle_review, undo_review
from operators.models import AuditEvent, Operator
from tests.beneficiaries.equal_cases import open_case, open_cases
from tests.factories import PersonFactory, UserFactory, cns
from tests.races import race


def data_that_differ(case):
    Review.objects.filter(pk=case.pk).update(
        comparison=[{"field": "nome", "ours": "Ana", "theirs": "Bia", "agreement": "DIFFERENT"}]
    )


def a_verified_number(case):
    attach_cns([CnsOffer(case.person_id, cns(50), CnsSource.CADSUS)])


def a_number_taken_away(case):
    Review.objects.filter(pk=case.pk).update(status="WITHDRAWN")
    attach_cns([CnsOffer(case.person_id, case.number, CnsSource.CADSUS)])
    remove_wrong_cns(case.person.cns_numbers.get().pk, reason="x", actor=UserFactory())
    Review.objects.filter(pk=case.pk).update(status="OPEN")


RISKS = {
    data_that_differ: Risk.DATA_DIFFER,
    a_verified_number: Risk.REPLACES_VERIFIED,
    a_number_taken_away: Risk.TAKEN_AWAY,
}


@pytest.fixture
def risky(operator):
    case = open_case(1)
    data_that_differ(case)
    return case


@pytest.fixture
def ana(operator):
    return UserFactory()


@pytest.fixture
def bia(operator):
    return UserFactory()


def current(case):
    return list(CnsNumber.objects.current().filter(person=case.person_id).values_list("number", flat=True))


def event_kinds():
    return list(AuditEvent.objects.filter(kind__startswith="review.").order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("happens", RISKS)
def test_a_risky_case_is_proposed_then_accepted_by_another(operator, ana, bia, happens):
    case = open_case(1)
    happens(case)
    before = current(case)
    case.refresh_from_db()
    assert DecisionEffect.of(case).risks == [RISKS[happens]]

    first = settle_review(case.pk, accept=True, actor=ana, reason="DADOS", note="por telefone")
    case.refresh_from_db()
    assert (first, case.status, current(case)) == (Proposal.WAITS, "OPEN", before)
    assert (case.proposed_by, case.proposal_reason, case.proposal_note) == (ana, "DADOS", "por telefone")

    second = settle_review(case.pk, accept=True, actor=bia, confirms=ana.pk)
    case.refresh_from_db()
    assert (second.is_written, case.status, current(case)) == (True, "ACCEPTED", [case.number])
    assert (case.proposed_by, case.decided_by, case.person.cns_numbers.current().get().attached_by) == (ana, bia, bia)


@pytest.mark.parametrize("happens", RISKS)
def test_no_group_of_equal_cases_holds_a_risky_one(operator, happens):
    """One person decides a group."""
    cases = open_cases(3)
    happens(cases[0])

    (group,) = list_groups()

    assert group.count == 2


def test_no_group_holds_a_case_that_waits_for_a_second_person(operator, ana, bia):
    """Its risk may have gone since; the proposal stays one."""
    cases = open_cases(3)
    (group,) = list_groups()
    a_verified_number(cases[0])
    settle_review(cases[0].pk, accept=True, actor=ana)
    CnsNumber.objects.current().filter(person=cases[0].person_id).update(
        ended_at=cases[0].opened_at, end_reason="WITHDRAWN"
    )

    outcome = decide_group(group.key, last=group.last, accept=True, actor=ana, reason="DADOS")

    assert (outcome.decided, Review.objects.get(status="OPEN")) == (2, cases[0])


def test_a_case_without_risk_is_decided_by_one(operator, ana):
    assert settle_review(open_case(1).pk, accept=True, actor=ana) is Attachment.ATTACHED


def test_a_risky_case_is_dismissed_by_one(risky, ana):
    assert settle_review(risky.pk, accept=False, actor=ana) is None
    assert Review.objects.get().status == "DISMISSED"


def test_an_operator_may_decide_by_one(risky, ana):
    Operator.objects.update(risky_decisions_by_two=False)

    assert settle_review(risky.pk, accept=True, actor=ana) is Attachment.ATTACHED


def test_a_number_of_somebody_else_is_refused_at_once(risky, ana):
    attach_cns([CnsOffer(PersonFactory().pk, risky.number, CnsSource.CADSUS)])

    answer = settle_review(risky.pk, accept=True, actor=ana)

    assert (answer, Review.objects.get().proposed_by) == (Attachment.TAKEN, None)


def test_a_refused_confirmation_leaves_the_proposal(risky, ana, bia):
    settle_review(risky.pk, accept=True, actor=ana)
    attach_cns([CnsOffer(PersonFactory().pk, risky.number, CnsSource.CADSUS)])

    answer = settle_review(risky.pk, accept=True, actor=bia, confirms=ana.pk)

    case = Review.objects.get()
    assert (answer, case.status, case.proposed_by, case.decided_by) == (Attachment.TAKEN, "OPEN", ana, None)


def test_whoever_proposed_does_not_confirm(risky, ana):
    settle_review(risky.pk, accept=True, actor=ana)

    again = settle_review(risky.pk, accept=True, actor=ana, confirms=ana.pk)

    assert (again, Review.objects.get().status, event_kinds()[1:]) == (Proposal.WAITS, "OPEN", ["review.proposed"])


@pytest.mark.parametrize("status", ["ACCEPTED", "DISMISSED"])
def test_the_database_refuses_one_person_twice(risky, ana, status):
    settle_review(risky.pk, accept=True, actor=ana)

    with pytest.raises(IntegrityError, match="review_by_two_people"), transaction.atomic():
        Review.objects.update(status=status, decided_by=ana)


def test_nobody_confirms_a_proposal_that_he_was_not_shown(risky, ana, bia):
    settle_review(risky.pk, accept=True, actor=ana)

    with pytest.raises(ProposedMeanwhile):
        settle_review(risky.pk, accept=True, actor=bia)

    assert Review.objects.get().status == "OPEN"


def test_the_second_person_may_dismiss(risky, ana, bia):
    settle_review(risky.pk, accept=True, actor=ana)

    settle_review(risky.pk, accept=False, actor=bia, reason="HOMONIMO")

    case = Review.objects.get()
    assert (case.status, case.proposed_by, case.decided_by, current(case)) == ("DISMISSED", ana, bia, [])
    assert event_kinds() == ["review.opened", "review.proposed", "review.dismissed"]


def test_whoever_proposed_may_dismiss_after_all(risky, ana):
    settle_review(risky.pk, accept=True, actor=ana)

    settle_review(risky.pk, accept=False, actor=ana)

    case = Review.objects.get()
    assert (case.status, case.proposed_by, case.decided_by) == ("DISMISSED", None, ana)


def test_a_proposal_waits_for_everybody_but_its_author(risky, ana, bia):
    settle_review(risky.pk, accept=True, actor=ana)

    assert [list(waiting_for(reader.pk)) for reader in (ana, bia)] == [[], [risky]]


# ---- taking back -------------------------------------------------------------------------------------------------
def test_a_proposal_is_taken_back_by_its_author_alone(risky, ana, bia):
    settle_review(risky.pk, accept=True, actor=ana, note="por telefone")
    with pytest.raises(NotUndoable):
        undo_review(risky.pk, actor=bia)

    undo_review(risky.pk, actor=ana)

    case = Review.objects.get()
    assert (case.status, case.proposed_by, case.proposed_at, case.proposal_note) == ("OPEN", None, None, "")
    assert event_kinds() == ["review.opened", "review.proposed", "review.proposal_taken_back"]
    assert AuditEvent.objects.get(kind="review.proposed").personal == {"note": "por telefone"}


@pytest.mark.parametrize("who", [0, 1])
def test_either_of_the_two_undoes_the_decision_and_both_are_asked_again(risky, ana, bia, who):
    settle_review(risky.pk, accept=True, actor=ana)
    settle_review(risky.pk, accept=True, actor=bia, confirms=ana.pk)

    undo_review(risky.pk, actor=(ana, bia)[who])

    case = Review.objects.get()
    assert (case.status, case.proposed_by, case.decided_by, current(case)) == ("OPEN", None, None, [])


# ---- at once -----------------------------------------------------------------------------------------------------
def tried(deed):
    try:
        return deed()
    except (ProposedMeanwhile, AlreadySettled, NotUndoable) as told:
        return type(told)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_proposes_and_the_other_is_told(operator):
    case = open_case(1)
    data_that_differ(case)
    actors = [UserFactory(), UserFactory()]
    turns = iter(actors)

    answers = race(operator, lambda: tried(lambda: settle_review(case.pk, accept=True, actor=next(turns))), 2)

    case.refresh_from_db()
    assert set(answers) == {Proposal.WAITS, ProposedMeanwhile}
    assert (case.status, case.proposed_by in actors, current(case)) == ("OPEN", True, [])


@pytest.mark.django_db(transaction=True)
def test_a_proposal_is_confirmed_or_taken_back_never_both(operator):
    case, ana, bia = open_case(1), UserFactory(), UserFactory()
    data_that_differ(case)
    settle_review(case.pk, accept=True, actor=ana)
    deeds = iter(
        [
            lambda: settle_review(case.pk, accept=True, actor=bia, confirms=ana.pk),
            lambda: settle_review(case.pk, accept=False, actor=ana),
        ]
    )

    answers = race(operator, lambda: tried(next(deeds)), 2)

    case.refresh_from_db()
    if case.status == "ACCEPTED":
        assert (set(answers), case.proposed_by, case.decided_by) == ({Attachment.ATTACHED, AlreadySettled}, ana, bia)
    else:
        assert (set(answers), case.proposed_by, case.decided_by) == ({None, AlreadySettled}, None, ana)
