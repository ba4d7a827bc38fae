"""Who is one person: the rule of imports, founding and forms, cell by cell."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from beneficiaries.domain import same_person
from beneficiaries.domain.same_person import (
    PersonFacts,
    SamePerson,
    SiblingFacts,
    are_siblings_of_one_birth,
    compare_people,
    is_real_name,
)

ANA = PersonFacts(
    cpf="11144477735",
    name="Ana Clara Exemplo Modelo",
    birth_date=date(2020, 5, 3),
    mother_name="Rosa Exemplo Modelo",
    dn="30111111111",
    sex="3",
    pis_pasep="12012345678",
    cns="700000001234689",
)

CPF = {"equal": "11144477735", "unknown": "", "different": "52998224725"}
NAME = {
    "equal": "ANA CLARA EXEMPLO MODELO",
    "alike": "Ana C. Exemplo Modelo",
    "unknown": "RN de Rosa Exemplo Modelo",
    "different": "Beatriz Exemplo Modelo",
}
BIRTH = {
    "equal": date(2020, 5, 3),
    "slip": date(2020, 5, 8),
    "unknown": None,
    "different": date(1984, 2, 29),
}
MOTHER = {
    "equal": "Rosa Exemplo Modelo",
    "alike": "Rosa Modelo",
    "unknown": "NÃO INFORMADO",
    "different": "Marta Exemplo Modelo",
}
AGAINST = {
    "nothing": {},
    "dn": {"dn": "30222222222"},
    "sex": {"sex": "1"},
    "pis": {"pis_pasep": "12087654321"},
    "cns": {"cns": "700000001234690"},
}
CELLS = list(product(CPF, NAME, BIRTH, MOTHER, AGAINST, ("", "siblings")))

# The first line that fits is the answer; a dash fits everything.
TABLE = """
cpf        name            birth            mother   against      siblings
equal      -               slip|different   -        -            -         CONTRADICTED
equal      different       -                -        -            -         CONTRADICTED
equal      equal|alike     -                -        -            -         SAME
equal      unknown         -                -        dn|sex       -         CONTRADICTED
equal      unknown         -                -        -            siblings  CONTRADICTED
equal      unknown         equal            -        -            -         SAME
equal      unknown         unknown          -        -            -         POSSIBLE
different  equal           equal            equal    -            -         POSSIBLE
different  -               -                -        -            -         DIFFERENT
unknown    equal           equal            equal    nothing      ''        SAME
unknown    equal           equal            equal    -            -         POSSIBLE
unknown    -               -                -        dn|sex|pis|cns  -      DIFFERENT
unknown    equal           equal            unknown|alike  -      -         POSSIBLE
unknown    unknown|alike   equal            equal    -            -         POSSIBLE
unknown    equal           slip             equal    -            -         POSSIBLE
unknown    -               -                -        -            -         DIFFERENT
"""
RULES = [line.split() for line in TABLE.strip().splitlines()[1:]]


def wanted(cell):
    for *told, answer in RULES:
        if all(rule == "-" or (value or "''") in rule.split("|") for rule, value in zip(told, cell, strict=True)):
            return answer
    raise AssertionError(cell)


def judged(cell):
    cpf, name, birth, mother, against, siblings = cell
    other = replace(ANA, cpf=CPF[cpf], name=NAME[name], birth_date=BIRTH[birth], mother_name=MOTHER[mother], cns="")
    other = replace(other, **AGAINST[against])
    ours = ANA if against == "cns" else replace(ANA, cns="")
    return compare_people(ours, other, siblings=bool(siblings)).answer.name


@pytest.mark.parametrize(("cpf", "name"), list(product(CPF, NAME)))
def test_every_cell_of_the_truth_table(cpf, name):
    cells = [cell for cell in CELLS if cell[:2] == (cpf, name)]

    assert {cell: judged(cell) for cell in cells} == {cell: wanted(cell) for cell in cells}


@pytest.mark.parametrize(("one", "other"), [(ANA, replace(ANA, cpf="", sex="1")), (ANA, replace(ANA, name="RN"))])
def test_the_answer_is_the_same_from_either_side(one, other):
    assert compare_people(one, other).answer is compare_people(other, one).answer


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, same_person.SAME_CPF),
        ({"birth_date": date(1990, 1, 1)}, "Este CPF já está cadastrado com outra data de nascimento."),
        ({"name": "Beatriz Exemplo Modelo"}, "Este CPF já está cadastrado com outro nome."),
        ({"name": "RN de Rosa", "dn": "30222222222"}, same_person.OTHER_NEWBORN),
        ({"cpf": ""}, same_person.SAME_RECORD),
        ({"cpf": "", "sex": "1"}, "Nome, nascimento e nome da mãe são os mesmos, mas o sexo não."),
        (
            {"cpf": "52998224725", "sex": "1", "dn": "30222222222"},
            "Nome, nascimento e nome da mãe são os mesmos, mas o CPF, o sexo e a DN não.",
        ),
        ({"cpf": "", "mother_name": ""}, "O CNS é o mesmo."),
        ({"cpf": "", "mother_name": "", "cns": ""}, same_person.MOTHER_UNKNOWN),
        ({"cpf": "", "name": "RN de Rosa", "cns": ""}, same_person.NAME_UNKNOWN),
        ({"cpf": "", "birth_date": date(2020, 3, 5), "cns": ""}, same_person.BIRTH_ALMOST_EQUAL),
        ({"cpf": "", "name": "Beatriz Exemplo Modelo", "cns": ""}, same_person.NOTHING_IN_COMMON),
    ],
)
def test_sentence_says_what_is_equal_and_what_is_not(changes, sentence):
    assert compare_people(ANA, replace(ANA, **changes)).sentence == sentence


def test_one_number_told_of_two_people_is_a_reason_to_look():
    other = PersonFacts("52998224725", "Outra Pessoa", date(1950, 1, 1), cns=ANA.cns)

    assert compare_people(ANA, other).answer is SamePerson.POSSIBLE


def test_twins_whose_names_only_say_newborn_are_not_one():
    one = PersonFacts("", "RN DE MARTA EXEMPLO", date(2026, 11, 20), "MARTA EXEMPLO", dn="30111111111", sex="1")

    assert compare_people(one, replace(one, dn="30222222222")).answer is SamePerson.DIFFERENT
    assert compare_people(one, replace(one, dn="")).answer is SamePerson.POSSIBLE


DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("one", "other", "siblings"),
    [
        (SiblingFacts("10", "P1", DAY), SiblingFacts("10", "P2", DAY), True),
        (SiblingFacts("10", "P1", DAY), SiblingFacts("11", "P1", DAY), True),
        (SiblingFacts("", "P1", DAY), SiblingFacts("", "P2", DAY), False),
        (SiblingFacts("", "", DAY), SiblingFacts("", "", DAY), False),
        (SiblingFacts("10", "P1", DAY), SiblingFacts("10", "P1", date(2026, 11, 22)), False),
        (SiblingFacts("10", "P1", None), SiblingFacts("10", "P1", None), False),
    ],
)
def test_siblings_have_one_start_and_one_holder_or_one_plan(one, other, siblings):
    assert are_siblings_of_one_birth(one, other) is siblings


@pytest.mark.parametrize(
    ("name", "is_real"),
    [
        ("Ana Exemplo", True),
        ("RN de Rosa", False),
        ("Recém-nascido II de Rosa", False),
        ("Não informado", False),
        ("", False),
        ("-", False),
    ],
)
def test_real_names_are_those_that_may_prove_something(name, is_real):
    assert is_real_name(name) is is_real
