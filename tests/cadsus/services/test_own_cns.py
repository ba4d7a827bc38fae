"""The lookup of a staff member's own CNS: what is stored, what is recorded, and what fails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cadsus.models import Exchange, OwnCnsCheck, SgopPerson
from cadsus.services import ask_own_cns
from cadsus.services.accreditation import add_to_sgop
from cnsportal.jobs import MAX_ATTEMPTS, Status
from operators.models import AuditEvent
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned
from tests.cadsus.own_cns import NAME, NUMBER, answered
from tests.factories import UserFactory, cns


# ---- asking -------------------------------------------------------------------------------------------------------
@pytest.fixture
def person(operator):
    person = SgopPerson()
    add_to_sgop(person, {"name": NAME, "role": "OPERADOR"}, actor=UserFactory())
    return person


def test_answer_is_kept_and_the_number_is_not(datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(soap.WHOLE))

    check = answered(person)

    exchange = Exchange.objects.get()
    assert (check.status, check.finding, check.number, check.masked) == ("DONE", "GOOD", "", "*** **** **** 0005")
    assert (exchange.key, exchange.masked, exchange.persons) == ("cns", "*** **** **** 0005", 1)


def test_question_and_answer_are_on_the_trail_without_the_number(datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(code="NF"))
    actor = UserFactory(first_name="Ana", last_name="Prado")

    answered(person, actor)

    events = AuditEvent.objects.filter(kind__startswith="accreditation.cns").order_by("pk")
    assert [(each.kind, each.subject_id, each.actor_label, each.data, each.personal) for each in events] == [
        ("accreditation.cns_asked", person.pk, "Ana Prado", {"environment": "simulator"}, {}),
        ("accreditation.cns_answered", person.pk, "Ana Prado", {"finding": "NOT_FOUND", "failure": ""}, {}),
    ]


def test_datasus_away_is_no_answer(datasus, person):
    check = answered(person)  # the server answers 503

    assert (check.status, check.finding, check.failure, check.number) == (
        "FAILED",
        "",
        "O DATASUS está fora do ar.",
        "",
    )


def test_without_a_certificate_nothing_is_asked(operator, person, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"

    check = answered(person)

    assert check.failure.startswith("A operadora não tem certificado ativo para consultar o DATASUS.")
    assert Exchange.objects.count() == 0


def test_second_question_about_a_person_waits_for_the_first(person):
    first, second = (ask_own_cns(person, number, actor=UserFactory()) for number in (NUMBER, cns(1)))

    assert (second.pk, OwnCnsCheck.objects.get().masked) == (first.pk, "*** **** **** 0005")
    assert AuditEvent.objects.filter(kind="accreditation.cns_asked").count() == 1


def test_number_is_forgotten_where_the_recovery_gives_up(person):
    check = ask_own_cns(person, NUMBER, actor=UserFactory())
    long_ago = timezone.now() - timedelta(days=1)
    OwnCnsCheck.objects.update(status=Status.RUNNING, attempt=MAX_ATTEMPTS, heartbeat_at=long_ago)

    OwnCnsCheck.recover_stalled()

    check.refresh_from_db()
    assert (check.status, check.number) == (Status.FAILED, "")
