"""A labelled set: pairs of which it is known whether they are one person, and what the policy makes of them."""

import unicodedata
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from beneficiaries.identifiers import cns_from_base, cpf_from_base
from beneficiaries.identity import Action, Candidate, CnsCandidate, Identity, judge
from beneficiaries.invented.families import invent
from beneficiaries.names import PARTICLES

TODAY = date(2026, 11, 22)
FIRST_NAMES = ("HELENA", "MIGUEL", "LAURA", "DAVI")
SURNAMES = ("FIGUEIRA", "QUADROS", "VALADARES")


def _people():
    """Invented adults and children, each once, all with CPF, as the registry keeps them."""
    people = {link.person.cpf: link.person for link in invent(1500, seed=20) if link.person.cpf}
    return [
        Identity(cpf, person.name, person.birth_date, person.mother_name, person.sex, person.city_code)
        for cpf, person in people.items()
    ]


PEOPLE = _people()


def as_found(person, **changes):
    """The same person as DATASUS has it, with one definitive number."""
    number = CnsCandidate(cns_from_base(f"2{person.cpf[:10]}"), "D")
    plain = unicodedata.normalize("NFD", person.name.upper()).encode("ascii", "ignore").decode()
    fields = (person.cpf, plain, person.birth_date, person.mother_name, person.sex, person.city_code)
    return replace(Candidate(*fields, numbers=(number,)), **changes)


def _words(name):
    return [word for word in name.upper().split() if word not in PARTICLES]


def _middles(name, change):
    first, *middle, last = _words(name)
    return " ".join([first, *change(middle), last])


def _with_typo(random, name):
    place = random.choice([index for index, letter in enumerate(name) if letter.isalpha()])
    letter = random.choice([letter for letter in "BKWYZ" if letter != name[place].upper()])
    return name[:place] + letter + name[place + 1 :]


# ---- one person, written in another way -------------------------------------------------------------------------


def unchanged(random, person):
    return as_found(person)


def without_particles(random, person):
    return as_found(person, name=" ".join(_words(person.name)))


def middle_names_abbreviated(random, person):
    return as_found(person, name=_middles(person.name, lambda middle: [name[0] for name in middle]))


def middle_names_missing(random, person):
    return as_found(person, name=_middles(person.name, lambda _: []))


def married(random, person):
    return as_found(person, name=f"{person.name} {random.choice(SURNAMES)}")


def married_mother_unknown(random, person):
    return as_found(person, name=f"{person.name} {random.choice(SURNAMES)}", mother_name="SEM INFORMACAO")


def typo_in_the_name(random, person):
    return as_found(person, name=_with_typo(random, person.name))


def words_swapped(random, person):
    words = _words(person.name)
    return as_found(person, name=" ".join([*words[1:], words[0]]))


def birth_mistyped(random, person):
    return as_found(person, birth_date=person.birth_date + timedelta(days=random.choice([-30, -1, 1, 9, 365])))


def social_name_kept_here(random, person):
    return as_found(person, name=f"{random.choice(FIRST_NAMES)} X", social_name=person.name)


def cpf_unknown_there(random, person):
    return as_found(person, cpf="")


# ---- somebody else ----------------------------------------------------------------------------------------------


def _sibling_name(random, person):
    first = random.choice([name for name in FIRST_NAMES if name != _words(person.name)[0]])
    return " ".join([first, *_words(person.name)[1:]])


def _new_cpf(random):
    return cpf_from_base(f"{random.randrange(10**8, 10**9)}")


def twin(random, person):
    return as_found(person, cpf=_new_cpf(random), name=_sibling_name(random, person))


def twin_under_our_cpf(random, person):
    return as_found(person, name=_sibling_name(random, person))


def twin_without_cpf(random, person):
    return as_found(person, cpf="", name=_sibling_name(random, person))


def twin_with_the_same_first_name_under_our_cpf(random, person):
    """As twins are called: MARIA CLARA and MARIA LAURA; where there is one given name, as other twins are."""
    first, *middle, last = _words(person.name)
    if not middle:
        return twin_under_our_cpf(random, person)
    return as_found(person, name=" ".join([first, random.choice(FIRST_NAMES), *middle[1:], last]))


def namesake(random, person):
    return as_found(person, cpf=_new_cpf(random), mother_name="RITA FIGUEIRA")


def namesake_without_cpf(random, person):
    return as_found(person, cpf="", mother_name="RITA FIGUEIRA")


def parent_whose_cpf_the_child_was_given(random, person):
    birth = person.birth_date - timedelta(days=random.randrange(6000, 15000))
    return as_found(person, name=person.mother_name, birth_date=birth, mother_name="RITA FIGUEIRA")


def junior_under_his_fathers_cpf(random, person):
    birth = person.birth_date + timedelta(days=random.randrange(6000, 15000))
    return as_found(person, name=f"{person.name} FILHO", birth_date=birth, mother_name="RITA FIGUEIRA")


def stranger(random, person):
    other = random.choice([other for other in PEOPLE if other.cpf != person.cpf])
    return as_found(other)


SAME = {
    unchanged: "A",
    without_particles: "A",
    social_name_kept_here: "A",
    middle_names_abbreviated: "B",
    middle_names_missing: "B",
    married: "B",
    married_mother_unknown: "C",
    typo_in_the_name: "BC",  # B where it looks like another surname, with the same mother
    words_swapped: "BC",  # B where the name begins with the same word twice
    birth_mistyped: "C",
    cpf_unknown_there: "D",
}
OTHERS = {
    twin: "C",
    twin_under_our_cpf: "C",
    twin_without_cpf: "E",
    twin_with_the_same_first_name_under_our_cpf: "C",
    namesake: "C",
    namesake_without_cpf: "E",
    parent_whose_cpf_the_child_was_given: "C",
    junior_under_his_fathers_cpf: "C",
    stranger: "C",
}


def verdicts(make, auto_tier="B"):
    random = Random(7)
    return [judge(person, [make(random, person)], auto_tier=auto_tier, today=TODAY) for person in PEOPLE]


def test_set_is_large_enough_to_mean_something():
    assert len(PEOPLE) > 1000
    assert len({person.name for person in PEOPLE}) > 900


@pytest.mark.parametrize("make", OTHERS)
def test_no_number_of_somebody_else_attaches_or_comes_to_review(make):
    actions = defaultdict(int)
    for answer in verdicts(make):
        actions[answer.action] += 1

    assert actions.keys() <= {Action.CHECK_CPF, Action.NOTHING}
    assert sum(actions.values()) == len(PEOPLE)


@pytest.mark.parametrize(("make", "tiers"), [*SAME.items(), *OTHERS.items()])
def test_every_kind_of_pair_comes_to_its_tiers(make, tiers):
    assert "".join(sorted({answer.tier.value for answer in verdicts(make)})) == tiers


@pytest.mark.parametrize("make", [unchanged, without_particles, social_name_kept_here])
def test_same_person_attaches_under_the_usual_policy(make):
    assert {answer.action for answer in verdicts(make, auto_tier="A")} == {Action.ATTACH}


@pytest.mark.parametrize("make", [middle_names_abbreviated, middle_names_missing, married])
def test_same_person_written_shorter_or_married_is_at_most_one_key_away(make):
    for auto_tier in ("A", "B"):
        assert {answer.action for answer in verdicts(make, auto_tier=auto_tier)} <= {Action.ATTACH, Action.REVIEW}
