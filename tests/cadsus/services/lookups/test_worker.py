"""The queue at work, on a server of literal bytes; the whole way is in tests/flows/test_queue_heals.py."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from beneficiaries.models import CnsNumber
from cadsus.client.access_token import TokenStore
from cadsus.client.gateway import Gateway
from cadsus.models import Credential, Exchange, Lookup, LookupOutcome, LookupReason, Pause, Priority
from cadsus.queries.link_status import blocked, link_state
from cadsus.services import run_lookup, wake_if_pending, work_queue
from cadsus.services.lookups import worker as queue_module
from cadsus.throttling.blockers import Blocker
from cadsus.throttling.registry import circuit_breaker_for, credential_breaker, rate_limiter_for
from cnsportal.jobs import MAX_ATTEMPTS, Status
from cnsportal.leases import Lease
from operators.context import operator_context
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns

NOT_FOUND = Canned(soap.reply(code="NF"))
AWAY = Canned(b"<html>", 503)


@pytest.fixture(autouse=True)
def touchy_breakers(settings):
    settings.CADSUS_BREAKER_FAILURES = 3


def until_the_probe():
    time.sleep(max(0, circuit_breaker_for("simulator").state().probes_at.timestamp() - time.time()) + 0.02)


def queued(count=1, **fields):
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    people = [PersonFactory() for _ in range(count)]
    return [
        Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})
        for person in people
    ]


def states():
    return list(Lookup.objects.order_by("pk").values_list("status", flat=True))


def asked(datasus):
    return sum(path == "/query" for path, *_ in datasus.received)


# ---- draining -------------------------------------------------------------------------------------------------------


def test_work_queue_asks_about_everybody_in_it(datasus):
    datasus.answers["/query"] = NOT_FOUND
    queued(20)

    assert work_queue() == 20
    assert set(Lookup.objects.values_list("status", "outcome", "attempt")) == {("DONE", "NOT_FOUND", 1)}
    assert asked(datasus) == 20


def test_work_queue_of_nothing_asks_nothing(datasus, operator):
    assert (work_queue(), datasus.received) == (0, [])


def test_work_queue_attaches_in_sets(datasus, django_assert_max_num_queries):
    lookups = queued(30)
    bodies = {
        lookup.person.cpf: soap.reply(soap.registered(lookup.person, (cns(n), "D")))
        for n, lookup in enumerate(lookups, 1)
    }
    datasus.answers["/query"] = lambda body: Canned(
        next(reply for cpf, reply in bodies.items() if cpf.encode() in body)
    )

    with django_assert_max_num_queries(120):
        work_queue()

    assert CnsNumber.objects.current().count() == 30


def test_work_queue_takes_the_higher_priority_first(datasus):
    datasus.answers["/query"] = NOT_FOUND
    backlog, imported, interactive = (
        queued(priority=priority)[0] for priority in (Priority.BACKLOG, Priority.IMPORT, Priority.INTERACTIVE)
    )

    work_queue(1)

    order = list(Exchange.objects.order_by("at").values_list("lookup_id", flat=True))
    assert order == [interactive.pk, imported.pk, backlog.pk]


def test_claim_takes_the_foremost_when_it_may_take_one(operator):
    failing, backlog, imported, interactive = (
        queued(**fields)[0].pk
        for fields in (
            {"failures": 1},
            {},
            {"priority": Priority.IMPORT, "failures": 1},
            {"priority": Priority.INTERACTIVE, "failures": 1},
        )
    )

    claimed = [Lookup.objects.claim_next("simulator", 1, Priority.BACKLOG)[0].pk for _ in range(4)]

    assert claimed == [interactive, imported, backlog, failing]


def test_work_queue_takes_those_that_never_failed_first(datasus):
    datasus.answers["/query"] = NOT_FOUND
    failing, fresh = queued(failures=3)[0], queued()[0]

    work_queue(1)

    assert list(Exchange.objects.order_by("at").values_list("lookup_id", flat=True)) == [fresh.pk, failing.pk]


def test_work_queue_leaves_it_to_the_worker_that_holds_it(datasus, operator):
    queued()
    cache.add(f"cadsus:queue:simulator:{operator.pk}", "another", 30)

    assert (work_queue(), states()) == (0, ["QUEUED"])


def test_work_queue_gives_the_queue_back(datasus, operator):
    queued()
    work_queue()

    assert cache.get(f"cadsus:queue:simulator:{operator.pk}") is None


def test_worker_that_has_lost_the_queue_claims_no_more_and_leaves_it_to_who_has_it(datasus, operator, monkeypatch):
    monkeypatch.setattr(queue_module, "HEARTBEAT_SECONDS", 0.0)
    datasus.answers["/query"] = NOT_FOUND
    queued(30)
    key, settle = f"cadsus:queue:simulator:{operator.pk}", queue_module.settle
    other = Lease(key, 30)

    def settle_and_lose(batch):
        settle(batch)
        cache.delete(key)
        other.acquire()

    monkeypatch.setattr(queue_module, "settle", settle_and_lose)
    ended = work_queue(1)

    assert (0 < ended < 30, set(states()), other.is_taken()) == (True, {"DONE", "QUEUED"}, True)


@pytest.mark.django_db(transaction=True)
def test_claim_next_in_a_race_gives_each_lookup_once():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        lookups = queued(40)
    claimed, start = [], threading.Barrier(4)

    def claim():
        try:
            with operator_context(operator.pk):
                start.wait()
                while found := Lookup.objects.claim_next("simulator", 3, Priority.BACKLOG):
                    claimed.extend(lookup.pk for lookup in found)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [lookup.pk for lookup in lookups]


def test_work_queue_keeps_to_the_pace(datasus, settings):
    settings.CADSUS_ENVIRONMENTS["simulator"]["rate"] = 10
    datasus.answers["/query"] = NOT_FOUND
    queued(12)
    begin = time.monotonic()

    ended = work_queue()

    assert (ended, time.monotonic() - begin > 0.7) == (12, True)


def test_work_queue_says_who_shares_the_pace(datasus, operator):
    datasus.answers["/query"] = NOT_FOUND
    before = rate_limiter_for("simulator").others_at_work(operator.pk + 1)
    queued()

    work_queue()

    assert (before, rate_limiter_for("simulator").others_at_work(operator.pk + 1)) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_who_waits_at_a_screen_passes_a_queue_at_work(datasus, operator, settings):
    settings.CADSUS_ENVIRONMENTS["simulator"]["rate"] = 5
    datasus.answers["/query"] = NOT_FOUND
    queued(15)
    worker = threading.Thread(target=in_context, args=(operator, work_queue))
    worker.start()
    time.sleep(0.5)
    urgent = queued(1, priority=Priority.INTERACTIVE)[0]

    run_lookup(urgent.pk)
    worker.join()

    at = Exchange.objects.get(lookup=urgent).at
    assert Exchange.objects.filter(at__gt=at).count() > 5
    assert set(states()) == {"DONE"}


def in_context(operator, work):
    try:
        with operator_context(operator.pk):
            work()
    finally:
        connection.close()


def test_one_unexpected_answer_fails_alone_under_an_id(datasus, monkeypatch):
    _, bad, _ = queued(3)
    datasus.answers["/query"] = NOT_FOUND
    ask = Gateway.ask

    def broken(gateway, search):
        if search.cpf == bad.person.cpf:
            raise ZeroDivisionError
        return ask(gateway, search)

    monkeypatch.setattr(Gateway, "ask", broken)
    work_queue()

    bad.refresh_from_db()
    assert states() == ["DONE", "FAILED", "DONE"]
    assert len(bad.failure_id) == 12


def test_one_answer_that_cannot_be_settled_fails_alone(datasus, monkeypatch):
    lookups = queued(3)
    datasus.answers["/query"] = NOT_FOUND
    from cadsus.services.lookups import settle_answers

    judge = settle_answers.decide_identity

    def broken(ours, *arguments: object, **how):
        if ours.cpf == lookups[1].person.cpf:
            raise ZeroDivisionError
        return judge(ours, *arguments, **how)

    monkeypatch.setattr(settle_answers, "decide_identity", broken)
    work_queue()

    assert states() == ["DONE", "FAILED", "DONE"]


@pytest.mark.parametrize(
    "work", [lambda _: work_queue(1), lambda lookup: run_lookup(lookup.pk)], ids=["queue", "screen"]
)
def test_question_whose_token_is_out_of_reach_stays_in_the_queue(datasus, monkeypatch, work):
    (lookup,) = queued()

    def away(*_: object, **__: object):
        raise RedisConnectionError

    monkeypatch.setattr(TokenStore, "get", away)
    monkeypatch.setattr(queue_module, "TIME_SLICE_SECONDS", 0.1)
    work(lookup)

    assert (states(), asked(datasus), Exchange.objects.count()) == (["QUEUED"], 0, 0)


def test_worker_killed_after_many_vain_tries_does_not_end_the_question(datasus):
    datasus.answers["/query"] = AWAY
    (lookup,) = queued()
    for _ in range(MAX_ATTEMPTS):
        run_lookup(lookup.pk)
        circuit_breaker_for("simulator").succeeded()
        Lookup.objects.filter(status=Status.WAITING).requeue()
    long_ago = timezone.now() - timedelta(days=1)
    Lookup.objects.claim(lookup.pk)
    Lookup.objects.update(heartbeat_at=long_ago)

    Lookup.recover_stalled()

    assert Lookup.objects.values_list("status", "attempt", "failure_id").get() == ("QUEUED", MAX_ATTEMPTS + 1, "")


def test_cancelled_lookup_is_not_asked(datasus):
    lookup = queued()[0]
    datasus.answers["/query"] = NOT_FOUND
    Lookup.objects.cancel(lookup.pk)
    work_queue()

    assert (states(), asked(datasus)) == (["CANCELLED"], 0)


# ---- what is in the way ---------------------------------------------------------------------------------------------


def test_no_plan_of_the_database_claims_more_than_there_is_room_for(operator):
    """A LIMIT beside FOR UPDATE SKIP LOCKED counts anew each time a nested loop asks for it."""
    queued(10)

    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        claimed = Lookup.objects.claim_next("simulator", 2, Priority.BACKLOG)

    assert (len(claimed), Lookup.objects.running().count()) == (2, 2)


def test_outage_opens_the_breaker_and_leaves_the_queue_as_it_is(datasus):
    datasus.answers["/query"] = AWAY
    queued(40)

    work_queue(2)

    assert blocked("simulator").obstacle is Blocker.AWAY
    assert asked(datasus) < 15
    assert set(states()) == {"QUEUED", "WAITING"}
    assert not Lookup.objects.filter(outcome=LookupOutcome.NOT_FOUND).exists()
    assert not Lookup.objects.running().exists()


def test_queue_heals_by_itself_once_datasus_is_back(datasus, settings):
    settings.CADSUS_BREAKER_SECONDS = 0.3
    datasus.answers["/query"] = AWAY
    queued(10)
    work_queue(2)
    datasus.answers["/query"] = NOT_FOUND
    until_the_probe()

    work_queue(2)
    Lookup.objects.filter(status="WAITING").update(next_attempt_at=timezone.now())
    wake_if_pending()
    work_queue(2)

    assert blocked("simulator").obstacle is Blocker.NONE
    assert set(Lookup.objects.values_list("status", "outcome")) == {("DONE", "NOT_FOUND")}


def test_open_breaker_is_probed_with_one_question(datasus, settings):
    settings.CADSUS_BREAKER_SECONDS = 0.3
    datasus.answers["/query"] = AWAY
    queued(20)
    circuit_breaker_for("simulator").failed(3)
    until_the_probe()

    work_queue(8)

    assert asked(datasus) == 1
    assert blocked("simulator").obstacle is Blocker.AWAY


def test_refused_certificate_stops_this_operators_queue_and_no_other(datasus, credential):
    datasus.answers["/token"] = Canned(b"", 403)
    queued(30)

    work_queue(2)

    found = blocked("simulator")
    assert (found.obstacle, circuit_breaker_for("simulator").state().is_open) == (Blocker.CREDENTIAL_REFUSED, False)
    assert Lookup.objects.filter(status="QUEUED").count() > 15


def test_another_certificate_finds_the_queue_as_it_was(datasus, credential):
    credential_breaker("simulator", credential.fingerprint).failed(10)
    queued(2)
    datasus.answers["/query"] = NOT_FOUND

    before = work_queue()
    Credential.objects.update(fingerprint="f" * 64)

    assert (before, work_queue()) == (0, 2)


def test_pause_holds_everything_and_ends_by_itself(datasus, operator):
    datasus.answers["/query"] = NOT_FOUND
    pause = Pause.objects.create(
        operator=operator, environment="simulator", until=timezone.now() + timedelta(hours=1), paused_by=UserFactory()
    )
    queued(1, priority=Priority.INTERACTIVE)

    before = work_queue(), blocked("simulator")
    Pause.objects.update(until=timezone.now())

    assert (before[0], before[1].obstacle, before[1].until) == (0, Blocker.PAUSED, pause.until)
    assert work_queue() == 1


def test_outside_hours_only_who_waits_at_a_screen_is_asked_about(datasus, settings):
    now = timezone.localtime()
    hours = f"{now + timedelta(hours=2):%H:00}-{now + timedelta(hours=3):%H:00}"
    settings.CADSUS_ENVIRONMENTS["simulator"]["hours"] = hours
    datasus.answers["/query"] = NOT_FOUND
    queued(1, priority=Priority.IMPORT)
    queued(1, priority=Priority.INTERACTIVE)

    work_queue()

    assert states() == ["QUEUED", "DONE"]
    assert blocked("simulator").obstacle is Blocker.OUTSIDE_HOURS


def test_pause_in_the_middle_stops_the_worker_within_seconds(datasus, operator, monkeypatch):
    datasus.answers["/query"] = NOT_FOUND
    monkeypatch.setattr(queue_module, "POLL_SECONDS", 0.0)
    user = UserFactory()
    queued(30)
    settle = queue_module.settle

    def settle_and_pause(batch):
        settle(batch)
        if not Pause.objects.exists():
            Pause.objects.create(
                operator=operator, environment="simulator", until=timezone.now() + timedelta(hours=1), paused_by=user
            )

    monkeypatch.setattr(queue_module, "settle", settle_and_pause)
    ended = work_queue(1)

    assert 0 < ended < 30
    assert set(states()) == {"DONE", "QUEUED"}
    assert Exchange.objects.count() == ended


# ---- the state of the link ------------------------------------------------------------------------------------------


def test_link_state_counts_calls_and_failures_of_the_last_hour(datasus):
    datasus.answers["/query"] = NOT_FOUND
    queued(3)
    work_queue()
    datasus.answers["/query"] = AWAY
    queued(1)
    work_queue()
    Exchange.objects.filter(pk=Exchange.objects.earliest("pk").pk).update(at=timezone.now() - timedelta(hours=2))

    state = link_state("simulator")

    assert (state.asked, state.failed, state.error_rate, state.pending) == (3, 1, pytest.approx(1 / 3), 1)
    assert state.last_success is not None


def test_wake_if_pending_puts_what_is_due_back_into_the_queue(datasus, operator):
    past, future = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(hours=1)
    queued(1, status=Status.WAITING, next_attempt_at=past)
    queued(1, status=Status.WAITING, next_attempt_at=future)

    wake_if_pending()

    assert states() == ["QUEUED", "WAITING"]
