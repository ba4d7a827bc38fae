import gc
import io
import tracemalloc
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.csv_columns import COLUMNS, REQUIRED
from beneficiaries.domain.csv_reader import read
from beneficiaries.domain.identifiers import cpf_from_base
from beneficiaries.domain.names import fold
from beneficiaries.formats.csv_records import InvalidFile
from tests.beneficiaries.csv_files import GOOD_ROW, TODAY, csv_file, problems_of, read_row

EMPTY = "O arquivo está vazio ou começa com uma linha em branco. Confira se a exportação terminou."

REASONS_WANTED = (
    "motivoCancelamento: use 41 (iniciativa do beneficiário), 42 (desligamento da empresa), 43 (inadimplência), "
    "44 (óbito), 46 (inclusão indevida), 47 (fraude) ou 48 (portabilidade)."
)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_read_takes_either_delimiter_and_encoding(delimiter, encoding):
    (row,) = read(csv_file(GOOD_ROW, delimiter=delimiter, encoding=encoding), today=TODAY)

    assert row.problems == ()
    assert (row.text("nome"), row.text("cpf"), row.line) == ("Conceição D'Ávila", "11144477735", 2)
    assert (row.day("dataNascimento"), row.day("dataContratacao")) == (date(1984, 2, 29), date(2021, 7, 1))


def test_read_takes_columns_in_any_order_and_ignores_unknown_ones():
    columns = ["desconhecida", *reversed(GOOD_ROW)]

    (row,) = read(csv_file({**GOOD_ROW, "desconhecida": "x"}, columns=columns), today=TODAY)

    assert (row.problems, row.text("codigoBeneficiario")) == ((), "0001")


def test_read_gives_back_the_zeros_that_spreadsheets_eat():
    row = read_row(cpf="191", cep="1000000", cco="191", cnpjEmpresaContratante="191")

    assert (row.text("cpf"), row.text("cep"), row.text("cco")) == ("00000000191", "01000000", "000000000191")
    assert row.text("cnpjEmpresaContratante") == "00000000000191"


@pytest.mark.parametrize(
    ("cnpj", "meant"),
    [("11.222.333/0001-81", "11222333000181"), ("12.abc.345/01DE-35", "12ABC34501DE35"), ("", "")],
)
def test_read_takes_a_cnpj_of_digits_or_with_letters(cnpj, meant):
    assert read_row(cnpjEmpresaContratante=cnpj).text("cnpjEmpresaContratante") == meant


@pytest.mark.parametrize(
    "day", ["2024-2-9", "09/02/2024", "9/2/2024 00:00:00", "2024-02-09T00:00:00", "2024-02-09 10:00"]
)
def test_read_takes_a_day_as_spreadsheets_write_it(day):
    assert read_row(dataContratacao=day).day("dataContratacao") == date(2024, 2, 9)


@pytest.mark.parametrize("city", ["355030", "3550308"])
def test_read_takes_a_city_with_or_without_its_check_digit(city):
    assert read_row(codigoMunicipio=city).text("codigoMunicipio") == "355030"


def test_read_takes_the_curly_apostrophe_of_windows():
    (row,) = read(csv_file({**GOOD_ROW, "nome": "Conceição D’Ávila"}, encoding="cp1252"), today=TODAY)

    assert row.text("nome") == "Conceição D’Ávila"


def test_read_says_where_a_letter_was_lost():
    content = csv_file({**GOOD_ROW, "nome": "Conceição#"}, encoding="cp1252").getvalue().replace(b"#", b"\x81")

    (row,) = read(io.BytesIO(content), today=TODAY)

    assert [problem.column for problem in row.problems] == ["nome"]


def test_read_finds_latin_1_however_late_it_shows():
    rows = [GOOD_ROW | {"nome": "Maria da Silva"}] * 20_000 + [GOOD_ROW]

    last = list(read(csv_file(*rows, encoding="latin-1"), today=TODAY))[-1]

    assert last.text("nome") == "Conceição D'Ávila"


def test_read_does_not_invent_digits_of_a_cns():
    assert read_row(cns="7000000").text("cns") == "7000000"


@pytest.mark.parametrize(("given_", "meant"), [("1", "1"), ("3", "3"), ("M", "1"), ("f", "3"), ("01", "1"), ("", "")])
def test_read_understands_the_sex(given_, meant):
    assert read_row(sexo=given_).text("sexo") == meant


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("41", "41"),
        ("41.0", "41"),
        ("Óbito", "44"),
        ("Iniciativa do beneficiário", "41"),
        ("00", ""),
        ("ND", ""),
        ("45", "45"),
    ],
)
def test_read_understands_the_reason_of_a_cancellation(given_, meant):
    assert read_row(dataCancelamento="2024-05-31", motivoCancelamento=given_).text("motivoCancelamento") == meant


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cpf": "11144477734"}, "cpf: não passa nos dígitos de conferência."),
        ({"cpf": "11111111111"}, "cpf: não passa nos dígitos de conferência."),
        ({"cpf": "111444777\u0663\u0665"}, "cpf: deve ter 11 algarismos."),  # digits of another script
        ({"dn": "123"}, "dn: deve ter 11 algarismos."),
        ({"pisPasep": "123"}, "pisPasep: deve ter 11 algarismos."),
        ({"numeroPlanoANS": "123"}, "numeroPlanoANS: deve ter 9 algarismos."),
        ({"cco": "1,23E+11"}, "cco: veio em notação científica; formate a coluna como texto e exporte de novo."),
        ({"cep": "1310-10A"}, "cep: deve ter 8 algarismos."),
        ({"codigoMunicipio": "São Paulo"}, "codigoMunicipio: deve ter só algarismos."),
        ({"codigoMunicipio": "35503081"}, "codigoMunicipio: deve ter 6 ou 7 algarismos."),
        ({"nome": "..."}, "nome: está em branco; preencha."),
        ({"nome": "M" * 151}, "nome: tem 151 caracteres; o limite é 150."),
        ({"nomeMae": "Jos\ufffd"}, "nomeMae: tem um caractere ilegível; exporte o arquivo de novo em UTF-8."),
        ({"cpf": "a pedir"}, "cpf: deve ter só algarismos."),
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
        ({"motivoCancelamento": "49"}, REASONS_WANTED),
        ({"motivoCancelamento": "XX"}, REASONS_WANTED),
        ({"codigoBeneficiario": ""}, "codigoBeneficiario: está em branco; preencha."),
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
    assert problems_of(**changes) == [sentence]


def test_read_says_all_that_is_wrong_with_a_row_and_keeps_the_good_ones():
    bad = {**GOOD_ROW, "cpf": "1", "sexo": "x", "nome": "", "dataNascimento": "2030-01-01"}

    rows = list(read(csv_file(bad, GOOD_ROW), today=TODAY))

    assert [[problem.column for problem in row.problems] for row in rows] == [
        ["cpf", "sexo", "nome", "dataNascimento"],
        [],
    ]
    assert rows[0].original["cpf"] == "1"


def test_read_passes_over_blank_lines_and_keeps_counting():
    stream = io.BytesIO(
        csv_file(GOOD_ROW).getvalue() + b"\r\n;;;;;;;\r\n" + csv_file(GOOD_ROW).getvalue().splitlines()[1]
    )

    assert [row.line for row in read(stream, today=TODAY)] == [2, 5]


def test_read_refuses_a_row_with_more_fields_than_the_header():
    stream = io.BytesIO(csv_file(GOOD_ROW).getvalue().rstrip() + b";a;b\r\n")

    (row,) = read(stream, today=TODAY)

    assert [str(problem) for problem in row.problems] == ["linha: tem 10 campos, e o cabeçalho tem 8."]


def test_read_passes_over_empty_cells_behind_the_last_column():
    stream = io.BytesIO(csv_file(GOOD_ROW).getvalue().rstrip() + b";;\r\n")

    (row,) = read(stream, today=TODAY)

    assert (row.problems, row.text("codigoBeneficiario")) == ((), "0001")


def test_read_takes_a_short_row_as_blank_at_its_end():
    header, row = csv_file(GOOD_ROW).getvalue().splitlines()

    (short,) = read(io.BytesIO(header + b";telefone\r\n" + row), today=TODAY)

    assert (short.problems, short.text("telefone")) == ((), "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", EMPTY),
        (b"\r\n", EMPTY),
        (b"\x89PNG\xff" + bytes(5), "O arquivo não é texto. Exporte-o como CSV ou XLSX e tente de novo."),
        (
            b"codigoBeneficiario|nome|cpf\r\n",
            "As colunas não estão separadas por ponto e vírgula, vírgula ou tabulação. Exporte o arquivo como CSV.",
        ),
        (
            b'"codigoBeneficiario;nome',
            "As aspas da primeira linha não se fecham. Exporte o arquivo de novo.",
        ),
        (b"a;b;c\r\n1;2;3", "Falta a coluna codigoBeneficiario na primeira linha. Confira os nomes das colunas."),
        (
            b"codigoBeneficiario;nome;nome;dataNascimento;relacaoDependencia;dataContratacao\r\n",
            "A coluna nome aparece mais de uma vez na primeira linha. Deixe só uma.",
        ),
    ],
)
def test_read_refuses_a_file_that_is_none_with_one_sentence(content, sentence):
    with pytest.raises(InvalidFile) as refusal:
        list(read(io.BytesIO(content), today=TODAY))

    assert str(refusal.value) == sentence


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(st.characters(codec="utf-8"), max_size=40)))
def test_read_has_an_answer_for_whatever_stands_in_a_row(cells):
    row = {column: cells.get(column, "") for column in COLUMNS}
    stream = csv_file(row)

    with suppress(InvalidFile):
        rows = list(read(stream, today=TODAY))
        assert [found.line for found in rows] == sorted({found.line for found in rows})


@given(st.binary(max_size=300))
def test_read_never_breaks_on_bytes(content):
    with suppress(InvalidFile):
        list(read(io.BytesIO(content), today=TODAY))


@pytest.mark.parametrize("content", [csv_file(GOOD_ROW).getvalue(), b"", b"nome;cpf\r\n"])
def test_read_closes_nothing_that_is_not_its_own(content):
    stream = io.BytesIO(content)

    with suppress(InvalidFile):
        list(read(stream, today=TODAY))
    gc.collect()

    assert stream.closed is False


def test_read_holds_one_row_at_a_time():
    rows = read(csv_file(*[GOOD_ROW] * 5000), today=TODAY)

    tracemalloc.start()
    count = sum(1 for _ in rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 5000
    assert peak < 500_000  # bytes; the file alone has that many


CLEAN = {
    "cpf": st.from_regex(r"\A[0-9]{9}\Z").filter(lambda base: len(set(base)) > 1).map(cpf_from_base),
    "cco": st.from_regex(r"\A[0-9]{11}[1-9]\Z"),
    "cep": st.from_regex(r"\A[0-9]{7}[1-9]\Z"),
    "nome": st.text("ABCÇÉÃõ 'd", min_size=3, max_size=60).map(lambda name: f"M{' '.join(name.split())}"),
    "dataNascimento": st.dates(date(1900, 1, 1), TODAY).map(date.isoformat),
    "complemento": st.text('";,\n áb', max_size=30).map(lambda text: " ".join(f"{text} casa".split())),
}


@given(st.fixed_dictionaries(CLEAN), st.sampled_from(";,"), st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]))
def test_read_gives_back_what_was_written(cells, delimiter, encoding):
    (row,) = read(csv_file(GOOD_ROW | cells, delimiter=delimiter, encoding=encoding), today=TODAY)

    assert row.problems == ()
    assert {column: str(row.values[column] or "") for column in cells} == cells


@given(st.dates(date(1900, 1, 1), TODAY))
def test_read_reads_a_day_in_both_ways(day):
    brazilian, iso = read_row(dataNascimento=f"{day:%d/%m/%Y}"), read_row(dataNascimento=day.isoformat())

    assert (brazilian.day("dataNascimento"), iso.day("dataNascimento")) == (day, day)


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in REQUIRED])
def test_read_takes_what_systems_write_for_nothing_as_a_blank(column):
    plan = {"numeroPlanoOperadora": "P1"} if column == "numeroPlanoANS" else {}

    told, blank = read_row(**plan, **{column: "NULL"}), read_row(**plan, **{column: ""})

    assert (told.problems, told.values) == ((), blank.values)


@pytest.mark.parametrize("column", sorted(REQUIRED))
def test_read_misses_a_required_value_that_is_a_placeholder(column):
    assert problems_of(**{column: "#N/D"}) == problems_of(**{column: ""}) != []


@pytest.mark.parametrize(
    ("column", "zeros"),
    [
        *(("cpf", "000.000.000-00"), ("cco", "0"), ("pisPasep", "00000000000"), ("cns", "0"), ("cep", "00000-000")),
        *(("dataCancelamento", "0000-00-00"), ("telefone", "(00) 00000-0000"), ("nomeMae", "0")),
        ("codigoMunicipio", "0"),
    ],
)
def test_read_takes_zeros_in_place_of_a_number_as_a_blank(column, zeros):
    row = read_row(**{column: zeros})

    assert (row.problems, row.text(column)) == ((), "")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("codigoBeneficiario", "ND"),
        ("numeroPlanoOperadora", "NA"),
        ("numero", "0"),
        ("numero", "S/N"),
        ("nome", "Ana Nulo"),
    ],
)
def test_read_keeps_what_only_looks_like_a_placeholder(column, value):
    assert read_row(**{column: value}).text(column) == value


def test_read_keeps_the_receipts_copy_of_a_placeholder():
    row = read_row(nomeMae="#REF!")

    assert (row.original["nomeMae"], row.text("nomeMae")) == ("#REF!", "")


def test_read_knows_that_there_is_no_waiting_period_from_one_that_is_not_told():
    assert [read_row(carenciaParto=text).text("carenciaParto") for text in ("não há", "nenhuma", "NULL")] == [
        "0",
        "0",
        "",
    ]


def test_read_keeps_names_without_what_nobody_sees_and_folds_every_apostrophe():
    names = ["MARIA D’ÁVILA", "MARIA D‘ÁVILA", "MARIA DʼÁVILA", "MARIA D A\u0301VILA"]

    rows = list(read(csv_file(*[GOOD_ROW | {"nome": f"{name}\u200b LO\u00adPES"} for name in names]), today=TODAY))

    assert [row.text("nome") for row in rows] == [f"{name} LOPES" for name in [*names[:3], "MARIA D ÁVILA"]]
    assert {fold(row.text("nome")) for row in rows} == {"MARIA DAVILA LOPES"}


@pytest.mark.parametrize("text", ["1,00E+14", "7.00000001234573E+14"])
def test_cns_of_which_a_spreadsheet_kept_half_is_not_made_up(text):
    assert read_row(cns=text).text("cns") == text
