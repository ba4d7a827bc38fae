"""The pages that undo an applied conference: confirmed first, refused with what depends on it."""

import pytest
from django.urls import reverse

from operators.permissions import Role
from sib.models import CnxStep
from sib.services import process_conference
from tests.factories import cns
from tests.pages import signed_in, text_of
from tests.sib.files import record
from tests.sib.reverts import NAME, links_by_kind, number_changed, records, revert


@pytest.fixture
def people(db):
    return links_by_kind()


def _address(operator, name, *args: object):
    return reverse(f"sib:{name}", args=[operator.registration, *args])


def test_pages_ask_then_undo(operator, bring, people):
    client = signed_in(operator, Role.REVISAO)
    file = bring(*records(people))

    page = client.get(_address(operator, "conference", file.pk))
    asked = client.post(_address(operator, "conference_revert_confirm", file.pk))
    sent = client.post(_address(operator, "conference_revert", file.pk), follow=True)
    process_conference(file.pk)
    after = client.get(_address(operator, "conference", file.pk))

    assert "Desfazer a conferência" in text_of(page)
    assert "6 registros voltam ao que eram antes desta conferência." in text_of(asked)
    assert "A conferência está sendo desfeita." in text_of(sent)
    assert "desfeito 6" in text_of(after)
    assert "Desfazer a conferência" not in text_of(after)


def test_page_names_what_stands_in_the_way_with_its_address(operator, bring, people):
    client = signed_in(operator, Role.REVISAO)
    file = bring(*records(people))
    link, _ = number_changed(people)
    revert(file)

    page = client.get(_address(operator, "conference", file.pk))

    assert "Nada foi desfeito: há trabalho posterior sobre 1 pessoa." in text_of(page)
    assert f"O que impede desfazer: {NAME}: o CNS mudou depois, em " in text_of(page)
    assert reverse("beneficiaries:person", args=[operator.registration, link.person_id]) in page.content.decode()


def test_undoing_is_for_those_who_may_apply(operator, bring, people):
    file = bring(*records(people))

    response = signed_in(operator, Role.CONSULTA).post(_address(operator, "conference_revert", file.pk))

    file.refresh_from_db()
    assert (response.status_code, file.step) == (403, CnxStep.APPLIED)


def test_a_conference_that_changed_nothing_is_not_undone(operator, bring, people):
    client = signed_in(operator, Role.REVISAO)
    file = bring(record(people["holder"], cns=cns(3)))

    response = client.post(_address(operator, "conference_revert", file.pk), follow=True)

    assert "Não há nada a desfazer nesta conferência" in text_of(response)
