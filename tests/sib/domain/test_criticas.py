"""What the portal says of ANS's reasons: the data of the project, and what each operator adds to them."""

import pytest

from sib.domain.criticas import FIELDS, REFUSALS, UNKNOWN, UNKNOWN_REFUSAL, of_field, of_refusal
from sib.formats.cnx.record import FIELDS as SIB_FIELDS

CNX_NAMES = {"ccoBeneficiarioTitular": "codigoBeneficiarioTitular"}  # updates name the holder by our code
NEVER_CRITICISED = {"situacao", "dataAtualizacao", "dataPrimeiraContratacao", "caepfEmpresaContratante"}
ALL = {**{f"campo {code}": told for code, told in FIELDS.items()}, **{f"motivo {c}": t for c, t in REFUSALS.items()}}


def test_every_field_of_the_sib_whose_code_is_known_is_explained_once():
    fields = [told.field for told in FIELDS.values()]

    expected = {CNX_NAMES.get(name, name) for name in SIB_FIELDS} - NEVER_CRITICISED
    assert (sorted(fields), len(fields)) == (sorted(expected), len(set(fields)))


def test_field_codes_are_those_of_the_reference():
    known = [*range(1, 19), 20, *range(21, 33), 41]  # docs/reference/sib.md §5.1

    assert sorted(FIELDS) == [f"{code:02d}" for code in known]


def test_refusals_of_files_are_those_of_the_schema():
    assert sorted(REFUSALS) == ["16", "17", "18", "19", "20", "21", "22", "23", "24", "26"]


@pytest.mark.parametrize("told", [*ALL.values(), UNKNOWN, UNKNOWN_REFUSAL], ids=[*ALL, "unknown", "unknown file"])
def test_every_explanation_says_what_and_what_next_in_sentences(told):
    assert told.title == told.title.strip() != ""
    assert told.explanation.endswith(".")
    assert told.next_step.endswith(".")
    assert "  " not in told.explanation + told.next_step


@pytest.mark.parametrize(("code", "title"), [("07", "CNS"), ("19", UNKNOWN.title), ("", UNKNOWN.title)])
def test_a_field_without_a_known_meaning_is_told_as_such(code, title):
    assert of_field(code).title == title


@pytest.mark.parametrize(("code", "title"), [("20", "Hash inválido"), ("25", UNKNOWN_REFUSAL.title)])
def test_a_refusal_without_a_known_meaning_is_told_as_such(code, title):
    assert of_refusal(code).title == title
