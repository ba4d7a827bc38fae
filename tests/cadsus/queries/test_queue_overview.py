"""What the queue's page tells: counts, traffic, and when the queue ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cadsus.models import Exchange, Lookup, LookupReason, Priority
from cadsus.queries.queue_overview import UNEXPECTED, failed_for_good, forecast, forget_overview, overview
from cadsus.services import pause_queue
from cadsus.throttling.opening_hours import ZONE
from cadsus.throttling.registry import circuit_breaker_for, rate_limiter_for
from cnsportal.jobs import Status
from tests.factories import PersonFactory, UserFactory

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)


@pytest.fixture
def environment(settings):
    """Its facts, to be changed."""
    facts = {**settings.CADSUS_ENVIRONMENTS["simulator"], "rate": 2, "hours": ""}
    settings.CADSUS_ENVIRONMENTS = {"simulator": facts}
    return facts


def lookup_of(person=None, **fields):
    person = person or PersonFactory()
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def call(credential, ago=timedelta(0), **fields):
    defaults = {"environment": "simulator", "key": "cpf", "milliseconds": 200}
    return Exchange.objects.create(
        operator_id=credential.operator_id, credential=credential, at=timezone.now() - ago, **{**defaults, **fields}
    )


# ---- counts ---------------------------------------------------------------------------------------------------------


def test_overview_counts_by_state_and_by_priority(operator):
    for priority in (Priority.BACKLOG, Priority.BACKLOG, Priority.IMPORT, Priority.INTERACTIVE):
        lookup_of(priority=priority)
    lookup_of(status=Status.WAITING, next_attempt_at=timezone.now())
    lookup_of(status=Status.DONE, priority=Priority.INTERACTIVE)

    seen = overview()

    assert seen.by_status == {"QUEUED": 4, "WAITING": 1, "DONE": 1}
    assert seen.queued == {Priority.INTERACTIVE: 1, Priority.IMPORT: 1, Priority.BACKLOG: 2}
    assert (seen.link.pending, seen.waiting, seen.running) == (5, 1, 0)


def test_overview_tells_traffic_and_troubles_of_late(credential):
    call(credential)
    call(credential, timedelta(minutes=9), milliseconds=400)
    call(credential, timedelta(minutes=20), milliseconds=600)
    call(credential, timedelta(minutes=30), trouble="TIMEOUT")
    call(credential, timedelta(minutes=31), trouble="TIMEOUT")
    call(credential, timedelta(minutes=32), trouble="UNEXPECTED")
    call(credential, timedelta(minutes=61), trouble="FAULT")
    call(credential, milliseconds=None)

    traffic = overview().traffic

    assert (traffic.answered_lately, traffic.seconds_a_call) == (2, 0.4)
    assert traffic.troubles == [("O DATASUS não respondeu a tempo.", 2), (UNEXPECTED, 1)]


def test_overview_is_shared_for_a_few_seconds(operator, django_assert_num_queries):
    overview()
    lookup_of()

    with django_assert_num_queries(0):
        before = overview().link.pending
    forget_overview()

    assert (before, overview().link.pending) == (0, 1)


def test_failures_of_people_who_were_asked_since_are_not_counted(operator):
    person = PersonFactory()
    lookup_of(person, status=Status.FAILED, failure="x")
    lookup_of(person, status=Status.DONE)
    left = lookup_of(status=Status.FAILED, failure="x")
    lookup_of(status=Status.FAILED, failure="x", environment="production")

    assert list(failed_for_good()) == [left]


# ---- the forecast ---------------------------------------------------------------------------------------------------


@pytest.fixture
def queue_of_three(credential, environment, time_machine):
    time_machine.move_to(NOW, tick=False)
    for _ in range(3):
        lookup_of()


def told():
    forget_overview()
    return forecast(overview())


def test_forecast_says_when_the_queue_ends(queue_of_three):
    assert told() == "A fila de 3 termina hoje às 09h30."


def test_forecast_of_a_slow_queue_names_the_day(queue_of_three, environment):
    environment["rate"] = 0.00001

    assert told() == "A fila de 3 termina quinta às 20h50."


def test_forecast_shares_the_pace_with_the_operators_whose_queues_are_at_work(queue_of_three, environment, operator):
    environment["rate"] = 0.001
    alone = told()
    for each in (operator.pk, operator.pk + 1, operator.pk + 2):
        rate_limiter_for("simulator").at_work(each)

    assert (alone, told()) == ("A fila de 3 termina hoje às 10h20.", "A fila de 3 termina hoje às 12h00.")


def test_forecast_waits_for_the_hours(queue_of_three, environment):
    environment["hours"] = "20:00-06:00"

    assert told() == "A fila de 3 termina hoje às 20h00."


def test_forecast_waits_for_the_end_of_a_pause(queue_of_three):
    pause_queue(NOW + timedelta(days=1), "manutenção", UserFactory())

    assert told() == "A fila de 3 termina amanhã às 09h30."


def test_forecast_without_an_agreed_rate_goes_by_what_was_measured(queue_of_three, environment, credential, settings):
    environment["rate"], settings.CADSUS_CONCURRENCY = 0, 1
    unknown = told()
    call(credential, milliseconds=1_200_000)

    assert unknown == "A fila de 3 ainda não tem ritmo medido; não dá para prever quando termina."
    assert told() == "A fila de 3 termina hoje às 10h30."


def test_forecast_is_not_made_while_datasus_is_away(queue_of_three):
    for _ in range(30):
        circuit_breaker_for("simulator").failed()

    assert told() == "A fila de 3 espera; não dá para prever quando termina."


def test_forecast_is_not_made_without_a_certificate(operator, environment):
    lookup_of()

    assert told() == "A fila de 1 espera; não dá para prever quando termina."


def test_forecast_of_nothing_is_nothing(operator):
    assert told() == ""


def test_forecast_groups_digits_as_brazilians_do(queue_of_three):
    seen = overview()
    many = replace(seen, link=replace(seen.link, pending=17_500))

    assert forecast(many) == "A fila de 17.500 termina hoje às 11h55."
