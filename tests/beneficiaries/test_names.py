import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.names import PARTICLES, fold, normalise, significant

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
        ("...", ""),
        ("", ""),
    ],
)
def test_fold_brings_spellings_of_a_name_together(name, folded):
    assert fold(name) == folded


@given(st.text(max_size=80))
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="iso-8859-1"), max_size=80))
def test_fold_reads_a_name_of_one_encoding_as_it_reads_any_other(name):
    assert fold(f"{name} Ω") == f"{fold(name)} Ω".strip()


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
