"""What a company is called, where somebody types markup into it: refused at the door, and text wherever it stands."""

import pytest
from django.urls import reverse

from beneficiaries.domain.csv_columns import CLEANERS
from beneficiaries.domain.identifiers import cnpj_from_base
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.models import Company
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, ContractFactory
from tests.pages import signed_in, text_of

PAYLOAD = "<i hx-post=/o/1/ hx-trigger=load>x</i>"
CNPJ = cnpj_from_base("112223330001")
REFUSED = "Um nome não tem < nem >, e não começa com =."


@pytest.mark.parametrize(
    "column",
    [
        "nomePlano",
        "razaoSocialContratante",
        "nomeFantasiaContratante",
        "razaoSocialAdministradora",
        "nomeFantasiaAdministradora",
    ],
)
def test_the_file_of_the_registry_brings_no_markup_for_a_name(column):
    assert CLEANERS[column]("Padaria \u202eHNIM") == "Padaria HNIM"
    with pytest.raises(InvalidValue) as refusal:
        CLEANERS[column](PAYLOAD)
    assert str(refusal.value) == REFUSED[0].lower() + REFUSED[1:]


def test_a_company_is_not_written_with_markup(operator):
    client = signed_in(operator, Role.CADASTRO)
    address = reverse("beneficiaries:company_add", args=[operator.registration])

    response = client.post(address, {"cnpj": CNPJ, "legal_name": PAYLOAD, "trade_name": ""})

    assert (REFUSED in text_of(response), Company.objects.count()) == (True, 0)


def test_a_name_that_was_stored_before_is_text_in_the_hint_of_a_form(operator):
    company = Company.objects.create(operator=operator, cnpj=CNPJ, legal_name=PAYLOAD)
    link = BeneficiaryFactory(contract=ContractFactory(number="", company=company))

    response = signed_in(operator, Role.CADASTRO).get(
        reverse("beneficiaries:link_edit", args=[operator.registration, link.pk])
    )

    assert f"Hoje: contrato sem número, de {PAYLOAD}." in text_of(response)
    assert "<i hx-post" not in response.content.decode()
