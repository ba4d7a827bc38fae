"""One lookup from claim to answer. Not found and could not ask are two ends that nothing here can mix up."""

from django.db import transaction
from django.utils import timezone

from beneficiaries.models import PendingReason, Person
from beneficiaries.services import note_pending
from cadsus.matching import HL7_SEX
from cadsus.messages import Search
from cadsus.models import Lookup, Outcome
from cadsus.replies import Reply
from cadsus.retries import retry_delay
from cadsus.services.answers import settle_answer
from cadsus.services.credentials import credential_in_use
from cadsus.services.exchanges import exchange, wait_turn
from cadsus.troubles import GatewayError, Trouble
from cnsportal.runs import Status


def run_lookup(lookup_id: int) -> None:
    """Ask and record, once: a lookup that somebody else took, or that was cancelled meanwhile, is left alone."""
    attempt = Lookup.objects.claim(lookup_id)
    if attempt is None:
        return
    lookup = Lookup.objects.select_related("person", "operator").get(pk=lookup_id)
    try:
        credential = credential_in_use(lookup.environment)
        wait_turn(lookup.environment)
        if not Lookup.objects.beat(lookup_id, attempt):
            return
        reply = exchange(credential, search_for(lookup.person), lookup)
    except GatewayError as error:
        _put_off(lookup, attempt, error)
    else:
        _conclude(lookup, attempt, reply)


def search_for(person: Person) -> Search:
    """By CPF where there is one: CadSUS then ignores all else, and the identity policy compares it afterwards."""
    if person.cpf:
        return Search(cpf=person.cpf)
    return Search(
        name=person.name,
        birth_date=person.birth_date,
        mother_name=person.mother_name,
        sex=HL7_SEX.get(person.sex, ""),
    )


@transaction.atomic
def _conclude(lookup: Lookup, attempt: int, reply: Reply) -> None:
    if Lookup.objects.settle(lookup.pk, attempt, Status.DONE):
        settle_answer(lookup, reply)


@transaction.atomic
def _put_off(lookup: Lookup, attempt: int, error: GatewayError) -> None:
    """End the lookup where asking again cannot help; else let it wait for its next try."""
    failures = lookup.failures + (error.trouble is not Trouble.TURN_TOO_FAR)
    refused = error.trouble is Trouble.QUESTION_REFUSED
    mine = Lookup.objects.filter(pk=lookup.pk, attempt=attempt, status=Status.RUNNING)
    kept = mine.update(
        outcome=Outcome.REFUSED if refused else Outcome.COULD_NOT_ASK,
        failures=failures,
        next_attempt_at=None if error.permanent else timezone.now() + retry_delay(max(failures, 1), error.retry_after),
    )
    if kept:
        Lookup.objects.settle(lookup.pk, attempt, Status.FAILED if error.permanent else Status.WAITING, error.sentence)
        note_pending({lookup.person_id: PendingReason.REFUSED if refused else PendingReason.COULD_NOT_ASK})
