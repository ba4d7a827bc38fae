"""Rows of an import as people read them: columns by their names, CPF and CNS masked, dates the Brazilian way."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django import template

from beneficiaries.domain.column_names import COLUMN_LABELS
from beneficiaries.domain.csv_columns import DAYS
from beneficiaries.domain.identifiers import mask_cns, mask_cpf
from beneficiaries.models import LineResult
from cnsportal.formats.br import format_iso_date, mask_with_bullets
from operators.templatetags.portal import tone_of

register = template.Library()
REFERENCES = {"plan_id": "Plano", "contract_id": "Contrato"}
"""Of which the change holds keys, which tell a reader nothing."""


class ColumnChange(NamedTuple):
    label: str
    before: str
    after: str
    with_values: bool = True  # with its values


register.filter("line_tone", tone_of(LineResult))


@register.filter
def column_changes(changes: Mapping[str, Sequence[str]]) -> list[ColumnChange]:
    return [_change(column, *values) for column, values in changes.items()]


def _change(column: str, before: str, after: str) -> ColumnChange:
    if column in REFERENCES:
        return ColumnChange(REFERENCES[column], "", "", with_values=False)
    return ColumnChange(COLUMN_LABELS.get(column, column), _display(column, before), _display(column, after))


def _display(column: str, value: str) -> str:
    if column in DAYS:
        return format_iso_date(value) if value else ""
    if column == "cpf":
        return mask_with_bullets(mask_cpf(value))
    return mask_with_bullets(mask_cns(value)) if column == "cns" else value
