"""Contributions of the apps: what is registered is shown, in a stated order, once, and to those who may see it."""

import pytest
from django.template import engines
from django.urls import reverse

from operators.permissions import Permission, Role
from operators.registry import KEK_OWNERS, NIGHT_SOURCES, PANELS, Panel, Registry, Slot, register_panel
from tests.pages import signed_in

SHOWN = "Painel de teste: 7"
TEMPLATE = engines["django"].from_string("<p>Painel de teste: {{ panel.count }}</p>")


def _panel(permission=Permission.VIEW_PEOPLE, **context):
    return Panel(permission, TEMPLATE, lambda _request: context)


def _dashboard(operator):
    return signed_in(operator, Role.CONSULTA).get(reverse("operators:dashboard", args=[operator.registration]))


@pytest.fixture
def emptied(monkeypatch):
    """Slots without the apps' own panels."""
    for slot in Slot:
        monkeypatch.setitem(PANELS, slot, Registry())


def test_contributions_come_by_order_and_then_as_they_were_registered():
    registry = Registry()
    for entry, order in [("third", 20), ("first", 10), ("fourth", 20), ("second", 10)]:
        registry.register(entry, order=order)

    assert list(registry) == ["first", "second", "third", "fourth"]


def test_what_is_registered_again_is_there_once():
    registry = Registry()
    for _ in range(2):
        registry.register("one")

    assert list(registry) == ["one"]


@pytest.mark.parametrize("slot", Slot)
@pytest.mark.parametrize(
    ("panel", "times"),
    [(_panel(count=7), 1), (_panel(), 0), (_panel(Permission.VIEW_AUDIT, count=7), 0)],
    ids=["shown", "nothing to show", "not for this reader"],
)
@pytest.mark.usefixtures("emptied")
def test_a_panel_that_is_registered_is_on_the_dashboard(operator, slot, panel, times):
    register_panel(slot, panel, order=10)

    assert _dashboard(operator).content.decode().count(SHOWN) == times


def test_panels_of_the_apps_stand_in_this_order():
    assert {slot: [panel.template for panel in PANELS[slot]] for slot in Slot} == {
        Slot.BANNERS: ["cadsus/_connection_banner.html"],
        Slot.WIDE: ["operators/_first_steps.html", "cadsus/_expiry_panel.html", "beneficiaries/_coverage_panel.html"],
        Slot.TILES: [
            "sib/_conference_panel.html",
            "sib/_night_panel.html",
            "cadsus/_queue_panel.html",
            "cards/_cards_panel.html",
        ],
    }


def test_work_that_the_apps_take_part_in():
    owners = [f"{each.__module__}.{each.__name__}" for registry in (NIGHT_SOURCES, KEK_OWNERS) for each in registry]

    assert owners == ["cadsus.queries.night_report.night_facts", "cards.services.webhooks.rewrap_webhook"]
