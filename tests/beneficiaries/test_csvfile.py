import csv
import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.csvfile import COLUMNS, NotBeneficiaries, read

TODAY = date(2026, 11, 22)
GOOD = {
    "codigoBeneficiario": "0001",
    "cpf": "111.444.777-35",
    "nome": "Conceição D'Ávila",
    "sexo": "3",
    "dataNascimento": "1984-02-29",
    "relacaoDependencia": "1",
    "dataContratacao": "01/07/2021",
    "numeroPlanoANS": "400000001",
}


def file_of(*rows: dict[str, str], delimiter=";", encoding="utf-8", columns=None):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def only(**changes):
    (row,) = read(file_of({**GOOD, **changes}), today=TODAY)
    return row


def problems(**changes):
    return [str(problem) for problem in only(**changes).problems]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_read_takes_either_delimiter_and_encoding(delimiter, encoding):
    (row,) = read(file_of(GOOD, delimiter=delimiter, encoding=encoding), today=TODAY)

    assert row.problems == ()
    assert (row.text("nome"), row.text("cpf"), row.line) == ("Conceição D'Ávila", "11144477735", 2)
    assert (row.day("dataNascimento"), row.day("dataContratacao")) == (date(1984, 2, 29), date(2021, 7, 1))


def test_read_takes_columns_in_any_order_and_ignores_unknown_ones():
    columns = ["desconhecida", *reversed(GOOD)]

    (row,) = read(file_of({**GOOD, "desconhecida": "x"}, columns=columns), today=TODAY)

    assert (row.problems, row.text("codigoBeneficiario")) == ((), "0001")


def test_read_gives_back_the_zeros_that_spreadsheets_eat():
    row = only(cpf="191", cep="1000000", cco="191", cnpjEmpresaContratante="191")

    assert (row.text("cpf"), row.text("cep"), row.text("cco")) == ("00000000191", "01000000", "000000000191")
    assert row.text("cnpjEmpresaContratante") == "00000000000191"


def test_read_does_not_invent_digits_of_a_cns():
    assert only(cns="7000000").text("cns") == "7000000"


@pytest.mark.parametrize(("given_", "meant"), [("1", "1"), ("3", "3"), ("M", "1"), ("f", "3"), ("01", "1"), ("", "")])
def test_read_understands_the_sex(given_, meant):
    assert only(sexo=given_).text("sexo") == meant


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cpf": "11144477734"}, "cpf: não passa nos dígitos de conferência."),
        ({"cpf": "11111111111"}, "cpf: não passa nos dígitos de conferência."),
        ({"cpf": "não tem"}, "cpf: deve ter só algarismos."),
        ({"cco": "1234567890123"}, "cco: deve ter 12 algarismos."),
        ({"dataNascimento": "31/02/1984"}, "dataNascimento: não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."),
        ({"dataNascimento": "01/02/84"}, "dataNascimento: não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."),
        ({"dataNascimento": "2030-01-01"}, "dataNascimento: deve estar entre 01/01/1890 e hoje."),
        ({"dataNascimento": "1800-01-01"}, "dataNascimento: deve estar entre 01/01/1890 e hoje."),
        ({"dataContratacao": "1930-01-01"}, "dataContratacao: deve ser a partir de 01/01/1940."),
        ({"dataCancelamento": "2020-01-01"}, "dataCancelamento: é anterior à contratação."),
        ({"nome": ""}, "nome: está em branco; preencha."),
        ({"nome": "Maria 2"}, "nome: um nome não tem números."),
        ({"sexo": "2"}, "sexo: use 1 (masculino) ou 3 (feminino)."),
        ({"relacaoDependencia": "2"}, "relacaoDependencia: use 1, 3, 4, 6, 8 ou 10."),
        ({"numeroPlanoANS": ""}, "numeroPlanoANS: informe o plano (numeroPlanoANS ou numeroPlanoOperadora)."),
        ({"cnpjEmpresaContratante": "1"}, "cnpjEmpresaContratante: não passa nos dígitos de conferência."),
        ({"email": "sem arroba"}, "email: não parece um endereço de e-mail."),
        (
            {"codigoBeneficiarioTitular": "0002"},
            "codigoBeneficiarioTitular: um titular não tem titular; deixe em branco.",
        ),
    ],
)
def test_read_says_what_is_wrong_with_a_value(changes, sentence):
    assert problems(**changes) == [sentence]


def test_read_says_all_that_is_wrong_with_a_row_and_keeps_the_good_ones():
    bad = {**GOOD, "cpf": "1", "sexo": "x"}

    rows = list(read(file_of(bad, GOOD), today=TODAY))

    assert [len(row.problems) for row in rows] == [2, 0]
    assert rows[0].original["cpf"] == "1"


def test_read_passes_over_blank_lines_and_keeps_counting():
    stream = io.BytesIO(file_of(GOOD).getvalue() + b"\r\n;;;;;;;\r\n" + file_of(GOOD).getvalue().splitlines()[1])

    assert [row.line for row in read(stream, today=TODAY)] == [2, 5]


def test_read_refuses_a_row_with_more_fields_than_the_header():
    stream = io.BytesIO(file_of(GOOD).getvalue().rstrip() + b";a;b\r\n")

    (row,) = read(stream, today=TODAY)

    assert [str(problem) for problem in row.problems] == ["linha: tem 10 campos, e o cabeçalho tem 8."]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "O arquivo está vazio. Confira se a exportação terminou."),
        (b"\r\n", "O arquivo está vazio. Confira se a exportação terminou."),
        (b"PK\x03\x04\x00\x00", "O arquivo não é texto. Exporte-o como CSV e tente de novo."),
        (b"a;b;c\r\n1;2;3", "Falta a coluna codigoBeneficiario na primeira linha. Confira os nomes das colunas."),
        (
            b"codigoBeneficiario;nome;nome;dataNascimento;relacaoDependencia;dataContratacao\r\n",
            "A coluna nome aparece mais de uma vez na primeira linha. Deixe só uma.",
        ),
    ],
)
def test_read_refuses_a_file_that_is_none_with_one_sentence(content, sentence):
    with pytest.raises(NotBeneficiaries) as refusal:
        list(read(io.BytesIO(content), today=TODAY))

    assert str(refusal.value) == sentence


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(st.characters(codec="utf-8"), max_size=40)))
def test_read_has_an_answer_for_whatever_stands_in_a_row(cells):
    row = {column: cells.get(column, "") for column in COLUMNS}
    stream = file_of(row)

    with suppress(NotBeneficiaries):
        rows = list(read(stream, today=TODAY))
        assert [found.line for found in rows] == sorted({found.line for found in rows})


@given(st.binary(max_size=300))
def test_read_never_breaks_on_bytes(content):
    with suppress(NotBeneficiaries):
        list(read(io.BytesIO(content), today=TODAY))


def test_read_closes_nothing_that_is_not_its_own():
    stream = file_of(GOOD)

    list(read(stream, today=TODAY))

    assert stream.closed is False
