"""What every template of the portal needs: addresses of this operator, icons, navigation menu, tones of states."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from cnsportal.db.status_choices import StatusChoices
from cnsportal.formats.br import age_in_words, format_datetime
from cnsportal.jobs import Status
from operators.registry import HEADER_TOOLS, LIST_EXPORTS, MENU, TODO_ITEMS, MenuEntry

register = template.Library()

THEMES = frozenset({"light", "dark"})
HOME = "operators:dashboard"


class MessageLevel(StrEnum):
    """Of Django's messages and allauth's alerts, with the tone and the icon of each; all others look like INFO."""

    tone: str
    icon: str

    def __new__(cls, value: str, tone: str = "", icon: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        member.icon = icon
        return member

    INFO = "info", "info", "info"
    SUCCESS = "success", "good", "circle-check"
    WARNING = "warning", "warn", "triangle-alert"
    ERROR = "error", "bad", "circle-alert"

    @classmethod
    def _missing_(cls, _value: object) -> "MessageLevel":
        return cls.INFO


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    icon: str
    href: str
    current: bool
    counter: str  # id of the element that bears what waits behind it; blank: none


@register.simple_tag(takes_context=True)
def operator_url(context: Context, name: str, *args: object) -> str:
    """The address of a page of the operator that the reader is at."""
    return reverse(name, args=[context["operator"].registration, *args])


@register.simple_tag(takes_context=True)
def export_url(context: Context, name: str, key: int | str = "") -> str:
    """Where this list is exported with the filters of the present page, which is perhaps of the row of this key."""
    address, listing = operator_url(context, "operators:export_new", name), LIST_EXPORTS[name]
    query = listing.kept({**context["request"].GET.dict(), **({listing.page_key: str(key)} if key else {})})
    return f"{address}?{urlencode(query)}" if query else address


@register.simple_tag(takes_context=True)
def save_view_url(context: Context, name: str) -> str:
    """Where this list is kept with the filters of the present page; blank where it has none."""
    query = LIST_EXPORTS[name].kept(context["request"].GET.dict())
    return f"{operator_url(context, 'operators:saved_view_new', name)}?{urlencode(query)}" if query else ""


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str) -> str:
    """Beside words, never instead of them: hidden from screen readers."""
    attributes: dict[str, Any] = {"class": "icon", "aria_hidden": "true", "focusable": "false"}
    return lucide(context, name, size=16, **attributes)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[Entry]:
    """The entries of the menu that the reader may open, the present one marked."""
    counted = {item.menu for item in TODO_ITEMS if item.permission.name in context["permissions"]}
    return [
        Entry(
            entry.label,
            entry.icon,
            operator_url(context, entry.page),
            _is_within(context, entry),
            counter_id(entry.page) if entry.page in counted else "",
        )
        for entry in MENU
        if entry.permission.name in context["permissions"]
    ]


@register.filter
def counter_id(page: str) -> str:
    """Of the element beside a menu entry, from the URL name of its page."""
    return f"contador-{page.replace(':', '-')}"


@register.simple_tag
def age(moment: datetime) -> SafeString:
    """How long ago, in words; the exact moment for whoever points at it, and for machines."""
    exact = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(timespec="seconds"),
        format_datetime(exact),
        age_in_words(timezone.now() - moment),
    )


def _is_within(context: Context, entry: MenuEntry) -> bool:
    """All pages lie below the dashboard's address: it is current on its own page alone."""
    path, home = context["request"].path, operator_url(context, HOME)
    places = [operator_url(context, name) for name in (entry.page, *entry.beside)]
    return path in places or any(path.startswith(place) for place in places if place != home)


@register.simple_tag(takes_context=True)
def header_tools(context: Context) -> list[str]:
    """Templates of what apps add to the header, of those that the reader may use."""
    return [tool.template for tool in HEADER_TOOLS if tool.permission.name in context["permissions"]]


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
    return MessageLevel(level).tone


@register.filter
def message_icon(level: str) -> str:
    return MessageLevel(level).icon


@register.filter
def svg_number(number: float) -> str:
    """With a point, as SVG wants it."""
    return f"{number:.2f}"
