"""API for the operator's own systems: what the portal knows of a beneficiary's CNS; spreadsheets of many."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, ImportRun, PendingReason, Person
from beneficiaries.services.csv_export import ORIGINS, state_of
from beneficiaries.services.csv_import.receipt import record_receipt_download
from beneficiaries.services.csv_import.upload import DEFAULT_NAME, receive_upload
from operators.api import OperatorAPI, reader
from operators.api_parsers import RawFileParser
from operators.audit import Event, EventKind, record
from operators.permissions import Permission


class BeneficiaryCnsAPI(OperatorAPI):
    """The number in full: reading it is on record, as any sight of unmasked data is."""

    permission = Permission.UNMASK

    def get(self, request: Request, registration: str, code: str) -> Response:  # noqa: ARG002  (part of the address)
        link = get_object_or_404(Beneficiary.objects.select_related("person"), code=code)
        data = {"reason": "api"}
        record([Event(EventKind.PERSON_UNMASKED, "person", link.person_id, link.person_id, reader(request), data=data)])
        return Response(_as_json(link))


def _as_json(link: Beneficiary) -> dict[str, Any]:
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


ACTIONS = {"ensaiar": False, "importar": True}
CHOOSE = "Mande um arquivo CSV ou XLSX, como corpo ou como multipart/form-data."


class RawSpreadsheet(RawFileParser):
    default_name = DEFAULT_NAME


class ImportsAPI(OperatorAPI):
    """``POST``: one CSV or XLSX, as the body or as ``multipart/form-data``; ``?fazer=importar`` does not wait.

    Unless a heading is unknown: then it waits in any case, until somebody says by the page what it means.
    """

    permission = Permission.EDIT_PEOPLE
    parser_classes = (MultiPartParser, RawSpreadsheet)

    def post(self, request: Request, registration: str) -> Response:  # noqa: ARG002  (part of the address)
        action = request.query_params.get("fazer", "ensaiar")
        if action not in ACTIONS:
            raise ValidationError({"fazer": ["Use “ensaiar” ou “importar”."]})
        try:
            run = receive_upload(_file(request), apply=ACTIONS[action], actor=reader(request))
        except InvalidFile as refusal:
            raise ValidationError({"arquivo": [str(refusal)]}) from refusal
        return Response(_state(run), status=202)


class ImportAPI(OperatorAPI):
    permission = Permission.EDIT_PEOPLE

    def get(self, request: Request, registration: str, pk: int) -> Response:  # noqa: ARG002  (part of the address)
        return Response(_state(get_object_or_404(ImportRun.objects.select_related("operator"), pk=pk)))


class ImportReceiptAPI(OperatorAPI):
    """What became of each row, as CSV; rejected rows as they came."""

    permission = Permission.UNMASK

    def get(self, request: Request, registration: str, pk: int) -> HttpResponseBase:  # noqa: ARG002
        run = get_object_or_404(ImportRun, pk=pk)
        if not run.has_receipt:
            raise Http404
        record_receipt_download(run, reader(request))
        return FileResponse(Path(run.receipt).open("rb"), as_attachment=True, filename=f"recibo-importacao-{pk}.csv")


def _file(request: Request) -> "UploadedFile[Any]":
    files: list[UploadedFile[Any]] = list(request.FILES.values())
    if len(files) != 1 or not files[0].size:
        raise ValidationError({"arquivo": [CHOOSE]})
    return files[0]


def _state(run: ImportRun) -> dict[str, Any]:
    place = [run.operator.registration, run.pk]
    return {
        "id": run.pk,
        "arquivo": run.name,
        "situacao": run.status,
        "ensaio": run.is_rehearsal,
        "faltaDizerAsColunas": run.needs_columns,
        "falha": run.failure,
        "contagens": run.figures,
        "estado": reverse("beneficiaries:api_import", args=place),
        "recibo": reverse("beneficiaries:api_import_receipt", args=place) if run.has_receipt else None,
        "pagina": reverse("beneficiaries:import", args=place),
    }
