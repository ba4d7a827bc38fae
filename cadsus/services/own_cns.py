"""Looks up a staff member's own CNS at DATASUS: requested by an administrator, done by a worker.

It keeps to the rate limit; like the connection test, it ignores the circuit breakers and reports nothing to them.
"""

from django.conf import settings
from django.db import IntegrityError, transaction

from beneficiaries.domain.identifiers import mask_cns
from cadsus.client.errors import GatewayError
from cadsus.client.pdq_query import Search
from cadsus.domain.own_cns import OwnCnsEvidence, see
from cadsus.models import OwnCnsCheck, SgopPerson
from cadsus.queries.credentials import credential_in_use
from cadsus.services.datasus.exchanges import exchange, wait_turn
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User


def ask_own_cns(person: SgopPerson, number: str, *, actor: User) -> OwnCnsCheck:
    """Have a worker ask by this number; where a question about the person is open already, that one."""
    environment = settings.CADSUS_ENVIRONMENT
    try:
        with transaction.atomic():
            check = OwnCnsCheck.objects.create(
                operator_id=current_operator_id(),
                person=person,
                environment=environment,
                number=number,
                masked=mask_cns(number),
                requested_by=actor,
            )
            data = {"environment": environment}
            record([Event(EventKind.OWN_CNS_ASKED, "sgopperson", person.pk, actor=actor, data=data)])
            check.enqueue()
    except IntegrityError:
        return OwnCnsCheck.objects.filter(person=person).latest("pk")
    return check


def run_own_cns_check(check_id: int) -> None:
    OwnCnsCheck.objects.select_related("person", "requested_by").perform(check_id, _ask)


def _ask(check: OwnCnsCheck) -> None:
    try:
        _finish(check, seen=_asked(check))
    except GatewayError as error:
        _finish(check, failure=error.sentence)


def _asked(check: OwnCnsCheck) -> OwnCnsEvidence:
    """Raises GatewayError."""
    credential = credential_in_use(check.environment)
    wait_turn(check.environment)
    return see(check.number, check.person.name, exchange(credential, Search(cns=check.number)))


@transaction.atomic
def _finish(check: OwnCnsCheck, *, seen: OwnCnsEvidence | None = None, failure: str = "") -> None:
    status = Status.DONE if seen else Status.FAILED
    result = {"finding": seen.finding.value, "detail": seen.detail} if seen else {}
    if check.finish(status, failure, **result):
        data = {"finding": result.get("finding", ""), "failure": failure}
        subject = ("sgopperson", check.person_id)
        record([Event(EventKind.OWN_CNS_ANSWERED, *subject, actor=check.requested_by, data=data)])
