"""Record linkage (deduplication): the one rule for when two records are one person. Pure.

An equal CPF is one person, unless birth date or name contradict it. Without a CPF on one side it takes an equal real
name, birth date and real mother's name, nothing told on both sides that contradicts them, and no sign of siblings of
one birth. "RN de …" and placeholders are no real names: they are unknown, and what is unknown is never different.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rapidfuzz.distance import OSA

from beneficiaries.domain.field_comparison import Agreement, FieldComparison, compare_names, compare_values

EQUAL, DIFFERENT, UNKNOWN = Agreement.EQUAL, Agreement.DIFFERENT, Agreement.UNKNOWN
ALIKE = frozenset({Agreement.ABBREVIATED, Agreement.SURNAME_CHANGED})

AGAINST = {"cpf": "o CPF", "sexo": "o sexo", "dn": "a DN", "pis": "o PIS/PASEP", "cns": "o CNS"}
"""What contradicts one person where both sides have it and it differs, as sentences call it."""


class SamePerson(Enum):
    SAME = "SAME"
    POSSIBLE = "POSSIBLE"  # not proven: a person looks at the two
    CONTRADICTED = "CONTRADICTED"  # an equal CPF under which somebody else stands: nothing is written
    DIFFERENT = "DIFFERENT"  # nothing points to one person, or a given value contradicts it


SAME_CPF = "O CPF é o mesmo, e nada o contradiz."
SAME_RECORD = "Nome, nascimento e nome da mãe são os mesmos, e nada os contradiz."
OTHER_BIRTH_DATE = "Este CPF já está cadastrado com outra data de nascimento."
OTHER_NAME = "Este CPF já está cadastrado com outro nome."
OTHER_NEWBORN = "Este CPF já está cadastrado para outro recém-nascido. Confira de quem é o CPF."
CPF_ALONE = "O CPF é o mesmo, mas faltam nome e nascimento para comparar."
SAME_CNS = "O CNS é o mesmo."
SIBLINGS = "Nome, nascimento e nome da mãe são os mesmos, mas os vínculos parecem de irmãos do mesmo parto."
MOTHER_UNKNOWN = "Nome e nascimento são os mesmos; falta o nome da mãe para comparar."
MOTHER_ALIKE = "Nome e nascimento são os mesmos, e os nomes das mães se parecem."
NAME_UNKNOWN = "Nascimento e nome da mãe são os mesmos; falta um nome para comparar, como o de um recém-nascido."
NAME_ALIKE = "Nascimento e nome da mãe são os mesmos, e os nomes se parecem."
BIRTH_ALMOST_EQUAL = "Nome e nome da mãe são os mesmos, e as datas de nascimento diferem em pouco."
NOTHING_IN_COMMON = "Nada indica que sejam a mesma pessoa."


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What one side says of a person; empty where it does not know."""

    cpf: str
    name: str
    birth_date: date | None
    mother_name: str = ""
    dn: str = ""
    sex: str = ""
    pis_pasep: str = ""
    cns: str = ""


@dataclass(frozen=True, slots=True)
class SiblingFacts:
    """What of a link shows siblings: children of one birth are enrolled together."""

    holder: str  # code or CCO of the titular; empty for a titular
    plan: str
    contracted_on: date | None


@dataclass(frozen=True, slots=True)
class SamePersonVerdict:
    answer: SamePerson
    sentence: str
    comparison: tuple[FieldComparison, ...]


def is_real_name(name: str) -> bool:
    """Whether the name may prove anything: "RN de …" and what forms hold for "nothing" do not."""
    return compare_names("nome", name, name).agreement is EQUAL


def are_siblings_of_one_birth(one: SiblingFacts, other: SiblingFacts) -> bool:
    """Whether two links of one file look like those of twins: one start, and one holder or one plan."""
    if one.contracted_on is None or one.contracted_on != other.contracted_on:
        return False
    return bool(one.holder and one.holder == other.holder) or bool(one.plan and one.plan == other.plan)


def compare_people(one: PersonFacts, other: PersonFacts, *, siblings: bool = False) -> SamePersonVerdict:
    """``siblings``: whether two of their links look like those of children of one birth."""
    comparison = _compared(one, other)
    seen = {field.field: field.agreement for field in comparison}
    if seen["cpf"] is EQUAL:
        answer, sentence = _of_one_cpf(seen, siblings=siblings)
    else:
        slip = seen["nascimento"] is DIFFERENT and _is_typing_error(one.birth_date, other.birth_date)
        answer, sentence = _without_one_cpf(seen, siblings=siblings, slip=slip)
    return SamePersonVerdict(answer, sentence, comparison)


def _compared(one: PersonFacts, other: PersonFacts) -> tuple[FieldComparison, ...]:
    """The fields are called as the identity policy calls them (beneficiaries.domain.identity_policy.compare)."""
    return (
        compare_values("cpf", one.cpf, other.cpf),
        compare_values("nascimento", one.birth_date, other.birth_date),
        compare_names("nome", one.name, other.name),
        compare_names("mae", one.mother_name, other.mother_name),
        compare_values("sexo", one.sex, other.sex),
        compare_values("dn", one.dn, other.dn),
        compare_values("pis", one.pis_pasep, other.pis_pasep),
        compare_values("cns", one.cns, other.cns),
    )


Seen = Mapping[str, Agreement]


def _of_one_cpf(seen: Seen, *, siblings: bool) -> tuple[SamePerson, str]:
    """An unknown name proves nothing: newborns have their mother's CPF, so that DN, sex and links count."""
    if seen["nascimento"] is DIFFERENT:
        return SamePerson.CONTRADICTED, OTHER_BIRTH_DATE
    if seen["nome"] is DIFFERENT:
        return SamePerson.CONTRADICTED, OTHER_NAME
    if seen["nome"] is UNKNOWN and (siblings or DIFFERENT in {seen["dn"], seen["sexo"]}):
        return SamePerson.CONTRADICTED, OTHER_NEWBORN
    if seen["nome"] is UNKNOWN and seen["nascimento"] is UNKNOWN:
        return SamePerson.POSSIBLE, CPF_ALONE
    return SamePerson.SAME, SAME_CPF


def _without_one_cpf(seen: Seen, *, siblings: bool, slip: bool) -> tuple[SamePerson, str]:
    against = [called for field, called in AGAINST.items() if seen[field] is DIFFERENT]
    if seen["nascimento"] is EQUAL and seen["nome"] is EQUAL and seen["mae"] is EQUAL:
        if against:
            return SamePerson.POSSIBLE, _but(against)
        return (SamePerson.POSSIBLE, SIBLINGS) if siblings else (SamePerson.SAME, SAME_RECORD)
    if seen["cns"] is EQUAL:
        return SamePerson.POSSIBLE, SAME_CNS
    doubt = _doubt(seen, slip=slip)
    return (SamePerson.POSSIBLE, doubt) if doubt and not against else (SamePerson.DIFFERENT, NOTHING_IN_COMMON)


def _but(against: list[str]) -> str:
    *others, last = against
    told = f"{', '.join(others)} e {last}" if others else last
    return f"Nome, nascimento e nome da mãe são os mesmos, mas {told} não."


def _doubt(seen: Seen, *, slip: bool) -> str:
    """Why the two may yet be one; empty where nothing says so."""
    name, mother = seen["nome"], seen["mae"]
    if slip:
        return BIRTH_ALMOST_EQUAL if name is EQUAL and mother is EQUAL else ""
    if seen["nascimento"] is not EQUAL:
        return ""
    if name is EQUAL:
        return MOTHER_UNKNOWN if mother is UNKNOWN else MOTHER_ALIKE if mother in ALIKE else ""
    if mother is not EQUAL:
        return ""
    return NAME_UNKNOWN if name is UNKNOWN else NAME_ALIKE if name in ALIKE else ""


def _is_typing_error(one: date | None, other: date | None) -> bool:
    """One key beside the right one, two that changed places, or day and month."""
    if one is None or other is None:
        return False
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return swapped or OSA.distance(one.isoformat(), other.isoformat()) == 1
