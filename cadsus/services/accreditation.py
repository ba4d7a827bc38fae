"""Changes to the accreditation board, under an optimistic lock."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from cadsus.domain.accreditation_steps import Step
from cadsus.models.accreditation import AccreditationStep, SgopMachine, SgopPerson, Tracked
from cnsportal.db.optimistic_lock import check_edit_token
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from operators.services.lock_operator import lock_operator
from operators.services.operators import register_operator

Values = Mapping[str, Any]
Listed = SgopPerson | SgopMachine
Model = type[SgopPerson] | type[SgopMachine]


@transaction.atomic
def change_step(step: Step, values: Values, *, version: int, actor: User, cnes: str | None = None) -> bool:
    """Write these fields of a step, and the operator's CNES with its first; whether anything changed.

    Raises EditConflict.
    """
    fresh = AccreditationStep(operator_id=current_operator_id(), step=step)
    AccreditationStep.objects.bulk_create([fresh], ignore_conflicts=True)
    row = AccreditationStep.objects.select_for_update().get(step=step)
    beside = {} if cnes is None else _save_cnes(cnes)
    return _write(row, values, version, actor, beside)


def _save_cnes(cnes: str) -> dict[str, tuple[str, str]]:
    """What changed of the operator: before and after."""
    operator = lock_operator()
    if operator.cnes == cnes:
        return {}
    register_operator(registration=operator.registration, cnpj=operator.cnpj, cnes=cnes)
    return {"cnes": (operator.cnes, cnes)}


@transaction.atomic
def add_to_sgop(row: Listed, values: Values, *, actor: User) -> None:
    """List a person, or a machine of one."""
    row.operator_id = current_operator_id()
    _put(row, values, actor)
    record([_event(row, {}, values, actor)])


@transaction.atomic
def change_in_sgop(model: Model, pk: int, values: Values, *, version: int, actor: User) -> bool:
    """Whether anything changed. Raises EditConflict, and DoesNotExist where it was removed meanwhile."""
    return _write(model.objects.select_for_update().get(pk=pk), values, version, actor)


@transaction.atomic
def remove_from_sgop(model: Model, pk: int, *, version: int, actor: User) -> None:
    """With a person go the machines. Raises EditConflict, and DoesNotExist where it was removed meanwhile."""
    row = model.objects.select_for_update().get(pk=pk)
    check_edit_token(version, now=row.version)
    written = [field.name for field in row._meta.fields if field.editable and field.name not in {"id", "operator"}]
    record([_event(row, {name: getattr(row, name) for name in written}, {}, actor)])
    row.delete()


def _write(
    row: Tracked, values: Values, version: int, actor: User, beside: Mapping[str, tuple[str, str]] | None = None
) -> bool:
    """What is as it was is no change, whoever wrote it; anything else must know what it overwrites."""
    before = {field: getattr(row, field) for field, value in values.items() if getattr(row, field) != value}
    if not before and not beside:
        return False
    check_edit_token(version, now=row.version)
    after = {field: values[field] for field in before}
    for field, (old, new) in (beside or {}).items():
        before[field], after[field] = old, new
    _put(row, {field: values[field] for field in after if field in values}, actor)
    record([_event(row, before, after, actor)])
    return True


def _put(row: Tracked, values: Values, actor: User) -> None:
    for field, value in values.items():
        setattr(row, field, value)
    row.version, row.changed_by = row.version + 1, actor
    row.save()


def _event(row: Tracked, before: Values, after: Values, actor: User) -> Event:
    """States and dates are facts of the operator; names, protocols and notes are personal and kept apart."""
    subject = str(row._meta.model_name)
    what = row.step if isinstance(row, AccreditationStep) else subject
    before, was = _parted(before, row.personal)
    after, became = _parted(after, row.personal)
    data = {"what": what, "before": before, "after": after, "was": was, "became": became}
    return Event(EventKind.ACCREDITATION_CHANGED, subject, row.pk, actor=actor, data=data)


def _parted(values: Values, personal: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is not personal, and what is."""
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}
    return (
        {key: value for key, value in plain.items() if key not in personal},
        {key: value for key, value in plain.items() if key in personal},
    )
