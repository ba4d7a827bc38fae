import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import cns_from_base, cpf_from_base, cpf_is_valid
from datasus_simulator.behaviours import Behaviour, ScheduledBehaviour
from datasus_simulator.people import CnsKind, Number, NumberKind, Person
from datasus_simulator.people_csv import COLUMNS, RefusedPeople, read_people

CPF, CNS, OTHER_CNS = "11144477735", "700000000000005", "898000000000002"
HEADER = ",".join(COLUMNS)


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "pessoas.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows(tmp_path, *cells: dict[str, str], header=COLUMNS):
    file = io.StringIO()
    writer = csv.DictWriter(file, header, restval="")
    writer.writeheader()
    writer.writerows(cells)
    return write(tmp_path, file.getvalue())


def refusal(path):
    with pytest.raises(RefusedPeople) as caught:
        read_people(path)
    return str(caught.value)


def test_line_becomes_a_person(tmp_path):
    path = rows(
        tmp_path,
        {
            "person": "7", "cpf": CPF, "cns": CNS, "cns_kind": "D", "name": "Clarice Fictícia", "social_name": "Clara",
            "mother_name": "Berenice", "birth_date": "1984-02-29", "sex": "F", "status": "inactive", "deceased": "true",
            "behaviour": "bom slow_1s_once",
        },
    )  # fmt: skip

    assert read_people(path).people == (
        Person(
            key="7", cpf=CPF, numbers=(Number(CNS, CnsKind.DEFINITIVE),), name="Clarice Fictícia", social_name="Clara",
            mother_name="Berenice", birth_date="19840229", sex="F", is_active=False, is_deceased=True,
            behaviours=frozenset({ScheduledBehaviour(Behaviour.BOM), ScheduledBehaviour(Behaviour.SLOW_1S, once=True)}),
        ),
    )  # fmt: skip


def test_lines_of_one_person_add_their_numbers(tmp_path):
    path = rows(
        tmp_path,
        {"person": "1", "cpf": CPF, "cns": CNS, "cns_kind": "P", "name": "ANA"},
        {"person": "2", "name": "BIA"},
        {"person": "1", "cns": OTHER_CNS, "cns_kind": "d", "name": "ANA", "behaviour": "vip"},
    )

    first, second = read_people(path).people

    assert first.numbers == (Number(CNS, CnsKind.PROVISIONAL), Number(OTHER_CNS, CnsKind.DEFINITIVE))
    assert (first.name, first.behaviours, second.name) == ("ANA", frozenset({ScheduledBehaviour(Behaviour.VIP)}), "BIA")


def test_empty_cells_say_nothing_and_lines_without_person_are_people_of_their_own(tmp_path):
    path = rows(tmp_path, {"name": "ANA"}, {}, {"name": "BIA"})

    assert read_people(path).people == (Person("linha 2", name="ANA"), Person("linha 4", name="BIA"))


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"birth_date": "29/02/1984"}, {"birth_date": "19840229"}),
        ({"cpf": "111.444.777-35"}, {"cpf": CPF}),
        ({"sex": "1"}, {"sex": "M"}),
        ({"sex": "3"}, {"sex": "F"}),
        ({"sex": "f"}, {"sex": "F"}),
        ({"status": "ATIVO"}, {"is_active": True}),
        ({"status": "inativo"}, {"is_active": False}),
        ({"deceased": "não"}, {"is_deceased": False}),
        ({"deceased": "2020-01-31"}, {"is_deceased": True, "died_on": "20200131"}),
        ({"cns": CNS, "cns_kind": "old"}, {"numbers": (Number(CNS, CnsKind.OLD),)}),
    ],
)
def test_cells_are_read_in_the_forms_that_people_write(tmp_path, cells, wanted):
    path = rows(tmp_path, {"person": "1", "name": "ANA", **cells})

    assert read_people(path).people == (Person("1", name="ANA", **wanted),)


def test_semicolons_byte_order_mark_and_optional_columns_are_taken(tmp_path):
    header = ["nis", "birth_city", "father_name", "dnv", *COLUMNS]
    text = ";".join(header) + "\n12345678900;530010;Otávio;123;" + ";" * (len(COLUMNS) - 1) + "\n"

    people = read_people(write(tmp_path, text, "utf-8-sig")).people

    assert people == (Person("linha 2", nis="12345678900", birth_city="530010", father_name="Otávio", dnv="123"),)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"cpf": "11144477734"}, "Linha 3, coluna cpf: o CPF não é válido; confira os 11 dígitos."),
        ({"cpf": "CPF 11144477735"}, "Linha 3, coluna cpf: o CPF não é válido; confira os 11 dígitos."),
        ({"cns": "700000000000004"}, "Linha 3, coluna cns: o CNS não é válido; confira os 15 dígitos."),
        (
            {"birth_date": "1985-02-29"},
            "Linha 3, coluna birth_date: a data não existe; escreva aaaa-mm-dd ou dd/mm/aaaa.",
        ),
        ({"sex": "X"}, "Linha 3, coluna sex: use M, F ou deixe em branco."),
        ({"status": "talvez"}, "Linha 3, coluna status: use active, inactive ou deixe em branco."),
        ({"deceased": "quem sabe"}, "Linha 3, coluna deceased: use true, false, a data da morte ou deixe em branco."),
        ({"name": "ANA\x07"}, "Linha 3, coluna name: o nome tem caracteres de controle; apague-os."),
        (
            {"cns_kind": "Z"},
            "Linha 3, coluna cns_kind: use D (definitivo), P (provisório), OLD (antigo) ou deixe em branco.",
        ),
        (
            {"behaviour": "bom explode"},
            "Linha 3, coluna behaviour: há um comportamento desconhecido; a lista está em datasus_simulator/README.md.",
        ),
    ],
)
def test_bad_cell_refuses_the_file_by_line_and_column(tmp_path, cells, sentence):
    path = rows(tmp_path, {"person": "1", "name": "BOA"}, {"person": "2", **cells})

    assert refusal(path) == sentence


def test_lines_that_contradict_each_other_refuse_the_file(tmp_path):
    path = rows(tmp_path, {"person": "1", "sex": "F"}, {"person": "1", "sex": "M"})

    assert refusal(path) == "Linha 3, coluna sex: contradiz uma linha anterior da mesma pessoa."


def test_missing_column_is_named(tmp_path):
    path = rows(tmp_path, {}, header=[name for name in COLUMNS if name != "mother_name"])

    assert refusal(path).startswith(f"O arquivo {path} não tem a coluna mother_name. As colunas são: person, cpf,")


def test_unknown_and_repeated_columns_are_refused(tmp_path):
    sentence = "tem colunas desconhecidas ou repetidas. Corrija o cabeçalho."

    assert refusal(write(tmp_path, f"{HEADER},nome\n")).endswith(sentence)
    assert refusal(write(tmp_path, f"{HEADER},cpf\n")).endswith(sentence)


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "nada.csv"

    assert refusal(path) == f"O arquivo {path} não existe. Confira o caminho e tente de novo."


def test_files_that_are_no_text_no_csv_or_no_file_are_refused(tmp_path):
    assert refusal(write(tmp_path, f"{HEADER}\n1,ç", "latin-1")).endswith("Grave-o em UTF-8 e tente de novo.")
    assert refusal(write(tmp_path, f'{HEADER}\n"1,2')).endswith(f"Corrija o arquivo {tmp_path / 'pessoas.csv'}.")
    assert (
        refusal(write(tmp_path, f"{HEADER}\n{',' * 12}x"))
        == "Linha 2: há mais células do que colunas. Corrija a linha."
    )
    assert refusal(tmp_path).endswith("Confira as permissões e tente de novo.")


def test_refusals_never_repeat_a_cell(tmp_path):
    path = rows(tmp_path, {"cpf": "99988877766", "name": "SEGREDO"})

    assert "99988877766" not in refusal(path)
    assert "SEGREDO" not in refusal(path)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.integers(10**8, 10**9 - 1).map(str).map(cpf_from_base).filter(cpf_is_valid),
        st.lists(st.integers(10**9, 10**10 - 1).map(lambda base: cns_from_base(f"1{base}")), min_size=1, unique=True),
        min_size=1,
    )
)
def test_every_number_leads_to_its_person(tmp_path_factory, numbers_by_cpf):
    cells = [{"person": cpf, "cpf": cpf, "cns": cns} for cpf, numbers in numbers_by_cpf.items() for cns in numbers]

    registry = read_people(rows(tmp_path_factory.mktemp("pessoas"), *cells))

    for cpf, numbers in numbers_by_cpf.items():
        assert [person.key for person in registry.with_number(NumberKind.CPF, cpf)] == [cpf]
        for cns in numbers:
            assert cpf in [person.key for person in registry.with_number(NumberKind.CNS, cns)]
