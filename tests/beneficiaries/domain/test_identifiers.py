import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import (
    cnpj_from_base,
    cnpj_is_valid,
    cns_from_base,
    cns_from_prefix,
    cns_is_valid,
    cpf_from_base,
    cpf_is_valid,
    digits,
    format_cnpj,
    format_cns,
    format_cpf,
    mask_cns,
    mask_cpf,
    nis_is_valid,
)

GOOD_CNS = [
    "100000000000007",
    "200000000000003",
    "123456789010000",  # check digit 0
    "234567890120004",
    "102030405060001",
    "100000000060018",  # 001 branch
    "700000000000005",
    "701234567890125",
    "705000000000014",
    "800000000000001",
    "898000000000002",
    "900000000000008",
    "909876543210986",
]
BAD_CNS = [
    "",
    "100000000000008",  # check digit
    "200000000000013",  # the middle is 000 or 001
    "123456789012345",
    "100000000000104",  # passes modulo 11, built wrongly
    "300000000000000",  # no number begins so
    "000000000000000",  # passes modulo 11
    "700000000000000",
    "700000000000004",
    "898000000000000",
    "70000000000000",
    "7000000000000050",
    "70000000000000A",
    "70000000000000٥",  # a digit of another script
    "700 0000 0000 0005",
]
BASES = st.from_regex(r"\A[12][0-9]{10}\Z")
PREFIXES = st.from_regex(r"\A[789][0-9]{13}\Z")
CPF_BASES = st.from_regex(r"\A[0-9]{9}\Z").filter(lambda base: len(set(base)) > 1)
CNPJ_BASES = st.from_regex(r"\A[0-9A-Z]{12}\Z").filter(lambda base: len(set(base)) > 1)


def with_one_digit_changed(number, position, step):
    digit = (int(number[position]) + step) % 10
    return f"{number[:position]}{digit}{number[position + 1 :]}"


@pytest.mark.parametrize("cns", GOOD_CNS)
def test_cns_is_valid(cns):
    assert cns_is_valid(cns) is True


@pytest.mark.parametrize("cns", BAD_CNS)
def test_cns_is_not_valid(cns):
    assert cns_is_valid(cns) is False


@given(BASES)
def test_cns_from_base_is_valid_and_stands_on_its_base(base):
    cns = cns_from_base(base)

    assert (cns_is_valid(cns), cns[:11], cns[11:13]) == (True, base, "00")


@given(PREFIXES)
def test_cns_from_prefix_is_the_only_valid_one_with_it(prefix):
    valid = [f"{prefix}{digit}" for digit in range(10) if cns_is_valid(f"{prefix}{digit}")]

    made = cns_from_prefix(prefix)

    assert valid == ([made] if made else [])


@pytest.mark.parametrize("prefix", ["70000000000003", "70000000000017", "70000000000020"])
def test_cns_from_prefix_knows_prefixes_without_any_number(prefix):
    assert cns_from_prefix(prefix) is None


WATCHED = st.integers(0, 14).filter(lambda position: position != 4)  # the fifth digit weighs 11 and is not watched


@given(BASES.map(cns_from_base), WATCHED, st.integers(1, 9))
def test_cns_with_one_wrong_digit_is_not_valid(cns, position, step):
    assert cns_is_valid(with_one_digit_changed(cns, position, step)) is False


@given(st.text(max_size=20))
def test_cns_of_whatever_text_has_an_answer(text):
    assert cns_is_valid(text) is False or (len(text) == 15 and text[0] in "12789")


@pytest.mark.django_db
def test_cns_is_judged_by_the_database_as_by_the_program():
    numbers = [
        *GOOD_CNS,
        *BAD_CNS,
        *(f"{prefix:014d}{digit}" for prefix in range(70, 10**14, 10**13 // 3) for digit in range(10)),
    ]

    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(cns_is_valid(number) ORDER BY place) "
                       "FROM unnest(%s::text[]) WITH ORDINALITY AS given (number, place)", [numbers])  # fmt: skip
        (answers,) = cursor.fetchone()

    assert answers == list(map(cns_is_valid, numbers))


@pytest.mark.parametrize("cpf", ["00000000191", "11144477735", "52998224725", "12345678909", "98765432100"])
def test_cpf_is_valid(cpf):
    assert cpf_is_valid(cpf) is True


@pytest.mark.parametrize(
    "cpf",
    [
        "",
        "11111111111",
        "00000000000",
        "12345678900",  # check digits
        "11144477734",
        "5299822472",
        "529982247250",
        "1114447773X",
        "1114447773٥",
        "111.444.777-35",
    ],
)
def test_cpf_is_not_valid(cpf):
    assert cpf_is_valid(cpf) is False


@given(CPF_BASES)
def test_cpf_from_base_is_the_only_valid_one_with_it(base):
    valid = [f"{base}{last:02d}" for last in range(100) if cpf_is_valid(f"{base}{last:02d}")]

    assert valid == [cpf_from_base(base)]


@given(CNPJ_BASES)
def test_cnpj_from_base_is_valid_with_letters_or_without(base):
    cnpj = cnpj_from_base(base)

    assert (cnpj_is_valid(cnpj), cnpj[:12]) == (True, base)


@pytest.mark.parametrize(
    "cnpj",
    ["", "11222333000180", "00000000000000", "1122233300018", "12abc34501de35", "12ABC34501DE36", "11.222.333/0001-81"],
)
def test_cnpj_is_not_valid(cnpj):
    assert cnpj_is_valid(cnpj) is False


@pytest.mark.parametrize(
    ("text", "found"),
    [("111.444.777-35", "11144477735"), (" 700 0000-0000 0005 ", "700000000000005"), ("1²3٤", "13"), ("", "")],
)
def test_digits_strips_what_is_pasted_around_them(text, found):
    assert digits(text) == found


@given(st.text())
def test_digits_are_ascii_digits_in_their_order(text):
    assert digits(text) == "".join(letter for letter in text if letter in "0123456789")


@given(CPF_BASES.map(cpf_from_base), BASES.map(cns_from_base), st.from_regex(r"\A[0-9]{14}\Z"))
def test_formats_are_undone_by_digits(cpf, cns, cnpj):
    assert (digits(format_cpf(cpf)), digits(format_cns(cns)), digits(format_cnpj(cnpj))) == (cpf, cns, cnpj)


def test_formats_are_those_of_the_documents():
    assert format_cpf("11144477735") == "111.444.777-35"
    assert format_cns("700000000000005") == "700 0000 0000 0005"
    assert format_cnpj("11222333000181") == "11.222.333/0001-81"


def test_masks_hide_all_but_what_tells_two_people_apart():
    assert mask_cpf("11144477735") == "***.444.777-**"
    assert mask_cns("700123456789012") == "*** **** **** 9012"


@pytest.mark.parametrize("written", [format_cpf, format_cns, format_cnpj, mask_cpf, mask_cns])
def test_a_number_that_is_not_there_is_shown_as_nothing(written):
    assert written("") == ""


@pytest.mark.parametrize(
    ("nis", "valid"),
    [
        ("12345678919", True),
        ("10000000008", True),
        ("12345678910", False),
        ("11111111111", False),
        ("1234567891", False),
        ("1234567891A", False),
        ("", False),
    ],
)
def test_nis_is_valid_by_its_check_digit(nis, valid):
    assert nis_is_valid(nis) is valid
