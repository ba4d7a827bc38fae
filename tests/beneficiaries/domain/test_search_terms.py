from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.search_terms import SearchTerms, parse_search

TODAY = date(2026, 12, 1)
BORN = frozenset({date(1959, 6, 13)})


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("13/06/1959", SearchTerms(birth_dates=BORN)),
        ("13.6.1959", SearchTerms(birth_dates=BORN)),
        ("13-06-59", SearchTerms(birth_dates=BORN)),
        ("1959-06-13", SearchTerms(birth_dates=BORN)),
        ("13061959", SearchTerms(birth_dates=BORN, number="13061959")),
        ("silva 13/06/1959", SearchTerms(words=("SILVA",), birth_dates=BORN)),
        ("01/02/03", SearchTerms(birth_dates=frozenset({date(1903, 2, 1), date(2003, 2, 1)}))),
        ("31/02/1959", SearchTerms(number="31021959")),
        ("111.444.777-35", SearchTerms(number="11144477735")),
        ("700 0000 0000 0005", SearchTerms(number="700000000000005")),
        ("12.345.678/0001-95", SearchTerms(number="12345678000195")),
        ("Conceição d'Ávila", SearchTerms(words=("CONCEICAO", "DAVILA"))),
        ("maria 1984", SearchTerms(words=("MARIA", "1984"))),
        ("ana@example.invalid", SearchTerms(email="ana@example.invalid")),
        ("C0001", SearchTerms(code="C0001")),
        ("2021/0000001-A", SearchTerms(code="2021/0000001-A")),
        ("1984", SearchTerms(words=("1984",))),
        ("", SearchTerms()),
    ],
)
def test_what_is_typed_has_one_meaning(text, terms):
    assert parse_search(text, today=TODAY) == terms


@given(st.dates(max_value=TODAY), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]))
def test_every_day_is_read_in_every_usual_form(day, form):
    written = day.strftime(form) if day.year >= 1000 else f"{day:%d/%m/}{day.year:04d}"

    assert parse_search(f"ana {written}", today=TODAY) == SearchTerms(words=("ANA",), birth_dates=frozenset({day}))


@given(st.text(max_size=60))
def test_nothing_that_is_typed_is_an_error(text):
    parse_search(text, today=TODAY)
