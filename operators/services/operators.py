"""Writes about an operator itself: its registration, its names, its policy."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from stdnum.br import cnpj as cnpj_number

from operators.audit import Event, EventKind, record
from operators.context import operator_context
from operators.formats.display_names import title_problem, visible
from operators.models import Operator, User
from operators.services.lock_operator import lock_operator


class Registered(Enum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def clean_cnpj(text: str) -> str:
    """The fourteen characters of a CNPJ, however punctuated; ValidationError when its check digits are wrong."""
    cnpj = str(cnpj_number.compact(text))
    if not cnpj_number.is_valid(cnpj):
        raise ValidationError("O CNPJ não passa nos dígitos de conferência. Confira os 14 caracteres.", code="cnpj")
    return cnpj


@transaction.atomic
def register_operator(*, registration: str, cnpj: str, **fields: str) -> tuple[Operator, Registered]:
    """Create the operator of this ANS registration or bring it up to date; ValidationError says what is wrong."""
    known = Operator.objects.filter(registration=registration).values_list("pk", flat=True).first()
    fresh = known is None
    operator = Operator(registration=registration) if known is None else lock_operator(known)
    wanted = {"cnpj": clean_cnpj(cnpj), **{name: visible(text) for name, text in fields.items()}}
    if problem := title_problem(wanted.get("legal_name", "")) or title_problem(wanted.get("trade_name", "")):
        raise ValidationError(problem[0].upper() + problem[1:], code="name")
    changed = sorted(name for name, value in wanted.items() if getattr(operator, name) != value)
    for name, value in wanted.items():
        setattr(operator, name, value)
    operator.full_clean()
    if not changed and not fresh:
        return operator, Registered.UNCHANGED
    operator.save()
    _record_operator(operator, EventKind.OPERATOR_CREATED if fresh else EventKind.OPERATOR_CHANGED, changed)
    return operator, Registered.CREATED if fresh else Registered.CHANGED


def _record_operator(operator: Operator, kind: EventKind, changed: list[str]) -> None:
    with operator_context(operator.pk):
        record([Event(kind, "operator", operator.pk, data={"fields": changed})])


@transaction.atomic
def rename_operator(operator: Operator, names: Mapping[str, str], *, actor: User) -> bool:
    """False where it is called so already."""
    held = lock_operator(operator.pk)
    before = {name: getattr(held, name) for name in names if getattr(held, name) != names[name]}
    if not before:
        return False
    after = {name: names[name] for name in before}
    Operator.objects.filter(pk=operator.pk).update(**after)
    data = {"fields": sorted(before), "before": before, "after": after}
    record([Event(EventKind.OPERATOR_CHANGED, "operator", operator.pk, actor=actor, data=data)])
    return True


@transaction.atomic
def set_policy(operator: Operator, policy: Mapping[str, Any], *, actor: User) -> bool:
    """What the operator's nights may do by themselves; False where it says so already."""
    held = lock_operator(operator.pk)
    before = {name: getattr(held, name) for name in policy}
    if before == dict(policy):
        return False
    Operator.objects.filter(pk=operator.pk).update(**policy)
    data = {"before": before, "after": dict(policy)}
    record([Event(EventKind.POLICY_CHANGED, "operator", operator.pk, actor=actor, data=data)])
    return True
