"""Formats numbers, dates and comparisons of people for Brazilian readers; masked by default."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from beneficiaries.domain.field_comparison import Agreement, FieldComparison, Span
from beneficiaries.domain.identifiers import format_cnpj, told_cns, told_cpf
from beneficiaries.domain.identity_policy import VerdictReason
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.models import CnsSource, PendingReason, Review, Sex
from beneficiaries.registry import BULK_ACTIONS, BulkAction
from cnsportal.formats.br import format_iso_date, mask_with_bullets
from operators.templatetags.portal import tone_of

register = template.Library()


@register.simple_tag(takes_context=True)
def bulk_actions(context: Context) -> list[BulkAction]:
    """What the reader may do with people chosen in their list."""
    return [action for action in BULK_ACTIONS if action.permission.name in context["permissions"]]


LABELS = {
    "cpf": "CPF",
    "nascimento": "Nascimento",
    "nome": "Nome",
    "mae": "Nome da mãe",
    "sexo": "Sexo",
    "municipio": "Município",
    "dn": "Declaração de nascido vivo",
    "pis": "PIS/PASEP",
    "cns": "CNS",
}
NAMES = frozenset({"nome", "mae"})
MISSING_VALUE = mark_safe('<span class="is-missing">não informado</span>')


@dataclass(frozen=True, slots=True)
class ComparedField:
    label: str
    ours: SafeString
    theirs: SafeString
    verdict: str
    tone: str


@register.filter
def cpf(number: str | None, in_full: bool = False) -> str:
    return told_cpf(number, in_full=in_full)


@register.filter
def cns(number: str | None, in_full: bool = False) -> str:
    return told_cns(number, in_full=in_full)


@register.filter
def cnpj(number: str) -> str:
    return format_cnpj(number)


@register.filter
def municipality(code: str) -> str:
    """The name behind IBGE's code; the code itself where there is none."""
    return str(find_municipality(code) or code)


register.filter(mask_with_bullets)


@register.filter
def age(birth_date: date) -> str:
    """In years; in months for babies, whose CNS takes other ways."""
    today = timezone.localdate()
    months = (today.year - birth_date.year) * 12 + today.month - birth_date.month - (today.day < birth_date.day)
    if months >= 24:
        return f"{months // 12} anos"
    return f"{months} {'mês' if months == 1 else 'meses'}"


@register.filter
def pending_chip(reason: str) -> str:
    return PendingReason(reason).chip


register.filter("pending_tone", tone_of(PendingReason))


@register.filter
def reason_sentence(reason: str) -> str:
    """The sentence of an identity decision, kept as a name by verdicts and as itself by reviews."""
    return str(VerdictReason[reason].value) if reason in VerdictReason.__members__ else reason


@register.filter
def field_label(field: str) -> str:
    """The name of a compared field."""
    return LABELS.get(field, field)


@register.filter
def comparison(fields: Iterable[dict[str, Any]]) -> list[ComparedField]:
    """Stored field comparisons (FieldComparison.as_json) as rows of two people side by side."""
    return [_compared(field) for field in fields or ()]


def _compared(kept: dict[str, Any]) -> ComparedField:
    field = FieldComparison.from_json(kept)
    ours, theirs = field.marks()
    return ComparedField(
        label=field_label(field.field),
        ours=_side(field, field.ours, ours),
        theirs=_side(field, field.theirs, theirs),
        verdict=field.agreement.label,
        tone=field.agreement.tone,
    )


def _side(field: FieldComparison, text: str, spans: list[Span]) -> SafeString:
    """Names with the letters that differ marked; other values whole."""
    if not text:
        return MISSING_VALUE
    if field.field in NAMES:
        return marked(text, spans)
    return marked(_readable(field.field, text), [[0, 80]] if field.agreement is Agreement.DIFFERENT else [])


def marked(text: str, spans: Iterable[Iterable[int]]) -> SafeString:
    """The text with each [begin, end) inside a ``<mark>``."""
    pieces, last = [], 0
    for begin, end in spans:
        pieces += [("", text[last:begin]), ("mark", text[begin:end])]
        last = end
    pieces.append(("", text[last:]))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if tag else piece,) for tag, piece in pieces if piece)
    )


def _readable(field: str, text: str) -> str:
    if field == "cpf":
        return told_cpf(text, in_full=False)
    if field == "nascimento":
        return format_iso_date(text)
    if field == "sexo":
        return str(Sex(text).label) if text in Sex.values else text
    return municipality(text) if field == "municipio" else text


SOURCE_PHRASES = {
    CnsSource.CADSUS: "do DATASUS (CadSUS)",
    CnsSource.CNX: "da ANS (conferência CNX)",
    CnsSource.REVIEW: "de uma decisão da revisão",
    CnsSource.INFORMED: "informado pelo beneficiário",
    CnsSource.IMPORT: "do cadastro da operadora",
}


@register.filter
def source_phrase(source: str) -> str:
    """Where a number is from, within a sentence."""
    return SOURCE_PHRASES[CnsSource(source)]


register.filter("review_tone", tone_of(Review.Status))


@register.filter
def review_outcome(status: str) -> str:
    """What became of the number."""
    return {"ACCEPTED": "aceito", "OPEN": "proposto"}.get(status, "descartado")
