from argparse import ArgumentTypeError

import pytest

from operators.management.argument_types import whole_number


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), ("9", 9)])
def test_a_number_within_the_bounds_is_read(text, number):
    assert whole_number("", least=1, most=9)(text) == number


@pytest.mark.parametrize("text", ["0", "10", "-1", "+1", "1.5", "", " 1", "x", "²", "٣"])
def test_anything_else_is_refused_with_the_command_s_own_words(text):
    with pytest.raises(ArgumentTypeError, match=r"^de 1 a 9$"):
        whole_number("de 1 a 9", least=1, most=9)(text)


def test_without_bounds_zero_and_all_above_will_do():
    assert (whole_number("")("0"), whole_number("")("12345678901234567890")) == (0, 12345678901234567890)
