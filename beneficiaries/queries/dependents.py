"""Later work that depends on a number: checked before a number is removed. Other apps contribute (registry)."""

from collections.abc import Mapping
from datetime import datetime

from beneficiaries.registry import DEPENDENT_SOURCES, REMOVAL_LISTENERS, Dependent


def dependents_of(numbers: Mapping[int, str], since: datetime) -> list[Dependent]:
    """What other apps made with these numbers, by person, since that moment."""
    if not numbers:
        return []
    return [dependent for source in DEPENDENT_SOURCES for dependent in source(numbers, since)]


def notify_number_removed(person_id: int, number: str) -> None:
    """Tell the apps above, which hold back what they were about to send with it."""
    for listener in REMOVAL_LISTENERS:
        listener(person_id, number)
