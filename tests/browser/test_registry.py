"""Forms and lists of the registry, in a real browser."""

from datetime import date

import pytest
from playwright.sync_api import expect

from beneficiaries.models import Administrator, Company, Contract, Plan, WaitingPeriod
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(furnished, place):
    """A link with a contract of an association, a carência and a CPT; a plan that lacks nearly everything."""
    administrator = Administrator.objects.create(
        operator=place, cnpj="45997418000153", legal_name="Aurora Benefícios S.A.", trade_name="Aurora Benefícios"
    )
    company = Company.objects.create(operator=place, cnpj="11222333000181", legal_name="Associação dos Exemplos")
    Company.objects.create(operator=place, cnpj="12ABC34501DE35")
    contract = Contract.objects.create(
        operator=place,
        number="C-0017",
        kind="3",
        company=company,
        administrator=administrator,
        signed_on=date(2026, 1, 5),
    )
    plan = PlanFactory(name="Vida Amplo Apartamento", segmentation="06", coverage_area="1", regulation="R")
    person = PersonFactory(name="Teresa Exemplo Araújo", social_name="Téo Exemplo Araújo")
    link = BeneficiaryFactory(
        person=person, plan=plan, contract=contract, cover_from=date(2026, 3, 1), cpt_until=date(2028, 2, 29)
    )
    WaitingPeriod.objects.create(
        operator=place, beneficiary=link, group="P", amount=300, unit="D", ends_on=date(2026, 12, 26)
    )
    return link


def _open(page, live_server, operator, path):
    page.goto(f"{live_server.url}/o/{operator.registration}/{path}")


def test_a_plan_that_lacks_something_is_found_first_and_completed(signed, kept, place, live_server):
    _open(signed, live_server, place, "")
    signed.get_by_role("link", name="Planos").click()
    signed.get_by_role("link", name="Falta algo para o cartão").click()
    signed.get_by_role("link", name="Vida Amplo Apartamento").click()
    expect(signed.get_by_text("Para o cartão ainda falta: acomodação.")).to_be_visible()

    signed.get_by_label("Acomodação").select_option("Individual")
    signed.get_by_role("button", name="Gravar").click()

    expect(signed.get_by_role("status")).to_have_text("Gravado.")
    assert Plan.objects.get(pk=kept.plan_id).missing == []


def test_errors_stand_beside_their_fields_and_are_read_with_them(signed, kept, place, live_server):
    _open(signed, live_server, place, f"pessoas/vinculos/{kept.pk}/")

    signed.get_by_label("Fim da cobertura parcial temporária (CPT)").fill("01/04/2028")
    signed.get_by_role("button", name="Gravar").click()

    field = signed.get_by_label("Fim da cobertura parcial temporária (CPT)")
    expect(field).to_have_accessible_description(
        "Dado de saúde. Só quando há CPT, e no máximo 24 meses depois do início da cobertura. "
        "Passa de 24 meses do início da cobertura, o máximo da RN 558/2022."
    )
    expect(signed.get_by_role("alert")).to_have_text("Nada foi gravado. Corrija o campo marcado.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_registry_has_no_accessibility_violations_and_fits_the_screen(signed, kept, place, live_server, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    lists = ["planos/", "contratos/", "empresas/", "administradoras/"]
    forms = [f"planos/{kept.plan_id}/", f"contratos/{kept.contract_id}/", "planos/novo/", "empresas/novo/"]

    found = {}
    for path in [*lists, *forms, f"pessoas/vinculos/{kept.pk}/", f"pessoas/{kept.person_id}/alterar/"]:
        _open(signed, live_server, place, path)
        found[path] = page_faults(signed)

    assert {path: faults for path, faults in found.items() if faults} == {}
