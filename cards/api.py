"""API for the operator's own systems: issue a card, read it, download it, follow events (docs/api.md)."""

import re
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from beneficiaries.models import Beneficiary
from cards.domain.face import CardFace
from cards.models import Card
from cards.queries.eligibility import IssueBlocker, card_snapshots
from cards.services import preview
from cards.services.card_files import PRODUCTS, card_file
from cards.services.events import events_after
from cards.services.idempotent_issue import KeyReused, issue_idempotent
from cnsportal.formats.text import MAX_KEY, key_of
from operators.api import OperatorAPI, reader
from operators.permissions import Permission

KEY = re.compile(r"[\x21-\x7e]{1,64}")
MAX_EVENTS = 500


class Conflict(APIException):
    status_code = 409


class Unprocessable(APIException):
    status_code = 422


class CardAPI(OperatorAPI):
    permission = Permission.VIEW_CARDS

    def get(self, request: Request, registration: str, code: str) -> Response:  # noqa: ARG002  (part of the address)
        link = _link(code)
        vias = list(link.cards.order_by("-via"))
        current = next((card for card in vias if card.is_current), None)
        pending = _pending(link)
        return Response(
            {
                "codigoBeneficiario": link.code,
                "podeEmitir": not pending,
                "pendencia": pending,
                "cartao": _as_json(current) if current else None,
                "vias": [_as_json(card) for card in vias],
            }
        )


class IssueCardAPI(OperatorAPI):
    """``POST`` with ``Idempotency-Key``: the same key gives the same card, however often and however many at once."""

    permission = Permission.ISSUE_CARDS

    def post(self, request: Request, registration: str, code: str) -> Response:  # noqa: ARG002  (part of the address)
        key = request.headers.get("Idempotency-Key", "")
        if not KEY.fullmatch(key):
            said = "Envie o cabeçalho Idempotency-Key, de 1 a 64 caracteres sem espaços e sem acentos."
            raise ValidationError({"Idempotency-Key": [said]})
        try:
            asked = issue_idempotent(key, _link(code), actor=reader(request))
        except KeyReused as error:
            raise Unprocessable("Esta Idempotency-Key já foi usada para outro beneficiário: use outra.") from error
        if asked.card is None:
            raise Conflict(asked.refusal)
        return Response({"codigoBeneficiario": code, **_as_json(asked.card)}, status=200 if asked.again else 201)


class CardFileAPI(OperatorAPI):
    """The current card, whole: taking it is on record."""

    permission = Permission.ISSUE_CARDS

    def get(self, request: Request, registration: str, code: str, name: str) -> HttpResponse:  # noqa: ARG002
        product = PRODUCTS.get(name)
        current = Card.objects.current().select_related("beneficiary").filter(beneficiary__code=code)
        card = current.first()
        if card is None or product is None:
            raise Http404
        content = card_file(card, product, actor=reader(request), source="api")
        disposition = f'attachment; filename="{product.file_name}"'
        return HttpResponse(content, content_type=product.media_type, headers={"Content-Disposition": disposition})


class EventsAPI(OperatorAPI):
    """``?depois=N&limite=M``: what happened after event N, oldest first. An empty answer means: nothing new yet."""

    permission = Permission.VIEW_CARDS

    def get(self, request: Request, registration: str) -> Response:  # noqa: ARG002  (part of the address)
        after = _number(request, "depois", 0, MAX_KEY, 0)
        page = events_after(after, _number(request, "limite", 1, MAX_EVENTS, 100))
        return Response({"eventos": page.events, "ultimo": page.last, "haMais": page.more})


def _link(code: str) -> Beneficiary:
    return get_object_or_404(Beneficiary, code=code)


def _pending(link: Beneficiary) -> str:
    """Why no new card may be issued now, in the words of the screens; blank where one may."""
    (reading,) = card_snapshots(Beneficiary.objects.filter(pk=link.pk))
    if reading.blocker not in ("", IssueBlocker.INCOMPLETE):  # composing says what is missing
        return IssueBlocker(reading.blocker).label
    composed = preview(link)
    return "" if isinstance(composed, CardFace) else " ".join(defect.sentence for defect in composed)


def _as_json(card: Card) -> dict[str, Any]:
    return {
        "cartao": card.pk,
        "via": card.via,
        "situacao": card.status,
        "emitidoEm": timezone.localtime(card.issued_at).isoformat(timespec="seconds"),
    }


def _number(request: Request, name: str, least: int, most: int, default: int) -> int:
    number = key_of(request.query_params.get(name, str(default)))
    if number is None or not least <= number <= most:
        raise ValidationError({name: [f"Use um número inteiro de {least} a {most}."]})
    return number
