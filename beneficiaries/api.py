"""API for the operator's own systems: what the portal knows of a beneficiary's CNS."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, PendingReason, Person
from beneficiaries.services.csv_export import ORIGINS, state_of
from operators.api import OperatorAPI, reader
from operators.audit import Event, EventKind, record
from operators.permissions import Permission


class BeneficiaryCnsAPI(OperatorAPI):
    """The number in full: reading it is on record, as any sight of unmasked data is."""

    permission = Permission.UNMASK

    def get(self, request: Request, registration: str, code: str) -> Response:  # noqa: ARG002  (part of the address)
        link = get_object_or_404(Beneficiary.objects.select_related("person"), code=code)
        data = {"reason": "api"}
        record([Event(EventKind.PERSON_UNMASKED, "person", link.person_id, link.person_id, reader(request), data=data)])
        return Response(_shown(link))


def _shown(link: Beneficiary) -> dict[str, Any]:
    cns = CnsNumber.objects.current().filter(person=link.person_id).first()
    return {
        "codigoBeneficiario": link.code,
        "cco": link.cco,
        "cns": cns.number if cns else None,
        "cnsSituacao": state_of(cns.number, cns.kind, verified=cns.verified)
        if cns
        else state_of(None, "", verified=False),
        "cnsOrigem": ORIGINS[CnsSource(cns.source)] if cns else "",
        "pendencia": "" if cns else _pending(link).label,
    }


def _pending(link: Beneficiary) -> PendingReason:
    person: Any = Person.objects.with_pending().get(pk=link.person_id)
    return PendingReason(person.pending)
