"""The people of the simulator, and how they are found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from beneficiaries.domain.names import fold
from datasus_simulator.behaviours import ScheduledBehaviour


class CnsKind(StrEnum):
    DEFINITIVE = "D"
    PROVISIONAL = "P"
    OLD = "OLD"  # leads to its person, but is not shown any more
    UNSAID = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A CNS of a person."""

    digits: str
    kind: CnsKind = CnsKind.UNSAID


@dataclass(frozen=True, slots=True)
class Person:
    """A record of the registry; empty text where it says nothing, dates as yyyymmdd."""

    key: str
    cpf: str = ""
    numbers: tuple[Number, ...] = ()
    name: str = ""
    social_name: str = ""
    mother_name: str = ""
    father_name: str = ""
    birth_date: str = ""
    sex: str = ""  # M, F or empty
    birth_city: str = ""  # IBGE, six digits
    nis: str = ""
    dnv: str = ""
    is_active: bool = True
    is_deceased: bool = False
    died_on: str = ""
    behaviours: frozenset[ScheduledBehaviour] = frozenset()

    @property
    def shown_numbers(self) -> tuple[Number, ...]:
        return tuple(number for number in self.numbers if number.kind is not CnsKind.OLD)


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What a search without a number may say; empty where it says nothing, names folded."""

    name: str = ""
    mother_name: str = ""
    birth_date: str = ""
    sex: str = ""
    birth_city: str = ""

    def fit(self, person: Person) -> bool:
        """Whether everything that is said is so: AND over folded text."""
        return (
            self.name in ("", fold(person.name), fold(person.social_name))
            and self.mother_name in ("", fold(person.mother_name))
            and self.birth_date in ("", person.birth_date)
            and self.sex in ("", person.sex)
            and self.birth_city in ("", person.birth_city)
        )

    def __bool__(self) -> bool:
        return any((self.name, self.mother_name, self.birth_date, self.sex, self.birth_city))


class NumberKind(StrEnum):
    CPF = "cpf"
    CNS = "cns"
    NIS = "nis"


Index = dict[str, list[Person]]


class Registry:
    """People in the order of their file, found by number or by criteria."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(people)
        self._by_number = {
            NumberKind.CPF: _index(self.people, lambda person: [person.cpf]),
            NumberKind.CNS: _index(self.people, lambda person: [number.digits for number in person.numbers]),
            NumberKind.NIS: _index(self.people, lambda person: [person.nis]),
        }
        self._by_name = _index(self.people, lambda person: [fold(person.name), fold(person.social_name)])
        self._by_birth_date = _index(self.people, lambda person: [person.birth_date])

    def with_number(self, kind: NumberKind, digits: str) -> list[Person]:
        return self._by_number[kind].get(digits, [])

    def matching(self, criteria: SearchCriteria) -> list[Person]:
        return [person for person in self._narrowed(criteria) if criteria.fit(person)]

    def _narrowed(self, criteria: SearchCriteria) -> Iterable[Person]:
        if criteria.name:
            return self._by_name.get(criteria.name, [])
        return self._by_birth_date.get(criteria.birth_date, []) if criteria.birth_date else self.people


def _index(people: Iterable[Person], keys: Callable[[Person], list[str]]) -> Index:
    index: Index = {}
    for person in people:
        for key in filter(None, dict.fromkeys(keys(person))):
            index.setdefault(key, []).append(person)
    return index
