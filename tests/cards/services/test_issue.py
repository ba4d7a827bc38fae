from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from beneficiaries.models import Beneficiary
from cards.domain.face import LAYOUT_VERSION, CardFace
from cards.models import Card, CardStatus
from cards.queries.eligibility import IssueBlocker
from cards.services import issue_cards, preview, void_card
from cards.services.card_files import FileProduct, card_file
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cards.factories import give_cns, ready_link
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, UserFactory
from tests.races import race

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def statuses(link):
    return list(Card.objects.filter(beneficiary=link).order_by("via").values_list("via", "status"))


def events():
    return list(AuditEvent.objects.filter(subject="card").order_by("pk").values_list("kind", "data"))


def test_issue_cards_makes_the_first_via(operator):
    link = ready_link()
    actor = UserFactory()

    with time_machine.travel(NOW, tick=False):
        issuance = issue_cards([link.pk], actor=actor)

    card = Card.objects.get()
    assert (issuance.cards, issuance.refused) == ((card,), {})
    assert (card.beneficiary, card.via, card.status, card.layout) == (link, 1, CardStatus.ISSUED, LAYOUT_VERSION)
    assert (card.issued_at, card.issued_by) == (NOW, actor)
    assert card.cns == link.person.cns_numbers.get().number


def test_the_face_kept_with_a_card_is_the_preview_with_its_via_and_code(operator):
    link = ready_link()
    seen = preview(link)

    issue_cards([link.pk])

    card = Card.objects.get()
    address = f"http://127.0.0.1:8000/v/{card.verification}"
    assert card.face == replace(seen, via=1, verification=address, check_code=card.check_code)


def test_the_kept_face_does_not_change_with_the_registry(operator):
    link = ready_link()
    issue_cards([link.pk])
    name = link.person.name

    link.person.name = "Outro Nome"
    link.person.save()

    assert Card.objects.get().face["name"] == name


def test_every_card_has_a_code_of_its_own(operator):
    links = [ready_link() for _ in range(3)]

    issue_cards([link.pk for link in links])

    assert len(set(Card.objects.values_list("verification", flat=True))) == 3


def test_issue_cards_again_changes_nothing(operator):
    link = ready_link()
    issue_cards([link.pk])

    issuance = issue_cards([link.pk])

    assert issuance.cards == ()
    assert issuance.refused == {link.pk: IssueBlocker.SAME_CARD.label}
    assert statuses(link) == [(1, "ISSUED")]


def test_a_new_cns_makes_a_second_via_and_supersedes_the_first(operator):
    link = ready_link()
    issue_cards([link.pk])
    number = give_cns(link.person)

    issue_cards([link.pk])

    assert statuses(link) == [(1, "SUPERSEDED"), (2, "ISSUED")]
    assert Card.objects.current().get().cns == number


def test_issue_cards_leaves_a_trace_of_what_it_did(operator):
    link = ready_link()
    issue_cards([link.pk])
    give_cns(link.person)

    issue_cards([link.pk])

    assert events() == [
        ("card.issued", {"via": 1, "layout": LAYOUT_VERSION, "reason": "FIRST"}),
        ("card.superseded", {"via": 1}),
        ("card.issued", {"via": 2, "layout": LAYOUT_VERSION, "reason": "CHANGED"}),
    ]
    assert set(AuditEvent.objects.filter(subject="card").values_list("person_id", flat=True)) == {link.person_id}


def test_issue_cards_refuses_with_sentences_and_issues_the_others(operator):
    good, long_code = ready_link(), ready_link(code="1" * 21)
    without, cancelled = BeneficiaryFactory(), ready_link(cancelled_on=date(2020, 1, 1))
    wide = ready_link(person=PersonFactory(name="W" * 70))

    issuance = issue_cards([link.pk for link in (good, long_code, without, cancelled, wide)])

    assert [card.beneficiary_id for card in issuance.cards] == [good.pk]
    assert issuance.refused == {
        long_code.pk: "A matrícula tem 21 caracteres e o padrão TISS aceita 20: corrija no vínculo do beneficiário.",
        without.pk: IssueBlocker.NO_CNS.label,
        cancelled.pk: IssueBlocker.CANCELLED.label,
        wide.pk: "“Nome do beneficiário” não cabe no cartão: abrevie no cadastro da pessoa.",
    }


def test_issue_cards_of_nobody_is_nothing(operator):
    assert (issue_cards([]).cards, issue_cards([]).refused) == ((), {})


def test_issue_cards_does_not_find_links_of_another_operator(db):
    ours, theirs = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        link = ready_link()

    with operator_context(ours.pk):
        issuance = issue_cards([link.pk])

    assert (issuance.cards, issuance.refused) == ((), {})
    with operator_context(theirs.pk):
        assert statuses(link) == []


def test_issue_cards_takes_as_many_statements_for_three_as_for_one(operator):
    def statements(count):
        links = [ready_link().pk for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            issue_cards(links)
        return len(captured)

    assert statements(3) == statements(1) == 10


def test_the_database_keeps_one_current_card_for_a_link(operator):
    link = ready_link()
    issue_cards([link.pk])
    second = Card.objects.get()
    second.pk, second.via, second.verification, second.check_code = None, 2, "x" * 22, None

    with pytest.raises(IntegrityError, match="card_current_once"), transaction.atomic():
        second.save()


def test_void_card_ends_it_once_with_a_reason_on_record(operator):
    link = ready_link()
    (card,) = issue_cards([link.pk]).cards

    assert [void_card(card, reason="perdido"), void_card(card, reason="perdido")] == [True, False]
    assert statuses(link) == [(1, "VOID")]
    assert events()[1:] == [("card.voided", {"via": 1, "reason": "perdido"})]


def test_a_card_after_a_void_one_is_the_next_via(operator):
    link = ready_link()
    (card,) = issue_cards([link.pk]).cards
    void_card(card, reason="perdido")

    issue_cards([link.pk])

    assert statuses(link) == [(1, "VOID"), (2, "ISSUED")]


def test_a_card_as_pdf_is_the_same_at_every_reprint_and_on_record(operator):
    link = ready_link()
    (card,) = issue_cards([link.pk]).cards
    first = card_file(card, FileProduct.CARD)
    link.person.name = "Outro Nome"
    link.person.save()

    again = card_file(Card.objects.get(), FileProduct.CARD, actor=UserFactory())

    assert first == again
    assert len(PdfReader(BytesIO(again)).pages) == 2
    assert [kind for kind, _ in events()] == ["card.issued", "card.downloaded", "card.downloaded"]


def test_preview_shows_what_a_card_would(operator):
    link = ready_link()

    face = preview(link)

    assert isinstance(face, CardFace)
    assert (face["name"], face.via, face.verification) == (link.person.name, 0, "")


def test_preview_names_what_is_missing(operator):
    link = BeneficiaryFactory(whole=True, plan__coverage_area="")

    assert [defect.key for defect in preview(link)] == ["cns", "coverage_area"]


def test_preview_tells_what_does_not_fit(operator):
    link = ready_link(person=PersonFactory(name="W" * 70))

    assert [defect.key for defect in preview(link)] == ["name"]


def test_preview_writes_nothing(operator):
    preview(ready_link())

    assert (Card.objects.count(), Beneficiary.objects.count(), events()) == (0, 1, [])


@pytest.mark.django_db(transaction=True)
def test_issue_cards_in_a_race_makes_one_card():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        links = [ready_link().pk for _ in range(3)]

    issued = race(operator, lambda: issue_cards(links).cards, 4)

    with operator_context(operator.pk):
        assert sorted(map(len, issued)) == [0, 0, 0, 3]
        assert list(Card.objects.values_list("via", "status")) == [(1, "ISSUED")] * 3
