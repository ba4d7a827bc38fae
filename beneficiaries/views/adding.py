"""One person by hand: somebody new with a first link, a dependant of a holder, another link of somebody known."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BoundField, Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.domain.same_person import SamePersonVerdict, compare_people
from beneficiaries.forms.new_people import NewLinkForm, NewPersonForm
from beneficiaries.forms.people import RegistryForm
from beneficiaries.forms.search import EDITING
from beneficiaries.models import Beneficiary, Person, Plan, Relationship
from beneficiaries.registry import NEW_PERSON_LISTENERS
from beneficiaries.services.add_people import PossiblyKnown, add_link, add_person
from beneficiaries.services.deduplication.possible_duplicates import like_facts
from beneficiaries.services.deduplication.regrouping import ADDRESS
from beneficiaries.services.edit import DuplicateValue
from beneficiaries.views.editing import RegistryView
from cnsportal.formats.text import key_of
from operators.audit import Event, EventKind, record
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

TOLD_WHILE_TYPING = "beneficiaries/_told_while_typing.html"
CARRIED = "trazer"
HOLDER_KEY = "titular"  # in the address: the link of the holder on whom a new one hangs


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody in the registry who may be the one in the form."""

    person: Person
    verdict: SamePersonVerdict
    is_of_this_cpf: bool
    is_said_other: bool
    new_link: str  # address

    @property
    def comparison(self) -> list[dict[str, Any]]:
        """What at least one side tells."""
        return [field.as_json() for field in self.verdict.comparison if field.ours or field.theirs]


class AddPerson(PortalView):
    """Inline validation: what is wrong and who is alike is told at each change of the form, and again on submit."""

    permission = Permission.EDIT_PEOPLE
    template = "beneficiaries/add_person.html"

    def get(self, _request: PortalRequest, pk: int | None = None) -> HttpResponse:
        holder = _holder(pk)
        return self.show(holder, NewPersonForm(row=_neighbour(holder)), NewLinkForm(row=_hanging_on(holder)))

    def post(self, request: PortalRequest, pk: int | None = None) -> HttpResponse:
        holder = _holder(pk)
        person = NewPersonForm(request.POST, row=_neighbour(holder))
        link = NewLinkForm(request.POST, row=_hanging_on(holder))
        is_valid = all([person.is_valid(), link.is_valid()])
        if request.htmx:  # type: ignore[attr-defined]
            return self._tell(holder, person, link)
        try:
            return self._add(person, link) if is_valid else self.show(holder, person, link, 422)
        except DuplicateValue as duplicate:
            form = person if duplicate.field in person.fields else link
            form.add_error(duplicate.field, str(duplicate))
        except PossiblyKnown:
            pass  # the page shows who it may be
        return self.show(holder, person, link, 422)

    def _add(self, person: NewPersonForm, link: NewLinkForm) -> HttpResponse:
        distinct, actor = self._distinct(), self.request.user
        added = add_person(person.values, link.values, link.periods, distinct_from=distinct, actor=actor)
        told = [listen(added.person_id, actor) for listen in NEW_PERSON_LISTENERS]
        messages.success(self.request, " ".join(["Pessoa cadastrada.", *filter(None, told)]))
        return redirect("beneficiaries:person", self.request.operator.registration, added.person_id)

    def _tell(self, holder: Beneficiary | None, person: NewPersonForm, link: NewLinkForm) -> HttpResponse:
        known = self._known(person, holder)
        return self.page(fragment=TOLD_WHILE_TYPING, fields=_field_errors(person, link), known=known)

    def _distinct(self) -> set[int]:
        """Of whom somebody said that they are other people."""
        keys = map(key_of, self.request.POST.getlist("outra"))
        return {key for key in keys if key is not None}

    def _known(self, form: NewPersonForm, holder: Beneficiary | None) -> list[KnownPerson]:
        """Of a form that is sent: as far as its fields can be read."""
        distinct, facts = self._distinct(), form.facts
        return [
            KnownPerson(
                other,
                compare_people(other.as_facts(), facts),
                is_of_this_cpf=bool(facts.cpf) and other.cpf == facts.cpf,
                is_said_other=other.pk in distinct,
                new_link=_new_link_address(self.request, other, holder),
            )
            for other, _ in like_facts(facts)
        ]

    def show(
        self, holder: Beneficiary | None, person: NewPersonForm, link: NewLinkForm, status: int = 200
    ) -> HttpResponse:
        """A holder's address stands in the form in full."""
        if holder:
            whose = holder.person_id
            seen = {"reason": EDITING}
            record([Event(EventKind.PERSON_UNMASKED, "person", whose, whose, self.request.user, data=seen)])
        known = self._known(person, holder) if person.is_bound else []
        return self.page(
            status=status, holder=holder, form=person, link_form=link, known=known,
            has_errors=bool(person.errors or link.errors), has_plans=Plan.objects.exists(),
        )  # fmt: skip


class AddLink(RegistryView):
    template = "beneficiaries/add_link.html"

    def post(self, request: PortalRequest, pk: int | None = None) -> HttpResponse:
        if CARRIED in request.POST:
            return self._carried(pk)
        if request.htmx:  # type: ignore[attr-defined]
            return self.page(fragment=TOLD_WHILE_TYPING, fields=_field_errors(self.form(pk, request.POST)))
        return super().post(request, pk)

    def _carried(self, pk: int | None) -> HttpResponse:
        """What somebody wrote of the link of a new person who turned out to be known; nothing is written yet."""
        form = self.form(pk)
        names = form.fields.keys() - {"read"}
        form.initial.update({name: text for name in names if (text := self.request.POST.get(name))})
        return self.show(form)

    def form(self, pk: int | None, data: QueryDict | None = None) -> RegistryForm:
        holder = _holder(key_of(self.request.GET.get(HOLDER_KEY, "")))
        row = _hanging_on(holder)
        row.person = get_object_or_404(Person, pk=pk)
        return NewLinkForm(data, row=row)

    def write(self, form: RegistryForm) -> bool:
        assert isinstance(form, NewLinkForm)  # noqa: S101  (made above)
        add_link(form.link.person_id, form.values, form.periods, actor=self.request.user)
        return True

    def success_message(self, form: RegistryForm) -> str:  # noqa: ARG002
        return "Vínculo incluído."

    def leave(self, form: RegistryForm) -> HttpResponse:
        assert isinstance(form.row, Beneficiary)  # noqa: S101
        return redirect("beneficiaries:person", self.request.operator.registration, form.row.person_id)

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        assert isinstance(form.row, Beneficiary)  # noqa: S101
        return super().show(
            form, status, link_form=form, person=form.row.person, has_plans=Plan.objects.exists(), **context
        )


def _holder(pk: int | None) -> Beneficiary | None:
    if pk is None:
        return None
    holders = Beneficiary.objects.filter(relationship=Relationship.HOLDER)
    found: Beneficiary = get_object_or_404(holders.select_related("person", "plan", "contract__company"), pk=pk)
    return found


def _neighbour(holder: Beneficiary | None) -> Person:
    """Somebody new, who lives where the holder does."""
    return Person(**{name: getattr(holder.person, name) for name in ADDRESS} if holder else {})


def _hanging_on(holder: Beneficiary | None) -> Beneficiary:
    """A new link, of the plan and contract of its holder."""
    if holder is None:
        return Beneficiary()
    return Beneficiary(holder=holder, plan=holder.plan, contract=holder.contract)


def _new_link_address(request: PortalRequest, person: Person, holder: Beneficiary | None) -> str:
    address = reverse("beneficiaries:link_add", args=[request.operator.registration, person.pk])
    return f"{address}?{HOLDER_KEY}={holder.pk}" if holder else address


def _field_errors(*forms: Form) -> list[tuple[BoundField, list[str]]]:
    """Beside each field what is wrong with what stands there; what is still to be written is said on submit."""
    return [(field, _of_field(form, field)) for form in forms for field in form.visible_fields()]


def _of_field(form: Form, field: BoundField) -> list[str]:
    errors: Iterable[Any] = form.errors.as_data().get(field.name, ())
    return [message for error in errors if error.code != "required" for message in error.messages]
