"""The whole set, pair by pair."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from beneficiaries.domain.identity_policy import Candidate, Identity
from tests.labelled.alike import ALIKE
from tests.labelled.others import TWINS_AND_NAMESAKES, WRONG_CPFS
from tests.labelled.people import TODAY, Inventor
from tests.labelled.unproven import UNPROVEN

__all__ = ["COLUMNS", "SEED", "TODAY", "Pair", "digest", "labelled"]

SEED = 20261123
COLUMNS = ("kind", "group", "tier", "has_twin", "cpf", "name", "birth_date", "mother_name", "found")


@dataclass(frozen=True, slots=True)
class Pair:
    kind: str
    group: str  # "same", "twins", "wrong"
    tier: str  # by the letter of the written policy
    ours: Identity
    candidates: tuple[Candidate, ...]
    has_twin: bool

    @property
    def is_same(self) -> bool:
        return self.group == "same"

    def row(self) -> tuple[object, ...]:
        """In the order of COLUMNS."""
        told = (self.ours.cpf, self.ours.name, self.ours.birth_date, self.ours.mother_name)
        return (self.kind, self.group, self.tier, self.has_twin, *told, " | ".join(map(_told, self.candidates)))


@cache
def labelled(seed: int = SEED) -> tuple[Pair, ...]:
    return tuple(_pairs(Inventor(seed)))


def digest(pairs: tuple[Pair, ...]) -> str:
    return hashlib.sha256("\n".join(str(pair.row()) for pair in pairs).encode()).hexdigest()


def _told(found: Candidate) -> str:
    numbers = " ".join(f"{number.number}{number.kind}" for number in found.numbers)
    record = f"{found.active:d}{found.deceased:d} {numbers}"
    name = f"{found.name} ({found.social_name})"
    return f"{found.cpf} {name} {found.birth_date} {found.mother_name} {found.sex} {found.city_code} {record}"


def _pairs(invent: Inventor) -> Iterator[Pair]:
    for make, (tier, count) in (ALIKE | UNPROVEN).items():
        for _ in range(count):
            yield Pair(make.__name__, "same", tier, *make(invent), has_twin=False)
    for group, kinds in (("twins", TWINS_AND_NAMESAKES), ("wrong", WRONG_CPFS)):
        for other, (tier, count) in kinds.items():
            for _ in range(count):
                case, has_twin = other(invent)
                yield Pair(other.__name__, group, tier, *case, has_twin=has_twin)
