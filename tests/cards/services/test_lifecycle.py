"""What becomes of cards: one by one, by the batch, with a reason, in a race, always with its trace."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from cards.domain.lifecycle import CardState, Reason
from cards.models import Card
from cards.queries.eligibility import IssueBlocker, outdated
from cards.services import (
    issue_cards,
    move_batch,
    move_card,
    preview,
    process_batch,
    start_batch,
    void_card,
)
from cards.services.card_files import FileProduct, card_file
from operators.context import operator_context
from operators.models import AuditEvent, Operator
from tests.cards.factories import as_an_earlier_version, give_cns, ready_link
from tests.factories import BeneficiaryFactory, OperatorFactory, UserFactory, cns
from tests.races import race

DAY = datetime(2026, 10, 12, 15, tzinfo=UTC)


def issued(link=None, **wanted):
    (card,) = issue_cards([(link or ready_link()).pk], **wanted).cards
    return card


def states(link):
    rows = Card.objects.filter(beneficiary=link).order_by("via")
    return list(rows.values_list("via", "status", "reason"))


def events(kind):
    return list(AuditEvent.objects.filter(kind=kind).order_by("pk").values_list("subject_id", "person_id", "data"))


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


# ---- one card -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (CardState.PRINTED, "card.printed"),
        (CardState.DELIVERED, "card.delivered"),
        (CardState.LOST, "card.lost"),
        (CardState.VOID, "card.voided"),
    ],
)
def test_move_card_brings_it_there_once_with_its_trace(operator, state, kind):
    card, actor = issued(), UserFactory()

    moves = [move_card(card, state, actor=actor) for _ in range(2)]

    assert moves == [True, False]
    assert Card.objects.get().status == state
    assert events(kind) == [(card.pk, card.beneficiary.person_id, {"via": 1})]


def test_move_card_tells_since_when(operator):
    card = issued()

    with time_machine.travel(DAY, tick=False):
        move_card(card, CardState.PRINTED)

    assert Card.objects.get().status_at == DAY


def test_a_card_that_ended_is_not_printed_any_more(operator):
    card = issued()
    void_card(card, reason="dados")

    assert not move_card(card, CardState.PRINTED)
    assert events("card.printed") == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_a_card_at_once_one_does():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        card = issued()

        answers = race(operator, lambda: move_card(card, CardState.LOST), 4)

        assert sorted(answers) == [False, False, False, True]
        assert len(events("card.lost")) == 1


@pytest.mark.django_db(transaction=True)
def test_second_copies_asked_for_at_once_end_with_one_current_card():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        link = ready_link()
        issued(link)

        race(operator, lambda: issue_cards([link.pk], reason=Reason.DAMAGED), 3)

        assert [status for _, status, _ in states(link)] == ["SUPERSEDED"] * 3 + ["ISSUED"]


# ---- second copies ------------------------------------------------------------------------------------------------


def test_a_second_copy_says_the_same_with_its_reason_and_ends_the_first(operator):
    link = ready_link()
    first = issued(link)

    second = issued(link, reason=Reason.DAMAGED)

    assert states(link) == [(1, "SUPERSEDED", "FIRST"), (2, "ISSUED", "DAMAGED")]
    assert second.face.fields == first.face.fields
    assert second.verification != first.verification


def test_a_second_copy_of_a_lost_card_ends_the_first_as_lost(operator):
    link = ready_link()
    first = issued(link)

    issued(link, reason=Reason.LOST)

    assert states(link) == [(1, "LOST", "FIRST"), (2, "ISSUED", "LOST")]
    assert events("card.lost") == [(first.pk, link.person_id, {"via": 1})]


@pytest.mark.parametrize(
    ("end", "reason"), [(CardState.LOST, "LOST"), (CardState.VOID, "CORRECTION")], ids=["lost", "void"]
)
def test_a_card_after_one_that_ended_takes_its_reason_from_there(operator, end, reason):
    link = ready_link()
    move_card(issued(link), end)

    issued(link)

    assert states(link)[1] == (2, "ISSUED", reason)


def test_a_second_copy_is_marked_with_the_day_on_which_the_number_was_confirmed(operator):
    with time_machine.travel(DAY, tick=False):
        link = ready_link()
        first = issued(link)

    second = issued(link, reason=Reason.REQUESTED)

    assert (first.confirmed_on, first.face.confirmed) == (DAY.date(), "")
    assert (second.confirmed_on, second.face.confirmed) == (DAY.date(), "12/10/2026")


def test_a_later_equal_answer_of_datasus_is_the_day_that_the_mark_shows(operator):
    with time_machine.travel(DAY, tick=False):
        link = ready_link()
        issued(link)
        number = link.person.cns_numbers.get().number
    with time_machine.travel(DAY + timedelta(days=9), tick=False):
        give_cns(link.person, number)

    second = issued(link, reason=Reason.REQUESTED)

    assert (second.confirmed_on, second.face.confirmed) == (DAY.date() + timedelta(days=9), "21/10/2026")


def test_a_number_that_nobody_confirmed_leaves_the_mark_out(operator):
    link = BeneficiaryFactory(whole=True)
    attach_cns([CnsOffer(link.person_id, cns(77), CnsSource.INFORMED, verified=False)])
    issued(link)

    second = issued(link, reason=Reason.REQUESTED)

    assert (second.confirmed_on, second.face.confirmed) == (None, "")


def test_a_second_copy_is_refused_like_any_card(operator):
    link = ready_link()
    issued(link)
    link.cancelled_on = "2024-01-01"
    link.save()

    assert issue_cards([link.pk], reason=Reason.LOST).refused == {link.pk: IssueBlocker.CANCELLED.label}
    assert states(link) == [(1, "ISSUED", "FIRST")]


def test_a_reprint_is_on_record_with_its_reason(operator):
    card = issued()

    pages = [card_file(card, FileProduct.CARD), card_file(card, FileProduct.CARD, reason="falha")]

    assert pages[0] == pages[1]
    assert [data for _, _, data in events("card.downloaded")] == [
        {"via": 1, "file": "cartao.pdf"},
        {"via": 1, "file": "cartao.pdf", "reason": "falha"},
    ]


# ---- what changed since -------------------------------------------------------------------------------------------


def flagged():
    from beneficiaries.models import Beneficiary

    return set(outdated(Beneficiary.objects.all()).values_list("pk", flat=True))


def test_a_new_number_flags_the_card_for_reissue(operator):
    link, other = ready_link(), ready_link()
    issued(link)
    issued(other)

    give_cns(link.person)

    assert flagged() == {link.pk}


def test_a_number_that_the_conference_replaced_flags_the_card(operator):
    link = ready_link()
    issued(link)

    attach_cns([CnsOffer(link.person_id, cns(4242), CnsSource.CNX, tier="A")])

    assert flagged() == {link.pk}


def test_a_printed_item_that_changed_flags_the_card_and_the_new_card_clears_it(operator):
    link = ready_link()
    move_card(issued(link), CardState.DELIVERED)
    link.plan.name = "Outro plano"
    link.plan.save()

    before = flagged()
    issued(link)

    assert (before, flagged()) == ({link.pk}, set())
    assert states(link)[1] == (2, "ISSUED", "CHANGED")


def test_what_only_a_later_version_prints_flags_no_card(operator):
    link = ready_link()
    issued(link)
    as_an_earlier_version("source = source - 'website'")

    assert flagged() == set()


def test_nobody_without_a_current_card_is_flagged(operator):
    link = ready_link()
    ready_link()
    move_card(issued(link), CardState.LOST)
    give_cns(link.person)

    assert flagged() == set()


# ---- the policy without a CNS -------------------------------------------------------------------------------------


@pytest.fixture
def without_cns(operator):
    Operator.objects.filter(pk=operator.pk).update(cards_without_cns=True)


def test_the_policy_lets_a_card_say_that_the_number_is_not_known(operator, without_cns):
    link = BeneficiaryFactory(whole=True)

    card = issued(link)

    assert (card.cns, card.face["cns"], preview(link)["cns"]) == ("", "não informado", "não informado")


def test_such_a_card_is_flagged_once_the_number_is_there(operator, without_cns):
    link = BeneficiaryFactory(whole=True)
    issued(link)

    before = flagged()
    give_cns(link.person)

    assert (before, flagged()) == (set(), {link.pk})


def test_without_the_policy_there_is_no_card(operator):
    link = BeneficiaryFactory(whole=True)

    assert issue_cards([link.pk]).refused == {link.pk: IssueBlocker.NO_CNS.label}


# ---- batches ------------------------------------------------------------------------------------------------------


def batch_of(count):
    batch = start_batch([ready_link().pk for _ in range(count)])
    process_batch(batch.pk)
    return batch


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_marked_in_two_statements_however_many_cards(operator, count):
    batch = batch_of(count)

    actor = UserFactory()

    with CaptureQueriesContext(connection) as statements:
        moved = move_batch(batch, CardState.PRINTED, actor=actor)

    written = [statement["sql"] for statement in statements if statement["sql"].startswith(("UPDATE", "INSERT"))]
    assert (moved, len(written)) == (count, 2)


def test_a_batch_is_marked_as_far_as_its_cards_may_come(operator):
    batch = batch_of(3)
    cards = list(Card.objects.order_by("pk"))
    move_card(cards[0], CardState.PRINTED)
    void_card(cards[1], reason="dados")

    assert [move_batch(batch, CardState.PRINTED), move_batch(batch, CardState.PRINTED)] == [1, 0]
    assert [pk for pk, _, _ in events("card.printed")] == [cards[0].pk, cards[2].pk]
    assert move_batch(batch, CardState.DELIVERED) == 2
    assert events("card.delivered") == [
        (card.pk, card.beneficiary.person_id, {"via": 1}) for card in (cards[0], cards[2])
    ]


def test_a_batch_marks_no_card_of_another(operator):
    batch, other = batch_of(1), batch_of(1)

    move_batch(batch, CardState.PRINTED)

    assert list(other.items.values_list("card__status", flat=True)) == ["ISSUED"]
