"""The sheet that goes out to a contracting company and comes back: each row knows whose it is.

The key of a row is signed and expires; it holds what was read of the person, so that a correction made meanwhile is
never overwritten. Nothing is written before somebody has seen it and confirmed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from django.core import signing
from django.db import transaction

from beneficiaries.domain.csv_reader import open_records
from beneficiaries.domain.identifiers import told_cpf
from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import Company, Person
from beneficiaries.queries.company_pack import (
    LABELS,
    MAX_PACK_PEOPLE,
    people_linked_by,
    people_of_company,
    wanted_fields,
)
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.edit import DuplicateValue, change_person, edit_token
from cnsportal.db.optimistic_lock import EditConflict
from cnsportal.formats.br import format_date
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

SALT = "beneficiaries.company_pack"
PACK_TTL = timedelta(days=60)
KEY = "Chave (não mude)"
TO_FILL = {
    "name": "Nome correto",
    "cpf": "CPF correto",
    "birth_date": "Nascimento correto (dd/mm/aaaa)",
    "mother_name": "Nome da mãe",
    "sex": "Sexo (M ou F)",
}
COLUMNS = (
    KEY,
    "Nome no plano",
    "Nascimento no plano",
    "CPF no plano",
    "O que conferir ou completar",
    *TO_FILL.values(),
)


def pack_rows(company: Company) -> Iterator[tuple[object, ...]]:
    """Of COLUMNS, the last ones to be filled in."""
    for person in people_of_company(company):
        yield (
            row_key(company, person),
            person.name,
            format_date(person.birth_date),
            told_cpf(person.cpf, in_full=False),
            ", ".join(LABELS[name] for name in wanted_fields(person)),
            *("" for _ in TO_FILL),
        )


def row_key(company: Company, person: Person) -> str:
    token = edit_token(person, TO_FILL)
    return signing.dumps([current_operator_id(), company.pk, person.pk, token], salt=SALT)


def read_key(company: Company, key: str) -> tuple[int, str]:
    """Key of the person, and what was read of him or her; ``django.core.signing`` refuses a key that has expired or
    is none of this company's.
    """
    try:
        operator, of_company, person, read = signing.loads(key, salt=SALT, max_age=PACK_TTL)
    except (ValueError, TypeError) as error:
        raise signing.BadSignature from error
    if (operator, of_company) != (current_operator_id(), company.pk):
        raise signing.BadSignature
    return person, read


def record_pack(company: Company, people: int, actor: User) -> None:
    data = {"people": people}
    record([Event(EventKind.COMPANY_PACK_MADE, "company", company.pk, actor=actor, data=data)])


def read_sheet(stream: BinaryIO) -> list[list[str]]:
    """Cells of each row that says something, its line in front. Raises InvalidFile."""
    records = open_records(stream)()
    headings = [cell.strip() for cell in next(records).cells]
    if headings[: len(COLUMNS)] != list(COLUMNS):
        raise InvalidFile("A primeira linha não é a da planilha do portal. Envie a planilha como a empresa a recebeu.")
    found = [
        [str(each.line), *(cell.strip() for cell in each.cells[: len(COLUMNS)])] for each in records if any(each.cells)
    ]
    if len(found) > MAX_PACK_PEOPLE:
        raise InvalidFile("A planilha tem mais linhas do que o portal gerou. Envie a que a empresa recebeu.")
    return found


@dataclass(frozen=True, slots=True)
class Correction:
    """What a row says about a person, and what was read of that person when the sheet was made."""

    person: int
    values: dict[str, Any]
    read: str


@transaction.atomic
def apply_corrections(company: Company, corrections: Sequence[Correction], *, actor: User) -> int:
    """How many people were corrected; who changed or left the company meanwhile is left out, one by one."""
    lock_registry()
    linked = people_linked_by(company, [each.person for each in corrections])
    corrected = sum(_is_written(each, actor) for each in corrections if each.person in linked)
    data = {"corrected": corrected, "left_out": len(corrections) - corrected}
    record([Event(EventKind.COMPANY_PACK_APPLIED, "company", company.pk, actor=actor, data=data)])
    return corrected


def _is_written(correction: Correction, actor: User) -> bool:
    try:
        return change_person(correction.person, correction.values, read=correction.read, actor=actor)
    except (DuplicateValue, EditConflict, Person.DoesNotExist):
        return False
