from django.apps import AppConfig

from beneficiaries.registry import (
    register_correction_list,
    register_dependents,
    register_person_panel,
    register_person_search,
)
from operators.permissions import Permission
from operators.registry import (
    JobKind,
    MenuEntry,
    Slot,
    register_first_step,
    register_job_kind,
    register_kek_owner,
    register_list_export,
    register_menu_entry,
    register_panel,
    register_todo_item,
)

CARDS = MenuEntry("Cartões", "id-card", "cards:cards", Permission.VIEW_CARDS, beside=("cards:operator_names",))


class CardsConfig(AppConfig):
    name = "cards"

    def ready(self) -> None:
        from cards.models import CardBatch
        from cards.queries.by_check_code import people_of_card
        from cards.queries.eligibility import dependent_cards
        from cards.services.webhooks import rewrap_webhook
        from cards.views import dashboard
        from cards.views.list_exports import batches_export, cards_export

        register_job_kind(JobKind(CardBatch, "Lote de cartões", "cards:batch", Permission.VIEW_CARDS), order=60)
        register_panel(Slot.TILES, dashboard.cards_panel, order=40)
        for order, item in enumerate(dashboard.TODO_ITEMS, start=50):
            register_todo_item(item, order=order)
        register_first_step(dashboard.first_step, order=50)
        register_person_panel(dashboard.person_panel, order=60)
        register_correction_list(dashboard.outdated_list)
        register_dependents(dependent_cards)
        register_person_search(people_of_card)
        register_kek_owner(rewrap_webhook)
        register_list_export(cards_export)
        register_list_export(batches_export)
        register_menu_entry(CARDS, order=110)
