"""Pages of the DATASUS side; each file is one part of the screen."""

from cadsus.views.asking import Ask, AskBy, person_panel
from cadsus.views.link import link_banner
from cadsus.views.lookups import Lookups, queue_panel

__all__ = ["Ask", "AskBy", "Lookups", "link_banner", "person_panel", "queue_panel"]
