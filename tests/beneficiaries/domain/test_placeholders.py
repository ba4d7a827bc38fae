import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.names import fold
from beneficiaries.domain.placeholders import is_placeholder, is_zeros, without_placeholder

BLANKS = [
    *("", " ", "-", "--", "...", "?", "_", "*", "#####", ";", '";,'),
    *("NULL", "null", "(null)", "<NULL>", "[null]", "\\N", "None", "nan", "NaN", "NaT", "nil", "undefined"),
    *("N/A", "n.a.", "NA", "N/D", "ND", "NC", "N/C", "NI", "N.I."),
    *("#N/D", "#N/A", "#REF!", "#VALOR!", "#VALUE!", "#NOME?", "#DIV/0!", "#NÚM!", "#NULO!", "Err:502"),
    *("NAO INFORMADO", "Não informada", "NÃO INFORMADO.", "não foi informado", "NAO DECLARADA", "Não consta"),
    *("SEM NOME", "S/ NOME", "SEM INFORMACAO", "Sem informações", "SEM REGISTRO", "SEM MAE", "SEM NOME DA MÃE"),
    *("MAE NAO INFORMADA", "Mãe desconhecida", "NOME DA MAE NAO INFORMADO", "NAO CADASTRADO", "NAO TEM", "IGNORADO"),
    *("DADO NAO INFORMADO", "EM BRANCO", "XXX", "xxxxx", "NA\u0303O TEM"),
]
VALUES = [
    *("Nan Nulo Exemplo", "MARIA NULO", "JOSE NADA DA SILVA", "Ana Branco", "SEM", "MARIA XXX", "Nina", "Naomi"),
    *(
        "NULLO",
        "Nona",
        "E",
        "DA",
        "S/N",
        "Sem número",
        "R",
        "II",
        "0",
        "123",
        "Ignorada Maria",
        "MARIA NAO INFORMADA",
        "李",
    ),
]


@pytest.mark.parametrize("text", BLANKS)
def test_what_is_written_for_nothing_is_a_placeholder(text):
    assert is_placeholder(text) is True
    assert without_placeholder(text) == ""


@pytest.mark.parametrize("text", VALUES)
def test_a_value_is_none_whatever_word_is_in_it(text):
    assert is_placeholder(text) is False
    assert without_placeholder(text) == text


@pytest.mark.parametrize("text", ["NA", "nd", "NC", "NI", "XXX"])
def test_an_abbreviation_may_be_a_code(text):
    assert is_placeholder(text, is_code=True) is False


@pytest.mark.parametrize("text", ["NULL", "nan", "#N/D", "-", "N/A", "Não informado"])
def test_what_no_code_is_called_is_a_placeholder_there_too(text):
    assert is_placeholder(text, is_code=True) is True


@given(st.sampled_from(BLANKS), st.sampled_from([str.upper, str.lower, str.title]))
def test_placeholders_do_not_depend_on_case_and_blanks(text, written):
    assert is_placeholder(f" {written(text)} ") is True


@given(st.text(max_size=30))
def test_a_placeholder_never_loses_letters_of_a_longer_name(text):
    assert is_placeholder(f"{text} Exemplo Ficticio") is False


@given(st.text(max_size=30))
def test_what_folds_to_nothing_says_nothing(text):
    assert is_placeholder(text) or fold(text)


@pytest.mark.parametrize(
    "text", ["0", "000", "000.000.000-00", "00000-000", "0.0", "0,0", "(00) 0000-0000", "00/00/0000"]
)
def test_zeros_in_any_mask_are_zeros(text):
    assert is_zeros(text) is True


@pytest.mark.parametrize("text", ["", "-", "10", "001", "0000-00-01", "O", "0A", "\N{ARABIC-INDIC DIGIT ZERO}"])
def test_what_has_another_digit_or_none_is_not_zeros(text):
    assert is_zeros(text) is False
