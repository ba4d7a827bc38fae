"""Pages of the conferences and of what goes to ANS and comes from it; one module for each."""

from sib.views.conferences import conference_panel, person_panel

__all__ = ["conference_panel", "person_panel"]
