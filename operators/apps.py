from django.apps import AppConfig

from operators.permissions import Permission
from operators.registry import MenuEntry, register_menu_entry


class OperatorsConfig(AppConfig):
    name = "operators"

    def ready(self) -> None:
        dashboard = MenuEntry("Painel", "layout-dashboard", "operators:dashboard", Permission.VIEW_PEOPLE)
        register_menu_entry(dashboard, order=10)
        register_menu_entry(MenuEntry("Auditoria", "scroll-text", "operators:audit", Permission.VIEW_AUDIT), order=120)
