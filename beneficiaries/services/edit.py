"""Edits by hand under an optimistic lock: an edit conflict overwrites nothing, and every change has its event."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from beneficiaries.models import Administrator, Beneficiary, CnsNumber, Company, Contract, Person, Plan
from beneficiaries.services.change_events import Changes, change_event, lock_registry
from beneficiaries.services.waiting_periods import periods_as_text, replace_periods
from cnsportal.db.optimistic_lock import check_edit_token, content_token
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import AuditEvent, User

ReferenceRecord = Plan | Contract | Company | Administrator
S = TypeVar("S", Plan, Contract, Company, Administrator)
Values = Mapping[str, Any]

IDENTITY = frozenset({"cpf", "name", "birth_date", "mother_name", "sex"})
"""What the decision on a CNS stood on (beneficiaries.domain.identity_policy)."""

CHANGED = {
    Person: EventKind.PERSON_CHANGED,
    Beneficiary: EventKind.LINK_CHANGED,
    Plan: EventKind.PLAN_CHANGED,
    Contract: EventKind.CONTRACT_CHANGED,
    Company: EventKind.COMPANY_CHANGED,
    Administrator: EventKind.ADMINISTRATOR_CHANGED,
}
CODE_TAKEN = "Este código já é de outro vínculo."
_UNIQUE_CONSTRAINTS = {
    "person_cpf_once": ("cpf", "Este CPF já é de outra pessoa do cadastro."),
    "beneficiary_code_once": ("code", CODE_TAKEN),
    "plan_ans_once": ("ans_number", "Já há um plano com este registro na ANS."),
    "plan_code_once": ("operator_code", "Já há um plano com este código."),
    "contract_number_once": ("number", "Já há um contrato com este número."),
    "contract_unnumbered_once_per_company": ("number", "A empresa já tem um contrato sem número. Informe o número."),
    "company_cnpj_once": ("cnpj", "Já há uma empresa com este CNPJ."),
    "company_caepf_once": ("cnpj", "Já há quem contrate com este CAEPF."),
    "company_cei_once": ("cnpj", "Já há quem contrate com este CEI."),
    "administrator_cnpj_once": ("cnpj", "Já há uma administradora com este CNPJ."),
}


MAX_EVENTS_SEARCHED = 500  # events that are looked through for a row that hangs on no person


class DuplicateValue(Exception):
    """What may be only once is there already; nothing was written."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def edit_token(row: Person | Beneficiary | ReferenceRecord, names: Iterable[str]) -> str:
    """What a form showed of these fields; whoever writes sends it back."""
    values = {name: getattr(row, name) for name in sorted(names)}
    if isinstance(row, Beneficiary) and row.pk:
        values |= periods_as_text(row.pk)
    return content_token("beneficiaries.seen", [row.pk, values])


def last_change(row: Person | Beneficiary | ReferenceRecord) -> AuditEvent | None:
    """Who changed it last, and when; of a plan, contract or company only where that is among the latest events."""
    kind, events = CHANGED[type(row)].code, AuditEvent.objects.order_by("-pk")
    if isinstance(row, (Person, Beneficiary)):
        person_id = row.pk if isinstance(row, Person) else row.person_id
        return events.filter(person_id=person_id, kind=kind, subject_id=row.pk).first()
    return next(
        (event for event in events[:MAX_EVENTS_SEARCHED] if (event.kind, event.subject_id) == (kind, row.pk)), None
    )


def change_person(pk: int, values: Values, *, read: str, actor: User) -> bool:
    """Whether anything changed. Raises EditConflict, DuplicateValue, and DoesNotExist.

    A CNS stays with its person, whatever is corrected: the event says that there was one. A person without a CNS may be
    asked about again.
    """
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        person = Person.objects.select_for_update(no_key=True).get(pk=pk)
        changes = _changes(person, values, read)
        if not changes:
            return False
        person.save()
        event = change_event(EventKind.PERSON_CHANGED, pk, pk, changes, actor=actor, source="")
        if changes.keys() & IDENTITY and CnsNumber.objects.current().filter(person=person, verified=True).exists():
            event.data["cns_verified"] = True
        record([event])
        return True


def change_link(pk: int, values: Values, periods: Mapping[str, str], *, read: str, actor: User) -> bool:
    """Whether anything changed. Raises EditConflict, DuplicateValue, and DoesNotExist.

    ``periods``: ``300 D 2027-01-31`` by group of procedures, blank for none.
    """
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        link = Beneficiary.objects.select_for_update(no_key=True).get(pk=pk)
        before = periods_as_text(pk)
        changes: Changes = {
            f"waiting_{group}": (before[group], text) for group, text in periods.items() if before[group] != text
        }
        changes |= _changes(link, values, read, others=bool(changes))
        if not changes:
            return False
        link.save()
        replace_periods(link, {group: text for group, text in periods.items() if before[group] != text})
        record([change_event(EventKind.LINK_CHANGED, pk, link.person_id, changes, actor=actor, source="")])
        return True


def change_reference(model: type[ReferenceRecord], pk: int, values: Values, *, read: str, actor: User) -> bool:
    """A plan, contract, company or administradora; whether anything changed.

    Raises EditConflict, DuplicateValue, and DoesNotExist.
    """
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        row: ReferenceRecord = model.objects.select_for_update(no_key=True).get(pk=pk)
        changes = _changes(row, values, read)
        if changes:
            row.save()
            record([change_event(CHANGED[model], pk, None, changes, actor=actor, source="")])
        return bool(changes)


def add_reference(model: type[S], values: Values, *, actor: User) -> S:
    """A new plan, contract, company or administradora. Raises DuplicateValue."""
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        row = model(operator_id=current_operator_id(), **values)
        row.save()
        changes: Changes = {name: (None, value) for name, value in values.items() if value}
        record([_added(model, row.pk, changes, actor)])
        return row


def _added(model: type[ReferenceRecord], pk: int, changes: Changes, actor: User) -> Event:
    event = change_event(CHANGED[model], pk, None, changes, actor=actor, source="")
    event.data["added"] = True
    return event


def _changes(
    row: Person | Beneficiary | ReferenceRecord, values: Values, read: str, *, others: bool = False
) -> Changes:
    """Set what differs. What is as it was is no change, whoever wrote it; anything else must have been read."""
    changes: Changes = {
        name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value
    }
    if changes or others:
        check_edit_token(read, now=edit_token(row, values))
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    return changes


@contextmanager
def refuse_duplicates() -> Iterator[None]:
    """What the database holds to be unique, as a sentence beside its field."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name not in _UNIQUE_CONSTRAINTS:
            raise
        raise DuplicateValue(*_UNIQUE_CONSTRAINTS[name]) from error
