"""The accreditation board: all steps on one page, and the forms behind it."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from beneficiaries.models import Person
from cadsus.domain.accreditation_steps import Step
from cadsus.domain.sgop import SgopRole
from cadsus.forms.accreditation import OwnCnsForm, SgopMachineForm, SgopPersonForm, StepForm, TrackedForm
from cadsus.models import AccreditationStep, OwnCnsCheck, SgopMachine, SgopPerson
from cadsus.queries.accreditation import StepLine, read_board, read_links
from cadsus.services import ask_own_cns
from cadsus.services.accreditation import add_to_sgop, change_in_sgop, change_step, remove_from_sgop
from cadsus.views.queue_actions import pause_in_force
from cnsportal.db.optimistic_lock import EditConflict
from cnsportal.formats.br import format_datetime_in_sentence
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import TodoItem, Waiting
from operators.views.base import PortalView


class AccreditationBoard(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "cadsus/accreditation.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(board=read_board(request.operator), links=read_links())


class AccreditationFormView(PortalView):
    """A form of the board. What somebody else wrote meanwhile is shown beside what was sent: nothing is lost."""

    permission = Permission.MANAGE_CREDENTIALS

    def show(self, form: TrackedForm, status: int = 200, **context: Any) -> HttpResponse:
        return self.page(form=form, status=status, **context)

    def show_conflict(self, form: TrackedForm, **context: Any) -> HttpResponse:
        form.is_valid()
        return self.show(form, 409, theirs=form.differences(), **context)

    def leave(self, sentence: str, *, changed: bool = True) -> HttpResponse:
        messages.success(self.request, sentence if changed else "Nada mudou: já estava assim.")
        return redirect("cadsus:accreditation", self.request.operator.registration)


class EditAccreditationStep(AccreditationFormView):
    template = "cadsus/accreditation_step.html"

    def get(self, _request: PortalRequest, step: str) -> HttpResponse:
        line = self._line(step)
        return self.show(self._form(line), line=line)

    def post(self, request: PortalRequest, step: str) -> HttpResponse:
        line = self._line(step)
        form = self._form(line, request.POST)
        if not form.is_valid():
            return self.show(form, 422, line=line)
        version, cnes = form.cleaned_data["version"], form.cleaned_data.get("cnes")
        try:
            changed = change_step(Step(step), form.values, version=version, actor=request.user, cnes=cnes)
        except EditConflict:
            return self._show_conflict(step)
        return self.leave(f"Gravado: {Step(step).label}.", changed=changed)

    def show(self, form: TrackedForm, status: int = 200, **context: Any) -> HttpResponse:
        """With the request stands how much there will be to ask."""
        volume = _volume() if self.kwargs["step"] == Step.REQUEST else None
        return super().show(form, status, volume=volume, **context)

    def _show_conflict(self, step: str) -> HttpResponse:
        line = self._line(step)
        form = self._form(line, _reread(self.request.POST, line.row.version if line.row else 0))
        return self.show_conflict(form, line=line)

    def _line(self, step: str) -> StepLine:
        if step not in set(Step):
            raise Http404
        return next(line for line in read_board(self.request.operator).lines if line.stage.step == step)

    def _form(self, line: StepLine, data: QueryDict | None = None) -> StepForm:
        row, step = line.row or AccreditationStep(step=line.stage.step), line.stage.step
        cnes = self.request.operator.cnes
        return StepForm(data, instance=row, step=step, cnes=cnes, is_seen=line.stage.seen.is_done)


def _volume() -> dict[str, int]:
    people = Person.objects.with_active_link()
    return {"people": people.count(), "without": people.without_cns().count()}


def _reread(data: QueryDict, version: int) -> QueryDict:
    """What was sent, as an answer to the row as it is now."""
    sent = data.copy()
    sent["version"] = str(version)
    return sent


class SgopFormView(AccreditationFormView):
    """Somebody or something listed in SGOP."""

    template = "cadsus/accreditation_sgop.html"
    model: ClassVar[type[SgopPerson] | type[SgopMachine]]
    form_class: ClassVar[type[TrackedForm]]
    removal: ClassVar[str]  # name of the address
    warning: ClassVar[str]

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.show(self._form(pk))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        form = self._form(pk, request.POST)
        if not form.is_valid():
            return self.show(form, 422)
        version = form.cleaned_data["version"]
        try:
            changed = change_in_sgop(self.model, pk, form.values, version=version, actor=request.user)
        except self.model.DoesNotExist as removed:
            raise Http404 from removed
        except EditConflict:
            return self.show_conflict(self._form(pk, request.POST, again=True))
        return self.leave("Gravado.", changed=changed)

    def show(self, form: TrackedForm, status: int = 200, **context: Any) -> HttpResponse:
        removal = reverse(self.removal, args=[self.request.operator.registration, form.instance.pk])
        named = {"title": form.initial["name"], "removal": removal, "warning": self.warning}
        return super().show(form, status, **named, **context)

    def _form(self, pk: int, data: QueryDict | None = None, *, again: bool = False) -> TrackedForm:
        row = get_object_or_404(self.model.objects.select_related("changed_by"), pk=pk)
        return self.form_class(_reread(data, row.version) if data and again else data, instance=row)


class EditSgopPerson(SgopFormView):
    model, form_class, removal = SgopPerson, SgopPersonForm, "cadsus:sgop_person_remove"
    warning = "A pessoa e as máquinas dela saem desta página; o que aconteceu fica na auditoria."


class EditSgopMachine(SgopFormView):
    model, form_class, removal = SgopMachine, SgopMachineForm, "cadsus:sgop_machine_remove"
    warning = "A máquina sai desta página; o que aconteceu fica na auditoria."


class AddSgopPerson(AccreditationFormView):
    template = "cadsus/accreditation_sgop.html"

    def show(self, form: TrackedForm, status: int = 200, **context: Any) -> HttpResponse:
        return super().show(form, status, title="Incluir pessoa no SGOP", **context)

    def get(self, request: PortalRequest) -> HttpResponse:
        role = request.GET.get("perfil", "")
        return self.show(SgopPersonForm(initial={"role": role if role in set(SgopRole) else SgopRole.OPERADOR.value}))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SgopPersonForm(request.POST)
        if not form.is_valid():
            return self.show(form, 422)
        add_to_sgop(SgopPerson(), form.values, actor=request.user)
        return self.leave("Pessoa incluída.")


class CheckOwnCns(AccreditationFormView):
    """What DATASUS says of a person's own CNS: asked for here, answered by a worker, the number never shown."""

    template = "cadsus/accreditation_cns.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(SgopPerson, pk=pk)
        if request.htmx:  # type: ignore[attr-defined]
            return self._so_far(person)
        return self._show(person, OwnCnsForm())

    @method_decorator(sensitive_post_parameters("number"))
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(SgopPerson, pk=pk)
        form = OwnCnsForm(request.POST)
        if form.is_valid() and (pause := pause_in_force()):
            until = format_datetime_in_sentence(timezone.localtime(pause.until))
            form.add_error(None, f"As consultas ao DATASUS estão em pausa até {until}. Pergunte depois.")
        if not form.is_valid():
            return self._show(person, form, 422)
        ask_own_cns(person, form.cleaned_data["number"], actor=request.user)
        return redirect("cadsus:sgop_person_cns", request.operator.registration, pk)

    def _so_far(self, person: SgopPerson) -> HttpResponse:
        """When it is over the page is asked for, once, to show its form again."""
        check = _last_check(person)
        response = render(self.request, "cadsus/_own_cns.html", {"person": person, "check": check})
        if check and not check.is_active:
            response["HX-Refresh"] = "true"
        return response

    def _show(self, person: SgopPerson, form: OwnCnsForm, status: int = 200) -> HttpResponse:
        return self.page(person=person, form=form, check=_last_check(person), status=status)


def _last_check(person: SgopPerson) -> OwnCnsCheck | None:
    here = OwnCnsCheck.objects.filter(person=person, environment=settings.CADSUS_ENVIRONMENT)
    return here.select_related("requested_by").order_by("-pk").first()


class AddSgopMachine(AccreditationFormView):
    template = "cadsus/accreditation_sgop.html"

    def show(self, form: TrackedForm, status: int = 200, **context: Any) -> HttpResponse:
        owner = get_object_or_404(SgopPerson, pk=self.kwargs["pk"])
        return super().show(form, status, title=f"Incluir máquina de {owner.name}", **context)

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  (the address names the person)
        return self.show(SgopMachineForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        form = SgopMachineForm(request.POST)
        if not form.is_valid():
            return self.show(form, 422)
        owner = get_object_or_404(SgopPerson, pk=pk)
        add_to_sgop(SgopMachine(person=owner), form.values, actor=request.user)
        return self.leave("Máquina incluída.")


class RemoveFromSgop(PortalView):
    permission = Permission.MANAGE_CREDENTIALS
    model: ClassVar[type[SgopPerson] | type[SgopMachine]]

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        version = key_of(request.POST.get("version", ""))
        try:
            remove_from_sgop(self.model, pk, version=-1 if version is None else version, actor=request.user)
        except self.model.DoesNotExist as removed:
            raise Http404 from removed
        except EditConflict:
            messages.warning(request, "Nada foi removido: isto mudou enquanto você olhava. Confira e remova de novo.")
        else:
            messages.success(request, "Removido.")
        return redirect("cadsus:accreditation", request.operator.registration)


class RemoveSgopPerson(RemoveFromSgop):
    model = SgopPerson


class RemoveSgopMachine(RemoveFromSgop):
    model = SgopMachine


def _missing(request: PortalRequest) -> Waiting:
    """What comes next, and nothing once the way is done."""
    found = read_board(request.operator).path
    if found.is_finished or found.next is None:
        return Waiting(0)
    return Waiting(found.missing, details=((f"{found.next.step.label}: {found.next.next}", ""),))


todo_item = TodoItem(
    "accreditation",
    ("passo da habilitação no DATASUS não está pronto", "passos da habilitação no DATASUS não estão prontos"),
    Permission.MANAGE_CREDENTIALS,
    "cadsus:accreditation",
    _missing,
    menu="cadsus:accreditation",
)
