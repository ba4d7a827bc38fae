"""The mirror compared with the registry, and its changes from one conference to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from beneficiaries.domain.contracting_party import KINDS
from beneficiaries.domain.identifiers import digits
from beneficiaries.domain.names import fold
from beneficiaries.models import Beneficiary, CnsNumber, Person
from sib.models import ConferenceFile, MirrorChange, MirrorRecord
from sib.models.conferences import Record
from sib.queries.labels import SCHEMA_NAMES, field_label, readable
from sib.queries.link_values import as_text

MAX_FOUND = 500  # people whose records a search by name looks at
_NOT_SHOWN = {"name_key", "digest", "outros"}


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One field of a record beside ours; values as people write them, numbers masked."""

    label: str
    ours: str
    theirs: str
    is_in_registry: bool  # whether the registry has such a field
    differs: bool


def search(text: str) -> QuerySet[MirrorRecord]:
    """By CCO, CPF, CNS or our code; by name, the records of people whom the registry knows under it."""
    number = digits(text)
    if number and not any(character.isalpha() for character in text):
        ours = Beneficiary.objects.filter(code=text.strip()).values("cco")
        return MirrorRecord.objects.filter(
            Q(cco=number.zfill(12)) | Q(cpf=number.zfill(11)) | Q(cns=number) | Q(cco__in=ours)
        )
    people = list(Person.objects.search(text).order_by("pk").values_list("pk", flat=True)[:MAX_FOUND])
    return MirrorRecord.objects.filter(cco__in=Beneficiary.objects.filter(person__in=people).values("cco"))


def links_of(records: Sequence[MirrorRecord]) -> dict[str, Beneficiary]:
    """Our links of these records, by CCO."""
    ours = Beneficiary.objects.filter(cco__in=[each.cco for each in records]).select_related("person")
    return {link.cco or "": link for link in ours}


def side_by_side(record: MirrorRecord, link: Beneficiary | None) -> list[FieldPair]:
    """Every field that either side has."""
    ours = dict(_registry_values(link)) if link else {}
    return [each for each in (_compared(name, record, ours) for name in _COLUMNS) if each.ours or each.theirs]


_COLUMNS = [str(field.column) for field in Record._meta.local_fields if field.column not in _NOT_SHOWN]


def _compared(column: str, record: MirrorRecord, ours: dict[str, Any]) -> FieldPair:
    field = SCHEMA_NAMES[column]
    left, right = (as_text(value) for value in (ours.get(column), getattr(record, column)))
    differs = bool(left and right) and fold(left) != fold(right)
    return FieldPair(field_label(field), readable(field, left), readable(field, right), column in ours, differs)


def compare_fields(fields: dict[str, str], theirs: MirrorRecord | None, *, in_full: bool = False) -> list[FieldPair]:
    """The fields of a movement, beside what ANS has."""
    there = {name: as_text(getattr(theirs, column)) for column, name in SCHEMA_NAMES.items()} if theirs else {}
    return [
        FieldPair(
            field_label(name),
            readable(name, text, in_full=in_full),
            readable(name, there.get(name, ""), in_full=in_full),
            True,
            False,
        )
        for name, text in fields.items()
    ]


def _registry_values(link: Beneficiary) -> Iterator[tuple[str, Any]]:
    person, plan, company = link.person, link.plan, link.contract.company if link.contract else None
    number = CnsNumber.objects.current().filter(person=person).values_list("number", flat=True).first()
    yield from (("cco", link.cco), ("cpf", person.cpf), ("dn", person.dn), ("pis_pasep", person.pis_pasep))
    yield from (("cns", number), ("nome", person.name), ("sexo", person.sex), ("data_nascimento", person.birth_date))
    yield from (("nome_mae", person.mother_name), ("logradouro", person.street), ("numero", person.number))
    yield from (("complemento", person.complement), ("bairro", person.district), ("cep", person.postal_code))
    yield from (("codigo_municipio", person.city_code), ("codigo_beneficiario", link.code))
    yield from (("relacao_dependencia", link.relationship), ("data_contratacao", link.contracted_on))
    yield from (("data_primeira_contratacao", link.first_contracted_on), ("data_reativacao", link.reactivated_on))
    yield from (("data_cancelamento", link.cancelled_on), ("motivo_cancelamento", link.cancellation_reason))
    yield from (("numero_plano_ans", plan.ans_number), ("numero_plano_operadora", plan.operator_code))
    for kind in KINDS:
        yield f"{kind}_empresa_contratante", getattr(company, kind) if company else None


# ---- what changed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One record that ANS changed: whose, and what was there before and after."""

    row: MirrorChange
    name: str
    person_id: int | None
    fields: list[tuple[str, str, str]]  # label, before, after


def last_with_changes() -> ConferenceFile | None:
    """The last conference that was compared with one before it."""
    return ConferenceFile.objects.filter(compared_with__isnull=False).order_by("-mirrored_at").first()


def describe_changes(rows: Sequence[MirrorChange], *, in_full: bool = False) -> list[RecordChange]:
    """With names and readable fields; a constant number of queries."""
    ccos = [row.cco for row in rows]
    names = dict(MirrorRecord.objects.filter(cco__in=ccos).values_list("cco", "nome"))
    links = {link.cco: link for link in Beneficiary.objects.filter(cco__in=ccos).select_related("person")}
    return [
        RecordChange(
            row,
            links[row.cco].person.name if row.cco in links else names.get(row.cco, ""),
            links[row.cco].person_id if row.cco in links else None,
            [
                _change(column, *values, in_full=in_full)
                for column, values in sorted(row.fields.items())
                if column in SCHEMA_NAMES
            ],
        )
        for row in rows
    ]


def _change(column: str, before: str | None, after: str | None, *, in_full: bool) -> tuple[str, str, str]:
    field = SCHEMA_NAMES[column]
    was, became = (readable(field, value or "", in_full=in_full) for value in (before, after))
    return field_label(field), was, became
