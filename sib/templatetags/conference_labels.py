"""Tones and labels of conferences."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from beneficiaries.domain.field_comparison import Agreement, FieldComparison
from beneficiaries.templatetags.people import MISSING_VALUE, ComparedField, comparison, marked, reason_sentence
from cnsportal.formats.br import format_datetime, mask_digits
from operators.templatetags.portal import tone_of
from sib.domain.field_differences import DifferenceKind
from sib.domain.reconcile import DifferenceAction, Outcome
from sib.formats.cnx.conference import HashState
from sib.models import CnxStep, Difference, MovementState, RowIssue, SbxState
from sib.queries.labels import ACTION_LABELS, PERSONAL, PERSONAL_NUMBERS, applied_words, field_label, readable

register = template.Library()

register.filter("step_tone", tone_of(CnxStep))
register.filter("movement_tone", tone_of(MovementState))
register.filter("sbx_tone", tone_of(SbxState))


@register.filter
def outcome_tone(name: str) -> str:
    return Outcome[name].tone


@register.filter
def applied_label(difference: Difference) -> str:
    """What came of applying the difference; empty where it was not applied."""
    return applied_words(difference.answer or difference.deed) if difference.applied_at else ""


@register.filter
def get_item(mapping: dict[str, str], key: str) -> str:
    return mapping.get(key, "")


@register.filter
def sum_values(numbers: Iterable[int]) -> int:
    return sum(numbers)


@register.filter
def hash_label(state: str) -> str:
    return {known.value: known.label for known in HashState}.get(state, "")


@register.filter
def issue_text(issue: RowIssue) -> str:
    """What could not be read, as it stands; of a personal number only its shape."""
    return mask_digits(issue.text) if issue.field in PERSONAL_NUMBERS else issue.text


register.filter(applied_words)
register.filter(field_label)


@register.filter
def action_label(action: str) -> str:
    """What applying would do; empty where it does nothing."""
    return ACTION_LABELS.get(DifferenceAction(action), "")


@register.filter
def xsd_datetime(text: str) -> str:
    """An xsd:dateTime as a reader expects it; as the file says it where it is none."""
    try:
        return format_datetime(datetime.fromisoformat(text))
    except ValueError:
        return text


# ---- both sides, field by field -------------------------------------------------------------------------------------
OF_IDENTITY = {
    "cpf": "cpf",
    "nome": "nome",
    "dataNascimento": "nascimento",
    "nomeMae": "mae",
    "sexo": "sexo",
    "codigoMunicipio": "municipio",
}


@register.filter
def side_by_side(difference: Difference) -> list[ComparedField]:
    """The identity as it was compared, then the fields that differ and of which the identity makes nothing."""
    diverging = {OF_IDENTITY.get(each["field"]) for each in difference.divergences}
    told = [kept for kept in difference.comparison if _is_relevant(FieldComparison.from_json(kept), diverging)]
    fields = {kept["field"] for kept in told}
    others = [each for each in difference.divergences if OF_IDENTITY.get(each["field"]) not in fields]
    return [*comparison(told), *map(_beside, others)]


def _is_relevant(field: FieldComparison, diverging: Collection[str | None]) -> bool:
    if field.field in diverging:
        return field.agreement not in {Agreement.EQUAL, Agreement.UNKNOWN}
    return bool(field.ours or field.theirs)


@register.filter
def difference_reason(difference: Difference) -> str:
    """What the decision rests on; of data that differ, which they are."""
    if difference.outcome != Outcome.DIVERGENT.name or not difference.divergences:
        return reason_sentence(difference.reason)
    return f"Difere em: {', '.join(field_label(each['field']) for each in difference.divergences)}."


def _beside(divergence: dict[str, Any]) -> ComparedField:
    field, kind = divergence["field"], DifferenceKind(divergence["kind"])
    ours, theirs = readable(field, divergence["ours"]), readable(field, divergence["theirs"])
    is_masked = field in PERSONAL
    marks = FieldComparison(field, ours, theirs, Agreement.DIFFERENT).marks() if not is_masked else ([], [])
    both = ours and theirs
    return ComparedField(
        field_label(field),
        _side(ours, marks[0] if both else []),
        _side(theirs, marks[1] if both else []),
        kind.label,
        kind.tone,
    )


def _side(text: str, spans: list[tuple[int, int]]) -> SafeString:
    return marked(text, spans) if text else MISSING_VALUE
