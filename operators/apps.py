from django.apps import AppConfig

from operators.permissions import Permission
from operators.registry import (
    JobKind,
    MenuEntry,
    Slot,
    register_job_kind,
    register_list_export,
    register_menu_entry,
    register_panel,
)


class OperatorsConfig(AppConfig):
    name = "operators"

    def ready(self) -> None:
        from operators.models import ExportRun
        from operators.views.audit_trail import audit_export
        from operators.views.first_steps import first_steps_panel

        dashboard = MenuEntry("Painel", "layout-dashboard", "operators:dashboard", Permission.VIEW_PEOPLE)
        register_menu_entry(dashboard, order=10)
        register_menu_entry(MenuEntry("Auditoria", "scroll-text", "operators:audit", Permission.VIEW_AUDIT), order=120)
        exports = MenuEntry("Exportações", "download", "operators:exports", Permission.EXPORT)
        register_menu_entry(exports, order=115)
        register_menu_entry(MenuEntry("Vistas", "bookmark", "operators:saved_views", Permission.VIEW_PEOPLE), order=112)
        register_list_export(audit_export)
        register_panel(Slot.WIDE, first_steps_panel, order=5)
        register_job_kind(JobKind(ExportRun, "Exportação de lista", "operators:export", Permission.EXPORT), order=10)
