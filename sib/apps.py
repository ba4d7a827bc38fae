from django.apps import AppConfig

from beneficiaries.registry import register_guard, register_person_panel, register_removal_listener
from operators.permissions import Permission
from operators.registry import (
    JobKind,
    MenuEntry,
    Slot,
    register_first_step,
    register_job_kind,
    register_list_export,
    register_menu_entry,
    register_panel,
    register_todo_item,
)

MENU = (
    MenuEntry(
        "Conferências",
        "file-check-corner",
        "sib:conferences",
        Permission.VIEW_IMPORTS,
        beside=("sib:night_reports", "sib:night_policy", "sib:mirror"),
    ),
    MenuEntry(
        "Movimentações",
        "file-pen",
        "sib:movements",
        Permission.VIEW_IMPORTS,
        beside=("sib:calendar", "sib:sbx_files"),
    ),
    MenuEntry("Resultados", "inbox", "sib:results", Permission.VIEW_IMPORTS, beside=("sib:rejections", "sib:criticas")),
)


class SibConfig(AppConfig):
    name = "sib"

    def ready(self) -> None:
        from sib.queries.dependents import hold_drafts_with_number
        from sib.queries.work_in_progress import conference_under_way

        register_guard(conference_under_way)
        register_removal_listener(hold_drafts_with_number)
        for order, entry in zip((50, 60, 70), MENU, strict=True):
            register_menu_entry(entry, order=order)
        _register_lists_and_panels()
        _register_jobs()


def _register_lists_and_panels() -> None:
    from sib.views import conferences, file_exports, list_exports, mirror, movements, night_reports, results, todo

    for listing in (*list_exports.LIST_EXPORTS, *file_exports.FILE_EXPORTS):
        register_list_export(listing)
    register_panel(Slot.TILES, conferences.conference_panel, order=10)
    register_panel(Slot.TILES, night_reports.night_panel, order=20)
    for order, item in enumerate(todo.TODO_ITEMS, start=10):
        register_todo_item(item, order=order)
    register_first_step(conferences.first_step, order=30)
    register_person_panel(results.rejections_panel, order=20)
    register_person_panel(conferences.person_panel, order=30)
    register_person_panel(mirror.changes_panel, order=40)
    register_person_panel(movements.movements_panel, order=50)


def _register_jobs() -> None:
    from sib.models import ConferenceFile, Founding, RpxFile

    see = Permission.VIEW_IMPORTS
    register_job_kind(JobKind(ConferenceFile, "Conferência da ANS", "sib:conference", see, "received_by"), order=30)
    register_job_kind(JobKind(Founding, "Primeira carga", "sib:onboarding", see), order=40)
    register_job_kind(JobKind(RpxFile, "Resultado da ANS", "sib:result", see, "received_by"), order=50)
