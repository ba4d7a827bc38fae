import pytest

from beneficiaries.formats.cell_text import (
    day_order,
    is_scientific,
    probable_origin,
    symbols_of_no_name,
    unwrap,
    whole_part,
)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('="0000000123"', "0000000123"),
        ('="Rua ""A"""', 'Rua "A"'),
        ("'0000000124", "0000000124"),
        ("'=1+1", "=1+1"),  # as the portal's own export writes it
        ("''0123", "'0123"),
        ("D'Ávila", "D'Ávila"),
        ("=1+1", "=1+1"),
        ("", ""),
    ],
)
def test_unwrap_takes_off_what_makes_a_cell_a_text(cell, meant):
    assert unwrap(cell) == meant


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("123000122.0", "123000122"),
        ("123000122,00", "123000122"),
        ("123000122.000", "123000122"),
        ("12.000", "12.000"),
        ("123000122.5", "123000122.5"),
        ("123.000.122-00", "123.000.122-00"),
        ("123000122", "123000122"),
    ],
)
def test_whole_part_takes_off_nothing_but_a_fraction_of_zeros(number, meant):
    assert whole_part(number) == meant


@pytest.mark.parametrize(
    ("text", "lost"),
    [("1,23457E+16", True), ("1.23457e+15", True), ("7E-5", True), ("12E3", False), ("123", False), ("E+1", False)],
)
def test_is_scientific_knows_a_number_that_was_rounded_from_a_code(text, lost):
    assert is_scientific(text) is lost


@pytest.mark.parametrize(
    ("date", "order"),
    [
        ("12/31/1984", "month"),
        ("31/12/1984 00:00", "day"),
        ("03/05/1984", ""),
        ("31/31/1984", ""),
        ("1984-12-31", ""),
    ],
)
def test_day_order_says_only_what_a_date_proves(date, order):
    assert day_order(date) == order


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("Conceição D'Ávila", ""),
        ("D’ÁVILA Sant`Anna Dʼávila", ""),
        ("M.ª José (Zezé) Sá-Mello", ""),
        ("JOA\u0303O", ""),  # decomposed
        ("Łukasz Øre Müller", ""),
        ("CONCEI€ÇO", "€"),
        ("JOS‚ ANT“NIO", "‚“"),
        ('"ZE" DA SILVA', '"'),
        ("CÉSAR ƒ", "ƒ"),
        ("<b>Ana</b>", "<>"),
        ("=SOMA", "="),
    ],
)
def test_symbols_of_no_name_are_told_once_each(name, symbols):
    assert symbols_of_no_name(name) == symbols


@pytest.mark.parametrize(
    ("encoding", "origin"),
    [
        ("cp850", "do DOS (página de código 850)"),
        ("mac_roman", "de um Mac antigo"),
        ("utf-8", "de UTF-8 gravado duas vezes"),
    ],
)
def test_probable_origin_tells_where_garbled_text_comes_from(encoding, origin):
    garbled = "ANTÔNIO GONÇALVES".encode(encoding).decode("cp1252")

    assert probable_origin(garbled) == origin


def test_probable_origin_is_blank_where_nothing_fits():
    assert probable_origin("ANA € SILVA ¤") == ""
