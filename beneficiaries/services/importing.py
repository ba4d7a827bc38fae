"""A file of beneficiaries taken into the registry: batches of rows, a constant number of statements each.

Every batch is a transaction of its own, so that an interrupted import keeps what it did and may be repeated: what
is there already is found unchanged. What a row cannot say is one line of the receipt; good rows are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.coherence import Problem
from beneficiaries.csvfile import Row, read
from beneficiaries.models import Beneficiary, CnsSource, Person, Relationship
from beneficiaries.number_cells import NotThisValue
from beneficiaries.same_person import LinkFacts
from beneficiaries.services.attachment import Attachment, WantedCns, attach_cns
from beneficiaries.services.changing import Changes, changed, hold_registry, overwrite
from beneficiaries.services.describing import Descriptions, Said
from beneficiaries.services.linking import LINK_FIELDS, Links, known_links
from beneficiaries.services.matching import FIELDS, People, people_for
from beneficiaries.services.receipts import Line, Result
from beneficiaries.services.waiting import Waiting
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator, User

BATCH = 2000  # rows
PERHAPS = "pessoa: cadastrada como nova, mas pode já estar no cadastro. {doubt} Veja “Talvez a mesma pessoa”."


@dataclass
class _Taken:
    """A good row on its way: its person, its link, and what changed of both."""

    line: Line
    person: Person
    changes: Changes
    link: Beneficiary
    link_changes: Changes


@dataclass
class _File:
    """What has to be known of the rows before: memory in proportion to the file, some hundred bytes a row."""

    codes: dict[str, int] = field(default_factory=dict)  # line of each code
    births: dict[str, tuple[date | None, int]] = field(default_factory=dict)  # of each CPF, with its line
    told: dict[int, list[LinkFacts]] = field(default_factory=dict)  # people whom a row has described, and their links
    said: Said = field(default_factory=dict)  # of plans, contracts and companies, with its line
    orphans: list[_Taken] = field(default_factory=list)  # whose titular has not come yet


def import_file(
    stream: BinaryIO,
    *,
    actor: User | None = None,
    keep: Callable[[Line], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Take the file in; how many links were created, updated, unchanged, rejected. Raises NotBeneficiaries.

    ``keep`` is given every line of the receipt in the order of the file, but last those whose titular stands in a
    later batch, or nowhere; ``progress`` the rows done so far.
    """
    file = _File()
    counts: Counter[Result] = Counter()
    rows = read(stream, today=timezone.localdate())
    for lines in _import_batches(rows, file, actor):
        for line in lines:
            counts[line.result] += 1
            keep(line)
        progress(counts.total())
    figures = {str(result): counts[result] for result in Result}
    record([Event(EventKind.PEOPLE_IMPORTED, "operator", current_operator_id(), actor=actor, data=dict(figures))])
    return figures


def _import_batches(rows: Iterator[Row], file: _File, actor: User | None) -> Iterator[list[Line]]:
    while batch := list(islice(rows, BATCH)):
        lines = [_examined(row, file) for row in batch]
        taken, orphans = _import_batch([line for line in lines if line.result is not Result.REJECTED], file, actor)
        _attach(taken, actor)
        file.orphans += orphans
        waiting = {id(one.line) for one in orphans}
        yield [line for line in lines if id(line) not in waiting]
    for one in _link_holders(file.orphans):
        one.line.notes.append("codigoBeneficiarioTitular: não há titular com este código; o vínculo ficou sem ele.")
    yield [one.line for one in file.orphans]


@transaction.atomic
def _import_batch(lines: Sequence[Line], file: _File, actor: User | None) -> tuple[list[_Taken], list[_Taken]]:
    """The rows taken, and of these the ones whose titular is not there yet. One import of an operator at a time."""
    Operator.objects.select_for_update(no_key=True).get(pk=current_operator_id())
    hold_registry()
    surroundings = _Surroundings.of([line.row for line in lines], file)
    taken = list(_match(lines, surroundings))
    surroundings.descriptions.save(actor)
    _save_people(taken, actor)
    _save_links(taken, actor)
    surroundings.waiting.save()
    file.told |= {one.person.pk: surroundings.people.links[id(one.person)] for one in taken}
    return taken, _link_holders(taken)


def _examined(row: Row, file: _File) -> Line:
    """The row's line; rejected where its values are wrong or contradict an earlier row of the file."""
    line = Line(row)
    for problem in (*row.problems, *(() if row.problems else _contradictions(row, file))):
        line.reject(problem)
    return line


def _contradictions(row: Row, file: _File) -> Iterator[Problem]:
    code, cpf, birth = row.text("codigoBeneficiario"), row.text("cpf"), row.day("dataNascimento")
    if (first := file.codes.setdefault(code, row.line)) != row.line:
        yield Problem("codigoBeneficiario", f"repete o da linha {first}.")
        return
    other_birth, first = file.births.setdefault(cpf, (birth, row.line)) if cpf else (birth, row.line)
    if other_birth != birth:
        yield Problem("cpf", f"está na linha {first} com outra data de nascimento.")


@dataclass
class _Surroundings:
    """What the registry knows of everything that a batch of rows is about."""

    people: People
    links: Links
    waiting: Waiting
    descriptions: Descriptions

    @classmethod
    def of(cls, rows: Sequence[Row], file: _File) -> "_Surroundings":
        known = known_links(rows)
        links = Links.for_rows(rows, known)
        return cls(
            people_for(rows, known.values(), file.told),
            links,
            Waiting.for_rows(rows, known.values()),
            Descriptions.of(rows, file.said, links.plans.values(), links.contract_ids),
        )


def _match(lines: Sequence[Line], surroundings: _Surroundings) -> Iterator[_Taken]:
    """Person and link of every row; a row that contradicts the registry is rejected on its line."""
    for line in lines:
        try:
            yield _taken(line, surroundings)
        except NotThisValue as problem:
            line.reject(f"{problem.column}: {problem}")


def _taken(line: Line, known: _Surroundings) -> _Taken:
    """Nothing is written to person or link before both are known to fit."""
    person = known.people.of(line.row)
    known.links.refuse_contradictions(line.row)
    changes, overruled = known.people.write(line.row, person)
    if doubt := known.people.doubts.get(id(person)):
        line.notes.append(PERHAPS.format(doubt=doubt))
    if overruled:
        line.notes.append(f"{', '.join(overruled)}: vale o que disse a primeira linha desta pessoa.")
    link, link_changes = known.links.write(line.row)
    link_changes |= known.waiting.take(line.row, link)
    has_told, notes = known.descriptions.take(line.row, link)
    line.notes += notes
    if link.pk is None:
        line.result = Result.CREATED
    elif changes or link_changes or has_told:
        line.result = Result.UPDATED
    return _Taken(line, person, changes, link, link_changes)


def _save_people(taken: Sequence[_Taken], actor: User | None) -> None:
    changes: dict[int, Changes] = {}
    people = {id(one.person): one.person for one in taken}
    for one in taken:
        changes.setdefault(id(one.person), {}).update(one.changes)
    fresh = [person for person in people.values() if person.pk is None]
    known = [person for key, person in people.items() if person.pk is not None and changes[key]]
    known.sort(key=attrgetter("pk"))  # the order in which everybody locks people
    Person.objects.bulk_create(fresh)
    overwrite(Person, known, [*FIELDS.values(), "name_key", "updated_at"])
    record(Event(EventKind.PERSON_CREATED, "person", person.pk, person.pk, actor, "import") for person in fresh)
    record(_changed(EventKind.PERSON_CHANGED, person.pk, person.pk, changes[id(person)], actor) for person in known)


def _save_links(taken: Sequence[_Taken], actor: User | None) -> None:
    for one in taken:
        one.link.person = one.person
    written = [one for one in taken if one.link.pk is None or one.link_changes]
    known = sorted((one for one in written if one.link.pk is not None), key=lambda one: one.link.pk)
    Beneficiary.objects.bulk_create(one.link for one in written if one.link.pk is None)
    overwrite(Beneficiary, [one.link for one in known], ["person", *LINK_FIELDS, "updated_at"])
    record(_changed(EventKind.LINK_CHANGED, one.link.pk, one.person.pk, one.link_changes, actor) for one in known)


def _changed(kind: EventKind, pk: int, person_id: int, changes: Changes, actor: User | None) -> Event:
    return changed(kind, pk, person_id, changes, actor=actor, source="import")


def _attach(taken: Sequence[_Taken], actor: User | None) -> None:
    """Offer the numbers that the operator's own file holds: they fill an empty place, unverified, and never replace.

    After the batch, in a transaction of its own: the one door takes its locks in its own order.
    """
    offers: dict[int, _Taken] = {}
    for one in taken:
        number = one.line.row.text("cns")
        if number and (first := offers.setdefault(one.person.pk, one)).line.row.text("cns") != number:
            one.line.notes.append(f"cns: difere do da linha {first.line.row.line}, da mesma pessoa, que valeu.")
    wanted = [
        WantedCns(person, one.line.row.text("cns"), CnsSource.IMPORT, verified=False, origin="import")
        for person, one in offers.items()
    ]
    for person, answer in attach_cns(wanted, actor=actor).items() if wanted else ():
        _note(offers[person].line, answer)


def _note(line: Line, answer: Attachment) -> None:
    if answer is Attachment.ATTACHED:
        line.note_change()
    if not answer.is_written and answer is not Attachment.UNCHANGED:
        line.notes.append(f"cns: {answer.value}; a linha foi mantida sem ele.")


def _link_holders(taken: Sequence[_Taken]) -> list[_Taken]:
    """Hang dependants on their titulares; those whose titular is not there."""
    dependants = [one for one in taken if _holder_code(one)]
    holders = Beneficiary.objects.filter(code__in=set(map(_holder_code, dependants)), relationship=Relationship.HOLDER)
    by_code = dict(holders.values_list("code", "pk"))
    moved = [one for one in dependants if by_code.get(_holder_code(one), one.link.holder_id) != one.link.holder_id]
    for one in moved:
        one.link.holder_id = by_code[_holder_code(one)]
        one.line.note_change()
    _write_holders([one.link for one in moved])
    return [one for one in dependants if _holder_code(one) not in by_code]


def _holder_code(one: _Taken) -> str:
    """Blank for titulares, which some files name as their own."""
    code = one.line.row.text("codigoBeneficiarioTitular")
    return "" if code == one.link.code else code


def _write_holders(links: Sequence[Beneficiary]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [[link.pk for link in links], [link.holder_id for link in links]])


_HOLDERS = """
    UPDATE beneficiaries_beneficiary dependant
       SET holder_id = named.holder_id, updated_at = now()
      FROM unnest(%s::bigint[], %s::bigint[]) AS named (id, holder_id)
     WHERE dependant.id = named.id
"""
