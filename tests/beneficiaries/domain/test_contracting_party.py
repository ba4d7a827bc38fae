"""A contract's contracting party: a company by its CNPJ, or a person by the CAEPF or the CEI."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.identifiers import caepf_from_base, caepf_is_valid, cei_from_base, cei_is_valid, cnpj_is_valid
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.models import Beneficiary, Company, Contract
from beneficiaries.services.csv_export import export_rows
from tests.beneficiaries.csv_files import CPFS, import_rows, row

CNPJ, CAEPF, CEI = "12ABC34501DE35", "29311861000184", "115830024985"
COLUMNS = {"cnpj": "cnpjEmpresaContratante", "caepf": "caepfEmpresaContratante", "cei": "ceiEmpresaContratante"}
NONE = dict.fromkeys([*COLUMNS.values(), "numeroContrato", "razaoSocialContratante", "dataReativacao"], "")
PEOPLE = ["Primeira Pessoa", "Segunda Pessoa", "Terceira Pessoa"]


def told(code, index=0, **changes):
    return {**NONE, **row(code, cpf=CPFS[index], nome=PEOPLE[index]), **changes}


# ---- the numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caepf", ["29311861000184"])
def test_a_caepf_that_public_libraries_take_is_valid(caepf):
    assert (caepf_is_valid(caepf), caepf_from_base(caepf[:12])) == (True, caepf)


@pytest.mark.parametrize("cei", ["115830024985", "110840168062"])
def test_a_cei_that_public_libraries_take_is_valid(cei):
    assert (cei_is_valid(cei), cei_from_base(cei[:11])) == (True, cei)


@pytest.mark.parametrize(
    "text", ["", "29311861000185", "2931186100018", "00000000000000", "2931186100018A", "٢٩٣١١٨٦١٠٠٠١٨٤"]
)
def test_anything_else_is_no_caepf(text):
    assert not caepf_is_valid(text)


@pytest.mark.parametrize("text", ["", "115830024984", "11583002498", "000000000000", "11583002498A"])
def test_anything_else_is_no_cei(text):
    assert not cei_is_valid(text)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_no_number_is_both_a_caepf_and_a_cnpj(base):
    assert not cnpj_is_valid(caepf_from_base(base))


@pytest.mark.parametrize(
    ("typed", "party", "shown"),
    [
        ("12.abc.345/01de-35", ContractingParty("cnpj", CNPJ), "CNPJ 12.ABC.345/01DE-35"),
        ("293.118.610/001-84", ContractingParty("caepf", CAEPF), "CAEPF •••.118.610/001-••"),
        (" 11.583.00249/85 ", ContractingParty("cei", CEI), "CEI 11.583.00249/85"),
    ],
)
def test_what_people_type_is_known_by_its_check_digits(typed, party, shown):
    assert (ContractingParty.read(typed), str(party)) == (party, shown)


def test_what_is_none_of_them_is_refused():
    with pytest.raises(InvalidValue):
        ContractingParty.read("29311861000185")


# ---- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [("cnpj", CNPJ, CNPJ), ("caepf", "293.118.610/001-84", CAEPF), ("cei", "11.583.00249/85", CEI)],
)
def test_import_keeps_who_contracts_and_export_gives_it_back(operator, kind, written, number):
    line = told("1", **{COLUMNS[kind]: written}, razaoSocialContratante="Quem Contrata")

    first, again = import_rows(line), import_rows(line)

    company = Contract.objects.select_related("company").get().company
    assert (first, again[0]) == (({"created": 1}, []), {"unchanged": 1})
    assert ({name: getattr(company, name) for name in COLUMNS}, company.legal_name) == (
        dict.fromkeys(COLUMNS, "") | {kind: number}, "Quem Contrata",
    )  # fmt: skip
    (exported,) = export_rows()
    assert {column: exported[column] for column in COLUMNS.values()} == (
        dict.fromkeys(COLUMNS.values(), "") | {COLUMNS[kind]: number}
    )


def test_people_of_one_caepf_hang_on_one_contract(operator):
    import_rows(told("1", caepfEmpresaContratante=CAEPF), told("2", 1, caepfEmpresaContratante=CAEPF))
    import_rows(told("3", 2, caepfEmpresaContratante=CAEPF))

    assert (Company.objects.count(), Contract.objects.count()) == (1, 1)
    assert Beneficiary.objects.filter(contract__company__caepf=CAEPF).count() == 3


def test_a_contract_of_one_party_is_not_given_to_another(operator):
    import_rows(told("1", numeroContrato="C-17", caepfEmpresaContratante=CAEPF))

    _, notes = import_rows(told("2", 1, numeroContrato="C-17", ceiEmpresaContratante=CEI))

    assert notes == ["numeroContrato: este contrato já é de outra empresa."]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"caepfEmpresaContratante": CAEPF, "ceiEmpresaContratante": CEI},
            "ceiEmpresaContratante: há também caepfEmpresaContratante; a ANS aceita um só: CNPJ, CAEPF ou CEI.",
        ),
        (
            {"caepfEmpresaContratante": "29311861000185"},
            "caepfEmpresaContratante: não passa nos dígitos de conferência.",
        ),
        ({"ceiEmpresaContratante": "115830024984"}, "ceiEmpresaContratante: não passa nos dígitos de conferência."),
    ],
)
def test_import_refuses_what_cannot_be_meant(operator, changes, note):
    figures, notes = import_rows(told("1", **changes))

    assert (figures, notes) == ({"rejected": 1}, [note])


@pytest.mark.parametrize("numbers", [{}, {"cnpj": "11222333000181", "caepf": CAEPF}, {"caepf": CAEPF, "cei": CEI}])
def test_the_database_knows_nobody_by_no_number_or_by_two(operator, numbers):
    with pytest.raises(IntegrityError, match="company_has_one_number"), transaction.atomic():
        Company.objects.create(operator=operator, **numbers)


# ---- reactivation ---------------------------------------------------------------------------------------------------


def dates(code="1"):
    link = Beneficiary.objects.get(code=code)
    return [str(day or "") for day in (link.reactivated_on, link.cancelled_on)] + [link.cancellation_reason]


def test_import_takes_the_day_of_a_reactivation_which_ends_the_cancellation_before_it(operator):
    import_rows(told("1", dataCancelamento="2024-05-31", motivoCancelamento="43"))
    cancelled = dates()

    first, _ = import_rows(told("1", dataReativacao="15/07/2024"))
    again, _ = import_rows(told("1", dataReativacao="2024-07-15"))

    assert (first, again) == ({"updated": 1}, {"unchanged": 1})
    assert (cancelled, dates()) == (["", "2024-05-31", "43"], ["2024-07-15", "", ""])


def test_a_cancellation_after_the_reactivation_stays(operator):
    import_rows(told("1", dataReativacao="2023-02-01", dataCancelamento="2024-05-31", motivoCancelamento="43"))

    import_rows(told("1", dataReativacao="2023-02-01"))

    assert dates() == ["2023-02-01", "2024-05-31", "43"]


def test_a_file_that_knows_no_reactivation_cancels_nobody_who_came_back(operator):
    ended = {"dataCancelamento": "2024-05-31", "motivoCancelamento": "43"}
    import_rows(told("1", **ended))
    import_rows(told("1", dataReativacao="2024-07-15"))

    figures, notes = import_rows(told("1", **ended))

    assert (figures, notes) == (
        {"rejected": 1}, ["dataCancelamento: é anterior à reativação de 15/07/2024, que o cadastro tem."],
    )  # fmt: skip
    assert dates() == ["2024-07-15", "", ""]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"dataReativacao": "2021-06-30"}, "dataReativacao: é anterior à contratação."),
        ({"dataReativacao": "2099-01-01"}, "dataReativacao: é uma data futura; informe-a quando o vínculo voltar."),
        (
            {"dataReativacao": "2024-07-15", "dataCancelamento": "2024-05-31"},
            "dataReativacao: é posterior ao cancelamento; deixe em branco o cancelamento que ela desfez.",
        ),
    ],
)
def test_a_reactivation_fits_between_contract_and_cancellation(operator, changes, note):
    figures, notes = import_rows(told("1", dataContratacao="2021-07-01", **changes))

    assert (figures, notes) == ({"rejected": 1}, [note])
