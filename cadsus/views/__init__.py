"""Pages of the DATASUS side; each file is one part of the screen."""

from cadsus.views.link import link_banner
from cadsus.views.lookups import Ask, Lookups, person_panel, queue_panel

__all__ = ["Ask", "Lookups", "link_banner", "person_panel", "queue_panel"]
