"""A file of beneficiaries taken into the registry: batches of rows, a constant number of statements each.

Every batch is a transaction of its own, so that an interrupted import keeps what it did and may be repeated: what
is there already is found unchanged. What a row cannot say is one line of the receipt; good rows are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.csvfile import NotThisValue, Problem, Row, read
from beneficiaries.models import Beneficiary, CnsSource, Person
from beneficiaries.services.attachment import Attachment, WantedCns, attach_cns
from beneficiaries.services.matching import FIELDS, People, apply_row, people_for
from beneficiaries.services.plans import contract_ids, plan_ids
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

BATCH = 2000  # rows
RECEIPT = ("linha", "codigoBeneficiario", "resultado", "mensagem")


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass
class Line:
    """One line of the receipt."""

    row: Row
    result: Result
    notes: list[str] = field(default_factory=list)


@dataclass
class _Taken:
    """A good row on its way: its person, its link, and what changed of them."""

    line: Line
    person: Person
    is_new: bool
    changes: dict[str, tuple[object, object]]
    link: Beneficiary


def import_file(
    stream: BinaryIO,
    *,
    actor: User | None = None,
    keep: Callable[[Line], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Take the file in; how many links were created, updated, unchanged, rejected. Raises NotBeneficiaries.

    ``keep`` is given every line of the receipt in the order of the file, ``progress`` the rows done so far.
    """
    counts: Counter[Result] = Counter()
    seen: dict[str, int] = {}
    holders: dict[str, str] = {}
    rows = read(stream, today=timezone.localdate())
    while batch := list(islice(rows, BATCH)):
        for line in _import_batch(batch, seen, holders, actor):
            counts[line.result] += 1
            keep(line)
        progress(counts.total())
    _link_holders(holders)
    figures = {str(result): counts[result] for result in Result}
    record([Event(EventKind.PEOPLE_IMPORTED, "operator", current_operator_id(), actor=actor, data=dict(figures))])
    return figures


@transaction.atomic
def _import_batch(rows: Sequence[Row], seen: dict[str, int], holders: dict[str, str], actor: User | None) -> list[Line]:
    lines = [_examined(row, seen) for row in rows]
    good = [line for line in lines if line.result is not Result.REJECTED]
    taken = list(_match(good))
    _save_people(taken)
    _save_links(taken)
    _record_people(taken, actor)
    _attach(taken, actor)
    for one in taken:
        if holder := one.line.row.text("codigoBeneficiarioTitular"):
            holders[one.link.code] = holder
    return lines


def _examined(row: Row, seen: dict[str, int]) -> Line:
    """The row's line; rejected where its values are wrong or its code stood in the file before."""
    problems = list(row.problems)
    code = row.text("codigoBeneficiario")
    if not problems and seen.setdefault(code, row.line) != row.line:
        problems.append(Problem("codigoBeneficiario", f"repete o da linha {seen[code]}."))
    return Line(row, Result.REJECTED if problems else Result.UNCHANGED, [str(problem) for problem in problems])


def _match(lines: Sequence[Line]) -> Iterator[_Taken]:
    """Person and link of every row; a row that contradicts the registry is rejected on its line."""
    rows = [line.row for line in lines]
    people = people_for(rows)
    links = {
        link.code: link
        for link in Beneficiary.objects.filter(code__in=[row.text("codigoBeneficiario") for row in rows])
    }
    ccos = _holders_of_ccos(rows)
    plans = plan_ids({_plan_key(row) for row in rows})
    contracts = contract_ids({row.text("cnpjEmpresaContratante") for row in rows} - {""})
    for line in lines:
        try:
            yield _taken(line, people, links, ccos, plans, contracts)
        except NotThisValue as problem:
            line.result = Result.REJECTED
            line.notes.append(f"linha: {problem}")


def _holders_of_ccos(rows: Sequence[Row]) -> dict[str, str]:
    """Whose code has each of these CCOs."""
    links = Beneficiary.objects.filter(cco__in={row.text("cco") for row in rows} - {""})
    return {str(cco): code for cco, code in links.values_list("cco", "code")}


def _plan_key(row: Row) -> tuple[str, str]:
    ans = row.text("numeroPlanoANS")
    return ans, "" if ans else row.text("numeroPlanoOperadora")


def _taken(
    line: Line,
    people: People,
    links: dict[str, Beneficiary],
    ccos: dict[str, str],
    plans: dict[tuple[str, str], int],
    contracts: dict[str, int],
) -> _Taken:
    row = line.row
    code, cco = row.text("codigoBeneficiario"), row.text("cco")
    if cco and ccos.setdefault(cco, code) != code:
        raise NotThisValue(f"o CCO já é do código {ccos[cco]}.")
    person = people.of(row)
    is_new = person.pk is None and not person.name
    changes = apply_row(row, person)
    people.keep(row, person)
    link = links.get(code) or Beneficiary(operator_id=current_operator_id(), code=code)
    fields = _link_fields(row, plans[_plan_key(row)], contracts.get(row.text("cnpjEmpresaContratante")))
    if link.pk is None:
        line.result = Result.CREATED
    elif changes or any(getattr(link, name) != value for name, value in fields.items()):
        line.result = Result.UPDATED
    for name, value in fields.items():
        setattr(link, name, value)
    return _Taken(line, person, is_new, changes, link)


def _link_fields(row: Row, plan_id: int, contract_id: int | None) -> dict[str, str | int | date | None]:
    """What the row says of the link; a blank says nothing."""
    fields = {
        "plan_id": plan_id,
        "contract_id": contract_id,
        "cco": row.text("cco"),
        "relationship": row.text("relacaoDependencia"),
        "contracted_on": row.day("dataContratacao"),
        "cancelled_on": row.day("dataCancelamento"),
        "cancellation_reason": row.text("motivoCancelamento"),
    }
    return {name: value for name, value in fields.items() if value}


def _save_people(taken: Sequence[_Taken]) -> None:
    fresh = {id(one.person): one.person for one in taken if one.person.pk is None}
    Person.objects.bulk_create(fresh.values())
    changed = {one.person.pk: one.person for one in taken if one.changes and id(one.person) not in fresh}
    for person in changed.values():
        person.updated_at = timezone.now()
    fields = [*FIELDS.values(), "name_key", "updated_at"]
    Person.objects.bulk_create(changed.values(), update_conflicts=True, unique_fields=["id"], update_fields=fields)


LINK_FIELDS = [
    "person",
    "plan",
    "contract",
    "cco",
    "relationship",
    "contracted_on",
    "cancelled_on",
    "cancellation_reason",
    "updated_at",
]


def _save_links(taken: Sequence[_Taken]) -> None:
    written = [one for one in taken if one.line.result is not Result.UNCHANGED]
    for one in written:
        one.link.person = one.person
        one.link.updated_at = timezone.now()
    Beneficiary.objects.bulk_create(
        [one.link for one in written if one.link.pk is None],
    )
    known = [one.link for one in written if one.line.result is Result.UPDATED]
    Beneficiary.objects.bulk_create(known, update_conflicts=True, unique_fields=["id"], update_fields=LINK_FIELDS)


def _record_people(taken: Sequence[_Taken], actor: User | None) -> None:
    fresh = {one.person.pk for one in taken if one.is_new}
    changed = {one.person.pk: one.changes for one in taken if one.changes and one.person.pk not in fresh}
    created = [Event(EventKind.PERSON_CREATED, "person", pk, pk, actor) for pk in sorted(fresh)]
    record([*created, *(_changed(pk, changes, actor) for pk, changes in changed.items())])


def _changed(person_id: int, changes: dict[str, tuple[object, object]], actor: User | None) -> Event:
    data: dict[str, Any] = {
        "fields": sorted(changes),
        "before": {name: _plain(before) for name, (before, _) in changes.items()},
        "after": {name: _plain(after) for name, (_, after) in changes.items()},
    }
    return Event(EventKind.PERSON_CHANGED, "person", person_id, person_id, actor, "import", data)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _attach(taken: Sequence[_Taken], actor: User | None) -> None:
    """Offer the numbers that the operator's own file holds: they fill an empty place, unverified, and never replace."""
    offers: dict[int, _Taken] = {}
    for one in taken:
        if one.line.row.text("cns"):
            offers.setdefault(one.person.pk, one)
    wanted = [
        WantedCns(person, one.line.row.text("cns"), CnsSource.IMPORT, verified=False, origin="import")
        for person, one in offers.items()
    ]
    for person, answer in attach_cns(wanted, actor=actor).items() if wanted else ():
        _note(offers[person].line, answer)


def _note(line: Line, answer: Attachment) -> None:
    if answer is Attachment.ATTACHED and line.result is Result.UNCHANGED:
        line.result = Result.UPDATED
    if not answer.is_written and answer is not Attachment.UNCHANGED:
        line.notes.append(f"cns: {answer.value}; a linha foi mantida sem ele.")


def _link_holders(holders: dict[str, str]) -> None:
    """Hang dependants on their titulares, which may stand later in the file; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [list(holders), list(holders.values()), current_operator_id()])


_HOLDERS = """
    UPDATE beneficiaries_beneficiary dependant
       SET holder_id = holder.id
      FROM unnest(%s::text[], %s::text[]) AS named (code, holder_code), beneficiaries_beneficiary holder
     WHERE dependant.operator_id = %s AND dependant.code = named.code
       AND holder.operator_id = dependant.operator_id AND holder.code = named.holder_code
       AND holder.id <> dependant.id AND dependant.holder_id IS DISTINCT FROM holder.id
"""


def receipt_row(line: Line) -> dict[str, str]:
    """A line of the receipt as it is written to CSV; the original row stands behind it where it was rejected."""
    return {
        "linha": str(line.row.line),
        "codigoBeneficiario": line.row.original.get("codigoBeneficiario", ""),
        "resultado": str(line.result),
        "mensagem": " ".join(line.notes),
    }
