"""API for the operator's own systems: send a conference, ask for its progress."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from operators.api import OperatorAPI, reader
from operators.api_parsers import RawFileParser
from operators.permissions import Permission
from sib.formats.archives import MAX_FILES
from sib.forms.conferences import CHOOSE
from sib.models import ConferenceFile
from sib.services.conferences.pipeline import why_not_applied
from sib.services.conferences.receive import receive_upload

WANTS_APPLY = {"ensaiar": False, "aplicar": True}


class CannotApply(APIException):
    status_code = 409


class RawFile(RawFileParser):
    default_name = "conferencia.cnx"


class ConferencesAPI(OperatorAPI):
    """``POST``: the files of one conference, as the body or as ``multipart/form-data``; ``?fazer=aplicar`` applies.

    So it does of a conference that was sent before to be rehearsed; 409 says why it cannot.
    """

    permission = Permission.APPLY_IMPORT
    parser_classes = (MultiPartParser, RawFile)

    def post(self, request: Request, registration: str) -> Response:  # noqa: ARG002  (part of the address)
        wanted = request.query_params.get("fazer", "ensaiar")
        if wanted not in WANTS_APPLY:
            raise ValidationError({"fazer": ["Use “ensaiar” ou “aplicar”."]})
        file, is_new = receive_upload(_files(request), wants_apply=WANTS_APPLY[wanted], actor=reader(request))
        if WANTS_APPLY[wanted] and (sentence := why_not_applied(file)):
            raise CannotApply(sentence)
        is_on_its_way = is_new or (WANTS_APPLY[wanted] and file.is_active)
        return Response(_as_json(file) | {"conhecida": not is_new}, status=202 if is_on_its_way else 200)


class ConferenceAPI(OperatorAPI):
    permission = Permission.VIEW_IMPORTS

    def get(self, request: Request, registration: str, pk: int) -> Response:  # noqa: ARG002  (part of the address)
        return Response(_as_json(get_object_or_404(ConferenceFile.objects.select_related("operator"), pk=pk)))


def _files(request: Request) -> "list[UploadedFile[Any]]":
    sent: Any = request.FILES  # DRF gives a plain dict where the body is the file
    files = [file for name in sent for file in (sent.getlist(name) if hasattr(sent, "getlist") else [sent[name]])]
    if not files or not all(file.size for file in files):
        raise ValidationError({"arquivo": [CHOOSE]})
    if len(files) > MAX_FILES:
        raise ValidationError({"arquivo": [f"São {len(files)} arquivos, e uma conferência tem até {MAX_FILES}."]})
    return files


def _as_json(file: ConferenceFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "arquivo": file.name,
        "etapa": file.step,
        "situacao": file.status,
        "falha": file.failure,
        "registros": file.records,
        "comValoresIlegiveis": file.with_issues,
        "resultados": file.outcomes,
        "cnsGravados": file.applied,
        "estado": reverse("sib:api_conference", args=[file.operator.registration, file.pk]),
        "pagina": reverse("sib:conference", args=[file.operator.registration, file.pk]),
    }
