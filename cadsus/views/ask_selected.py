"""Questions to DATASUS about people chosen in their list."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from beneficiaries.registry import BulkAction
from beneficiaries.views.selection import EVERYBODY, Selection, read_selection
from cadsus.models import LookupReason, Priority
from cadsus.services import ask_cns
from cnsportal.formats.br import format_count
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import PAGE_SIZE

CONFIRMED = "confirmado"


class AskSelected(PortalView):
    """Those that are ticked at once; all that a list finds after their number was shown."""

    permission = Permission.ASK_CNS
    template = "cadsus/ask_selected.html"

    def post(self, request: PortalRequest) -> HttpResponse:
        chosen = read_selection(request)
        if not chosen.people:
            messages.info(request, "Ninguém foi escolhido. Marque as pessoas e consulte de novo.")
        elif chosen.is_everybody and CONFIRMED not in request.POST:
            return self.page(chosen=chosen, everybody=EVERYBODY, confirmed=CONFIRMED)
        else:
            messages.success(request, _asked(chosen, request))
        return redirect(chosen.back)


def _asked(chosen: Selection, request: PortalRequest) -> str:
    """A page of people goes ahead of the backlog, as a question at the screen does."""
    priority = Priority.INTERACTIVE if len(chosen.people) <= PAGE_SIZE else Priority.BACKLOG
    asked = len(ask_cns(chosen.people, reason=LookupReason.REQUESTED, priority=priority, actor=request.user))
    told = f"{format_count(asked)} {'consulta está' if asked == 1 else 'consultas estão'} na fila."
    if left := len(chosen.people) - asked:
        many = "pessoa ficou de fora: falta" if left == 1 else "pessoas ficaram de fora: falta"
        told += f" {format_count(left)} {many} o CPF, ou o nome da mãe com a data de nascimento."
    return told


ask_selected = BulkAction(Permission.ASK_CNS, "Consultar o DATASUS", "radio-tower", "cadsus:ask_selected")
