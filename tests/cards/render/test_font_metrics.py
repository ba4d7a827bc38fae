import json

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.domain.face import PRINTABLE
from cards.render.font_metrics import MM_PER_POINT, WEIGHTS, advances, cap, fonts, width

NAMES = [
    "Maria",
    "D'Ávila",
    "WAGNER",
    "Yolanda",
    "Tainá",
    "LÚCIA",
    "Sá",
    "e",
    "JORGE",
    "Vytautas",
    "TÁVORA",
    "Ó",
    "Conceição",
    "Xavier-Lyra",
]
MEASURE = b"""
#set text(font: "Source Sans Pro", fallback: false, ligatures: false, number-width: "tabular")
#context [#metadata(measure(text(size: 10pt, weight: int(sys.inputs.weight), sys.inputs.words)).width / 1pt) <width>]
"""


def width_in_typst(words, weight):
    """Points that Typst gives the whole text at 10 pt."""
    inputs = {"words": words, "weight": str(weight)}
    return json.loads(typst.query(MEASURE, "<width>", field="value", font_paths=fonts(), sys_inputs=inputs))[0]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize(
    "words",
    [
        "Maria Aparecida da Conceição Albuquerque Cavalcanti",
        "AVAT LTYP WAVES D'Ávila",
        "100 0000 0001 0002",
        "Ambulatorial + Hospitalar com obstetrícia",
        "fi ffl fj",
    ],
)
def test_width_is_what_typst_takes_or_a_little_more(words, weight):
    taken = width_in_typst(words, weight) * MM_PER_POINT

    assert taken <= width(words, 10, weight) <= 1.08 * taken


@settings(max_examples=40)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6).map(" ".join))
def test_width_of_names_is_never_short(words):
    assert width_in_typst(words, 600) * MM_PER_POINT <= width(words, 10, 600)


def test_width_grows_with_the_size_and_is_nothing_for_no_words():
    assert width("Ana", 20, 400) == pytest.approx(2 * width("Ana", 10, 400))
    assert width("", 10, 400) == 0


@pytest.mark.parametrize("weight", WEIGHTS)
def test_every_printable_character_has_an_advance(weight):
    assert {character for character in PRINTABLE if advances()[weight][character] <= 0} == set()


def test_digits_are_as_wide_as_each_other():
    assert {round(advances()[weight][digit], 3) for weight in (600,) for digit in "0123456789"} == {
        round(advances()[600]["0"], 3)
    }


def test_cap_is_the_height_of_a_capital_in_millimetres():
    assert cap(72) == pytest.approx(0.66 * 25.4)
