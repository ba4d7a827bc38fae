"""What apps above contribute to a person's page, and to work on people and numbers."""

from django.template import engines
from django.urls import reverse

from beneficiaries import registry
from beneficiaries.views import person
from operators.permissions import Permission, Role
from operators.registry import Panel, Registry
from tests.factories import PersonFactory
from tests.pages import signed_in


def test_a_panel_that_is_registered_is_on_the_page_of_a_person(operator, monkeypatch):
    template = engines["django"].from_string("<p>Pessoa de teste: {{ panel.key }}</p>")
    panels = Registry()
    panels.register(Panel(Permission.VIEW_PEOPLE, template, lambda _request, shown: {"key": str(shown.pk)}))
    monkeypatch.setattr(person, "PERSON_PANELS", panels)
    shown = PersonFactory()

    page = signed_in(operator, Role.CONSULTA).get(
        reverse("beneficiaries:person", args=[operator.registration, shown.pk])
    )

    assert page.content.decode().count(f"Pessoa de teste: {shown.pk}<") == 1


def test_panels_of_a_person_stand_in_this_order():
    assert [panel.template for panel in registry.PERSON_PANELS] == [
        "cadsus/_person.html",
        "sib/_person_rejections.html",
        "sib/_person.html",
        "sib/_person_changes.html",
        "sib/_person_movements.html",
        "cards/_person.html",
    ]


def test_work_that_the_apps_take_part_in():
    registered = {
        name: [f"{each.__module__}.{each.__name__}" for each in getattr(registry, name)]
        for name in ("DEPENDENT_SOURCES", "REMOVAL_LISTENERS", "GUARDS")
    }

    assert registered == {
        "DEPENDENT_SOURCES": ["cards.queries.eligibility.dependent_cards"],
        "REMOVAL_LISTENERS": ["sib.queries.dependents.hold_drafts_with_number"],
        "GUARDS": [
            "sib.queries.work_in_progress.conference_under_way",
            "cadsus.services.lookups.bulk_actions.stop_lookups",
        ],
    }
