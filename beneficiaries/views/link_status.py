"""A link that ends, with its dependants where they leave too, and one that comes back."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.link_status import CancelLinkForm, LinkStatusForm, ReactivateLinkForm
from beneficiaries.forms.people import RegistryForm
from beneficiaries.models import Beneficiary
from beneficiaries.services.cancel_link import cancel_link
from beneficiaries.services.edit import change_link
from beneficiaries.views.editing import RegistryView


class LinkStatusView(RegistryView):
    template = "beneficiaries/link_status.html"
    form_class: type[LinkStatusForm]
    title: str
    verb: str  # on the button

    def form(self, pk: int | None, data: QueryDict | None = None) -> LinkStatusForm:
        links = Beneficiary.objects.select_related("person", "plan", "contract__company")
        return self.form_class(data, row=get_object_or_404(links, pk=pk))

    def leave(self, form: RegistryForm) -> HttpResponse:
        assert isinstance(form.row, Beneficiary)  # noqa: S101  (made above)
        return redirect("beneficiaries:person", self.request.operator.registration, form.row.person_id)

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        return super().show(form, status, link=form.row, title=self.title, verb=self.verb, **context)


class CancelLink(LinkStatusView):
    form_class = CancelLinkForm
    title = "Cancelar vínculo"
    verb = "Cancelar vínculo"

    def write(self, form: RegistryForm) -> bool:
        assert isinstance(form, CancelLinkForm)  # noqa: S101
        read, leaving = form.cleaned_data["read"], [link.pk for link in form.leaving]
        return cancel_link(form.row.pk, form.values, dependants=leaving, read=read, actor=self.request.user)

    def success_message(self, form: RegistryForm) -> str:
        assert isinstance(form, CancelLinkForm)  # noqa: S101
        leaving = len(form.leaving)
        return f"Vínculo cancelado, e {leaving} de dependentes." if leaving else "Vínculo cancelado."


class ReactivateLink(LinkStatusView):
    form_class = ReactivateLinkForm
    title = "Reativar vínculo"
    verb = "Reativar vínculo"

    def write(self, form: RegistryForm) -> bool:
        read = form.cleaned_data["read"]
        return change_link(form.row.pk, form.values, {}, read=read, actor=self.request.user)

    def success_message(self, form: RegistryForm) -> str:  # noqa: ARG002
        return "Vínculo reativado."
