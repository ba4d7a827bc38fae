"""One person on both sides, of whom the written policy has no proof, or whose record does not serve: tiers C to E."""

from dataclasses import replace
from datetime import date, timedelta

from beneficiaries.domain.identity_policy import CnsCandidate
from tests.labelled.alike import Case, Kind, case_of, either_way, misspelt
from tests.labelled.people import TODAY, Inventor, Name
from tests.labelled.spelling import SOUNDS_ALIKE

# ---- tier C and D: to the policy another name or birth date, or not known ----------------------------------------


def first_name_misspelt(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, name=misspelt(invent, str(person.name), 0))


def two_letters_misspelt(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, name=misspelt(invent, str(person.name), 0, 2))


def first_name_sounds_alike(invent: Inventor) -> Case:
    one, other = invent.pick([pair for pair in SOUNDS_ALIKE.items() if " " not in pair[0]][:13])
    person = invent.someone()
    person = replace(person, name=replace(person.name, given=(one, *person.name.given[1:])))
    return either_way(invent, person, replace(person.name, given=(other, *person.name.given[1:])))


def day_and_month_swapped(invent: Inventor) -> Case:
    day, month = invent.random.sample(range(1, 13), 2)
    year = invent.random.randrange(1940, 2024)
    return case_of(invent, invent.someone(birth_date=date(year, month, day)), birth_date=date(year, day, month))


def birth_mistyped(invent: Inventor) -> Case:
    person = invent.someone()
    days = invent.pick((-365, -30, -10, -1, 1, 9, 30, 365))
    return case_of(invent, person, birth_date=person.birth_date + timedelta(days))


def married_mother_unknown(invent: Inventor) -> Case:
    person = invent.someone()
    name = replace(person.name, family=(*person.name.family, invent.surname(unlike=person.name.family[-1])))
    return case_of(invent, person, name=name, mother_name=invent.pick(("", "IGNORADA")))


def name_unknown_there(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), name=invent.pick(("", "NAO INFORMADO", "SEM NOME", "NULL", "#N/D")))


def given_name_alone(invent: Inventor) -> Case:
    person = invent.someone()
    first = person.name.given[0]
    begun = first if first.startswith("E") else invent.pick((first, " ".join((first[0], *person.name.family))))
    return either_way(invent, person, begun)  # a lone E is a particle


def newborn_unnamed_on_one_side(invent: Inventor) -> Case:
    baby = invent.someone(birth_date=TODAY - timedelta(days=invent.random.randrange(360)))
    return either_way(invent, baby, f"RN de {baby.mother}")


def first_name_missing(invent: Inventor) -> Case:
    name = Name((invent.pick(("Ana", "Maria")), "Clara"), (invent.surname(), invent.surname()))
    person = invent.someone(sex="3", name=name)
    return case_of(invent, person, name=replace(name, given=name.given[1:]))


def day_of_birth_unknown(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), birth_date=None)


# ---- tier D and E ------------------------------------------------------------------------------------------------


def cpf_unknown_there(invent: Inventor) -> Case:
    person = invent.someone()
    return person.kept(), (invent.found(person, cpf="", sex=person.sex, city_code=person.city),)


def cpf_unknown_here(invent: Inventor) -> Case:
    person = invent.someone()
    return person.kept(cpf=""), (invent.found(person, sex=person.sex, city_code=person.city),)


def baby_without_cpf(invent: Inventor) -> Case:
    baby = invent.someone(birth_date=TODAY - timedelta(days=invent.random.randrange(360)))
    return baby.kept(cpf=""), (invent.found(baby, cpf="", sex=baby.sex, city_code=baby.city),)


def provisional_only(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), numbers=(CnsCandidate(invent.cns(), "P"),))


def flag_unsaid(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), numbers=(CnsCandidate(invent.cns(), ""),))


def two_definitive(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), numbers=(CnsCandidate(invent.cns(), "D"), CnsCandidate(invent.cns(), "D")))


def inactive(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), active=False)


def deceased(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), deceased=True)


def without_number(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), numbers=())


def two_records(invent: Inventor) -> Case:
    """Of one person: only CadSUS may say which one holds."""
    person = invent.someone()
    return person.kept(), (invent.found(person), invent.found(replace(person, cns=invent.cns())))


UNPROVEN: dict[Kind, tuple[str, int]] = {
    first_name_misspelt: ("C", 160),
    two_letters_misspelt: ("C", 60),
    first_name_sounds_alike: ("C", 120),
    day_and_month_swapped: ("C", 120),
    birth_mistyped: ("C", 80),
    married_mother_unknown: ("D", 40),
    first_name_missing: ("C", 30),
    day_of_birth_unknown: ("D", 50),
    name_unknown_there: ("D", 60),
    given_name_alone: ("D", 40),
    newborn_unnamed_on_one_side: ("D", 60),
    cpf_unknown_there: ("D", 120),
    cpf_unknown_here: ("D", 80),
    baby_without_cpf: ("E", 40),
    provisional_only: ("E", 120),
    flag_unsaid: ("E", 10),
    two_definitive: ("E", 60),
    inactive: ("E", 60),
    deceased: ("E", 40),
    without_number: ("E", 10),
    two_records: ("E", 30),
}
"""Kind → tier of the written policy, pairs."""
