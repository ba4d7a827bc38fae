"""Pages of the DATASUS side; each file is one part of the screen."""

from cadsus.views.lookups import Lookups, queue_panel
from cadsus.views.queue_actions import link_banner
from cadsus.views.search import Ask, AskBy, person_panel

__all__ = ["Ask", "AskBy", "Lookups", "link_banner", "person_panel", "queue_panel"]
