"""Everything that happened to a person: paged, narrowed, and of changes what was before and is after."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.domain.identifiers import mask_cns, mask_cpf
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.forms.search import SEEN_BECAUSE
from beneficiaries.models import Beneficiary, CnsSource, Contract, Person, Plan, Regrouping
from beneficiaries.services import Attachment
from cnsportal.formats.br import format_iso_date, mask_digits, mask_with_bullets, parse_iso_date
from cnsportal.formats.text import key_of
from operators.audit import EventKind
from operators.middleware import PortalRequest
from operators.models import AuditEvent
from operators.permissions import Permission
from operators.queries.chunks import in_chunks
from operators.registry import ExportRequest, ListExport
from operators.views.base import PortalView
from operators.views.pagination import NEWEST_FIRST, keyset_page

BLANK = "em branco"
HIDDEN = "***"
MASKED: dict[str, Callable[[str], str]] = {
    "cpf": mask_cpf,
    "pis_pasep": mask_digits,
    "dn": mask_digits,
    "phone": mask_digits,
    # What the person's page shows only for a reason that is kept; of an address the town is enough;
    # and a term that tells of health.
    **dict.fromkeys(
        ("email", "street", "number", "complement", "district", "postal_code", "cpt_until"), lambda _: HIDDEN
    ),
}
REFERENCES: dict[str, Any] = {"plan": Plan, "contract": Contract, "holder": Beneficiary}
REFERENCE_LABELS = {"plan": "plano", "contract": "contrato", "holder": "titular"}
PERSON_KEY = "pessoa"


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    label: str
    at: datetime
    who: str
    detail: str
    changes: list[Change]


class HistoryForm(forms.Form):
    """What cannot be read narrows nothing."""

    tipo = forms.ChoiceField(label="O quê", required=False)
    quem = forms.ChoiceField(label="Quem", required=False)
    de = forms.DateField(label="De", required=False, widget=forms.DateInput({"type": "date"}))
    ate = forms.DateField(label="Até", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Mapping[str, str], events: QuerySet[AuditEvent]) -> None:
        super().__init__(data)
        kinds = events.order_by("kind").values_list("kind", flat=True).distinct()
        people = events.order_by("actor_label").values_list("actor_label", flat=True).distinct()
        labels = sorted(((kind, EventKind.of(kind).label) for kind in kinds), key=lambda kind: kind[1])
        self._offer("tipo", [("", "Tudo"), *labels])
        self._offer("quem", [("", "Todos"), *((who, who) for who in people)])
        self.is_valid()

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def narrowed(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        lookups = {"tipo": "kind", "quem": "actor_label", "de": "at__date__gte", "ate": "at__date__lte"}
        chosen = {lookup: self.cleaned_data.get(name) for name, lookup in lookups.items()}
        return events.filter(**{lookup: value for lookup, value in chosen.items() if value})


class PersonHistory(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/history.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        events = events_of(person)
        form = HistoryForm(request.GET, events)
        page = keyset_page(request, form.narrowed(events))
        return self.page(person=person, form=form, page=page, moments=history_entries(page.rows))


def events_of(person: Person) -> QuerySet[AuditEvent]:
    """Of the records that were merged into this one, too."""
    records = [person.pk, *Regrouping.objects.merged_into(person.pk)]
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(person_id__in=records)
    return events


def history_entries(events: Iterable[AuditEvent]) -> list[HistoryEntry]:
    """In three queries at most, for the names of what changes refer to."""
    found = list(events)
    names = _names_of_references(found)
    return [
        HistoryEntry(
            EventKind.of(event.kind).label,
            event.at,
            event.actor_label,
            _detail(event.data, event.personal),
            _changes(event, names),
        )
        for event in found
    ]


def _detail(data: dict[str, Any], personal: dict[str, Any]) -> str:
    """What an event adds to its label, in a few words; numbers masked."""
    parts = [mask_with_bullets(mask_cns(personal["number"]))] if personal.get("number") else []
    if data.get("source") in CnsSource.values:
        parts.append(str(CnsSource(data["source"]).label))
    if data.get("tier"):
        parts.append(f"nível {data['tier']}")
    if data.get("answer") in Attachment.__members__ and not Attachment[data["answer"]].is_written:
        parts.append(Attachment[data["answer"]].value)
    if personal.get("note"):
        parts.append(personal["note"])
    if data.get("reason") in SEEN_BECAUSE:
        parts.append(SEEN_BECAUSE[data["reason"]].lower())
    return ", ".join(parts)


def _changes(event: AuditEvent, names: Mapping[tuple[str, Any], str]) -> list[Change]:
    before, after = event.personal.get("before") or {}, event.personal.get("after") or {}
    return [
        Change(_label(field), _in_words(field, before.get(field), names), _in_words(field, after[field], names))
        for field in sorted(after)
    ]


def _label(field: str) -> str:
    name = field.removesuffix("_id")
    if name in REFERENCE_LABELS:
        return REFERENCE_LABELS[name]
    for model in (Person, Beneficiary):
        if any(each.name == name for each in model._meta.get_fields()):
            return str(getattr(model._meta.get_field(name), "verbose_name", name))
    return name


def _in_words(field: str, value: Any, names: Mapping[tuple[str, Any], str]) -> str:
    name = field.removesuffix("_id")
    if value in (None, ""):
        return BLANK
    if name in MASKED:
        return mask_with_bullets(MASKED[name](str(value)))
    if name in REFERENCES:
        return names.get((name, value), "um que não existe mais")
    if name == "cancellation_reason":
        return ", ".join(CANCELLATION_REASONS.get(str(value), (str(value),)))
    if name == "city_code":
        return str(find_municipality(str(value)) or value)
    if isinstance(value, str) and parse_iso_date(value):
        return format_iso_date(value)
    return _choice(name, value)


def _choice(name: str, value: Any) -> str:
    for model in (Person, Beneficiary):
        field = next((each for each in model._meta.concrete_fields if each.name == name), None)
        if field is not None and field.choices:
            return str(dict(field.flatchoices).get(value, value))
    return str(value)


def _names_of_references(events: Iterable[AuditEvent]) -> dict[tuple[str, Any], str]:
    wanted: dict[str, set[Any]] = {name: set() for name in REFERENCES}
    for event in events:
        for side in ("before", "after"):
            for field, value in (event.personal.get(side) or {}).items():
                if value and (name := field.removesuffix("_id")) in wanted:
                    wanted[name].add(value)
    return {
        (name, pk): found.code if name == "holder" else str(found)
        for name, keys in wanted.items()
        for pk, found in REFERENCES[name].objects.in_bulk(keys).items()
    }


def _rows(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    person = Person.objects.filter(pk=key_of(asked.query.get(PERSON_KEY, "")) or 0).first()
    if person is None:
        return
    events = events_of(person)
    for chunk in in_chunks(NEWEST_FIRST.sort(HistoryForm(asked.query, events).narrowed(events))):
        for entry in history_entries(chunk):
            changes = "; ".join(f"{each.label}: de {each.before} para {each.after}" for each in entry.changes)
            yield entry.at, entry.label, entry.detail, changes, entry.who


history_export = ListExport(
    name="person_history",
    label="O que aconteceu com uma pessoa",
    permission=Permission.VIEW_PEOPLE,
    page="beneficiaries:person_history",
    columns=("Quando", "O quê", "Detalhe", "Mudanças", "Quem"),
    rows=_rows,
    filters=("tipo", "quem", "de", "ate"),
    has_numbers=False,
    page_key=PERSON_KEY,
)
