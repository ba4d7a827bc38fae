"""Pages to edit people and links; an edit conflict shows the other person's changes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.people import LinkForm, PersonForm, RegistryForm
from beneficiaries.forms.search import EDITING
from beneficiaries.models import Beneficiary, CnsNumber, Person
from beneficiaries.services.deduplication.possible_duplicates import PossibleDuplicate, duplicates_made_by
from beneficiaries.services.edit import IDENTITY, DuplicateValue, change_link, change_person, last_change
from cnsportal.db.optimistic_lock import EditConflict
from operators.audit import Event, EventKind, record
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

CPF_TAKEN = "Este CPF já é de outra pessoa do cadastro: {}. Se é a mesma, junte os dois cadastros."


class RegistryView(PortalView, ABC):
    """A form over one row: shown, refused beside its fields (422), overtaken by somebody else (409), or written."""

    permission = Permission.EDIT_PEOPLE

    def get(self, _request: PortalRequest, pk: int | None = None) -> HttpResponse:
        return self.show(self.form(pk))

    def post(self, request: PortalRequest, pk: int | None = None) -> HttpResponse:
        form = self.form(pk, request.POST)
        if not form.is_valid() or self.must_ask(form):
            return self.show(form, 422)
        try:
            changed = self.write(form)
        except DuplicateValue as duplicate:
            form.add_error(duplicate.field, str(duplicate))
            return self.show(form, 422)
        except EditConflict:
            return self._show_conflict(pk)
        messages.success(request, self.success_message(form) if changed else "Nada mudou: já estava assim.")
        return self.leave(form)

    @abstractmethod
    def form(self, pk: int | None, data: QueryDict | None = None) -> RegistryForm:
        """Of this row, or for a new one."""

    def must_ask(self, form: RegistryForm) -> bool:  # noqa: ARG002  (others ask)
        """Whether something is to be decided before the form is written; the page shows what."""
        return False

    @abstractmethod
    def write(self, form: RegistryForm) -> bool:
        """Whether anything changed; raises DuplicateValue or EditConflict."""

    def success_message(self, form: RegistryForm) -> str:  # noqa: ARG002  (others say more)
        return "Gravado."

    @abstractmethod
    def leave(self, form: RegistryForm) -> HttpResponse:
        """To where the row is seen."""

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        return self.page(form=form, status=status, **context)

    def _show_conflict(self, pk: int | None) -> HttpResponse:
        """What was sent, as an answer to the row as it is now."""
        sent = self.request.POST.copy()
        sent["read"] = self.form(pk).initial["read"]
        form = self.form(pk, sent)
        form.is_valid()
        return self.show(form, 409, theirs=form.differences(), last=last_change(form.row))


class EditPerson(RegistryView):
    """Numbers stand in full in the form, which is on the audit trail as every other sight of them."""

    template = "beneficiaries/edit_person.html"
    duplicates: Sequence[PossibleDuplicate] = ()

    def must_ask(self, form: RegistryForm) -> bool:
        """Whether the record would become a duplicate of another one: never by its CPF, else once somebody confirms."""
        assert isinstance(form.row, Person)  # noqa: S101  (made above)
        self.duplicates = duplicates_made_by(form.row, form.values)
        success_message = form.values["cpf"]
        for duplicate in self.duplicates:
            if success_message and duplicate.other.cpf == success_message:
                form.add_error("cpf", CPF_TAKEN.format(duplicate.other.social_name or duplicate.other.name))
                return True
        confirmed = self.request.POST.getlist("duas")
        return any(str(duplicate.other.pk) not in confirmed for duplicate in self.duplicates)

    def form(self, pk: int | None, data: QueryDict | None = None) -> PersonForm:
        return PersonForm(data, row=get_object_or_404(Person, pk=pk))

    def write(self, form: RegistryForm) -> bool:
        return change_person(form.row.pk, form.values, read=form.cleaned_data["read"], actor=self.request.user)

    def success_message(self, form: RegistryForm) -> str:
        if IDENTITY.isdisjoint(form.changes):
            return "Gravado."
        return "Gravado. Os dados que identificam a pessoa mudaram: consulte o DATASUS de novo."

    def leave(self, form: RegistryForm) -> HttpResponse:
        return redirect("beneficiaries:person", self.request.operator.registration, form.row.pk)

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        pk, user = form.row.pk, self.request.user
        record([Event(EventKind.PERSON_UNMASKED, "person", pk, pk, user, data={"reason": EDITING})])
        number = CnsNumber.objects.current().filter(person=pk).first()
        return super().show(
            form,
            status,
            person=form.row,
            number=number,
            marked_fields=self._marked(form),
            duplicates=self.duplicates,
            **context,
        )

    def _marked(self, form: RegistryForm) -> list[str]:
        """The fields for which the reader came here, marked; the first has the focus."""
        asked = self.request.GET.get("campo", "").split(",")
        marked = [name for name in asked if name in form.fields]
        if marked:
            form.fields[marked[0]].widget.attrs["autofocus"] = True
        return marked


class EditLink(RegistryView):
    template = "beneficiaries/edit_link.html"

    def form(self, pk: int | None, data: QueryDict | None = None) -> LinkForm:
        links = Beneficiary.objects.select_related("person", "plan", "contract__company")
        return LinkForm(data, row=get_object_or_404(links, pk=pk))

    def write(self, form: RegistryForm) -> bool:
        assert isinstance(form, LinkForm)  # noqa: S101  (made above)
        read = form.cleaned_data["read"]
        return change_link(form.row.pk, form.values, form.periods, read=read, actor=self.request.user)

    def leave(self, form: RegistryForm) -> HttpResponse:
        assert isinstance(form.row, Beneficiary)  # noqa: S101
        return redirect("beneficiaries:person", self.request.operator.registration, form.row.person_id)

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        return super().show(form, status, link=form.row, **context)
