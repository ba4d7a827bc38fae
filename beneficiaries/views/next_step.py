"""The next step for a person's CNS: one sentence and one action, by the reader's permissions."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from beneficiaries.models import CnsNumber, PendingReason, Person, Review
from beneficiaries.models.pending import NextStep, StepKind
from beneficiaries.registry import LOOKUP_CREATE_PAGE, LOOKUPS_PAGE
from beneficiaries.services.edit import IDENTITY
from operators.audit import EventKind
from operators.middleware import PortalRequest
from operators.models import AuditEvent
from operators.permissions import Permission, who_may

IDENTITY_CHANGED = (
    "Os dados que identificam a pessoa mudaram depois que o número foi conferido. Confirme que ainda é o dela."
)
UNVERIFIED = "O número foi informado, e nem o DATASUS nem a ANS o confirmaram ainda."
OTHER_NUMBER = "Outro número espera uma decisão: pode ser que ele substitua este."
SAME_NUMBER = "Outra fonte traz o mesmo número, e uma decisão o confirma."
ATTACHING = (EventKind.CNS_ATTACHED, EventKind.CNS_CONFIRMED, EventKind.CNS_SUPERSEDED)
BY_ITSELF = (
    "A ANS também vincula sozinha o CNS de quem tem nome, CPF e nascimento iguais aos da Receita Federal. Isso aparece "
    "na conferência (CNX) pedida depois que a competência fecha."
)


@dataclass(frozen=True, slots=True)
class StepMessage:
    """Why there is no CNS to be trusted, and the one thing to do about it; or who may, where the reader may not."""

    title: str
    sentence: str
    tone: str
    label: str = ""
    href: str = ""
    posts: bool = False
    who: str = ""
    note: str = ""


def next_step(request: PortalRequest, person: Person, current: CnsNumber | None) -> StepMessage | None:
    """``person`` comes with its ``pending``. An open case comes first, whatever number the person has."""
    case = Review.objects.filter(person=person, status=Review.Status.OPEN).order_by("pk").first()
    if current is None:
        reason = PendingReason(person.pending)  # type: ignore[attr-defined]
        button, note = _button(request, person, reason, case), _note(person, reason)
        return StepMessage("Sem CNS.", str(reason.label), reason.tone, note=note, **button)
    if case:
        title = "CNS verificado." if current.verified else "CNS não verificado."
        sentence = SAME_NUMBER if case.number == current.number else OTHER_NUMBER
        return StepMessage(title, sentence, "review", **_decide(request, case))
    if not current.verified:
        return StepMessage("CNS não verificado.", UNVERIFIED, "warn", **_ask(request, person, "Confirmar no DATASUS"))
    if _changed_since_answer(person):
        return StepMessage("CNS verificado.", IDENTITY_CHANGED, "warn", **_ask(request, person, "Confirmar no DATASUS"))
    return None


def _changed_since_answer(person: Person) -> bool:
    """Whether what identifies the person changed after the last decision on the number."""
    mended = Q(kind=EventKind.PERSON_CHANGED.code, data__fields__has_any_keys=sorted(IDENTITY))
    spoken = Q(kind__in=[kind.code for kind in ATTACHING]) | Q(kind=EventKind.CNS_ANSWERED.code, data__outcome="FOUND")
    events = AuditEvent.objects.filter(mended | spoken, person_id=person.pk)
    return events.order_by("-pk").values_list("kind", flat=True).first() == EventKind.PERSON_CHANGED.code


def _note(person: Person, reason: PendingReason) -> str:
    """What goes on by itself: of a person whom ANS knows, with a CPF that nobody doubts."""
    if not reason.left_to_ans or not person.cpf:
        return ""
    return BY_ITSELF if person.links.filter(cancelled_on=None).exclude(cco=None).exists() else ""


def _button(request: PortalRequest, person: Person, reason: PendingReason, case: Review | None) -> dict[str, Any]:
    if case:
        return _decide(request, case)
    step = reason.next_step
    if step.kind is StepKind.SEE_QUEUE:
        return {"label": step.label, "href": reverse(LOOKUPS_PAGE.url_name, args=[request.operator.registration])}
    if step.kind is StepKind.SEE_HOLDER:
        return _other_holder(request, person, step)
    if step.kind is StepKind.ASK:
        return _ask(request, person, step.label)
    return _edit(request, person, step)


def _decide(request: PortalRequest, case: Review) -> dict[str, Any]:
    href = reverse("beneficiaries:review", args=[request.operator.registration, case.pk])
    return _where_allowed(request, Permission.REVIEW_CNS, label=PendingReason.REVIEW.next_step.label, href=href)


def _ask(request: PortalRequest, person: Person, label: str) -> dict[str, Any]:
    href = reverse(LOOKUP_CREATE_PAGE.url_name, args=[request.operator.registration, person.pk])
    return _where_allowed(request, Permission.ASK_CNS, label=label, href=href, posts=True)


def _edit(request: PortalRequest, person: Person, step: NextStep) -> dict[str, Any]:
    blank = tuple(name for name in step.fields if not getattr(person, name))
    fields = (step.completes and blank) or step.fields
    href = reverse("beneficiaries:person_edit", args=[request.operator.registration, person.pk])
    href += f"?campo={','.join(fields)}"
    return _where_allowed(request, Permission.EDIT_PEOPLE, label=step.label, href=href)


def _other_holder(request: PortalRequest, person: Person, step: NextStep) -> dict[str, Any]:
    """The reason holds only while somebody else has the number, who may have lost it a moment ago."""
    holder = CnsNumber.objects.current().filter(number=person.cns_refused_number).first()
    if holder is None:
        return {}
    href = reverse("beneficiaries:person", args=[request.operator.registration, holder.person_id])
    return {"label": step.label, "href": href}


def _where_allowed(request: PortalRequest, permission: Permission, **button: Any) -> dict[str, Any]:
    """The button; to whoever may not press it, who may."""
    if permission in request.permissions:
        return button
    return {"who": who_may(permission)}
