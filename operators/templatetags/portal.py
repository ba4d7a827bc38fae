"""What every template of the portal needs: addresses of this operator, icons, navigation, tones of states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from lucide.templatetags.lucide import lucide

from cnsportal.db.status_choices import StatusChoices
from cnsportal.jobs import Status
from operators.permissions import Permission

register = template.Library()

THEMES = frozenset({"light", "dark"})
MESSAGE_TONES = {"success": "good", "warning": "warn", "error": "bad"}
MESSAGE_ICONS = {"success": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    icon: str
    href: str
    current: bool


NAVIGATION = (
    ("Painel", "layout-dashboard", "operators:dashboard", Permission.VIEW_PEOPLE),
    ("Pessoas", "users", "beneficiaries:people", Permission.VIEW_PEOPLE),
    ("Planos", "notebook-tabs", "beneficiaries:plan_list", Permission.VIEW_PEOPLE),
    ("Revisões", "scale", "beneficiaries:reviews", Permission.REVIEW_CNS),
    ("Conferências", "file-check-corner", "sib:conferences", Permission.VIEW_IMPORTS),
    ("Movimentações", "file-pen", "sib:movements", Permission.VIEW_IMPORTS),
    ("Resultados", "inbox", "sib:results", Permission.VIEW_IMPORTS),
    ("Consultas", "radio-tower", "cadsus:lookups", Permission.VIEW_PEOPLE),
    ("Certificados", "key-round", "cadsus:credentials", Permission.MANAGE_CREDENTIALS),
    ("Habilitação", "list-checks", "cadsus:accreditation", Permission.MANAGE_CREDENTIALS),
    ("Cartões", "id-card", "cards:cards", Permission.VIEW_CARDS),
    ("Auditoria", "scroll-text", "operators:audit", Permission.VIEW_AUDIT),
)
BESIDE = {
    "beneficiaries:plan_list": (
        "beneficiaries:contract_list",
        "beneficiaries:company_list",
        "beneficiaries:administrator_list",
    ),
    "sib:conferences": ("sib:night_reports", "sib:night_policy", "sib:mirror"),
    "sib:movements": ("sib:calendar", "sib:sbx_files"),
    "sib:results": ("sib:rejections", "sib:criticas"),
    "cards:cards": ("operators:operator_names",),
}
"""Pages that belong to a room of the navigation without lying under its address."""


@register.simple_tag(takes_context=True)
def operator_url(context: Context, name: str, *args: object) -> str:
    """The address of a page of the operator that the reader is at."""
    return reverse(name, args=[context["operator"].registration, *args])


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str) -> str:
    """Beside words, never instead of them: hidden from screen readers."""
    attributes: dict[str, Any] = {"class": "icon", "aria_hidden": "true", "focusable": "false"}
    return lucide(context, name, size=16, **attributes)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[Entry]:
    """The rooms that the reader may enter, the present one marked."""
    return [
        Entry(label, symbol, operator_url(context, name), _is_within(context, name))
        for label, symbol, name, needed in NAVIGATION
        if needed.name in context["permissions"]
    ]


def _is_within(context: Context, room: str) -> bool:
    path, home = context["request"].path, operator_url(context, NAVIGATION[0][2])
    places = [operator_url(context, name) for name in (room, *BESIDE.get(room, ()))]
    return path in places or any(path.startswith(place) for place in places if place != home)


@register.filter
def theme(request: HttpRequest) -> str:
    """What the reader chose with the header's switch; empty where the system decides."""
    chosen = request.COOKIES.get("tema", "")
    return chosen if chosen in THEMES else ""


def tone_of(choices: type[StatusChoices]) -> Callable[[str], str]:
    """A filter for a column of these choices."""
    return lambda value: choices(value).tone


register.filter("status_tone", tone_of(Status))


@register.filter
def message_tone(level: str) -> str:
    return MESSAGE_TONES.get(level, "info")


@register.filter
def message_icon(level: str) -> str:
    return MESSAGE_ICONS.get(level, "info")


@register.filter
def svg_number(number: float) -> str:
    """With a point, as SVG wants it."""
    return f"{number:.2f}"
