from django.apps import AppConfig

from operators.permissions import Permission
from operators.registry import (
    PERSON_PAGE,
    HeaderTool,
    JobKind,
    MenuEntry,
    Slot,
    register_first_step,
    register_header_tool,
    register_job_kind,
    register_list_export,
    register_menu_entry,
    register_panel,
    register_todo_item,
)

PLANS = MenuEntry(
    "Planos",
    "notebook-tabs",
    "beneficiaries:plan_list",
    Permission.VIEW_PEOPLE,
    beside=("beneficiaries:contract_list", "beneficiaries:company_list", "beneficiaries:administrator_list"),
)


class BeneficiariesConfig(AppConfig):
    name = "beneficiaries"

    def ready(self) -> None:
        from beneficiaries.models import ImportRun
        from beneficiaries.views import dashboard, todo
        from beneficiaries.views.history import history_export
        from beneficiaries.views.list_exports import LIST_EXPORTS

        imports = JobKind(ImportRun, "Importação de planilha", "beneficiaries:import", Permission.EDIT_PEOPLE)
        register_job_kind(imports, order=20)
        register_panel(Slot.WIDE, dashboard.coverage, order=20)
        for order, item in enumerate(todo.TODO_ITEMS, start=20):
            register_todo_item(item, order=order)
        register_first_step(dashboard.import_step, order=10)
        register_first_step(dashboard.plans_step, order=20)
        PERSON_PAGE.register("beneficiaries:person")
        register_header_tool(HeaderTool(Permission.VIEW_PEOPLE, "beneficiaries/_header_search.html"))
        for listing in (*LIST_EXPORTS, history_export):
            register_list_export(listing)
        _register_menu()


def _register_menu() -> None:
    people = MenuEntry("Pessoas", "users", "beneficiaries:people", Permission.VIEW_PEOPLE)
    register_menu_entry(people, order=20)
    register_menu_entry(PLANS, order=30)
    register_menu_entry(MenuEntry("Revisões", "scale", "beneficiaries:reviews", Permission.REVIEW_CNS), order=40)
