"""Applies an answer: the CNS is attached, a review opened, or the reason recorded why there is none."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from beneficiaries.domain.field_comparison import is_a_name
from beneficiaries.domain.identity_policy import (
    Action,
    Candidate,
    Identity,
    Tier,
    Verdict,
    VerdictReason,
    compare,
    decide_identity,
    decide_self_reported,
)
from beneficiaries.domain.names import normalise
from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.services import Attachment, CnsOffer, attach_cns, note_answers, note_questions
from beneficiaries.services.reviews import ReviewCase, open_reviews
from cadsus import models
from cadsus.client.pdq_response import Registrant, Reply
from cadsus.domain.candidate_mapping import candidate_of
from cadsus.models import Lookup, LookupOutcome
from cadsus.services.lookups.finish import LookupResult
from cnsportal.jobs import Status
from cnsportal.web.stale_cache import note_own_change
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator

MAX_CANDIDATES = 20  # kept for somebody to look at

_OUTCOMES = {VerdictReason.NOT_FOUND: LookupOutcome.NOT_FOUND, VerdictReason.SEVERAL: LookupOutcome.SEVERAL}
"""Whoever else was found without being attached was found."""

PENDING = {
    VerdictReason.NOT_FOUND: PendingReason.NOT_FOUND,
    VerdictReason.SEVERAL: PendingReason.SEVERAL,
    VerdictReason.TWO_DEFINITIVES: PendingReason.UNSURE,
    VerdictReason.DECEASED: PendingReason.RECORD_INACTIVE,
    VerdictReason.INACTIVE: PendingReason.RECORD_INACTIVE,
    VerdictReason.PROVISIONAL_ONLY: PendingReason.PROVISIONAL_ONLY,
    VerdictReason.NO_NUMBER: PendingReason.UNSURE,
    VerdictReason.INVALID_NUMBER: PendingReason.INVALID,
    VerdictReason.NAME_ALONE: PendingReason.UNSURE,
    VerdictReason.CONTRADICTED: PendingReason.UNSURE,
    VerdictReason.TOO_YOUNG: PendingReason.UNSURE,
    VerdictReason.TWIN: PendingReason.UNSURE,
    VerdictReason.WITHOUT_CPF: PendingReason.UNSURE,
    VerdictReason.BIRTH_UNKNOWN: PendingReason.UNSURE,
    VerdictReason.NAME_UNKNOWN: PendingReason.UNSURE,
    VerdictReason.CPF_ALONE: PendingReason.UNSURE,
    VerdictReason.MOTHER_UNKNOWN: PendingReason.UNSURE,
    VerdictReason.SAME_PERSON: PendingReason.CHECK_CPF,
    VerdictReason.NAME_ABBREVIATED: PendingReason.CHECK_CPF,
    VerdictReason.SURNAME_CHANGED: PendingReason.CHECK_CPF,
    VerdictReason.GIVEN_NAME: PendingReason.CHECK_CPF,
    VerdictReason.OTHER_MOTHER: PendingReason.CHECK_CPF,
    VerdictReason.OTHER_CPF: PendingReason.CHECK_CPF,
    VerdictReason.OTHER_BIRTH_DATE: PendingReason.CHECK_CPF,
    VerdictReason.OTHER_NAME: PendingReason.CHECK_CPF,
}
"""What the person's page says when nothing was attached and there is no number (any more) to decide on."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A lookup, the people of its answer, and the verdict on them."""

    lookup: Lookup
    reply: Reply
    people: list[Candidate]
    verdict: Verdict


def settle_answers(answered: Sequence[tuple[Lookup, Reply]]) -> list[LookupResult]:
    """In the caller's transaction, which has made the lookups its own; no person occurs in two of them."""
    if not answered:
        return []
    operator = Operator.objects.get(pk=current_operator_id())
    cases = _judged(answered, operator.auto_tier)
    _note(cases)
    attached = _attach([case for case in cases if _attaches(case)])
    open_reviews([_review(case) for case in cases if case.verdict.action is Action.REVIEW])
    _save_candidates([case for case in cases if case.lookup.person_id not in attached])
    ends = [_end(case, attached=case.lookup.person_id in attached) for case in cases]
    record(map(_answered, ends))
    for user_id in {lookup.requested_by_id for lookup, _ in answered if lookup.requested_by_id}:
        note_own_change(operator.pk, user_id)
    return ends


def _note(cases: Sequence[_Case]) -> None:
    """What DATASUS said of people as the registry knows them. By a number that somebody gave, mistyped perhaps, or by
    a few facts only, it says nothing of the reason; but a question that waited was turned into this one.
    """
    ordinary = [case for case in cases if case.lookup.is_by_registry]
    note_answers(
        {each.lookup.person_id: None if _attaches(each) else PENDING[each.verdict.reason] for each in ordinary}
    )
    if chosen := [case.lookup.person_id for case in cases if not case.lookup.is_by_registry]:
        note_questions(chosen, None)


def _judged(answered: Sequence[tuple[Lookup, Reply]], auto_tier: str) -> list[_Case]:
    today, siblings = timezone.localdate(), _Siblings([lookup.person for lookup, _ in answered])
    cases = []
    for lookup, reply in answered:
        people = [candidate_of(registrant) for registrant in reply.registrants]
        verdict = _INCOMPLETE
        if not reply.missing:
            decide = decide_self_reported if lookup.is_by_reported_cns else decide_identity
            twin = siblings.has(lookup.person)
            verdict = decide(identity_of(lookup.person), people, auto_tier=auto_tier, today=today, has_twin=twin)
        cases.append(_Case(lookup, reply, people, verdict))
    return cases


_INCOMPLETE = Verdict(Tier.E, Action.NOTHING, VerdictReason.SEVERAL)
"""Of an answer that does not hold all the people found, nobody can be the only one."""


class _Siblings:
    """Who here has the same mother and birth date as somebody else, for a set of people with one query."""

    def __init__(self, people: Sequence[Person]) -> None:
        days = {person.birth_date for person in people}
        same_day = Person.objects.filter(birth_date__in=days).exclude(mother_name="")
        found = same_day.values_list("birth_date", "mother_name")
        self._counts = Counter((day, normalise(mother)) for day, mother in found)

    def has(self, person: Person) -> bool:
        return is_a_name(person.mother_name) and self._counts[person.birth_date, normalise(person.mother_name)] > 1


def identity_of(person: Person) -> Identity:
    return Identity(
        cpf=person.cpf or "",
        name=person.name,
        birth_date=person.birth_date,
        mother_name=person.mother_name,
        sex=person.sex,
        city_code=person.city_code,
    )


def _attaches(case: _Case) -> bool:
    return case.verdict.action is Action.ATTACH


def _attach(cases: Sequence[_Case]) -> set[int]:
    """The people who have their number now; for the others attach_cns has recorded the reason."""
    answers = attach_cns([_wanted(case) for case in cases])
    return {person for person, answer in answers.items() if answer.is_written or answer is Attachment.UNCHANGED}


def _wanted(case: _Case) -> CnsOffer:
    return CnsOffer(
        person_id=case.lookup.person_id,
        number=case.verdict.number,
        source=CnsSource.CADSUS,
        kind=case.verdict.kind,
        tier=case.verdict.tier,
        evidence=case.verdict.evidence(),
        origin=case.lookup.origin,
    )


def _review(case: _Case) -> ReviewCase:
    return ReviewCase(
        person_id=case.lookup.person_id,
        number=case.verdict.number,
        kind=case.verdict.kind,
        source=CnsSource.CADSUS,
        tier=case.verdict.tier,
        reason=case.verdict.reason.value,
        comparison=[field.as_json() for field in case.verdict.comparison],
        origin=case.lookup.origin,
    )


def _save_candidates(cases: Iterable[_Case]) -> None:
    models.Candidate.objects.bulk_create(
        _candidate(case, position, theirs, registrant)
        for case in cases
        for position, (theirs, registrant) in enumerate(zip(case.people, case.reply.registrants, strict=True), start=1)
        if position <= MAX_CANDIDATES
    )


def _candidate(case: _Case, position: int, theirs: Candidate, registrant: Registrant) -> models.Candidate:
    return models.Candidate(
        operator_id=case.lookup.operator_id,
        lookup=case.lookup,
        position=position,
        numbers=[{"number": number.number, "kind": number.kind} for number in theirs.numbers],
        active=theirs.active,
        deceased=theirs.deceased,
        social_name=registrant.social_name[:150],
        confidentiality=registrant.confidentiality[:1],
        score=registrant.score,
        comparison=[field.as_json() for field in compare(identity_of(case.lookup.person), theirs)],
    )


def _end(case: _Case, *, attached: bool) -> LookupResult:
    outcome = _OUTCOMES.get(case.verdict.reason, LookupOutcome.FOUND)
    if case.verdict.action is Action.REVIEW:
        outcome = LookupOutcome.REVIEW
    tier, finding = str(case.verdict.tier), case.verdict.reason.name
    return LookupResult(case.lookup, Status.DONE, outcome, attached=attached, tier=tier, finding=finding)


def _answered(end: LookupResult) -> Event:
    lookup = end.lookup
    data = {"outcome": str(end.outcome), "attached": end.attached, "reason": end.finding}
    return Event(EventKind.CNS_ANSWERED, "lookup", lookup.pk, lookup.person_id, None, lookup.origin, data)
