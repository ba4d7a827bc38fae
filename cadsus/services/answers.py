"""What follows from an answer: the CNS attached, a review opened, or the reason why there is none."""

from dataclasses import dataclass

from django.utils import timezone

from beneficiaries.identity import Action, Candidate, Identity, Reason, Tier, Verdict, compare, judge
from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.names import fold
from beneficiaries.services import Attachment, WantedCns, attach_cns, note_pending
from beneficiaries.services.reviewing import ReviewCase, open_reviews
from cadsus import models
from cadsus.matching import candidate
from cadsus.models import Lookup, Outcome
from cadsus.replies import Reply
from operators.audit import Event, EventKind, record

MOST_CANDIDATES = 20  # kept for somebody to look at

_OUTCOMES = {Reason.NOT_FOUND: Outcome.NOT_FOUND, Reason.SEVERAL: Outcome.SEVERAL}
"""Whoever else was found without being attached was found."""

PENDING = {
    Reason.NOT_FOUND: PendingReason.NOT_FOUND,
    Reason.SEVERAL: PendingReason.SEVERAL,
    Reason.TWO_DEFINITIVES: PendingReason.UNSURE,
    Reason.DECEASED: PendingReason.RECORD_INACTIVE,
    Reason.INACTIVE: PendingReason.RECORD_INACTIVE,
    Reason.PROVISIONAL_ONLY: PendingReason.PROVISIONAL_ONLY,
    Reason.NO_NUMBER: PendingReason.UNSURE,
    Reason.INVALID_NUMBER: PendingReason.INVALID,
    Reason.NAME_ALONE: PendingReason.UNSURE,
    Reason.CONTRADICTED: PendingReason.UNSURE,
    Reason.TOO_YOUNG: PendingReason.UNSURE,
    Reason.TWIN: PendingReason.UNSURE,
    Reason.WITHOUT_CPF: PendingReason.UNSURE,
    Reason.SAME_PERSON: PendingReason.CHECK_CPF,
    Reason.NAME_ABBREVIATED: PendingReason.CHECK_CPF,
    Reason.SURNAME_CHANGED: PendingReason.CHECK_CPF,
    Reason.OTHER_CPF: PendingReason.CHECK_CPF,
    Reason.OTHER_BIRTH_DATE: PendingReason.CHECK_CPF,
    Reason.OTHER_NAME: PendingReason.CHECK_CPF,
}
"""What the person's page says when nothing was attached and there is no number (any more) to decide on."""


@dataclass(frozen=True, slots=True)
class _Finding:
    outcome: Outcome
    attached: bool = False


def settle_answer(lookup: Lookup, reply: Reply) -> None:
    """In the caller's transaction, which has made the lookup's end its own."""
    people = [candidate(registrant) for registrant in reply.registrants]
    verdict = _verdict(lookup, people, complete=not reply.remaining)
    finding = _apply(lookup, verdict)
    if not finding.attached:
        _keep_candidates(lookup, people, reply)
    Lookup.objects.filter(pk=lookup.pk).update(
        outcome=finding.outcome,
        attached=finding.attached,
        tier=verdict.tier,
        finding=verdict.reason.name,
        failures=0,
    )
    data = {"outcome": str(finding.outcome), "attached": finding.attached, "reason": verdict.reason.name}
    record([Event(EventKind.CNS_ANSWERED, "lookup", lookup.pk, lookup.person_id, None, lookup.origin, data)])


def _verdict(lookup: Lookup, people: list[Candidate], *, complete: bool) -> Verdict:
    """Of an answer that does not hold all the people found, nobody can be the only one."""
    if not complete:
        return Verdict(Tier.E, Action.NOTHING, Reason.SEVERAL)
    ours, today, auto_tier = identity_of(lookup.person), timezone.localdate(), lookup.operator.auto_tier
    verdict = judge(ours, people, auto_tier=auto_tier, today=today)
    if verdict.tier is Tier.D and _has_twin(lookup.person):
        return judge(ours, people, auto_tier=auto_tier, today=today, has_twin=True)
    return verdict


def identity_of(person: Person) -> Identity:
    return Identity(
        cpf=person.cpf or "",
        name=person.name,
        birth_date=person.birth_date,
        mother_name=person.mother_name,
        sex=person.sex,
        city_code=person.city_code,
    )


def _has_twin(person: Person) -> bool:
    same_day = Person.objects.filter(birth_date=person.birth_date).exclude(pk=person.pk)
    mothers = same_day.exclude(mother_name="").values_list("mother_name", flat=True)
    return fold(person.mother_name) in map(fold, mothers)


def _apply(lookup: Lookup, verdict: Verdict) -> _Finding:
    if verdict.action is Action.ATTACH:
        return _Finding(Outcome.FOUND, attached=_attach(lookup, verdict))
    note_pending({lookup.person_id: PENDING[verdict.reason]})
    if verdict.action is Action.REVIEW:
        open_reviews([_case(lookup, verdict)])  # says so on the person, unless somebody has dismissed the number before
        return _Finding(Outcome.REVIEW)
    return _Finding(_OUTCOMES.get(verdict.reason, Outcome.FOUND))


def _attach(lookup: Lookup, verdict: Verdict) -> bool:
    """Whether the person has the number now; where not, the reason is noted by the one door."""
    wanted = WantedCns(
        person_id=lookup.person_id,
        number=verdict.number,
        source=CnsSource.CADSUS,
        kind=verdict.kind,
        tier=verdict.tier,
        evidence=verdict.evidence(),
        origin=lookup.origin,
    )
    answer = attach_cns([wanted])[lookup.person_id]
    return answer.is_written or answer is Attachment.UNCHANGED


def _case(lookup: Lookup, verdict: Verdict) -> ReviewCase:
    return ReviewCase(
        person_id=lookup.person_id,
        number=verdict.number,
        kind=verdict.kind,
        source=CnsSource.CADSUS,
        tier=verdict.tier,
        reason=verdict.reason.value,
        comparison=[field.as_json() for field in verdict.comparison],
        origin=lookup.origin,
    )


def _keep_candidates(lookup: Lookup, people: list[Candidate], reply: Reply) -> None:
    ours = identity_of(lookup.person)
    models.Candidate.objects.bulk_create(
        models.Candidate(
            operator_id=lookup.operator_id,
            lookup=lookup,
            position=position,
            numbers=[{"number": number.number, "kind": number.kind} for number in theirs.numbers],
            active=theirs.active,
            deceased=theirs.deceased,
            score=registrant.score,
            comparison=[field.as_json() for field in compare(ours, theirs)],
        )
        for position, (theirs, registrant) in enumerate(zip(people, reply.registrants, strict=True), start=1)
        if position <= MOST_CANDIDATES
    )
