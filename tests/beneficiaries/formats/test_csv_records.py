"""What a file looks like from outside: encodings, line ends, quotes, numbers of lines."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.csv_reader import read
from beneficiaries.formats.csv_records import EMPTY, NOT_TEXT, NUL, QUOTES, InvalidFile, read_records
from tests.beneficiaries.csv_files import GOOD_ROW, TODAY, csv_file

HEADER = "codigo;nome;bairro\r\n"


def records(content):
    """Line, cells and problem of each record but the header."""
    content = content.encode() if isinstance(content, str) else content
    return [(one.line, one.cells, one.problem) for one in list(read_records(io.BytesIO(content)))[1:]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_file_is_read_however_it_is_written(encoding, end, delimiter):
    text = end.join(delimiter.join(cells) for cells in (["codigo", "nome"], ["1", "JOÃO"], ["2", "INÊS"]))

    assert records(text.encode(encoding)) == [(2, ["1", "JOÃO"], ""), (3, ["2", "INÊS"], "")]


def test_each_line_is_decoded_by_itself():
    content = f"{HEADER}1;JOÃO;\n".encode() + "2;JOSÉ;\n".encode("cp1252") + "3;LÚCIA;\n".encode()

    assert [cells[1] for _, cells, _ in records(content)] == ["JOÃO", "JOSÉ", "LÚCIA"]


def test_byte_order_marks_fall_away_wherever_files_were_joined():
    content = f"{HEADER}1;ANA;\n\ufeff2;BIA;\n".encode("utf-8-sig") + "\ufeff3;JOSÉ;\n".encode()

    assert [cells[0] for _, cells, _ in records(content)] == ["1", "2", "3"]


@pytest.mark.parametrize("first", ["sep=;\r\n", "\ufeffsep=;\n", "SEP=;\r\n"])
def test_line_that_tells_excel_the_separator_is_none_of_the_table(first):
    assert records(f"{first}{HEADER}1;ANA;Centro") == [(3, ["1", "ANA", "Centro"], "")]


def test_line_numbers_are_those_of_the_file():
    content = f'{HEADER}1;"ANA QUEBRA\r\nDE LINHA";Centro\r\n\r\n2;BIA;Centro\r\n'

    assert [(line, cells) for line, cells, _ in records(content)] == [
        (2, ["1", "ANA QUEBRA\r\nDE LINHA", "Centro"]),
        (4, [""]),
        (5, ["2", "BIA", "Centro"]),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        '1;"ZE" DA SILVA;Centro',
        '1;"ZE DA SILVA;Centro',
        '1;"ZE;Centro"',
        '"1;ZE;Centro',
        '"1";"ZE;"Centro"',
    ],
)
def test_quotes_out_of_place_cost_their_own_line_alone(broken):
    found = records(f'{HEADER}{broken}\r\n2;"BIA";Centro\r\n3;CIDA;"Centro"\r\n')

    assert found[-2:] == [(3, ["2", "BIA", "Centro"], ""), (4, ["3", "CIDA", "Centro"], "")]
    assert [(line, problem) for line, _, problem in found[:-2]] in [[(2, QUOTES)], [(2, "")]]


def test_quotes_that_never_close_cost_their_own_line_alone():
    rows = "".join(f"{index};BIA;Centro\r\n" for index in range(200))

    found = records(f'{HEADER}0;"ZE;Centro\r\n{rows}')

    assert [(line, problem) for line, _, problem in found if problem] == [(2, QUOTES)]
    assert len(found) == 201


def test_line_with_a_nul_is_told_and_the_others_are_read():
    assert records(f"{HEADER}1;A\0NA;\n2;BIA;\n") == [(2, ["1", "ANA", ""], NUL), (3, ["2", "BIA", ""], "")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", EMPTY),
        (b"sep=;\r\n", EMPTY),
        (b"\x89PNG\r\n\0\0", "As colunas não estão separadas"),
        (b"a;b\0c", NOT_TEXT),
        (b"a;b\r\n" + b"x" * 1_000_001, NOT_TEXT),
        (b'"a;b', "As aspas da primeira linha"),
    ],
)
def test_file_that_is_no_table_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(InvalidFile) as refusal:
        records(content)

    assert str(refusal.value).startswith(sentence)


@given(st.text('ab;"\n\r\0 é', max_size=80))
def test_no_line_is_lost_whatever_stands_in_the_others(text):
    with suppress(InvalidFile):
        found = records(f"{HEADER}{text}\r\nfim;de;tudo")
        assert found[-1][1][-3:] == ["fim", "de", "tudo"] or '"' in text


def rows(*lines: dict[str, str], encoding="utf-8"):
    """Line and problems of each row of a file that begins with a good one."""
    good = csv_file(GOOD_ROW).getvalue()
    content = good + b"".join(";".join({**GOOD_ROW, **line}.values()).encode(encoding) + b"\r\n" for line in lines)
    return [(row.line, [str(problem) for problem in row.problems]) for row in read(io.BytesIO(content), today=TODAY)]


def test_names_of_dos_are_refused_with_all_lines_that_may_be_of_it():
    dos = "do DOS (página de código 850)"

    found = rows({"nome": "CONCEIÇÃO"}, {"nome": "JOÃO"}, {"nome": "ANA"}, encoding="cp850")

    assert found == [
        (2, []),
        (3, [f"nome: tem símbolos que nenhum nome tem (€); o texto parece vir {dos}: exporte-o em UTF-8."]),
        (4, [f"linha: pode ter letras trocadas: o arquivo tem linhas {dos}, como a 3. Exporte-o em UTF-8."]),
        (5, []),
    ]


def test_file_whose_dates_have_the_month_in_front_is_refused_as_a_whole():
    with pytest.raises(InvalidFile, match=r"^As datas estão com o mês na frente \(linha 4\)\. Formate as colunas"):
        rows({"dataNascimento": "03/05/1984"}, {"dataNascimento": "12/31/1984"})


def test_one_date_with_the_month_in_front_costs_its_row():
    found = rows({"dataNascimento": "31/12/1984"}, {"dataNascimento": "12/31/1984"})

    assert found[1:] == [
        (3, []),
        (4, ["dataNascimento: está com o mês na frente; use aaaa-mm-dd ou dd/mm/aaaa."]),
    ]


@pytest.mark.parametrize("day", ["1984-03-05-03:00", "1984-03-05Z", "1984-03-05T00:00:00.000Z", "1984-03-05+00:00"])
def test_zone_of_a_date_is_dropped(day):
    assert rows({"dataNascimento": day})[1:] == [(3, [])]
