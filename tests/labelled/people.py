"""Invented people whose names are known by their parts, so that they may be written in every way that people meet."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from beneficiaries.domain.identifiers import cns_from_base, cpf_from_base
from beneficiaries.domain.identity_policy import Candidate, CnsCandidate, Identity
from demo.synthetic import vocabulary

T = TypeVar("T")
TODAY = date(2026, 11, 23)
RARE = ("Kowalczyk", "Tanaka", "Bortolotto", "Zanette", "Hoffmann", "Potiguara", "Xavante", "Nakamura", "Wollmann")
MORE_SURNAMES = ("da Silva", "dos Santos", "de Souza", "Oliveira", "Pereira", "de Lima", "Ferreira", "Rodrigues")
SURNAMES = (*vocabulary.SURNAMES, *MORE_SURNAMES * 4, *RARE)
MORE_FIRST = {
    "3": ("Luíza", "Isabela", "Cristina", "Teresa", "Rebeca", "Giovana", "Marta", "Aparecida"),
    "1": ("Tiago", "Felipe", "Valter", "Mateus", "Rafael", "Luiz", "Miguel", "Caetano"),
}
FIRST = {sex: (*names, *MORE_FIRST[sex]) for sex, names in vocabulary.FIRST.items()}
SECOND = vocabulary.SECOND


@dataclass(frozen=True, slots=True)
class Name:
    given: tuple[str, ...]
    family: tuple[str, ...]
    generation: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [*self.given, *self.family, self.generation]))


@dataclass(frozen=True, slots=True)
class Someone:
    name: Name
    mother: Name
    birth_date: date
    sex: str
    city: str
    cpf: str
    cns: str

    def kept(self, **changes: object) -> Identity:
        """As the operator has typed them in."""
        person = Identity(self.cpf, str(self.name), self.birth_date, str(self.mother), self.sex, self.city)
        return replace(person, **changes)  # type: ignore[arg-type]


class Inventor:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._cpfs: set[str] = set()

    def someone(self, **traits: object) -> Someone:
        """Somebody new; of what is not said, anything."""
        sex, mothers, fathers = self.pick("13"), self.surname(), self.surname()
        invented = Someone(
            name=self.name(sex, self._family(mothers, fathers)),
            mother=self.name("3", self._mothers_family(mothers, fathers)),
            birth_date=TODAY - timedelta(days=self.random.randrange(400, 32_000)),
            sex=sex,
            city=self.pick(vocabulary.CITIES).code,
            cpf=self.cpf(),
            cns=self.cns(),
        )
        return replace(invented, **traits)  # type: ignore[arg-type]

    def name(self, sex: str, family: tuple[str, ...]) -> Name:
        first, second = self.pick(FIRST[sex]), self.pick(SECOND[sex])
        return Name((first, second) if self.chance(0.45) and second != first else (first,), family)

    def surname(self, unlike: str = "") -> str:
        return self.pick([name for name in SURNAMES if name != unlike])

    def cpf(self) -> str:
        cpf = cpf_from_base(f"{self.random.randrange(10**8, 10**9)}")
        if cpf in self._cpfs:
            return self.cpf()
        self._cpfs.add(cpf)
        return cpf

    def cns(self) -> str:
        return cns_from_base(f"2{self.random.randrange(10**10):010d}")

    def pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def found(self, person: Someone, **changes: object) -> Candidate:
        """As DATASUS has them: one definitive number, and a hand of its own in writing."""
        name, mother = (str(changes.pop(field, value)) for field, value in _names(person))
        city = self.pick(vocabulary.CITIES).code if self.chance(0.1) else person.city
        record = Candidate(
            cpf=person.cpf,
            name=self.written(name),
            birth_date=person.birth_date,
            mother_name=self.written(mother),
            sex=person.sex if self.chance(0.97) else "",
            city_code=city,
            numbers=(CnsCandidate(person.cns, "D"),),
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def written(self, name: str) -> str:
        """Mostly in capitals without accents: the same name to the policy."""
        name = name.upper() if self.chance(0.9) else name.title()
        return without_accents(name) if self.chance(0.8) else name

    def _family(self, mothers: str, fathers: str) -> tuple[str, ...]:
        if self.chance(0.15):
            return (fathers,)
        return (self.surname(), mothers, fathers) if self.chance(0.15) else (mothers, fathers)

    def _mothers_family(self, own: str, husbands: str) -> tuple[str, ...]:
        if self.chance(0.2):
            return (own,)
        return (own, husbands) if self.chance(0.5) else (self.surname(), own)


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _names(person: Someone) -> tuple[tuple[str, Name], tuple[str, Name]]:
    return ("name", person.name), ("mother_name", person.mother)
