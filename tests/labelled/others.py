"""Somebody else on the other side: twins, namesakes, relatives, and whoever has a CPF that was typed wrong.

The tier is that of the written policy, which some of them meet by its letter: those above all must never attach.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from tests.labelled.alike import Case
from tests.labelled.people import TODAY, Inventor, Name, Someone

Stranger = Callable[[Inventor], tuple[Case, bool]]
"""The case, and whether the registry keeps a twin as well."""

TWINS = (
    ("3", "Ana Clara", "Ana Carla"),
    ("3", "Maria Clara", "Maria Laura"),
    ("3", "Maria Eduarda", "Maria Fernanda"),
    ("3", "Júlia", "Juliana"),
    ("3", "Marta", "Maria"),
    ("3", "Luíza", "Luana"),
    ("1", "Pedro", "Paulo"),
    ("1", "João Pedro", "João Paulo"),
    ("1", "Cosme", "Damião"),
    ("1", "José Carlos", "José Augusto"),
    ("1", "Luiz Felipe", "Luiz Henrique"),
)
WITH_ONE_INITIAL = (
    ("3", "Ana Maria", "Ana Márcia"),
    ("3", "Maria Clara", "Maria Carolina"),
    ("1", "João Pedro", "João Paulo"),
    ("1", "José Augusto", "José Antônio"),
)
SHORTENED = (
    ("3", "Ana", "Ana Maria"),
    ("3", "Maria", "Maria Clara"),
    ("1", "João", "João Pedro"),
    ("1", "José", "José da Conceição"),
    ("3", "Rosa", "Rosa Lourenço"),
)
Names = Sequence[tuple[str, str, str]]


def twins(invent: Inventor, names: Names = TWINS) -> tuple[Someone, Someone]:
    """Whoever comes first, born on one day of one mother."""
    sex, *given = invent.pick(names)
    invent.random.shuffle(given)
    one = invent.someone(sex=sex)
    one = replace(one, name=_called(given[0], one.name))
    return one, replace(one, name=_called(given[1], one.name), cpf=invent.cpf(), cns=invent.cns())


def _called(given: str, name: Name) -> Name:
    first, *second = given.split(" ", 1)
    return replace(name, given=(first, *second))


def _with_cpf_of(other: Someone, person: Someone) -> Someone:
    """As they are kept here: with the other one's CPF."""
    return replace(person, cpf=other.cpf)


def _kept_or_not(invent: Inventor, case: Case) -> tuple[Case, bool]:
    """The twin may be kept here as well, or be nobody's beneficiary."""
    return case, invent.chance(0.5)


# ---- twins -------------------------------------------------------------------------------------------------------


def twin_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent)
    return _kept_or_not(invent, (_with_cpf_of(other, one).kept(), (invent.found(other),)))


def twin_of_a_shorter_name_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent, SHORTENED)
    return _kept_or_not(invent, (_with_cpf_of(other, one).kept(), (invent.found(other),)))


def twin_abbreviated_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent, WITH_ONE_INITIAL)
    short = replace(one.name, given=(one.name.given[0], one.name.given[1][0]))
    here, there = (short, other.name) if invent.chance(0.5) else (one.name, replace(short, family=other.name.family))
    kept = _with_cpf_of(other, one).kept(name=str(here))
    return _kept_or_not(invent, (kept, (invent.found(other, name=there),)))


def twin_who_married_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent)
    name = replace(other.name, family=(*other.name.family, invent.surname()))
    return _kept_or_not(invent, (_with_cpf_of(other, one).kept(), (invent.found(other, name=name),)))


def twin_with_a_cpf_of_their_own(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent)
    return _kept_or_not(invent, (one.kept(), (invent.found(other),)))


def twin_without_cpf(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent, (*TWINS, *SHORTENED))
    return _kept_or_not(invent, (one.kept(cpf=""), (invent.found(other, cpf=""),)))


def twins_both_found(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent)
    return _kept_or_not(invent, (one.kept(cpf=""), (invent.found(one), invent.found(other))))


def twin_whose_sex_differs_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent, (("3", "Vitória", "Vítor"), ("1", "Francisco", "Francisca"), ("1", "Júlio", "Júlia")))
    return _kept_or_not(invent, (_with_cpf_of(other, one).kept(), (invent.found(other),)))


def newborns(invent: Inventor) -> tuple[Someone, Someone]:
    """Twins of some days or months, of whom one may have no name yet."""
    one, other = twins(invent)
    born = TODAY - timedelta(days=invent.random.randrange(360))
    return replace(one, birth_date=born), replace(other, birth_date=born)


def newborn_whose_twins_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    """Here called as all newborns are, there as well or by the twin's name."""
    one, other = newborns(invent)
    unnamed = f"RN de {one.mother}"
    kept = _with_cpf_of(other, one).kept(name=unnamed)
    return _kept_or_not(invent, (kept, (invent.found(other, name=invent.pick((unnamed, other.name))),)))


def newborn_without_cpf(invent: Inventor) -> tuple[Case, bool]:
    one, other = newborns(invent)
    unnamed = f"RN de {one.mother}"
    return _kept_or_not(invent, (one.kept(cpf="", name=unnamed), (invent.found(other, cpf="", name=unnamed),)))


def twin_named_by_an_initial_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent, WITH_ONE_INITIAL)
    begun = " ".join((one.name.given[0][0], *one.name.family))
    return _kept_or_not(invent, (_with_cpf_of(other, one).kept(name=begun), (invent.found(other),)))


# ---- namesakes ---------------------------------------------------------------------------------------------------


def namesakes(invent: Inventor, **traits: object) -> tuple[Someone, Someone]:
    """Two people of one name, born on one day of two mothers, who may share their first name or a family name.

    Not both: no register tells Ana Lima, mother of one, from Ana Lima Dias, mother of the other.
    """
    one = invent.someone()
    mother = invent.someone().mother
    if invent.chance(0.25):
        mother = replace(mother, given=one.mother.given[:1])
    if mother.given[0] == one.mother.given[0] and set(mother.family) & set(one.mother.family):
        return namesakes(invent, **traits)
    facts = {"name": one.name, "sex": one.sex, "birth_date": one.birth_date, "mother": mother}
    return one, invent.someone(**facts | traits)


def namesake_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    return (_with_cpf_of(other, one).kept(), (invent.found(other),)), False


def namesake_abbreviated_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    longer = replace(other.name, family=(invent.surname(), *other.name.family))
    return (_with_cpf_of(other, one).kept(), (invent.found(other, name=longer),)), False


def namesake_with_a_cpf_of_their_own(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    return (one.kept(), (invent.found(other),)), False


def namesake_without_cpf(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    return (one.kept(cpf=""), (invent.found(other),)), False


def namesake_without_cpf_mother_unknown(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    return (one.kept(cpf=""), (invent.found(other, cpf="", mother_name=invent.pick(("", "IGNORADA"))),)), False


def namesake_of_another_day_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = namesakes(invent)
    other = replace(other, birth_date=other.birth_date - timedelta(days=invent.random.randrange(1, 9000)))
    return (_with_cpf_of(other, one).kept(), (invent.found(other),)), False


# ---- relatives ---------------------------------------------------------------------------------------------------


def sibling_whose_cpf_is_here(invent: Inventor) -> tuple[Case, bool]:
    one, other = twins(invent)
    other = replace(other, birth_date=other.birth_date - timedelta(days=invent.random.randrange(300, 4000)))
    return (_with_cpf_of(other, one).kept(), (invent.found(other),)), False


def child_under_the_mothers_cpf(invent: Inventor) -> tuple[Case, bool]:
    child = invent.someone()
    born = child.birth_date - timedelta(days=invent.random.randrange(6000, 15_000))
    mother = invent.someone(name=child.mother, sex="3", birth_date=born)
    return (_with_cpf_of(mother, child).kept(), (invent.found(mother),)), False


def son_under_his_fathers_cpf(invent: Inventor) -> tuple[Case, bool]:
    father, son = _father_and_son(invent)
    return (_with_cpf_of(father, son).kept(), (invent.found(father),)), False


def son_entered_from_his_fathers_papers(invent: Inventor) -> tuple[Case, bool]:
    """All of the father's but the name."""
    father, son = _father_and_son(invent)
    return (father.kept(name=str(son.name)), (invent.found(father),)), False


def grandson_entered_from_his_uncles_papers(invent: Inventor) -> tuple[Case, bool]:
    """José Lima Filho and José Lima Neto."""
    grandfather, uncle = _father_and_son(invent)
    uncle = replace(uncle, name=replace(uncle.name, generation="Filho"))
    name = replace(grandfather.name, generation=invent.pick(("Neto", "Sobrinho")))
    return (uncle.kept(name=str(name)), (invent.found(uncle),)), False


def _father_and_son(invent: Inventor) -> tuple[Someone, Someone]:
    father = invent.someone(sex="1", name=invent.name("1", (invent.surname(), invent.surname())))
    born = father.birth_date + timedelta(days=invent.random.randrange(6000, 15_000))
    name = replace(father.name, generation=invent.pick(("Filho", "Júnior", "Segundo")))
    return father, invent.someone(sex="1", name=name, birth_date=born)


# ---- a CPF typed wrong, which is somebody's ----------------------------------------------------------------------


def stranger(invent: Inventor) -> tuple[Case, bool]:
    person, other = invent.someone(), invent.someone()
    return (_with_cpf_of(other, person).kept(), (invent.found(other),)), False


def stranger_of_the_same_day(invent: Inventor) -> tuple[Case, bool]:
    person = invent.someone()
    other = invent.someone(birth_date=person.birth_date)
    if other.name.given[0] == person.name.given[0]:
        return stranger_of_the_same_day(invent)
    return (_with_cpf_of(other, person).kept(), (invent.found(other),)), False


def stranger_of_the_same_first_name(invent: Inventor) -> tuple[Case, bool]:
    person, other = invent.someone(), invent.someone()
    other = replace(other, name=replace(other.name, given=person.name.given))
    return (_with_cpf_of(other, person).kept(), (invent.found(other),)), False


def stranger_of_the_same_day_first_and_last_name(invent: Inventor) -> tuple[Case, bool]:
    person = invent.someone()
    person = replace(person, name=Name(person.name.given[:1], ("Tanaka", person.name.family[-1])))
    name = replace(person.name, family=("Hoffmann", person.name.family[-1]))
    other = invent.someone(name=name, birth_date=person.birth_date)
    return (_with_cpf_of(other, person).kept(), (invent.found(other),)), False


TWINS_AND_NAMESAKES: dict[Stranger, tuple[str, int]] = {
    twin_whose_cpf_is_here: ("C", 230),
    newborn_whose_twins_cpf_is_here: ("D", 100),
    newborn_without_cpf: ("E", 60),
    twin_named_by_an_initial_whose_cpf_is_here: ("D", 60),
    twin_of_a_shorter_name_whose_cpf_is_here: ("B", 150),
    twin_abbreviated_whose_cpf_is_here: ("B", 120),
    twin_who_married_whose_cpf_is_here: ("C", 80),
    twin_whose_sex_differs_whose_cpf_is_here: ("C", 50),
    twin_with_a_cpf_of_their_own: ("C", 150),
    twin_without_cpf: ("E", 150),
    twins_both_found: ("E", 100),
    namesake_whose_cpf_is_here: ("A", 200),
    namesake_abbreviated_whose_cpf_is_here: ("B", 80),
    namesake_with_a_cpf_of_their_own: ("C", 60),
    namesake_without_cpf: ("E", 60),
    namesake_without_cpf_mother_unknown: ("E", 40),
    namesake_of_another_day_whose_cpf_is_here: ("C", 60),
    sibling_whose_cpf_is_here: ("C", 70),
    child_under_the_mothers_cpf: ("C", 60),
    son_under_his_fathers_cpf: ("C", 60),
    son_entered_from_his_fathers_papers: ("B", 30),
    grandson_entered_from_his_uncles_papers: ("C", 30),
}
WRONG_CPFS: dict[Stranger, tuple[str, int]] = {
    stranger: ("C", 350),
    stranger_of_the_same_day: ("C", 70),
    stranger_of_the_same_first_name: ("C", 50),
    stranger_of_the_same_day_first_and_last_name: ("C", 30),
}
"""Kind → tier of the written policy, pairs."""
