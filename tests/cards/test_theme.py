import pytest

from cards.theme import DEFAULT, INK, WHITE, contrast, main_objection, support_objection


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48), ("#767676", WHITE, 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert (round(contrast(one, other), 2), contrast(one, other)) == (ratio, contrast(other, one))


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
