from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from beneficiaries.registry import (
    LOOKUP_CREATE_PAGE,
    LOOKUPS_PAGE,
    register_bulk_action,
    register_guard,
    register_new_person_listener,
    register_person_panel,
)
from cadsus.throttling.opening_hours import Hours
from operators.permissions import Permission
from operators.registry import (
    MenuEntry,
    Slot,
    register_first_step,
    register_list_export,
    register_menu_entry,
    register_night_source,
    register_panel,
    register_todo_item,
)

MENU = (
    MenuEntry("Consultas", "radio-tower", "cadsus:lookups", Permission.VIEW_PEOPLE),
    MenuEntry("Certificados", "key-round", "cadsus:credentials", Permission.MANAGE_CREDENTIALS),
    MenuEntry("Habilitação", "list-checks", "cadsus:accreditation", Permission.MANAGE_CREDENTIALS),
)


class CadsusConfig(AppConfig):
    name = "cadsus"

    def ready(self) -> None:
        from cadsus.queries.night_report import night_facts
        from cadsus.services.lookups.bulk_actions import stop_lookups
        from cadsus.services.lookups.new_people import ask_about_new_person
        from cadsus.views.list_exports import lookups_export

        register_guard(stop_lookups)
        register_new_person_listener(ask_about_new_person)
        register_night_source(night_facts)
        LOOKUPS_PAGE.register("cadsus:lookups")
        LOOKUP_CREATE_PAGE.register("cadsus:lookup_create")
        for order, entry in zip((80, 90, 100), MENU, strict=True):
            register_menu_entry(entry, order=order)
        register_list_export(lookups_export)
        _register_panels()
        _check_hours()


def _register_panels() -> None:
    from cadsus.views import accreditation, ask_selected, dashboard, lookups, queue_actions, search

    register_panel(Slot.BANNERS, queue_actions.link_banner, order=10)
    register_panel(Slot.WIDE, dashboard.expiry_panel, order=10)
    register_first_step(dashboard.first_step, order=40)
    register_panel(Slot.TILES, lookups.queue_panel, order=30)
    register_todo_item(dashboard.certificates_item, order=30)
    register_todo_item(accreditation.todo_item, order=40)
    register_person_panel(search.person_panel, order=10)
    register_bulk_action(ask_selected.ask_selected)


def _check_hours() -> None:
    """Hours that nobody can mean stop the start, as every other setting does."""
    for facts in settings.CADSUS_ENVIRONMENTS.values():
        try:
            Hours.parse(facts["hours"])
        except ValueError as error:
            raise ImproperlyConfigured(f"CADSUS_HOURS={facts['hours']!r}: {error}") from None
