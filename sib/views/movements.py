"""Movements for ANS: which are ready, which are held and why, which need a decision."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView
from operators.views.facets import facets
from operators.views.pagination import keyset_page
from sib.formats.address_lines import MAX_FIELD_CHARACTERS
from sib.formats.sbx.writer import left_out
from sib.forms.movements import CancellationForm, SbxFileForm
from sib.models import MirrorRecord, Movement, MovementState, MovementType
from sib.models.movements import MovementQuerySet
from sib.queries.criticas import explained
from sib.queries.link_values import link_values_of
from sib.queries.mirror import compare_fields
from sib.services.movements.draft import last_drafting, request_drafting
from sib.services.movements.update_files import (
    NotAllowed,
    compose_files,
    confirm_cancellation,
    restore_movements,
    set_movements_aside,
    waiting_words,
)

STATES = (
    (MovementState.READY, "Prontas"),
    (MovementState.HELD, "Retidas"),
    (MovementState.DRAFT, "A confirmar"),
    (MovementState.DISCARDED, "Descartadas"),
)
DRAFTING_SINCE = "levantando"  # in the address: the drafting after which the reader asked for another


class MovementList(PortalView):
    """Those in no file, narrowed by state and type."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/movements.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, found_movements(request.GET))
        theirs, counts = records_of(page.rows), _counts(_loose())
        return self.page(
            page=page,
            fields_by_movement={each.pk: compare_fields(each.fields, theirs.get(each.cco)) for each in page.rows},
            names={cco: record.nome for cco, record in theirs.items()},
            states=facets(request, "situacao", STATES, every="Todas", counts=counts),
            types=facets(request, "tipo", MovementType.choices, every="Todos os tipos"),
            compose=SbxFileForm(initial={"competence": timezone.localdate().strftime("%m/%Y")}),
            ready=Movement.objects.free().count(),
            waiting=waiting_words(counts),
            drafting=_drafting(request),
        )


def _drafting(request: PortalRequest) -> int | None:
    """The drafting before the one that is waited for; None where none is."""
    since = request.GET.get(DRAFTING_SINCE, "")
    last = key_of(since) if since != "0" else 0
    return last if last is not None and last_drafting() <= last else None


class DraftMovements(PortalView):
    permission = Permission.DRAFT_MOVEMENTS

    def post(self, request: PortalRequest) -> HttpResponse:
        last = last_drafting()
        request_drafting(request.user)
        page = reverse("sib:movements", args=[request.operator.registration])
        return redirect(f"{page}?{DRAFTING_SINCE}={last}")


class DraftingProgress(PortalView):
    """Nothing new while the drafting goes on; then the list, whole."""

    permission = Permission.VIEW_IMPORTS

    def get(self, request: PortalRequest) -> HttpResponse:
        if last_drafting() <= (key_of(request.GET.get(DRAFTING_SINCE, "")) or 0):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        messages.success(request, "As movimentações foram levantadas.")
        return HttpResponseClientRedirect(reverse("sib:movements", args=[request.operator.registration]))


class ComposeSbxFile(PortalView):
    permission = Permission.DRAFT_MOVEMENTS

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SbxFileForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["competence"])))
            return redirect("sib:movements", request.operator.registration)
        try:
            files = compose_files(form.cleaned_data["competence"], actor=request.user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("sib:movements", request.operator.registration)
        composed = "Arquivo composto." if len(files) == 1 else f"{len(files)} arquivos compostos."
        messages.success(request, f"{composed} Outra pessoa confere e aprova.")
        if len(files) == 1:
            return redirect("sib:sbx_file", request.operator.registration, files[0].pk)
        return redirect("sib:sbx_files", request.operator.registration)


class MovementDetail(PortalView):
    """What would be sent, beside what ANS has."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/movement.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.show(_movement(pk), CancellationForm())

    def show(self, movement: Movement, form: CancellationForm, status: int = 200) -> HttpResponse:
        theirs = _mirror_record(movement)
        fields = compare_fields(movement.fields, theirs)
        refused = explained(movement.rejections.order_by("pk"))
        return self.page(
            movement=movement,
            fields=fields,
            theirs=theirs,
            form=form,
            rejections=refused,
            left_out=_left_out(movement),
            status=status,
        )


class DecideMovement(MovementDetail):
    """Set aside, take back, or confirm a cancellation that only a person can decide."""

    permission = Permission.DRAFT_MOVEMENTS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        movement, decision = _movement(pk), request.POST.get("decisao", "")
        theirs = _mirror_record(movement)
        form = CancellationForm(request.POST, contracted=theirs.data_contratacao if theirs else None)
        if decision == "cancelar" and not form.is_valid():
            return self.show(movement, form, status=422)
        try:
            messages.success(request, _done(request, movement, decision, form))
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect("sib:movements", request.operator.registration)


def _done(request: PortalRequest, movement: Movement, decision: str, form: CancellationForm) -> str:
    if decision == "cancelar":
        day, reason = form.cleaned_data["day"], form.cleaned_data["reason"]
        confirm_cancellation(movement, day, reason, actor=request.user)
        return "Cancelamento confirmado. Ele vai no próximo arquivo."
    if decision == "descartar":
        set_movements_aside(movement, actor=request.user)
        return "Movimentação descartada. Ela não volta enquanto disser o mesmo."
    restore_movements(movement, actor=request.user)
    return "Movimentação devolvida. Ela reaparece no próximo levantamento."


def _movement(pk: int) -> Movement:
    return get_object_or_404(Movement.objects.select_related("person", "file", "beneficiary"), pk=pk)


def _mirror_record(movement: Movement) -> MirrorRecord | None:
    return MirrorRecord.objects.filter(cco=movement.cco).first() if movement.cco else None


def _left_out(movement: Movement) -> list[tuple[str, str, int]]:
    """Fields of the address that do not go because the SIB has no room for them; what the registry says, and the room.

    Of what tells ANS of an address.
    """
    if movement.type not in {MovementType.INCLUSION, MovementType.RECTIFICATION} or not movement.beneficiary_id:
        return []
    return [
        (name, facts.texts[name], MAX_FIELD_CHARACTERS[name])
        for facts in link_values_of([movement.beneficiary_id])
        for name in left_out(facts.texts)
    ]


def _loose() -> MovementQuerySet:
    loose: MovementQuerySet = Movement.objects.filter(file=None, state__in=[state for state, _ in STATES])
    return loose


def found_movements(query: Mapping[str, str]) -> MovementQuerySet:
    """As the address narrows them."""
    wanted = {"state": query.get("situacao", ""), "type": query.get("tipo", "")}
    known = {"state": MovementState.values, "type": MovementType.values}
    chosen = _loose().filter(**{key: value for key, value in wanted.items() if value in known[key]})
    return chosen.select_related("person")


def _counts(movements: MovementQuerySet) -> dict[str, int]:
    return dict(movements.order_by().values_list("state").annotate(count=Count("pk")))


def records_of(movements: list[Movement]) -> dict[str, MirrorRecord]:
    """What ANS has, by CCO."""
    ccos = [each.cco for each in movements if each.cco]
    return {each.cco: each for each in MirrorRecord.objects.filter(cco__in=ccos)}


def _of_person(_request: PortalRequest, person: Any) -> dict[str, Any]:
    movements = list(Movement.objects.filter(person=person).select_related("file").order_by("-pk")[:5])
    return {"movements": movements} if movements else {}


movements_panel = Panel(Permission.VIEW_IMPORTS, "sib/_person_movements.html", _of_person)
