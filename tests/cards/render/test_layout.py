from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.domain.card_data import SOLE_TRADER
from cards.domain.theme import Theme
from cards.render.font_metrics import cap, width
from cards.render.layout import BELOW_QR, EDGE, HEADER, HEIGHT, INNER, LOGO_WIDTH, WIDTH, compose_layout
from cards.render.text_fitting import wrap_text
from tests.cards.subjects import COMPANY, EVERY_CASE, FULL, INDIVIDUAL, LEAST, issued

NAMES = st.text(st.sampled_from("AEÁÇWaeiouãçmnrst'- "), min_size=1, max_size=150).filter(str.strip)
TOUCHING_MM = 0.2  # between the foot of one line and the head of the next


def lines(card):
    return [*card.heading, *card.front], [*card.back, *card.stub]


def box(line):
    """Left, top, right and bottom of the capitals."""
    return (line.x, line.y - cap(line.size), line.x + width(line.words, line.size, line.weight), line.y)


def overlap(one, other):
    left, top, right, bottom = box(one)
    left_2, top_2, right_2, bottom_2 = box(other)
    return left < right_2 and left_2 < right and top < bottom_2 + TOUCHING_MM and top_2 < bottom + TOUCHING_MM


def collisions(side):
    return [
        (one.words, other.words) for index, one in enumerate(side) for other in side[index + 1 :] if overlap(one, other)
    ]


def words_of(card, size):
    return [line.words for line in card.front if line.size == size]


@pytest.mark.parametrize("subject", EVERY_CASE.values(), ids=EVERY_CASE)
def test_no_two_texts_touch(subject):
    assert [collisions(side) for side in lines(compose_layout(issued(subject)))] == [[], []]


@settings(max_examples=60)
@given(NAMES, NAMES, NAMES)
def test_what_fits_stays_whole_on_the_card_and_what_does_not_is_told(name, social_name, plan_name):
    face = issued(replace(FULL, name=name, social_name=social_name, plan_name=plan_name))
    card = compose_layout(face)

    outside = [
        line for side in lines(card) for line in side if box(line)[2] > WIDTH - EDGE + 0.001 or line.y > HEIGHT - 3
    ]
    assert (outside == [], set(card.misfits) <= {"name", "social_name", "plan_name"}) == (card.misfits == [], True)
    if not card.misfits:
        assert [collisions(side) for side in lines(card)] == [[], []]


def test_a_short_name_takes_one_line_at_the_largest_size():
    card = compose_layout(issued(LEAST))

    assert words_of(card, 12.5) == ["José Exemplo"]


def test_a_long_name_shrinks_a_little_before_it_takes_a_second_line():
    one = compose_layout(issued(replace(INDIVIDUAL, name="Maria Aparecida da Conceição Exemplo de Souza")))
    two = compose_layout(issued(replace(INDIVIDUAL, name="Maria Aparecida da Conceição Exemplo de Souza Cavalcanti")))

    assert words_of(one, 10.25) == ["Maria Aparecida da Conceição Exemplo de Souza"]
    assert words_of(two, 9.75) == ["Maria Aparecida da Conceição Exemplo de Souza", "Cavalcanti"]


def test_a_social_name_stands_above_the_civil_name():
    front = compose_layout(issued(FULL)).front

    assert [line.words for line in front[:3]] == ["Luana Exemplo Cavalcanti", "Nome civil", FULL.name]
    assert front[0].y < front[1].y == front[2].y


def test_the_list_shrinks_when_there_is_much_to_say():
    sizes = [
        {line.size for line in compose_layout(issued(subject)).back if line.ink == "ink"} for subject in (COMPANY, FULL)
    ]

    assert sizes == [{7.0}, {5.5}]


def test_short_entries_stand_beside_the_qr_code_and_whole_lines_below_it():
    back = {line.words: line.y for line in compose_layout(issued(COMPANY)).back}

    assert back["Cobertura desde"] < back["Razão social"] < back["Contratante"]
    assert back["Razão social"] > BELOW_QR


def test_a_sole_trader_is_told_in_a_box_before_the_list():
    card = compose_layout(issued(replace(COMPANY, sole_trader=True)))

    assert card.back[0].words == SOLE_TRADER
    assert EDGE < card.back[0].y < EDGE + card.flag < min(line.y for line in card.back[1:])


def test_the_name_stands_beside_the_logo():
    with_logo = replace(issued(INDIVIDUAL), theme=Theme(logo="a" * 64, logo_ratio=2.0))

    left, top, wide = compose_layout(with_logo).logo

    assert (left, wide) == (EDGE, 12.8)
    assert 3 < top < top + wide / 2 < HEADER - 1
    assert compose_layout(with_logo).heading[0].x > left + wide


@pytest.mark.parametrize("ratio", [0.2, 1.0, 3.0, 8.0])
def test_a_logo_of_any_shape_stays_in_its_box(ratio):
    face = replace(issued(FULL), theme=Theme(logo="a" * 64, logo_ratio=ratio))

    card = compose_layout(face)

    _, top, wide = card.logo
    assert (wide <= LOGO_WIDTH + 0.001, top >= 3, card.misfits) == (True, True, [])


def test_misfits_become_sentences_in_the_order_of_the_card():
    card = compose_layout(issued(replace(INDIVIDUAL, name="W" * 70, plan_name="W" * 70)))

    assert [(defect.key, defect.sentence) for defect in card.defects] == [
        ("name", "“Nome do beneficiário” não cabe no cartão: abrevie no cadastro da pessoa."),
        ("plan_name", "“Nome do plano de saúde” não cabe no cartão: abrevie no cadastro do plano."),
    ]


@given(st.lists(st.text(st.sampled_from("abcÁ"), min_size=1, max_size=12), min_size=1, max_size=20), st.floats(20, 80))
def test_wrapped_keeps_all_words_in_order_and_within_the_room(words, room):
    text = " ".join(words)

    found = wrap_text(text, room, 7, 600)

    assert " ".join(found) == text
    assert [line for line in found if width(line, 7, 600) > room] == []


def test_wrapped_refuses_a_word_wider_than_the_room():
    assert wrap_text("Ana Wolfeschlegelsteinhausenbergerdorff", 20, 7, 600) is None


def test_wrapped_never_begins_a_line_with_a_dot():
    found = wrap_text("Consultas 30 dias · Parto 300 dias", width("Consultas 30 dias", 7, 600) + 0.5, 7, 600)

    assert found == ["Consultas 30", "dias · Parto 300", "dias"]


def test_wrapped_leaves_one_line_alone():
    assert wrap_text("Maria Exemplo", INNER, 7, 600) == ["Maria Exemplo"]


def test_a_name_beyond_its_floor_takes_initials_from_the_last_name_back():
    social = "Maria Aparecida da Conceição Albuquerque Cavalcanti de Vasconcelos Sá Neto"
    front = compose_layout(issued(replace(FULL, social_name=social))).front

    assert front[0].words == "Maria Aparecida da Conceição Albuquerque Cavalcanti de V. Sá Neto"
    assert issued(replace(FULL, social_name=social))["social_name"] == social
