from collections import Counter
from itertools import pairwise

import pytest

from beneficiaries.domain.municipalities import _by_code, find_municipality
from demo.synthetic.vocabulary import CITIES

ODD = {"2201919", "2201988", "2202251", "2611533", "3117836", "3152131", "4305871", "5203939", "5203962"}
"""IBGE's own exceptions from the rule of the check digit."""


def check_digit(code):
    products = [int(digit) * weight for digit, weight in zip(code, (1, 2) * 3, strict=False)]
    return str(-sum(sum(map(int, str(product))) for product in products) % 10)


def test_table_holds_every_municipality_once():
    codes = [one.code for one in _by_code().values()]

    assert len(codes) == 5571  # with Fernando de Noronha and the Distrito Federal
    assert all(one < other for one, other in pairwise(codes))
    assert {code for code in codes if check_digit(code[:6]) != code[6]} == ODD


def test_table_has_one_state_for_each_beginning_of_a_code():
    states = {(one.code[:2], one.state) for one in _by_code().values()}

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
