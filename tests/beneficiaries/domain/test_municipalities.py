from collections import Counter
from itertools import pairwise

import pytest

from beneficiaries.domain.municipalities import find_municipality, municipalities_by_code
from beneficiaries.domain.municipality_names import read_municipality
from beneficiaries.domain.number_cells import InvalidValue
from demo.synthetic.vocabulary import CITIES

ODD = {"2201919", "2201988", "2202251", "2611533", "3117836", "3152131", "4305871", "5203939", "5203962"}
"""IBGE's own exceptions from the rule of the check digit."""


def check_digit(code):
    products = [int(digit) * weight for digit, weight in zip(code, (1, 2) * 3, strict=False)]
    return str(-sum(sum(map(int, str(product))) for product in products) % 10)


def test_table_holds_every_municipality_once():
    codes = [one.code for one in municipalities_by_code().values()]

    assert len(codes) == 5571  # with Fernando de Noronha and the Distrito Federal
    assert all(one < other for one, other in pairwise(codes))
    assert {code for code in codes if check_digit(code[:6]) != code[6]} == ODD


def test_table_has_one_state_for_each_beginning_of_a_code():
    states = {(one.code[:2], one.state) for one in municipalities_by_code().values()}

    assert len(states) == 27
    assert max(Counter(state for _, state in states).values()) == 1


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("355030", "São Paulo (SP)"),
        ("3550308", "São Paulo (SP)"),
        ("3550301", "None"),
        ("530010", "Brasília (DF)"),
        ("510183", "Boa Esperança do Norte (MT)"),
        ("999999", "None"),
        ("35503", "None"),
        ("", "None"),
    ],
)
def test_find_municipality_by_six_or_seven_digits(code, name):
    assert str(find_municipality(code)) == name


def test_invented_people_live_in_towns_that_exist():
    assert [city.code for city in CITIES if not find_municipality(city.code)] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("355030", "355030"),
        ("3550308", "355030"),
        ("São Paulo", "355030"),
        ("sao paulo/sp", "355030"),
        ("São Paulo (SP)", "355030"),
        ("São Paulo - SP", "355030"),
        ("Bom Jesus/PI", "220190"),
        ("bom jesus, pi", "220190"),
        ("Embu-Guaçu", "351510"),
        ("Santa Bárbara d'Oeste", "354580"),
        ("  ", None),
    ],
)
def test_a_municipality_is_read_as_people_type_it(text, code):
    found = read_municipality(text)

    assert (found.code[:6] if found else None) == code


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Bom Jesus", "há municípios com este nome em PB, PI, RN, RS, SC; escreva também o estado, como Bom Jesus/"),
        ("São Paulo/RJ", "não há município com este nome"),
        ("Atlântida", "não há município com este nome"),
        ("999999", "não há município com este código"),
    ],
)
def test_what_is_no_municipality_or_several_is_told(text, told):
    with pytest.raises(InvalidValue, match=told):
        read_municipality(text)


def test_every_municipality_is_read_as_it_is_written():
    every = [find_municipality(code) for code in municipalities_by_code()]

    assert [each for each in every if read_municipality(each.typed) != each] == []
