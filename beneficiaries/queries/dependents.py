"""What later work stands on a number: asked before a number is taken back. Other apps answer by their dotted names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

SOURCES = ("cards.queries.eligibility.cards_standing",)
"""Functions of people's numbers and a moment, since which their work counts."""


TAKEN_AWAY = ("sib.queries.dependents.hold_drafts_telling",)
"""Functions of a person and a number that was taken from her, in the same transaction: what would still spread it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A piece of work that would fall: whose, what it is in a sentence without numbers or names, and its page."""

    person_id: int
    sentence: str
    page: str  # name of an address of the operator
    subject: int  # its argument

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def standing_on(numbers: Mapping[int, str], since: datetime) -> list[Standing]:
    """What other apps made with these numbers, by person, since that moment."""
    if not numbers:
        return []
    ask: list[Callable[[Mapping[int, str], datetime], Iterable[Standing]]] = [import_string(name) for name in SOURCES]
    return [standing for source in ask for standing in source(numbers, since)]


def number_taken_away(person_id: int, number: str) -> None:
    """Tell the apps above, which hold back what they were about to send with it."""
    for name in TAKEN_AWAY:
        import_string(name)(person_id, number)
