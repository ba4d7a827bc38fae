"""From what keeps a card from being made to the field where it is corrected."""

import pytest
from django.urls import reverse

from beneficiaries.models import Company
from cards.domain.catalogue import FixPage
from cards.domain.face import Defect
from cards.views.fix_links import FixLink, fix_links
from operators.permissions import Permission
from tests.factories import BeneficiaryFactory, ContractFactory

SENTENCE = "Falta algo."


@pytest.fixture
def link(operator):
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Padaria Exemplo Ltda.")
    return BeneficiaryFactory(contract=ContractFactory(company=company))


def fixed(link, place, field="trade_name"):
    (found,) = fix_links(link, link.operator.registration, [Defect("key", SENTENCE, place, field)])
    return found


def page(link, name, *key: int, field=""):
    return reverse(name, args=[link.operator.registration, *key]) + (f"#id_{field}" if field else "")


def test_data_of_the_link_lead_to_their_forms_and_fields(link):
    edit = Permission.EDIT_PEOPLE.name

    assert [fixed(link, place, "cpf") for place in (FixPage.PERSON, FixPage.CNS, FixPage.LINK, FixPage.PLAN)] == [
        FixLink(SENTENCE, page(link, "beneficiaries:person_edit", link.person_id, field="cpf"), edit),
        FixLink(SENTENCE, page(link, "beneficiaries:person", link.person_id), edit),
        FixLink(SENTENCE, page(link, "beneficiaries:link_edit", link.pk, field="cpf"), edit),
        FixLink(SENTENCE, page(link, "beneficiaries:plan_edit", link.plan_id, field="cpf"), edit),
    ]


def test_data_of_the_operator_are_for_those_who_administer_it(link):
    policy = Permission.MANAGE_POLICY.name

    assert [fixed(link, place) for place in (FixPage.OPERATOR, FixPage.LOOK)] == [
        FixLink(SENTENCE, page(link, "cards:operator_names", field="trade_name"), policy),
        FixLink(SENTENCE, page(link, "cards:theme", field="trade_name"), policy),
    ]


def test_what_no_page_corrects_has_no_link(link):
    assert fixed(link, FixPage.NORM) == FixLink(SENTENCE, "", "")


def test_company_and_contract_lead_to_themselves(link):
    assert [fixed(link, place).href for place in (FixPage.COMPANY, FixPage.CONTRACT)] == [
        page(link, "beneficiaries:company_edit", link.contract.company_id, field="trade_name"),
        page(link, "beneficiaries:contract_edit", link.contract_id, field="trade_name"),
    ]


def test_what_is_not_there_yet_is_chosen_one_page_before(link):
    alone = BeneficiaryFactory(contract=None)

    assert fixed(link, FixPage.ADMINISTRATOR).href == page(
        link, "beneficiaries:contract_edit", link.contract_id, field="administrator"
    )
    assert fixed(alone, FixPage.COMPANY).href == page(alone, "beneficiaries:link_edit", alone.pk, field="contract")
