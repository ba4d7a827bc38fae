import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.domain.abbreviate_name import PARTICLES, shortened

WORDS = st.sampled_from(
    ["Ana", "Maria", "de", "dos", "d'Ávila", "Sá-Lima", "Ó", "B", "Conceição", "Júnior", "Neto", "e"]
)


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("Ana Lúcia de Souza Lima Neto", ["Ana Lúcia de S. Lima Neto", "Ana L. de S. Lima Neto"]),
        ("Maria da Conceição D'Ávila dos Santos", ["Maria da Conceição D. dos Santos", "Maria da C. D. dos Santos"]),
        ("José B Souza", []),
        ("José Souza Júnior", []),
        ("Maria Silva", []),
        ("Ó", []),
        ("Ana Sá-Lima Reis", ["Ana S. Reis"]),
        ("", []),
    ],
)
def test_names_between_first_and_last_become_initials_from_the_right(name, ways):
    assert list(shortened(name)) == ways


@given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join))
def test_only_whole_words_between_become_initials_and_particles_stay(name):
    old = name.split()
    for way in shortened(name):
        new = way.split()
        changed = [at for at in range(len(old)) if new[at] != old[at]]
        assert [new[at] for at in changed] == [f"{old[at][0]}." for at in changed]
        assert [old[at] for at in changed if old[at].casefold() in PARTICLES] == []
        assert next(at for at, word in enumerate(old) if word.casefold() not in PARTICLES) not in changed
