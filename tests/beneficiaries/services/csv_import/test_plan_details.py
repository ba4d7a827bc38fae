"""What a file tells of plans, contracts and companies beside naming them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.models import Administrator, Beneficiary, Company, Contract, Plan
from beneficiaries.services.csv_import import decide_rows
from operators.context import operator_context
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, import_rows, row
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, PlanFactory

QUERIES = 87  # of a file of plain rows that tell everything
CNPJ, OTHER, ADMINISTRATOR = "11222333000181", "12ABC34501DE35", "45997418000153"
PLAN = {
    "nomePlano": "Essencial",
    "segmentacao": "amb + hosp com obst",
    "acomodacao": "enfermaria",
    "abrangencia": "estadual",
    "regulamentacao": "regulamentado",
}
CONTRACT = {
    "numeroContrato": "C-17",
    "cnpjEmpresaContratante": CNPJ,
    "contratacao": "adesão",
    "dataAssinaturaContrato": "15/03/2020",
    "razaoSocialContratante": "Sindicato dos Exemplos",
    "nomeFantasiaContratante": "SindEx",
    "cnpjAdministradora": ADMINISTRATOR,
    "razaoSocialAdministradora": "Administra Exemplo S.A.",
    "nomeFantasiaAdministradora": "Administra",
}
TELLING = dict.fromkeys([*PLAN, *CONTRACT, "empresarioIndividual"], "")


def told(code, index=0, **changes):
    """A row of somebody of his or her own with every column that may tell something."""
    names = ["Primeira Pessoa", "Segunda Pessoa", "Terceira Pessoa", "Quarta Pessoa"]
    return {**TELLING, **row(code, cpf=CPFS[index], nome=names[index]), **changes}


def plan():
    found = Plan.objects.get()
    return found.name, found.segmentation, found.accommodation, found.coverage_area, found.regulation


def test_import_completes_the_plan_that_it_names(operator):
    import_rows(told("1"))

    figures, notes = import_rows(told("1", **PLAN))

    assert (figures, notes) == ({"updated": 1}, [])
    assert plan() == ("Essencial", "06", "C", "3", "R")


def test_import_completes_contract_company_and_administrator(operator):
    figures, notes = import_rows(told("1", **CONTRACT))

    contract = Contract.objects.select_related("company", "administrator").get()
    assert (figures, notes) == ({"created": 1}, [])
    assert (contract.number, contract.kind, contract.signed_on) == ("C-17", "3", date(2020, 3, 15))
    assert (contract.company.legal_name, contract.company.trade_name) == ("Sindicato dos Exemplos", "SindEx")
    assert (contract.administrator.cnpj, contract.administrator.trade_name) == (ADMINISTRATOR, "Administra")


def test_import_again_changes_nothing_of_what_it_told(operator):
    rows = [told("1", **PLAN, **CONTRACT), told("2", 1, **PLAN, **CONTRACT)]
    import_rows(*rows)
    events = AuditEvent.objects.count()

    assert import_rows(*rows) == ({"unchanged": 2}, [])
    assert AuditEvent.objects.count() == events + 1  # that an import took place


def test_import_never_erases_what_was_told_with_a_blank(operator):
    import_rows(told("1", **PLAN, **CONTRACT, empresarioIndividual=""))
    before = Contract.objects.values().get(), Company.objects.values().get(), plan()

    figures, _ = import_rows(told("1", numeroContrato="C-17"))

    assert figures == {"unchanged": 1}
    assert (Contract.objects.values().get(), Company.objects.values().get(), plan()) == before


def test_import_says_when_two_rows_contradict_each_other_on_one_plan(operator):
    figures, notes = import_rows(
        told("1", nomePlano="Ouro"), told("2", 1, nomePlano="Prata"), told("3", 2, nomePlano="OURO")
    )

    assert figures == {"created": 3}
    assert notes == ["nomePlano: a linha 2 diz outra coisa deste plano; vale a linha 2."]
    assert Plan.objects.get().name == "Ouro"


def test_import_remembers_from_batch_to_batch_what_was_told(operator, monkeypatch):
    monkeypatch.setattr(decide_rows, "BATCH_SIZE", 1)

    _, notes = import_rows(told("1", **CONTRACT), told("2", 1, **{**CONTRACT, "dataAssinaturaContrato": "2020-03-16"}))

    assert notes == ["dataAssinaturaContrato: a linha 2 diz outra coisa deste contrato; vale a linha 2."]
    assert Contract.objects.get().signed_on == date(2020, 3, 15)


def test_import_listens_to_no_row_that_it_rejects(operator):
    import_rows(told("1"))

    figures, _ = import_rows(
        told("1", cpf=CPFS[1], nome="Outra Gente", nomePlano="Errado"), told("2", 2, nomePlano="Certo")
    )

    assert (figures, Plan.objects.get().name) == ({"created": 1, "rejected": 1}, "Certo")


def test_import_takes_the_kind_for_the_plan_where_there_is_no_contract(operator):
    import_rows(told("1", contratacao="1"), told("2", 1, **CONTRACT))

    assert (Plan.objects.get().contracting, Contract.objects.get().kind) == ("1", "3")


def test_import_takes_a_contract_with_a_company_for_an_employers(operator):
    import_rows(told("1", numeroContrato="C-17"))
    before = Contract.objects.get().kind

    import_rows(told("1", numeroContrato="C-17", cnpjEmpresaContratante=CNPJ))

    contract = Contract.objects.get()
    assert (before, contract.kind, contract.company.cnpj) == ("1", "2", CNPJ)


def test_import_gives_a_companys_only_contract_its_number(operator):
    import_rows(told("1", cnpjEmpresaContratante=CNPJ), told("2", 1, cnpjEmpresaContratante=CNPJ))

    import_rows(told("1", cnpjEmpresaContratante=CNPJ, numeroContrato="C-17"))

    assert list(Contract.objects.values_list("number", "links__code").order_by("links__code")) == [
        ("C-17", "1"),
        ("C-17", "2"),
    ]


def test_import_gives_no_contract_the_number_of_another_where_a_company_has_several(operator):
    import_rows(*[told(str(index + 1), index, cnpjEmpresaContratante=CNPJ) for index in range(3)])

    import_rows(
        told("1", 0, cnpjEmpresaContratante=CNPJ, numeroContrato="A"),
        told("2", 1, cnpjEmpresaContratante=CNPJ, numeroContrato="B"),
    )

    numbers = Beneficiary.objects.order_by("code").values_list("contract__number", flat=True)
    assert list(numbers) == ["A", "B", ""]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"numeroContrato": "C-17", "cnpjEmpresaContratante": OTHER},
            "numeroContrato: este contrato já é de outra empresa.",
        ),
        (
            {"empresarioIndividual": "S"},
            "numeroContrato: informe o contrato de que falam as outras colunas.",
        ),
        (
            {"cnpjAdministradora": ADMINISTRATOR},
            "numeroContrato: informe o contrato de que falam as outras colunas.",
        ),
    ],
)
def test_import_rejects_a_row_whose_contract_cannot_be_meant(operator, changes, note):
    figures, notes = import_rows(told("1", **CONTRACT), told("2", 1, **changes), told("3", 2))

    assert (figures, notes) == ({"created": 2, "rejected": 1}, [note])


def test_import_knows_the_contract_of_a_link_that_it_does_not_name_again(operator):
    import_rows(told("1", cnpjEmpresaContratante=CNPJ))

    figures, _ = import_rows(told("1", empresarioIndividual="sim"))

    assert (figures, Contract.objects.get().sole_trader) == ({"updated": 1}, True)


def test_import_audits_what_became_of_a_plan_and_a_contract(operator):
    PlanFactory(ans_number="400000001", name="Antigo")

    import_rows(told("1", nomePlano="Novo", numeroContrato="9", dataAssinaturaContrato="2020-03-15"))

    events = AuditEvent.objects.filter(kind__in=["plan.changed", "contract.changed"]).order_by("pk")
    assert [(event.kind, event.data, event.personal) for event in events] == [
        ("plan.changed", {"fields": ["name"]}, {"before": {"name": "Antigo"}, "after": {"name": "Novo"}}),
        (
            "contract.changed",
            {"fields": ["signed_on"]},
            {"before": {"signed_on": None}, "after": {"signed_on": "2020-03-15"}},
        ),
    ]


def test_import_describes_nothing_of_another_operator(operator):
    import_rows(told("1", **PLAN, **CONTRACT))
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        import_rows(told("1", **{**CONTRACT, "razaoSocialContratante": "Outra razão", "dataAssinaturaContrato": ""}))
        assert [contract.signed_on for contract in Contract.objects.all()] == [None]
        assert (Administrator.objects.count(), Plan.objects.get().name) == (1, "")

    assert Company.objects.get().legal_name == "Sindicato dos Exemplos"


@pytest.mark.parametrize("size", [2, 30])
def test_import_that_tells_everything_asks_the_database_as_often_for_few_as_for_many(
    operator, django_assert_num_queries, size
):
    people = PersonFactory.build_batch(size)
    rows = [
        {
            **told(str(index), **PLAN, **CONTRACT),
            "cpf": person.cpf,
            "nome": person.name,
            "dataNascimento": f"1984-02-{index % 28 + 1:02d}",
            "numeroContrato": f"C{index}",
            "carenciaParto": "300 dias",
        }
        for index, person in enumerate(people)
    ]

    with django_assert_num_queries(QUERIES):
        import_rows(*rows)


WORDS = st.text("ABÇÉõ '-&.", min_size=1, max_size=30).map(lambda text: f"M{' '.join(text.split())}")
EVERYTHING = {
    "nomePlano": WORDS,
    "segmentacao": st.integers(1, 15).map(lambda code: f"{code:02d}"),
    "acomodacao": st.sampled_from("CIS"),
    "abrangencia": st.sampled_from("123456"),
    "regulamentacao": st.sampled_from("RNA"),
    "contratacao": st.sampled_from("23"),
    "dataAssinaturaContrato": st.dates(date(1940, 1, 1), date(2026, 1, 1)).map(date.isoformat),
    "razaoSocialContratante": WORDS,
    "nomeFantasiaContratante": WORDS,
    "razaoSocialAdministradora": WORDS,
    "nomeFantasiaAdministradora": WORDS,
    "dataInicioCobertura": st.dates(date(2021, 7, 1), date(2026, 1, 1)).map(date.isoformat),
}


@settings(max_examples=30)
@given(st.fixed_dictionaries({}, optional=EVERYTHING), st.fixed_dictionaries({}, optional=EVERYTHING))
def test_whatever_two_rows_tell_a_second_import_changes_nothing(operator, first, second):
    Beneficiary.objects.all().delete()
    shared = {"numeroContrato": "C", "cnpjEmpresaContratante": CNPJ, "cnpjAdministradora": ADMINISTRATOR}
    rows = [{**told("1"), "dataInicioCobertura": "", **shared, **first}]
    rows += [{**told("2", 1), "dataInicioCobertura": "", **shared, **second}]
    _, notes = import_rows(*rows)

    assert import_rows(*rows) == ({"unchanged": 2}, notes)
