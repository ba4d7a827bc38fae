from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.row_rules import TOO_EARLY, TOO_LONG, cpt_problem
from tests.beneficiaries.csv_files import problems_of, read_row

CNPJ = "11222333000181"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("24 horas", "24 H"),
        ("24h", "24 H"),
        ("180 DIAS", "180 D"),
        ("1 dia", "1 D"),
        ("10 Mêses", "10 M"),
        ("10 meses", "10 M"),
        ("2 anos", "2 A"),
        ("não há", "0"),
        ("0 dias", "0"),
        ("", ""),
    ],
)
def test_read_takes_a_waiting_period_as_number_and_unit(text, term):
    assert read_row(carenciaParto=text).text("carenciaParto") == term


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"segmentacao": "16"},
            "segmentacao: use o código da ANS (01 a 15) ou o nome, como “Ambulatorial + Hospitalar com obstetrícia”.",
        ),
        (
            {"acomodacao": "suíte"},
            "acomodacao: use coletiva (enfermaria), individual (apartamento) ou sem acomodação.",
        ),
        (
            {"contratacao": "4"},
            "contratacao: use 1 (individual ou familiar), 2 (coletivo empresarial) ou 3 (coletivo por adesão).",
        ),
        ({"regulamentacao": "P"}, "regulamentacao: use regulamentado, não-regulamentado ou adaptado."),
        ({"empresarioIndividual": "talvez"}, "empresarioIndividual: use S (sim) ou N (não)."),
        (
            {"carenciaParto": "300"},
            "carenciaParto: use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”.",
        ),
        ({"dataFimCPT": "breve"}, "dataFimCPT: não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."),
        ({"dataInicioCobertura": "1939-12-31"}, "dataInicioCobertura: deve ser a partir de 01/01/1940."),
        ({"dataAssinaturaContrato": "2027-01-01"}, "dataAssinaturaContrato: deve estar entre 01/01/1940 e hoje."),
        ({"numeroContrato": "1" * 21}, "numeroContrato: tem 21 caracteres; o limite é 20."),
        ({"cnpjAdministradora": "11222333000180"}, "cnpjAdministradora: não passa nos dígitos de conferência."),
        (
            {"razaoSocialContratante": "Exemplo"},
            "cnpjEmpresaContratante: informe também, para razaoSocialContratante.",
        ),
        (
            {"nomeFantasiaAdministradora": "Exemplo"},
            "cnpjAdministradora: informe também, para nomeFantasiaAdministradora.",
        ),
        (
            {"fimCarenciaParto": "2022-01-01"},
            "carenciaParto: informe também, para fimCarenciaParto.",
        ),
        (
            {"carenciaParto": "não há", "fimCarenciaParto": "2022-01-01"},
            "fimCarenciaParto: carenciaParto diz que não há carência; deixe em branco.",
        ),
        (
            {"carenciaParto": "300 dias", "fimCarenciaParto": "2021-06-30"},
            "fimCarenciaParto: é anterior ao início da cobertura.",
        ),
        (
            {"contratacao": "1", "cnpjEmpresaContratante": CNPJ},
            "contratacao: um plano individual ou familiar não tem empresa contratante.",
        ),
        (
            {"contratacao": "adesão", "empresarioIndividual": "sim"},
            "empresarioIndividual: só um plano coletivo empresarial tem contratante empresário individual.",
        ),
    ],
)
def test_read_says_what_is_wrong_with_what_a_card_needs(changes, problem):
    assert problems_of(**changes) == [problem]


def test_read_says_once_that_a_number_is_wrong_on_which_others_stand():
    assert problems_of(cnpjEmpresaContratante="1", razaoSocialContratante="Exemplo") == [
        "cnpjEmpresaContratante: não passa nos dígitos de conferência."
    ]


@pytest.mark.parametrize(
    ("start", "until", "problem"),
    [
        (date(2024, 2, 29), date(2026, 2, 28), ""),
        (date(2024, 2, 29), date(2026, 3, 1), TOO_LONG),
        (date(2024, 1, 15), date(2026, 1, 15), ""),
        (date(2024, 1, 15), date(2026, 1, 16), TOO_LONG),
        (date(2024, 1, 15), date(2024, 1, 14), TOO_EARLY),
        (date(2024, 1, 15), date(2024, 1, 15), ""),
        (date(9999, 12, 31), date(9999, 12, 31), ""),
    ],
)
def test_cpt_lasts_24_months_at_most(start, until, problem):
    assert cpt_problem(start, until) == problem


@given(st.dates(date(1940, 1, 1), date(2100, 1, 1)), st.integers(0, 729), st.integers(732, 5000))
def test_cpt_is_refused_beyond_two_years_whatever_the_day(start, within, beyond):
    assert cpt_problem(start, start + timedelta(days=within)) == ""
    assert cpt_problem(start, start + timedelta(days=beyond)) == TOO_LONG
