"""Decides the rows that are not plain one by one, by the rules that SQL does not know, and writes them in batches."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.db import connection

from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.domain.person_columns import PERSON_COLUMNS
from beneficiaries.domain.same_person import SiblingFacts
from beneficiaries.models import Beneficiary, LineResult, Person
from beneficiaries.services.change_events import Changes, bulk_overwrite, change_event
from beneficiaries.services.csv_import.decide_rows import anchors_of, large_joins, lines_of
from beneficiaries.services.csv_import.match_links import LINK_FIELDS, Links, known_links
from beneficiaries.services.csv_import.match_people import People, people_for
from beneficiaries.services.csv_import.stage_rows import staged_rows
from beneficiaries.services.waiting_periods import WaitingPeriodChanges
from beneficiaries.sql import import_decisions
from cnsportal.db.copy import copy_rows
from operators.audit import Event, EventKind, record
from operators.models import User

PERHAPS = "pessoa: cadastrada como nova, mas pode já estar no cadastro. {doubt} Veja “Talvez a mesma pessoa”."


@dataclass
class _DecidedRow:
    """A row on its way: its person, its link, and what changed of both."""

    line: int
    person: Person
    changes: Changes
    link: Beneficiary
    link_changes: Changes
    notes: list[str]
    result: LineResult


@dataclass
class _EarlierBatches:
    """What earlier batches said of people who occur in the file more than once."""

    links: dict[int, list[SiblingFacts]] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)  # offered at the end alone

    def remember(self, decided: Iterable[_DecidedRow], people: People) -> None:
        for one in decided:
            self.links[one.person.pk] = people.links[id(one.person)]
            if number := people.numbers.get(id(one.person)):
                self.numbers[one.person.pk] = number


@dataclass
class _Known:
    """What the registry knows of everything that a batch of rows is about."""

    people: People
    links: Links
    waiting: WaitingPeriodChanges

    @classmethod
    def of(cls, rows: Sequence[Row], earlier: _EarlierBatches) -> "_Known":
        links = known_links(rows)
        return cls(
            people_for(rows, links.values(), earlier.links, earlier.numbers),
            Links.for_rows(rows, links, anchors_of([row.line for row in rows])),
            WaitingPeriodChanges.for_rows(rows, links.values()),
        )


def decide_ambiguous(*, actor: User | None) -> None:
    """Write them, and what became of each into ``looked``."""
    earlier = _EarlierBatches()
    for lines in lines_of("SELECT line FROM decided WHERE fate = 'look' ORDER BY line"):
        _write_batch(list(staged_rows(lines)), earlier, actor)
    with large_joins(), connection.cursor() as cursor:
        cursor.execute(import_decisions.TAKE_OUTCOMES)


def _write_batch(rows: Sequence[Row], earlier: _EarlierBatches, actor: User | None) -> None:
    known = _Known.of(rows, earlier)
    decided: list[_DecidedRow] = []
    refused: list[tuple[object, ...]] = []
    for row in rows:
        try:
            decided.append(_decide(row, known))
        except InvalidValue as problem:
            refused.append((row.line, LineResult.REJECTED, f"{problem.column}: {problem}", None, None, None))
    _save_people(decided, actor)
    _save_links(decided, actor)
    known.waiting.save()
    earlier.remember(decided, known.people)
    copy_rows("looked", _OUTCOME, [*refused, *map(_outcome, decided)])


_OUTCOME = ("line", "result", "notes", "person_id", "link_id", "changes")


def _decide(row: Row, known: _Known) -> _DecidedRow:
    """Nothing of person or link is touched before both are known to fit. Raises InvalidValue."""
    person = known.people.of(row)
    known.links.refuse_contradictions(row)
    changes, overruled = known.people.write(row, person)
    notes = [f"{', '.join(overruled)}: vale o que disse a primeira linha desta pessoa."] if overruled else []
    if doubt := known.people.doubts.get(id(person)):
        notes.append(PERHAPS.format(doubt=doubt))
    link, link_changes = known.links.write(row)
    link_changes |= known.waiting.take(row, link)
    known_result = LineResult.UPDATED if changes or link_changes else LineResult.UNCHANGED
    result = LineResult.CREATED if link.pk is None else known_result
    return _DecidedRow(row.line, person, changes, link, link_changes, notes, result)


def _outcome(one: _DecidedRow) -> tuple[object, ...]:
    changes = one.changes | one.link_changes if one.result is LineResult.UPDATED else {}
    before = {name: _plain(before) for name, (before, _) in changes.items()}
    after = {name: _plain(after) for name, (_, after) in changes.items()}
    details = json.dumps({"before": before, "after": after}, ensure_ascii=False)
    return one.line, one.result, " ".join(one.notes), one.person.pk, one.link.pk, details


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _save_people(decided: Sequence[_DecidedRow], actor: User | None) -> None:
    people = {id(one.person): one.person for one in decided}
    changes: dict[int, Changes] = {}
    for one in decided:
        changes.setdefault(id(one.person), {}).update(one.changes)
    fresh = [person for person in people.values() if person.pk is None]
    known = [person for key, person in people.items() if person.pk is not None and changes[key]]
    known.sort(key=attrgetter("pk"))  # the order in which everybody locks people
    Person.objects.bulk_create(fresh)
    bulk_overwrite(Person, known, [*PERSON_COLUMNS.values(), "name_key", "updated_at"])
    record(Event(EventKind.PERSON_CREATED, "person", person.pk, person.pk, actor, "import") for person in fresh)
    record(_changed(EventKind.PERSON_CHANGED, person.pk, person.pk, changes[id(person)], actor) for person in known)


def _save_links(decided: Sequence[_DecidedRow], actor: User | None) -> None:
    for one in decided:
        one.link.person = one.person
    written = [one for one in decided if one.link.pk is None or one.link_changes]
    known = sorted((one for one in written if one.link.pk is not None), key=lambda one: one.link.pk)
    Beneficiary.objects.bulk_create(one.link for one in written if one.link.pk is None)
    bulk_overwrite(Beneficiary, [one.link for one in known], ["person", *LINK_FIELDS, "updated_at"])
    record(_changed(EventKind.LINK_CHANGED, one.link.pk, one.person.pk, one.link_changes, actor) for one in known)


def _changed(kind: EventKind, pk: int, person_id: int, changes: Changes, actor: User | None) -> Event:
    return change_event(kind, pk, person_id, changes, actor=actor, source="import")
