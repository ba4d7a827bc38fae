"""The dashboard panel of certificates that expire or were revoked."""

from typing import Any

from django.utils import timezone

from cadsus.models import Credential
from cadsus.queries.expiring_credentials import certificate_warnings
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import FirstStep, Panel, TodoItem, Waiting


def _panel(_request: PortalRequest) -> dict[str, Any]:
    found = certificate_warnings(timezone.localtime())
    return {"worries": found} if found else {}


expiry_panel = Panel(Permission.MANAGE_CREDENTIALS, "cadsus/_expiry_panel.html", _panel)
certificates_item = TodoItem(
    "certificates",
    ("certificado precisa de atenção", "certificados precisam de atenção"),
    Permission.MANAGE_CREDENTIALS,
    "cadsus:credentials",
    lambda _request: Waiting(len(certificate_warnings(timezone.localtime()))),
    menu="cadsus:credentials",
)
first_step = FirstStep(
    "Pôr em uso o certificado da operadora",
    "Com ele o portal consulta o DATASUS por quem não tem CNS. Antes, a habilitação; a página diz como.",
    "cadsus:credentials",
    Permission.MANAGE_CREDENTIALS,
    lambda: Credential.objects.filter(activated_at__isnull=False).exists(),
)
