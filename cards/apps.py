from django.apps import AppConfig

from beneficiaries.registry import register_person_panel
from operators.registry import Slot, register_panel


class CardsConfig(AppConfig):
    name = "cards"

    def ready(self) -> None:
        from cards.views import dashboard

        register_panel(Slot.TILES, dashboard.cards_panel, order=40)
        register_person_panel(dashboard.person_panel, order=60)
