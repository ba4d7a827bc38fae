import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnsportal.formats.text import MAX_KEY, is_storable, key_of


@pytest.mark.parametrize("value", ["", "ana", "é", "\N{GRINNING FACE}", 7, None, ["a", {"b": ("c", 1.5, True)}]])
def test_ordinary_values_can_be_stored(value):
    assert is_storable(value)


@pytest.mark.parametrize("value", ["\0", "a\0é", "\ud800", ["a", {"b": ["\0"]}], {"\0": 1}, ("\udfff",)])
def test_what_postgresql_cannot_hold_is_known_at_any_depth(value):
    assert not is_storable(value)


@pytest.mark.parametrize(
    ("text", "key"),
    [("7", 7), ("007", 7), ("0", 0), (str(MAX_KEY), MAX_KEY), (str(MAX_KEY + 1), None), ("9" * 5000, None)],
)
def test_a_key_is_a_number_that_a_row_may_have(text, key):
    assert key_of(text) == key


@pytest.mark.parametrize("text", ["", "²", "٣", "-1", "+1", "1.0", " 1", "1_0", "१२"])
def test_other_writings_are_no_key(text):
    assert key_of(text) is None


@given(st.text())
def test_a_key_is_read_of_any_text_without_an_error(text):
    assert key_of(text) is None or key_of(text) == int(text)
