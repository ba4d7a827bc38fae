"""The list of possible duplicates, and the decision that two records are two people."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from beneficiaries.forms.deduplication import ReasonForm
from beneficiaries.services.deduplication.possible_duplicates import (
    DuplicatesPage,
    decide_distinct,
    newborns,
    same_name,
    same_number,
)
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import facets
from operators.views.pagination import address

KINDS = {
    "": ("Mesmo nome e nascimento", same_name),
    "recem-nascidos": ("Recém-nascidos sem nome", newborns),
    "cns": ("Mesmo CNS", same_number),
}


class PossibleDuplicates(PortalView):
    permission = Permission.EDIT_PEOPLE
    template = "beneficiaries/possible_duplicates.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        kind, after = request.GET.get("tipo", ""), key_of(request.GET.get("depois", ""))
        _, find = KINDS.get(kind, KINDS[""])
        page: DuplicatesPage = find(after)
        choices = [(name, label) for name, (label, _) in KINDS.items() if name]
        return self.page(
            page=page,
            kinds=facets(request, "tipo", choices, every=KINDS[""][0]),
            first=address(request, depois=None) if after else "",
            next=address(request, depois=page.after) if page.after else "",
        )


class DecideDistinct(PortalView):
    permission = Permission.EDIT_PEOPLE

    def post(self, request: PortalRequest, pk: int, other: int) -> HttpResponseRedirect:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, f"Nada foi decidido. {form.errors['reason'][0]}")
        elif decide_distinct(pk, other, reason=form.cleaned_data["reason"], actor=request.user):
            messages.success(request, "Decidido: são duas pessoas. Este par não será perguntado de novo.")
        else:
            messages.info(request, "Este par já estava decidido, ou um dos cadastros não existe mais.")
        return redirect("beneficiaries:possible_duplicates", request.operator.registration)
