"""One person on both sides, whom the written policy knows again: tiers A and B."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from beneficiaries.domain.identity_policy import Candidate, CnsCandidate, Identity
from beneficiaries.domain.names import fold
from tests.labelled.people import Inventor, Name, Someone
from tests.labelled.spelling import SLIPS, SOUNDS_ALIKE, initials, with_particles, without_particles

Case = tuple[Identity, tuple[Candidate, ...]]
Kind = Callable[[Inventor], Case]
LONGEST_NAME = 60  # of some registries


def case_of(invent: Inventor, person: Someone, **changes: object) -> Case:
    return person.kept(), (invent.found(person, **changes),)


def misspelt(invent: Inventor, name: str, place: int, slips: int = 1) -> str:
    """A word of it with so many slips that it is another word."""
    words = name.split()
    for _ in range(slips):
        words[place] = invent.pick(SLIPS)(invent.random, words[place])
    is_another = fold(words[place]) != fold(name.split()[place])
    return " ".join(words) if is_another else misspelt(invent, name, place, slips)


# ---- tier A: the same name after normalising ---------------------------------------------------------------------


def equal(invent: Inventor) -> Case:
    return case_of(invent, invent.someone())


def capitals_and_blanks(invent: Inventor) -> Case:
    person = invent.someone()
    name = str(person.name).upper() if invent.chance(0.5) else str(person.name).lower()
    return person.kept(name=f" {name.replace(' ', '  ')} "), (invent.found(person),)


def particle_more(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, name=with_particles(invent.random, str(person.name)))


def particles_missing(invent: Inventor) -> Case:
    person = invent.someone(name=Name((invent.pick(("Ana", "José")), "de Assis"), ("da Silva", "dos Santos")))
    return case_of(invent, person, name=without_particles(str(person.name)))


def apostrophe_or_hyphen(invent: Inventor) -> Case:
    person = invent.someone()
    person = replace(
        person, name=replace(person.name, family=(invent.surname(), invent.pick(("D'Ávila", "Sant'Anna"))))
    )
    first, *rest = str(person.name).split()
    return case_of(invent, person, name=f"{first}-{' '.join(rest)}".replace("'", invent.pick(("", "’", "´"))))


def apostrophe_or_blank(invent: Inventor) -> Case:
    person = invent.someone()
    family = (invent.surname(), invent.pick(("D'Ávila", "Sant'Anna", "D'Amico", "Dall'Agnol", "Dell'Antonio")))
    person = replace(person, name=replace(person.name, family=family))
    mark = invent.pick(("", " ", "’", "‘", "´", "`", "ʼ", "′"))
    return either_way(invent, person, str(person.name).replace("'", mark))


def generation_spelt_otherwise(invent: Inventor) -> Case:
    long, *short = invent.pick(
        (("Júnior", "Jr", "JR.", "Jnr"), ("Filho", "Fº", "FO"), ("Neto", "Nto."), ("Segundo", "II"))
    )
    person = invent.someone(sex="1", name=replace(invent.name("1", (invent.surname(),)), generation=long))
    return either_way(invent, person, replace(person.name, generation=invent.pick(short)))


def letters_that_nobody_sees(invent: Inventor) -> Case:
    person = invent.someone()
    name = unicodedata.normalize("NFD", str(person.name))
    place = invent.random.randrange(1, len(name))
    return case_of(invent, person, name=name[:place] + invent.pick("\u200b\u00ad\ufeff\u202a") + name[place:])


def social_name_kept_here(invent: Inventor) -> Case:
    person = invent.someone()
    official = invent.name("1" if person.sex == "3" else "3", person.name.family)
    return case_of(invent, person, name=official, social_name=str(person.name).upper())


def mother_abbreviated(invent: Inventor) -> Case:
    person = invent.someone(mother=invent.name("3", (invent.surname(), invent.surname(), invent.surname())))
    return case_of(invent, person, mother_name=_abbreviated(person.mother))


def mother_missing(invent: Inventor) -> Case:
    return case_of(invent, invent.someone(), mother_name=invent.pick(("", "SEM INFORMACAO", "NAO INFORMADA")))


def mother_misspelt(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, mother_name=misspelt(invent, str(person.mother), -1))


def mother_remarried(invent: Inventor) -> Case:
    person = invent.someone()
    family = (*person.mother.family, invent.surname())
    return case_of(invent, person, mother_name=replace(person.mother, family=family))


def parents_swapped(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, mother_name=invent.name("1", person.name.family))


def sex_or_city_wrong(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, sex="1" if person.sex == "3" else "3", city_code="999999")


def provisional_beside(invent: Inventor) -> Case:
    person = invent.someone()
    numbers = [CnsCandidate(person.cns, "D"), *(CnsCandidate(invent.cns(), "P") for _ in range(3))]
    invent.random.shuffle(numbers)
    return case_of(invent, person, numbers=tuple(numbers))


def old_number_leads_to_the_new(invent: Inventor) -> Case:
    """The record that a former number leads to shows that one as provisional now, if at all."""
    person = invent.someone()
    return case_of(invent, person, numbers=(CnsCandidate(invent.cns(), "P"), CnsCandidate(person.cns, "D")))


def others_beside(invent: Inventor) -> Case:
    person = invent.someone()
    people = [invent.found(person), *(invent.found(invent.someone(name=person.name)) for _ in range(2))]
    invent.random.shuffle(people)
    return person.kept(), tuple(people)


# ---- tier B: abbreviated, middle names missing, another surname and the same mother ------------------------------


def _abbreviated(name: Name) -> str:
    first, *middle = name.given
    *between, last = name.family
    return " ".join(filter(None, [first, *initials((*middle, *between)), last, name.generation]))


def _with_middle(invent: Inventor) -> Someone:
    person = invent.someone()
    return person if len(person.name.given) + len(person.name.family) > 2 else _with_middle(invent)


def either_way(invent: Inventor, person: Someone, name: object) -> Case:
    """The other spelling is theirs, or ours."""
    if invent.chance(0.5):
        return person.kept(name=str(name)), (invent.found(person),)
    return case_of(invent, person, name=name)


def middle_names_abbreviated(invent: Inventor) -> Case:
    person = _with_middle(invent)
    return either_way(invent, person, _abbreviated(person.name))


def family_name_abbreviated(invent: Inventor) -> Case:
    person = invent.someone()
    name = replace(person.name, family=(invent.surname(), *person.name.family))
    (letter,) = initials(name.family[:1])
    shorter = replace(name, family=(letter, *name.family[1:]))
    return either_way(invent, replace(person, name=name), shorter)


def middle_names_missing(invent: Inventor) -> Case:
    person = _with_middle(invent)
    return either_way(invent, person, Name(person.name.given[:1], person.name.family[-1:]))


def family_name_missing(invent: Inventor) -> Case:
    person = invent.someone()
    longer = replace(person.name, family=(invent.surname(), *person.name.family))
    return either_way(invent, person, longer)


def surname_added(invent: Inventor) -> Case:
    person = invent.someone()
    return either_way(invent, person, replace(person.name, family=(*person.name.family, invent.surname())))


def surname_replaced(invent: Inventor) -> Case:
    person = invent.someone()
    family = (*person.name.family[:-1], invent.surname(unlike=person.name.family[-1]))
    return either_way(invent, person, replace(person.name, family=family))


def surname_misspelt(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, name=misspelt(invent, str(person.name), -1), mother_name=person.mother)


def surname_sounds_alike(invent: Inventor) -> Case:
    spellings = [pair for pair in SOUNDS_ALIKE.items() if pair[0] in {"de Souza", "Queirós", "Corrêa", "de Moraes"}]
    one, other = invent.pick(spellings)
    person = invent.someone()
    person = replace(person, name=replace(person.name, family=(*person.name.family[:1], one)))
    return either_way(invent, person, replace(person.name, family=(*person.name.family[:1], other)))


def name_cut(invent: Inventor) -> Case:
    """Longer than a registry takes, in the midst of the last word."""
    family = ("de Albuquerque", "de Vasconcelos", "Figueirêdo de Oliveira", "Cavalcânti", "dos Guimarães")
    person = invent.someone()
    person = replace(person, name=Name((*person.name.given[:1], invent.pick(("Fernanda", "Augusto"))), family))
    return case_of(invent, person, name=str(person.name)[:LONGEST_NAME])


def first_name_doubled(invent: Inventor) -> Case:
    person = invent.someone()
    return case_of(invent, person, name=f"{person.name.given[0]} {person.name}")


def generation_missing(invent: Inventor) -> Case:
    person = invent.someone(sex="1", name=invent.name("1", (invent.surname(), invent.surname())))
    person = replace(person, name=replace(person.name, generation=invent.pick(("Filho", "Júnior", "Neto"))))
    return either_way(invent, person, replace(person.name, generation=""))


ALIKE: dict[Kind, tuple[str, int]] = {
    equal: ("A", 4785),
    capitals_and_blanks: ("A", 500),
    particle_more: ("A", 200),
    particles_missing: ("A", 200),
    apostrophe_or_hyphen: ("A", 150),
    apostrophe_or_blank: ("A", 150),
    generation_spelt_otherwise: ("A", 100),
    letters_that_nobody_sees: ("A", 50),
    social_name_kept_here: ("A", 80),
    mother_abbreviated: ("A", 250),
    mother_missing: ("A", 250),
    mother_misspelt: ("A", 120),
    mother_remarried: ("A", 120),
    parents_swapped: ("A", 25),
    sex_or_city_wrong: ("A", 150),
    provisional_beside: ("A", 200),
    old_number_leads_to_the_new: ("A", 100),
    others_beside: ("A", 60),
    middle_names_abbreviated: ("B", 120),
    family_name_abbreviated: ("B", 160),
    middle_names_missing: ("B", 120),
    family_name_missing: ("B", 160),
    surname_added: ("B", 260),
    surname_replaced: ("B", 120),
    surname_misspelt: ("B", 60),
    surname_sounds_alike: ("B", 60),
    name_cut: ("B", 20),
    first_name_doubled: ("B", 10),
    generation_missing: ("B", 30),
}
"""Kind → tier of the written policy, pairs."""
