"""Pages to merge two records, split one, and undo both; shown side by side before anything is written."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.domain.same_person import compare_people
from beneficiaries.forms.deduplication import IdentityForm, MergeForm, NewIdentityForm, SplitForm
from beneficiaries.forms.search import EDITING, SearchForm
from beneficiaries.models import Beneficiary, CnsNumber, Person, Regrouping, Review
from beneficiaries.models.cns import EndReason
from beneficiaries.services.deduplication.merge_people import merge_people
from beneficiaries.services.deduplication.possible_duplicates import duplicates_of
from beneficiaries.services.deduplication.regrouping import RegroupingRefused, people_token
from beneficiaries.services.deduplication.split_person import split_person
from beneficiaries.services.deduplication.undo_regrouping import undo_regrouping
from beneficiaries.services.edit import DuplicateValue
from beneficiaries.views.person import MERGED_AWAY
from cnsportal.db.optimistic_lock import EditConflict
from operators.audit import Event, EventKind, record
from operators.middleware import PortalRequest
from operators.models import User
from operators.permissions import Permission
from operators.views.base import PortalView

MAX_FOUND = 20
CONFLICT = "Alguém mudou este cadastro enquanto você decidia. Nada foi gravado: confira de novo e confirme."
MERGED = "Os dois cadastros são um só agora. Se foi engano, desfaça nesta página."
SPLIT = "A pessoa nova tem o seu próprio cadastro agora: é esta. Se foi engano, desfaça nesta página."
SELF = "Escolha outra pessoa: este é o mesmo cadastro."


class ChoosePersonToMerge(PortalView):
    """Whom to merge this record with: who may be the same person, or whoever is searched for."""

    permission = Permission.EDIT_PEOPLE
    template = "beneficiaries/choose_person_to_merge.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self._show(get_object_or_404(Person, pk=pk))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        """Searched in the body of the request: names never appear in a URL."""
        person, form = get_object_or_404(Person, pk=pk), SearchForm(request.POST)
        if not form.is_valid() or not form.cleaned_data["q"]:
            return self._show(person, too_long=not form.is_valid(), status=422)
        found = Person.objects.search(form.cleaned_data["q"]).exclude(pk=pk).order_by("name_key", "pk")
        return self._show(person, query=form.cleaned_data["q"], found=list(found[:MAX_FOUND]))

    def _show(self, person: Person, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.page(person=person, duplicates=duplicates_of(person), status=status, **context)


class MergePeople(PortalView):
    permission = Permission.EDIT_PEOPLE
    template = "beneficiaries/merge.html"

    def get(self, _request: PortalRequest, pk: int, other: int) -> HttpResponse:
        return self._merged_before(pk, other) or self._show(*_two(pk, other))

    def post(self, request: PortalRequest, pk: int, other: int) -> HttpResponse:
        if answered := self._merged_before(pk, other):
            return answered
        people = _two(pk, other)
        form = _merge_form(*people, request.POST)
        if not form.is_valid():
            return self._show(*people, form, status=422)
        told = form.cleaned_data
        try:
            merge_people(pk, other, form.choices, reason=told["reason"], read=told["read"], actor=request.user)
        except (RegroupingRefused, EditConflict) as reason:
            messages.error(request, CONFLICT if isinstance(reason, EditConflict) else str(reason))
            return self._merged_before(pk, other) or self._show(*_two(pk, other), status=409)
        messages.success(request, MERGED)
        return redirect("beneficiaries:person", request.operator.registration, pk)

    def _merged_before(self, pk: int, other: int) -> HttpResponse | None:
        """To a second click, another browser and the Back key: where the record that is gone went."""
        there = Person.objects.filter(pk__in=[pk, other]).values_list("pk", flat=True)
        kept = [Regrouping.objects.kept_for(gone) for gone in {pk, other} - set(there)]
        if person := next(filter(None, kept), None):
            messages.info(self.request, MERGED_AWAY)
            return redirect("beneficiaries:person", self.request.operator.registration, person)
        return None

    def _show(self, kept: Person, other: Person, form: MergeForm | None = None, *, status: int = 200) -> HttpResponse:
        _record_sight([kept, other], self.request.user)
        verdict = compare_people(*(person.as_facts(cns=_current(person)) for person in (kept, other)))
        return self.page(
            kept=kept, other=other, form=form or _merge_form(kept, other), verdict=verdict, coming=_coming(other),
            disowned=_has_number_removed_from_other(kept, other), status=status,
        )  # fmt: skip


def _two(pk: int, other: int) -> tuple[Person, Person]:
    """Of a record and itself the second is not found."""
    return get_object_or_404(Person, pk=pk), get_object_or_404(Person.objects.exclude(pk=pk), pk=other)


def _merge_form(kept: Person, other: Person, data: Any = None) -> MergeForm:
    numbers = CnsNumber.objects.current().filter(person__in=[kept.pk, other.pk])
    return MergeForm(data, kept=kept, other=other, numbers=list(numbers), initial={"read": people_token([kept, other])})


def _current(person: Person) -> str:
    return next(iter(CnsNumber.objects.current().filter(person=person).values_list("number", flat=True)), "")


def _has_number_removed_from_other(kept: Person, other: Person) -> bool:
    """Whether a number of one was taken from the other because it was not that person's."""
    numbers = CnsNumber.objects.filter(person__in=[kept.pk, other.pk])
    wrong = numbers.filter(end_reason=EndReason.NOT_THEIRS).values("number")
    return numbers.current().filter(number__in=wrong).exists()


def _coming(other: Person) -> dict[str, Any]:
    """What the record that goes brings along."""
    return {
        "links": list(Beneficiary.objects.filter(person=other).select_related("plan").order_by("pk")),
        "numbers": CnsNumber.objects.filter(person=other).count(),
        "reviews": Review.objects.filter(person=other).count(),
    }


class SplitPerson(PortalView):
    permission = Permission.EDIT_PEOPLE
    template = "beneficiaries/split.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self._show(get_object_or_404(Person, pk=pk))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        form, stays, goes = forms = _split_forms(person, request.POST)
        if not all([each.is_valid() for each in forms]):  # noqa: C419  (every form says what is wrong in it)
            return self._show(person, *forms, status=422)
        told = form.cleaned_data
        try:
            made = split_person(
                pk, stays.values, goes.values, form.leaving, reason=told["reason"], read=told["read"],
                actor=request.user,
            )  # fmt: skip
        except DuplicateValue as duplicate:
            goes.add_error(duplicate.field, str(duplicate))
            return self._show(person, *forms, status=422)
        except (RegroupingRefused, EditConflict) as reason:
            messages.error(request, CONFLICT if isinstance(reason, EditConflict) else str(reason))
            return self._show(get_object_or_404(Person, pk=pk), status=409)
        messages.success(request, SPLIT)
        return redirect("beneficiaries:person", request.operator.registration, made.other_id)

    def _show(
        self, person: Person, form: SplitForm | None = None, stays: IdentityForm | None = None,
        goes: IdentityForm | None = None, *, status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        _record_sight([person], self.request.user)
        fresh = _split_forms(person)
        return self.page(
            person=person, form=form or fresh[0], stays=stays or fresh[1], goes=goes or fresh[2],
            several=Beneficiary.objects.filter(person=person).count() > 1, status=status,
        )  # fmt: skip


def _split_forms(person: Person, data: Any = None) -> tuple[SplitForm, IdentityForm, NewIdentityForm]:
    return (
        SplitForm(data, person=person, initial={"read": people_token([person])}),
        IdentityForm(data, row=person, prefix="fica"),
        NewIdentityForm(data, row=person, prefix="sai"),
    )


class UndoRegrouping(PortalView):
    permission = Permission.EDIT_PEOPLE

    def post(self, request: PortalRequest, pk: int) -> HttpResponseRedirect:
        made = get_object_or_404(Regrouping, pk=pk)
        try:
            undo_regrouping(pk, actor=request.user)
        except RegroupingRefused as reason:
            messages.error(request, str(reason))
        else:
            messages.success(request, "Desfeito: tudo voltou a ser como era antes.")
        return redirect("beneficiaries:person", request.operator.registration, made.person_id)


def _record_sight(people: list[Person], user: User) -> None:
    """The pages show numbers in full: two people are hard to distinguish by masked ones."""
    record(
        Event(EventKind.PERSON_UNMASKED, "person", person.pk, person.pk, user, data={"reason": EDITING})
        for person in people
    )
