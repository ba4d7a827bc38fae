"""The outbox: what is in it, and that a reader who remembers one number misses nothing."""

from threading import Event, Thread

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from cards.models import CardEvent
from cards.services import issue_cards, void_card
from cards.services.events import events_after
from operators.context import operator_context
from tests.cards.factories import give_cns, ready_link
from tests.factories import OperatorFactory


def told(position=0, most=100):
    return [(event["numero"], event["tipo"], event["cartao"]) for event in events_after(position, most).events]


def test_an_issued_card_is_ready(operator):
    link = ready_link()
    card = issue_cards([link.pk]).cards[0]

    (event,) = events_after(0, 10).events

    assert event | {"quando": ""} == {
        "numero": 1,
        "tipo": "card.ready",
        "quando": "",
        "codigoBeneficiario": link.code,
        "cartao": card.pk,
        "via": 1,
    }


def test_a_card_that_is_replaced_is_superseded_before_the_new_one_is_ready(operator):
    link = ready_link()
    old = issue_cards([link.pk]).cards[0]
    give_cns(link.person)
    new = issue_cards([link.pk]).cards[0]

    assert told(1) == [(2, "card.superseded", old.pk), (3, "card.ready", new.pk)]


def test_a_voided_card_is_told(operator):
    card = issue_cards([ready_link().pk]).cards[0]
    void_card(card, reason="perda")

    assert told(1) == [(2, "card.voided", card.pk)]


def test_what_did_not_happen_is_not_told(operator):
    with transaction.atomic():
        issue_cards([ready_link().pk])
        transaction.set_rollback(True)

    assert told() == []


def test_no_event_holds_a_number_or_a_name(operator):
    card = issue_cards([ready_link(person__name="Camila Exemplo").pk]).cards[0]

    words = str(events_after(0, 10))

    assert [secret in words for secret in (card.cns, card.face["cns"], card.beneficiary.person.cpf, "Camila")] == [
        False
    ] * 4


def test_pages_follow_each_other_without_gap_or_repetition(operator):
    issue_cards([ready_link().pk for _ in range(7)])

    read, position, more = [], 0, True
    while more:
        page = events_after(position, 3)
        read += [event["numero"] for event in page.events]
        position, more = page.last, page.more

    assert (read, events_after(position, 3).last) == (list(range(1, 8)), 7)


@pytest.mark.parametrize("count", [1, 5])
def test_a_page_takes_as_many_statements_however_long_it_is(operator, count, django_assert_num_queries):
    issue_cards([ready_link().pk for _ in range(count)])
    events_after(0, 1)

    with django_assert_num_queries(2):
        events_after(0, 100)


def test_each_operator_counts_for_itself(db):
    for _ in range(2):
        with operator_context(OperatorFactory().pk):
            issue_cards([ready_link().pk])
            assert [number for number, *_ in told()] == [1]


@pytest.mark.parametrize("operation", [lambda row: row.update(kind="card.voided"), lambda row: row.update(position=9)])
def test_events_do_not_change(operator, operation):
    issue_cards([ready_link().pk])
    told()

    with pytest.raises((InternalError, IntegrityError), match="append-only"):
        operation(CardEvent.objects.all())


def test_events_do_not_go_away(operator):
    issue_cards([ready_link().pk])

    with pytest.raises((InternalError, IntegrityError), match="append-only"):
        CardEvent.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_after_a_later_one_is_still_read():
    """The first draws its id, the second draws its own and commits, a reader reads, then the first commits."""
    operator = OperatorFactory()
    with operator_context(operator.pk):
        slow, quick = ready_link(), ready_link()
    drawn, go = Event(), Event()

    def issue_slowly():
        with operator_context(operator.pk), transaction.atomic():
            issue_cards([slow.pk])
            drawn.set()
            go.wait(20)
        connection.close()

    first = Thread(target=issue_slowly)
    first.start()
    assert drawn.wait(20)
    with operator_context(operator.pk):
        issue_cards([quick.pk])
        early = events_after(0, 10)
        go.set()
        first.join()
        late = events_after(early.last, 10)

    ids = dict(CardEvent._base_manager.values_list("card__beneficiary__code", "id"))
    assert ids[slow.code] < ids[quick.code]
    assert [event["codigoBeneficiario"] for page in (early, late) for event in page.events] == [quick.code, slow.code]


@pytest.mark.django_db(transaction=True)
def test_readers_at_the_same_moment_give_the_same_numbers():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        issue_cards([ready_link().pk for _ in range(20)])
    seen = []

    def read():
        with operator_context(operator.pk):
            seen.append(told())
        connection.close()

    readers = [Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert [number for number, *_ in seen[0]] == list(range(1, 21))
    assert seen == [seen[0]] * 6
