import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beneficiaries.domain.names import APOSTROPHES, PARTICLES, composed, fold, normalise, plain_words, significant

NAMES = st.text("ABÇÉÃõüñdeos '’-.", max_size=60)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        (" João  d'Ávila-Sá ", "JOAO DAVILA SA"),
        ("CONCEIÇÃO", "CONCEICAO"),
        ("D’Ávila", "DAVILA"),
        ("D´Ávila D`Ávila", "DAVILA DAVILA"),  # the accents that some keyboards have instead
        ("Müller Nuñez", "MULLER NUNEZ"),
        ("Maria A. Silva", "MARIA A SILVA"),
        ("Joa\u0303o", "JOAO"),  # the tilde as a letter of its own
        ("Groß", "GROSS"),
        ("\tAna\u00a0Lima\n", "ANA LIMA"),
        ("\u039aόσμος", "\u039aΟΣΜΟΣ"),
        ("...", ""),
        ("", ""),
    ],
)
def test_fold_brings_spellings_of_a_name_together(name, folded):
    assert fold(name) == folded


@pytest.mark.parametrize("apostrophe", [*APOSTROPHES, " ", "' ", " ’", ""])
@pytest.mark.parametrize(
    ("elided", "word"), [("D", "ÁVILA"), ("d", "Alessandro"), ("Sant", "Anna"), ("DALL", "AGNOL"), ("Dell", "Antonio")]
)
def test_an_apostrophe_of_any_kind_joins_as_a_blank_or_nothing_does(elided, word, apostrophe):
    assert fold(f"Ana {elided}{apostrophe}{word} Lima") == fold(f"Ana {elided}{word} Lima")


@pytest.mark.parametrize(
    "name",
    [
        "ANA D SILVA",  # an initial
        "ANA D A LIMA",
        "ANA D E LIMA",
        "ANA D",
        "SANT LIMA",
        "O HARA",  # an initial more often than the Irish name
    ],
)
def test_a_word_that_need_not_be_elided_stands_alone(name):
    assert fold(name) == name


def test_santana_is_another_name_than_santanna():
    assert fold("Ana Sant'Ana") != fold("Ana Sant'Anna")


@pytest.mark.parametrize(
    ("short", "long"),
    [
        *(("José Lima Jr", "José Lima Júnior"), ("José Lima JR.", "JOSE LIMA JUNIOR"), ("José Jnr", "José Junior")),
        *(("José Jr da Silva", "José Júnior da Silva"), ("José Lima Fº", "José Lima Filho"), ("J Fo", "J Filho")),
        *(("José Lima Sobr.", "José Lima Sobrinho"), ("José Lima Nto.", "José Lima Neto")),
        *(("Pedro Lima II", "Pedro Lima Segundo"), ("Pedro Lima III", "Pedro Lima Terceiro")),
    ],
)
def test_a_generation_is_one_word_however_it_is_written(short, long):
    assert fold(short) == fold(long)


@pytest.mark.parametrize("name", ["FO LIMA", "FO", "II", "JOSE FO LIMA", "PEDRO II LIMA", "SOB LIMA", "JRS LIMA"])
def test_what_is_no_abbreviation_of_a_generation_stays(name):
    assert fold(name) == name


UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u00ad\ufeff\u2060\u202a\u202e\u2066\u2069\u034f\ufe0f"


@pytest.mark.parametrize("character", UNSEEN)
def test_what_nobody_sees_falls_away(character):
    assert fold(f"Ana Ma{character}ria") == "ANA MARIA"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana Ma\u200bria \u202eSil\u00adva\ufeff", "Ana Maria Silva"),
        ("Joa\u0303o D’Ávila", "João D’Ávila"),
        ("Ana Lima", "Ana Lima"),
    ],
)
def test_composed_composes_letters_and_leaves_out_what_nobody_sees(typed, kept):
    assert composed(typed) == kept


@given(st.text(max_size=80))
def test_fold_sees_no_difference_between_composed_and_decomposed(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(max_size=80))
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="iso-8859-1"), max_size=80))
@example("0:II")  # a generation only where it ends the name
def test_a_name_of_one_encoding_is_read_as_any_other(name):
    assert plain_words(f"{name} Ω") == [*plain_words(name), "Ω"]


@given(NAMES)
def test_fold_does_not_see_case(name):
    assert fold(name.upper()) == fold(name.lower()) == fold(name)


@given(st.text(max_size=80))
def test_fold_leaves_words_with_single_blanks(text):
    folded = fold(text)

    assert folded == " ".join(folded.split())
    assert all(letter.isalnum() or letter == " " for letter in folded)


def test_significant_leaves_the_particles_out():
    assert significant("Maria da Conceição de Souza e Silva dos Santos") == (
        "MARIA", "CONCEICAO", "SOUZA", "SILVA", "SANTOS",
    )  # fmt: skip


@given(NAMES)
def test_significant_has_no_particle(name):
    assert PARTICLES.isdisjoint(significant(name))


@given(st.lists(st.sampled_from(["MARIA", "SILVA", "LIMA"]), max_size=4), st.sampled_from(sorted(PARTICLES)))
def test_normalise_does_not_see_particles(words, particle):
    assert normalise(f" {particle} ".join(words)) == " ".join(words)
