"""Pages of the cards; one module for each thing that is done with them."""

from cards.views.dashboard import cards_panel, person_panel

__all__ = ["cards_panel", "person_panel"]
