"""Plans, contracts, companies and administradoras: lists and forms, as pages."""

import pytest
from django.urls import reverse

from beneficiaries.models import Administrator, Company, Contract, Plan
from operators.context import operator_context
from operators.permissions import Role
from operators.views.pagination import PAGE_SIZE
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PlanFactory
from tests.pages import filled_in, signed_in, text_of

NAMES = ("plan", "contract", "company", "administrator")
CNPJ, OTHER = "11222333000181", "45997418000153"
WHOLE = {"segmentation": "06", "accommodation": "C", "coverage_area": "1", "regulation": "R", "contracting": "1"}


def listed(operator, name):
    return reverse(f"beneficiaries:{name}_list", args=[operator.registration])


def edited(operator, row):
    return reverse(f"beneficiaries:{type(row).__name__.lower()}_edit", args=[operator.registration, row.pk])


def added(operator, name):
    return reverse(f"beneficiaries:{name}_add", args=[operator.registration])


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.mark.parametrize("name", NAMES)
def test_everybody_who_sees_people_sees_the_lists_and_only_the_clerks_write(operator, name):
    reader = signed_in(operator, Role.CONSULTA)

    assert reader.get(listed(operator, name)).status_code == 200
    assert reader.get(added(operator, name)).status_code == 403
    assert reader.post(added(operator, name)).status_code == 403


def test_lists_show_nothing_of_another_operator(operator, clerk):
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        plan = PlanFactory(name="Alheio")

    assert clerk.get(listed(operator, "plan")).context["page"].rows == []
    assert clerk.get(edited(operator, plan)).status_code == 404


def test_list_of_plans_has_first_what_lacks_something_and_says_what(operator, clerk):
    PlanFactory(name="Sem nada")
    PlanFactory(name="Completo", **WHOLE)
    BeneficiaryFactory(plan=PlanFactory(name="Quase", **{**WHOLE, "accommodation": ""}))

    response = clerk.get(listed(operator, "plan"))

    rows = response.context["page"].rows
    assert [(plan.name, plan.hanging, plan.missing) for plan in rows] == [
        ("Quase", 1, ["acomodação"]),
        ("Sem nada", 0, ["segmentação", "acomodação", "abrangência", "regulamentação"]),
        ("Completo", 0, []),
    ]
    assert "incompleto falta: acomodação" in text_of(response)
    lacking = clerk.get(listed(operator, "plan"), {"cartao": "falta"}).context["page"].rows
    assert [plan.name for plan in lacking] == ["Quase", "Sem nada"]


def test_lists_go_on_where_the_page_before_ended(operator, clerk):
    plans = [PlanFactory(name="", **(WHOLE if index % 2 else {})) for index in range(PAGE_SIZE + 3)]
    for plan in plans[1::2]:
        Plan.objects.filter(pk=plan.pk).update(name="Completo")

    first = clerk.get(listed(operator, "plan")).context["page"]
    second = clerk.get(first.next).context["page"]

    shown = [plan.pk for plan in (*first.rows, *second.rows)]
    assert shown == [plan.pk for plan in (*plans[::2][::-1], *plans[1::2][::-1])]
    assert (len(first.rows), second.next) == (PAGE_SIZE, "")


@pytest.mark.parametrize(
    ("name", "text"),
    [("contract", "c-17"), ("contract", "sindicato"), ("company", "11.222.333/0001-81"), ("company", "Sind")],
)
def test_lists_are_searched_by_name_or_number(operator, clerk, name, text):
    company = Company.objects.create(operator=operator, cnpj=CNPJ, legal_name="Sindicato Exemplo")
    Company.objects.create(operator=operator, cnpj=OTHER, legal_name="Outra")
    Contract.objects.create(operator=operator, number="C-17", kind="3", company=company)
    Contract.objects.create(operator=operator, number="C-18", kind="1")

    rows = clerk.get(listed(operator, name), {"q": text}).context["page"].rows

    assert [str(row) for row in rows] == ["C-17" if name == "contract" else "Sindicato Exemplo"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 20])
def test_lists_ask_the_database_as_often_for_few_as_for_many(operator, clerk, django_assert_num_queries, name, size):
    for index in range(size):
        company = Company.objects.create(operator=operator, cnpj=f"{index:012d}00")
        administrator = Administrator.objects.create(operator=operator, cnpj=f"{index:012d}00")
        contract = Contract.objects.create(
            operator=operator, number=f"{index}", kind="2", company=company, administrator=administrator
        )
        BeneficiaryFactory(contract=contract)

    with django_assert_num_queries(8):
        clerk.get(listed(operator, name))


def test_a_plan_is_completed_in_the_browser(operator, clerk):
    plan = PlanFactory(name="")

    before = clerk.get(edited(operator, plan))
    clerk.post(edited(operator, plan), {**filled_in(clerk, edited(operator, plan)), **WHOLE, "name": "Essencial"})

    plan.refresh_from_db()
    assert "Para o cartão ainda falta: nome, segmentação" in text_of(before)
    assert (plan.name, plan.segmentation, plan.missing) == ("Essencial", "06", [])


def test_a_plan_has_one_number_at_least(operator, clerk):
    response = clerk.post(added(operator, "plan"), {"name": "Ouro"})

    assert response.context["form"].errors == {"ans_number": ["Informe o registro na ANS ou o código na operadora."]}


def test_a_number_that_is_there_already_is_said_beside_the_field(operator, clerk):
    PlanFactory(ans_number="400000001")

    response = clerk.post(added(operator, "plan"), {"name": "Ouro", "ans_number": "400.000.001"})

    assert (response.status_code, response.context["form"].errors) == (
        422,
        {"ans_number": ["Já há um plano com este registro na ANS."]},
    )


def test_company_administrator_and_contract_are_made_in_the_browser(operator, clerk):
    clerk.post(added(operator, "company"), {"cnpj": "11.222.333/0001-81", "legal_name": "Exemplo Ltda."})
    clerk.post(added(operator, "administrator"), {"cnpj": OTHER, "legal_name": "Administra S.A.", "trade_name": "Adm"})
    administrator = Administrator.objects.get()

    response = clerk.post(
        added(operator, "contract"),
        {"number": "C-17", "kind": "3", "company": CNPJ, "administrator": administrator.pk, "signed_on": "15/03/2020"},
        follow=True,
    )

    contract = Contract.objects.select_related("company").get()
    assert (contract.company.legal_name, contract.administrator, str(contract.signed_on)) == (
        "Exemplo Ltda.",
        administrator,
        "2020-03-15",
    )
    assert "Gravado." in text_of(response)


@pytest.mark.parametrize(
    ("typed", "kind", "number", "shown"),
    [
        ("12.ABC.345/01DE-35", "cnpj", "12ABC34501DE35", "CNPJ 12.ABC.345/01DE-35"),
        ("293.118.610/001-84", "caepf", "29311861000184", "CAEPF •••.118.610/001-••"),
        ("11.583.00249/85", "cei", "115830024985", "CEI 11.583.00249/85"),
    ],
)
def test_who_contracts_is_known_by_one_of_three_numbers(operator, clerk, typed, kind, number, shown):
    clerk.post(added(operator, "company"), {"cnpj": typed, "legal_name": "Quem Contrata"})
    clerk.post(added(operator, "contract"), {"number": "C-17", "kind": "2", "company": typed}, follow=True)

    company = Contract.objects.select_related("company").get().company
    assert (getattr(company, kind), company.document) == (number, shown)
    assert shown in text_of(clerk.get(edited(operator, company)))
    assert shown in text_of(clerk.get(listed(operator, "company")))
    again = clerk.post(added(operator, "company"), {"cnpj": typed, "legal_name": "Outro"})
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["cnpj"])


@pytest.mark.parametrize(
    ("typed", "numbers", "count"),
    [
        ("12.abc.345/01de-35", {"cnpj": "12ABC34501DE35"}, 1),
        ("11.583.00249/85", {"cei": "115830024985"}, 1),
        ("293.118.610/001-84", {"caepf": "29311861000184"}, 0),  # an address holds no digits of a CPF
    ],
)
def test_who_contracts_is_searched_by_numbers_that_are_nobodys_own(operator, clerk, typed, numbers, count):
    Company.objects.create(operator=operator, legal_name="Quem Contrata", **numbers)

    assert len(clerk.get(listed(operator, "company"), {"q": typed}).context["page"].rows) == count


def test_a_number_that_is_none_of_the_three_is_refused(operator, clerk):
    response = clerk.post(added(operator, "company"), {"cnpj": "293.118.610/001-85", "legal_name": "Quem Contrata"})

    assert response.context["form"].errors == {"cnpj": ["Não é um CNPJ, CAEPF ou CEI válido; confira os dígitos."]}


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"company": OTHER}, "company", "Não há empresa com este CNPJ. Cadastre-a primeiro em Empresas."),
        ({"company": ""}, "company", "Um plano coletivo tem empresa contratante. Informe o CNPJ, CAEPF ou CEI."),
        ({"kind": "1"}, "kind", "Um plano individual ou familiar não tem empresa contratante."),
        (
            {"kind": "3", "sole_trader": "on"},
            "sole_trader",
            "Só um plano coletivo empresarial tem contratante empresário individual.",
        ),
        ({"number": ""}, "number", "Preencha “Número do contrato”."),
        ({"administrator": "999999"}, "administrator", "Escolha a administradora na lista."),
    ],
)
def test_what_is_wrong_with_a_contract_stands_beside_its_field(operator, clerk, changes, field, error):
    company = Company.objects.create(operator=operator, cnpj=CNPJ)
    contract = Contract.objects.create(operator=operator, number="C-17", kind="2", company=company)
    page = edited(operator, contract)

    response = clerk.post(page, {**filled_in(clerk, page), **changes})

    assert (response.status_code, response.context["form"].errors) == (422, {field: [error]})


def test_the_cnpj_of_a_company_is_written_once(operator, clerk):
    company = Company.objects.create(operator=operator, cnpj=CNPJ)

    clerk.post(
        edited(operator, company), {**filled_in(clerk, edited(operator, company)), "cnpj": OTHER, "legal_name": "Ex"}
    )

    assert Company.objects.values_list("cnpj", "legal_name").get() == (CNPJ, "Ex")
