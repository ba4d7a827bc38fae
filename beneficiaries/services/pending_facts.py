"""Records the facts from which pending_reason is computed: each source writes its own and hides no other's."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import connection

from beneficiaries.models import CnsSource, PendingReason, Person
from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id

_SQL = read_statements("beneficiaries/sql/pending_facts.sql")


@dataclass(frozen=True, slots=True)
class CnsRefusal:
    """A number that was offered to a person and not taken."""

    person_id: int
    reason: PendingReason
    source: CnsSource
    number: str = ""


_MAX_NUMBER_CHARACTERS = 15


def note_answers(answers: Mapping[int, PendingReason | None]) -> None:
    """What DATASUS answered to the portal's own question about each person; None where nothing is left to say.

    The question is settled with it, and what DATASUS had refused before is said no more.
    """
    people = sorted(answers)
    told = [str(answers[person] or "") for person in people]
    with connection.cursor() as cursor:
        cursor.execute(_SQL["note_answers"], {"operator": current_operator_id(), "people": people, "told": told})


def note_questions(people: Collection[int], question: PendingReason | None) -> None:
    """How the question to DATASUS about these people stands; None where there is none any more."""
    told = question or ""
    Person.objects.filter(pk__in=people).exclude(cns_question=told).update(cns_question=told)


def note_refusals(refusals: Iterable[CnsRefusal]) -> None:
    """Which numbers were refused, and why; of several for one person the last."""
    rows = sorted(refusals, key=attrgetter("person_id"))
    columns: list[list[Any]] = [
        [each.person_id for each in rows],
        [str(each.reason) for each in rows],
        [str(each.source) for each in rows],
        [_shortened(each.number) for each in rows],
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["note_refusals"], [*columns, current_operator_id()])


def replace_refusals(refused: str, parameters: Mapping[str, Any], *, source: CnsSource) -> None:
    """Everything that this source refuses by now; what else it said is said no more.

    ``refused`` is SQL that gives person_id (once), reason and number, as short as one that is kept.
    """
    about = {**parameters, "operator": current_operator_id(), "source": str(source)}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["replace_refusals"].format(refused=refused), about)


def _shortened(number: str) -> str:
    """What a file holds in place of a number may be of any length; cut, it must not look like one."""
    return number if len(number) <= _MAX_NUMBER_CHARACTERS else number[: _MAX_NUMBER_CHARACTERS - 1] + "…"
