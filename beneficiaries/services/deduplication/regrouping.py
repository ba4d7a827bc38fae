"""What merging and splitting people have in common: locks, moved rows, and what undoing needs.

Whatever refers to a person moves: the models are asked, so that a table that is new is not forgotten. What refers to a
link as well goes where the link goes. The order of locks is that of everybody: registry, open cases, people, links,
numbers.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.core import serializers
from django.db import connection, models
from django.utils import timezone
from psycopg2 import sql

from beneficiaries.models import Beneficiary, CnsNumber, Person, Regrouping, Review
from beneficiaries.queries.dependents import notify_number_removed
from beneficiaries.registry import GUARDS
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.detach_cns import lock_people
from beneficiaries.services.review_cases import record_dropped
from cnsportal.db.optimistic_lock import content_token

ADDRESS = ("street", "number", "complement", "district", "city_code", "postal_code")
PERSON_FIELDS = (
    "name", "social_name", "cpf", "birth_date", "sex", "mother_name", "dn", "pis_pasep", "email", "phone", *ADDRESS,
)  # fmt: skip
"""The fields of a person in a record."""
FACTS = (
    *("cns_answer", "cns_question", "cns_refusal", "cns_refusal_source", "cns_refused_number"),
    "cns_confirmed_at",
)
"""What was said about its CNS. The database forgets some of it where what identifies the person changes."""

Moved = dict[str, list[int]]  # table → keys


class RegroupingRefused(Exception):
    """It may not be done, or not now; nothing was written."""


def lock_people_to_regroup(one: int, other: int, *, needed: Collection[int]) -> dict[int, Person]:
    """Lock the two, their cases, links and numbers, and stop what is under way. Raises RegroupingRefused."""
    lock_registry()
    open_cases({one, other})
    people = Person.objects.filter(pk__in=[one, other]).order_by("pk")
    list(people.select_for_update().values_list("pk"))  # whoever is making rows that refer to them is waited for
    lock_people({one, other})
    list(CnsNumber.objects.filter(person__in=[one, other]).order_by("number").select_for_update().values_list("pk"))
    for guard in GUARDS:
        if sentence := guard([one, other]):
            raise RegroupingRefused(sentence)
    records = Person.objects.in_bulk([one, other])
    if not records.keys() >= set(needed):
        raise RegroupingRefused("Um destes cadastros não existe mais: foi juntado a outro. Abra a pessoa de novo.")
    return records


def people_token(people: Collection[Person]) -> str:
    """The edit token of what a page showed of these people; whoever decides sends it back."""
    told = [[person.pk, *(getattr(person, name) for name in PERSON_FIELDS)] for person in people]
    return content_token("beneficiaries.regrouping", [told, state_of([person.pk for person in people])])


def state_of(people: Sequence[int]) -> dict[str, list[list[Any]]]:
    """Links, numbers and open cases of these people, to see later whether anything came, went or ended."""
    links = Beneficiary.objects.filter(person__in=people).order_by("pk").values_list("pk", "person_id")
    numbers = CnsNumber.objects.filter(person__in=people).order_by("pk").values_list("pk", "person_id", "end_reason")
    return {"links": list(map(list, links)), "numbers": list(map(list, numbers))}


def current_number(person_id: int) -> CnsNumber | None:
    return CnsNumber.objects.current().filter(person=person_id).first()


def this_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT txid_current()")
        return int(cursor.fetchone()[0])


# ---- records --------------------------------------------------------------------------------------------------------
def as_record(person: Person) -> dict[str, Any]:
    """The whole row, as it is made again by ``from_record``: moments to the microsecond."""
    (record,) = serializers.serialize("python", [person])
    return {"pk": record["pk"], "fields": json.loads(json.dumps(record["fields"], default=str))}


def from_record(record: Mapping[str, Any]) -> Person:
    """The row again, to the letter and with its key."""
    rows = [{"model": Person._meta.label_lower, **record}]
    (restored,) = serializers.deserialize("python", rows)
    restored.save(force_insert=True)
    return Person.objects.get(pk=record["pk"])


def fields_of(person: Person, names: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = as_record(person)["fields"]
    return {name: fields[name] for name in names}


def set_fields(person: Person, values: Mapping[str, Any]) -> None:
    """Write what ``fields_of`` gave; facts last, or the database would forget them with what identifies the person."""
    read = {name: _column(name).to_python(value) for name, value in values.items()}
    for name in read.keys() - set(FACTS):
        setattr(person, name, read[name])
    person.save()
    if facts := {name: value for name, value in read.items() if name in FACTS}:
        Person.objects.filter(pk=person.pk).update(**facts)


def _column(name: str) -> "models.Field[Any, Any]":
    field = Person._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101  (of the record's own columns)
    return field


# ---- rows that refer to people --------------------------------------------------------------------------------------
def _references(to: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Model and column of everything that refers to this model."""
    for relation in to._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.related_model, relation.field.attname


def referring_to_people() -> dict[str, str]:
    """Table → column, of all rows that refer to a person."""
    return {model._meta.db_table: column for model, column in _references(Person)}


def following_links() -> dict[str, str]:
    """Table → column of the link, where a row refers to a person and to a link: it goes where the link goes.

    Not so links themselves: a dependant is not his or her titular.
    """
    people = referring_to_people().keys() - {Beneficiary._meta.db_table}
    columns = {model._meta.db_table: column for model, column in _references(Beneficiary)}
    return {table: column for table, column in columns.items() if table in people}


def move_all(source: int, target: int) -> Moved:
    """Everything that refers to one person, to the other."""
    moved = {table: _move(table, column, source, target) for table, column in referring_to_people().items()}
    return {table: keys for table, keys in moved.items() if keys}


def move_rows(rows: Mapping[str, Collection[int]], source: int, target: int) -> Moved:
    """These rows, and what goes with the links among them."""
    columns = referring_to_people()
    moved = {table: _move(table, columns[table], source, target, "id", keys) for table, keys in rows.items()}
    links = moved.get(Beneficiary._meta.db_table, [])
    for table, column in following_links().items():
        moved[table] = moved.get(table, []) + _move(table, columns[table], source, target, column, links)
    return {table: keys for table, keys in moved.items() if keys}


def _move(table: str, person: str, source: int, target: int, key: str = "", keys: Collection[int] = ()) -> list[int]:
    narrowed = sql.SQL("AND {} = ANY (%(keys)s)").format(sql.Identifier(key)) if key else sql.SQL("")
    statement = sql.SQL("UPDATE {table} SET {person} = %(target)s WHERE {person} = %(source)s {narrowed} RETURNING id")
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(table=sql.Identifier(table), person=sql.Identifier(person), narrowed=narrowed),
            {"source": source, "target": target, "keys": list(keys)},
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def delete_record(person_id: int) -> None:
    """The row alone: nothing refers to it any more, or the database says no."""
    Person.objects.filter(pk=person_id)._raw_delete(using=connection.alias)  # noqa: SLF001  (no collector: nothing hangs on it)


def open_cases(people: Collection[int]) -> list[Review]:
    cases = Review.objects.filter(person__in=people, status=Review.Status.OPEN)
    return list(cases.select_for_update().order_by("pk"))


def withdraw_answered(people: Collection[int]) -> list[int]:
    """Open cases that ask nothing once these people are one: of a number that one has for certain, and all but one of
    the same number.
    """
    seen = set(CnsNumber.objects.current().filter(person__in=people, verified=True).values_list("number", flat=True))
    answered: list[Review] = []
    for case in open_cases(people):
        if case.number in seen:
            answered.append(case)
        seen.add(case.number)
    withdrawn = Review.objects.filter(pk__in=[case.pk for case in answered])
    withdrawn.update(status=Review.Status.WITHDRAWN, decided_at=timezone.now())
    record_dropped((case.pk, case.person_id, case.origin) for case in answered)
    return [case.pk for case in answered]


def announce_removed_numbers(people: Collection[int], numbers: Collection[str]) -> None:
    """Of these numbers each person has one at most: what is drafted for ANS with another is held back."""
    current = dict(CnsNumber.objects.current().filter(person__in=people).values_list("person_id", "number"))
    for person in people:
        for number in set(numbers) - {current.get(person)}:
            notify_number_removed(person, number)


def current_numbers(people: Collection[int]) -> list[str]:
    return list(CnsNumber.objects.current().filter(person__in=people).values_list("number", flat=True))


def counts(moved: Moved) -> dict[str, int]:
    """What an event says of it: by table without its app."""
    return {table.rpartition("_")[2]: len(keys) for table, keys in sorted(moved.items())}


def pair_of(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def latest_of(person_id: int) -> Regrouping | None:
    """The last merge or split of the person that stands: the one that may be taken back."""
    return Regrouping.objects.standing().of(person_id).select_related("made_by").order_by("-pk").first()
