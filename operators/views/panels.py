"""Panels: what apps contribute to a page, filled for its reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from operators.middleware import PortalRequest
from operators.registry import Panel


@dataclass(frozen=True, slots=True)
class FilledPanel:
    template: str
    context: dict[str, Any]


def filled_panels(panels: Iterable[Panel], request: PortalRequest, *subject: Any) -> list[FilledPanel]:
    """Those that the reader may see; an empty context is a panel with nothing to show."""
    allowed = [panel for panel in panels if panel.permission in request.permissions]
    filled = [FilledPanel(panel.template, panel.context(request, *subject)) for panel in allowed]
    return [panel for panel in filled if panel.context]
