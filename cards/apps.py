from django.apps import AppConfig

from beneficiaries.registry import register_dependents, register_person_panel
from operators.registry import Slot, register_kek_owner, register_panel


class CardsConfig(AppConfig):
    name = "cards"

    def ready(self) -> None:
        from cards.queries.eligibility import dependent_cards
        from cards.services.webhooks import rewrap_webhook
        from cards.views import dashboard

        register_panel(Slot.TILES, dashboard.cards_panel, order=40)
        register_person_panel(dashboard.person_panel, order=60)
        register_dependents(dependent_cards)
        register_kek_owner(rewrap_webhook)
