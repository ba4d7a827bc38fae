"""Every pair of states, in the table and in the database; and that nothing else of a card ever changes."""

import pytest
from django.db import IntegrityError, InternalError, transaction

from cards.domain.lifecycle import (
    CURRENT,
    SECOND_COPY,
    CardState,
    Reason,
    before,
    end_of_former,
    may_become,
    reason_after,
)
from cards.models import Card
from cards.services import issue_cards
from tests.cards.factories import ready_link

ALLOWED = {
    ("ISSUED", "PRINTED"),
    ("ISSUED", "DELIVERED"),
    ("ISSUED", "LOST"),
    ("ISSUED", "VOID"),
    ("ISSUED", "SUPERSEDED"),
    ("PRINTED", "DELIVERED"),
    ("PRINTED", "LOST"),
    ("PRINTED", "VOID"),
    ("PRINTED", "SUPERSEDED"),
    ("DELIVERED", "LOST"),
    ("DELIVERED", "VOID"),
    ("DELIVERED", "SUPERSEDED"),
}
EVERY_PAIR = [(state, wanted) for state in CardState for wanted in CardState if state is not wanted]
ROAD = {"PRINTED": ["PRINTED"], "DELIVERED": ["DELIVERED"], "ISSUED": []}


@pytest.mark.parametrize(("state", "wanted"), EVERY_PAIR)
def test_a_card_goes_only_where_the_table_says(state, wanted):
    assert may_become(state, wanted) == ((state, wanted) in ALLOWED)


@pytest.mark.parametrize(("state", "wanted"), EVERY_PAIR)
def test_the_database_holds_to_the_same_table(operator, state, wanted):
    (card,) = issue_cards([ready_link().pk]).cards
    for step in ROAD.get(state, [state]):
        Card.objects.filter(pk=card.pk).update(status=step)

    try:
        with transaction.atomic():
            Card.objects.filter(pk=card.pk).update(status=wanted)
        went = True
    except IntegrityError:
        went = False

    assert went == ((state, wanted) in ALLOWED)


def test_no_state_follows_itself():
    assert [may_become(state, state) for state in CardState] == [False] * len(CardState)


def test_before_names_the_states_that_lead_to_one():
    assert before(CardState.DELIVERED) == (CardState.ISSUED, CardState.PRINTED)
    assert before(CardState.LOST) == CURRENT
    assert before(CardState.ISSUED) == ()


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (None, Reason.FIRST),
        (CardState.ISSUED, Reason.CHANGED),
        (CardState.DELIVERED, Reason.CHANGED),
        (CardState.LOST, Reason.LOST),
        (CardState.VOID, Reason.CORRECTION),
    ],
)
def test_reason_follows_from_the_last_via_where_nobody_says(last, reason):
    assert reason_after(last) is reason


def test_only_a_lost_card_ends_as_lost():
    assert {reason: end_of_former(reason).value for reason in SECOND_COPY} == {
        Reason.LOST: "LOST",
        Reason.DAMAGED: "SUPERSEDED",
        Reason.NOT_RECEIVED: "SUPERSEDED",
        Reason.REQUESTED: "SUPERSEDED",
    }


@pytest.mark.parametrize("status", ["PRINTED", "LOST", "SUPERSEDED"])
def test_a_card_begins_as_issued(operator, status):
    (card,) = issue_cards([ready_link().pk]).cards
    card.pk, card.status, card.via, card.verification, card.check_code = None, status, 2, "A" * 22, None

    with pytest.raises(IntegrityError, match="a card begins as issued"):
        card.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [{"cns": ""}, {"via": 2}, {"face_data": {}}, {"source": {}}, {"verification": "B" * 22}, {"reason": "LOST"}],
)
def test_of_a_card_only_its_state_changes(operator, change):
    (card,) = issue_cards([ready_link().pk]).cards

    with pytest.raises((IntegrityError, InternalError), match="of a card only its state changes"):
        Card.objects.filter(pk=card.pk).update(**change)
