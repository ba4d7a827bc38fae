"""The dashboard panel of certificates that expire or were revoked."""

from typing import Any

from django.utils import timezone

from cadsus.queries.expiring_credentials import certificate_warnings
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel


def _panel(_request: PortalRequest) -> dict[str, Any]:
    found = certificate_warnings(timezone.localtime())
    return {"worries": found} if found else {}


expiry_panel = Panel(Permission.MANAGE_CREDENTIALS, "cadsus/_expiry_panel.html", _panel)
