import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain import ans_vocabularies
from beneficiaries.domain.ans_vocabularies import as_written, key_of
from beneficiaries.models import ContractKind, Regulation, WaitingUnit
from beneficiaries.models.plans import Accommodation, CoverageArea, Segmentation

PAIRS = [
    (ans_vocabularies.SEGMENTATIONS, Segmentation),
    (ans_vocabularies.ACCOMMODATIONS, Accommodation),
    (ans_vocabularies.COVERAGE_AREAS, CoverageArea),
    (ans_vocabularies.CONTRACTINGS, ContractKind),
    (ans_vocabularies.REGULATIONS, Regulation),
    (ans_vocabularies.WAITING_UNITS, WaitingUnit),
]
ALL = [vocabulary for vocabulary, _ in PAIRS]


@pytest.mark.parametrize(("vocabulary", "choices"), PAIRS)
def test_vocabulary_has_the_codes_and_the_names_that_the_registry_keeps(vocabulary, choices):
    assert {code: names[0] for code, names in vocabulary.items()} == dict(choices.choices)


@pytest.mark.parametrize("vocabulary", ALL)
def test_no_way_to_write_one_code_means_another(vocabulary):
    written = [key_of(text) for code, names in vocabulary.items() for text in (code, *names)]

    assert sorted(set(written)) == sorted(as_written(vocabulary))
    assert {
        key: {code for code, names in vocabulary.items() if key in map(key_of, (code, *names))} for key in written
    } == {key: {code} for key, code in as_written(vocabulary).items()}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("06", "06"),
        ("6", "06"),
        ("amb + hosp c/ obst", "06"),
        ("AMBULATORIAL E HOSPITALAR SEM OBSTETRÍCIA", "07"),
        ("Amb + Hosp c/s obst", "12"),
        ("hospitalar com e sem obstetricia + odonto", "15"),
        ("odontológica", "04"),
        ("Referencia", "05"),
    ],
)
def test_segmentation_is_read_as_people_write_it(text, code):
    assert as_written(ans_vocabularies.SEGMENTATIONS)[key_of(text)] == code


@given(st.sampled_from([(vocabulary, code) for vocabulary in ALL for code in vocabulary]), st.randoms())
def test_accents_case_and_blanks_make_no_difference(pair, chance):
    vocabulary, code = pair
    name = chance.choice(vocabulary[code])
    shaken = "".join(chance.choice((letter.upper(), letter.lower())) for letter in name).replace(" ", "  ")

    assert as_written(vocabulary)[key_of(f" {shaken} ")] == code
