import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.domain.theme import (
    DARK_PAPER,
    DEFAULT,
    INK,
    MIN_CONTRAST,
    WHITE,
    contrast,
    main_objection,
    stylesheet,
    support_objection,
)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48), ("#767676", WHITE, 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert (round(contrast(one, other), 2), contrast(one, other)) == (ratio, contrast(other, one))


COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(
    COLOURS.filter(lambda colour: not main_objection(colour)),
    COLOURS.filter(lambda colour: not support_objection(colour)),
)
def test_every_text_of_a_stylesheet_can_be_read_on_its_ground_by_day_and_by_night(main, support):
    told = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6}|light-dark\(.*?\));", stylesheet(main, support)))

    day, night = re.fullmatch(r"light-dark\((.*), (.*)\)", told["--brand-text"]).groups()

    pairs = [
        (told["--brand-ink"], told["--brand"]),
        (told["--brand-wash-ink"], told["--brand-wash"]),
        (day, WHITE),
        (night, DARK_PAPER),
    ]
    assert (told["--brand"], told["--brand-wash"]) == (main, support)
    assert [pair for pair in pairs if contrast(*pair) < MIN_CONTRAST] == []


def test_the_dark_paper_is_that_of_the_pages():
    tokens = Path("static/css/tokens.css").read_text(encoding="utf-8")

    assert f"--surface: light-dark({WHITE}, {DARK_PAPER});" in tokens


def test_the_default_passes_its_own_rules():
    assert (main_objection(DEFAULT.main), support_objection(DEFAULT.support)) == ("", "")


def test_a_main_colour_on_which_white_text_is_hard_to_read_is_refused():
    assert main_objection("#777777") == (
        "Sobre esta cor o texto branco tem contraste de 4,4:1 e o mínimo é 4,5:1. Escolha uma cor mais escura."
    )


def test_a_supporting_colour_on_which_dark_text_is_hard_to_read_is_refused():
    assert support_objection(INK) == (
        "Sobre esta cor o texto escuro tem contraste de 1,0:1 e o mínimo é 4,5:1. Escolha uma cor mais clara."
    )


@pytest.mark.parametrize("colour", ["", "#12345", "red", "#GGGGGG", "#084F48", "#084f48\n"])
def test_what_is_no_colour_is_told(colour):
    assert main_objection(colour) == "Escreva a cor com # e seis algarismos hexadecimais, como #084f48."
