from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.domain.check_code import ALPHABET, CODE_CHARACTERS, completed, generate, read, shown

BODIES = st.text(ALPHABET, min_size=CODE_CHARACTERS - 1, max_size=CODE_CHARACTERS - 1)


def test_a_drawn_code_reads_as_itself_however_it_is_typed():
    code = generate()

    assert [read(typed) for typed in (code, code.lower(), shown(code), f" {shown(code).replace('-', ' ')} ")] == [
        code
    ] * 4


@given(BODIES, st.integers(0, CODE_CHARACTERS - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body, place, other):
    code = completed(body)
    typed = code[:place] + other + code[place + 1 :]

    assert read(typed) == (code if typed == code else "")


@given(BODIES)
def test_two_characters_that_changed_places_are_always_noticed(body):
    code = completed(body)

    for first, second in combinations(range(CODE_CHARACTERS), 2):
        typed = list(code)
        typed[first], typed[second] = typed[second], typed[first]
        assert read("".join(typed)) == (code if typed == list(code) else "")


@pytest.mark.parametrize("typed", ["", "ABC", "0" * CODE_CHARACTERS, "2" * (CODE_CHARACTERS + 1), "ÀÉÎÕÜÇÑßŒÆ"])
def test_what_cannot_be_a_code_is_none(typed):
    assert read(typed) == ""


def test_the_alphabet_is_as_large_as_the_check_needs_and_holds_no_twins():
    assert (len(ALPHABET), len(set(ALPHABET)), set("01OIL") & set(ALPHABET)) == (31, 31, set())


def test_a_code_is_shown_in_two_halves():
    assert (shown("ABCDEFGHJK"), shown("")) == ("ABCDE-FGHJK", "")
