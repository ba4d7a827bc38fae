"""Pauses of the queue: who begins, lengthens and ends them, and what every page says meanwhile."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from cadsus.models import Pause
from cadsus.queries.link_status import blocked
from cadsus.services import end_lapsed_pause, link_notice, pause_queue, resume_queue, watch_link
from cadsus.services.lookups.status_banner import BANNER_TTL_SECONDS
from cadsus.tasks import wake_queues
from cadsus.throttling.blockers import Blocker
from cadsus.throttling.registry import circuit_breaker_for
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import OperatorFactory, UserFactory

HOUR = timedelta(hours=1)


@pytest.fixture
def admin(operator):
    return UserFactory()


@pytest.fixture
def sent(monkeypatch, django_capture_on_commit_callbacks):
    """Names of the tasks sent."""
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_options: names.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        yield names


def in_an_hour():
    return timezone.now() + HOUR


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "actor_label"))


def test_pause_holds_the_queue_and_says_who_did_it(admin):
    until = in_an_hour()

    pause = pause_queue(until, "DATASUS em manutenção", admin)

    assert (pause.paused_by, pause.reason, pause.ended_at) == (admin, "DATASUS em manutenção", None)
    assert (blocked("simulator").obstacle, blocked("simulator").until) == (Blocker.PAUSED, until)
    assert events() == [("queue.paused", str(admin))]


def test_pause_is_lengthened_not_doubled(admin):
    first, second = in_an_hour(), timezone.now() + 5 * HOUR
    pause = pause_queue(first, "manutenção", admin)

    longer = pause_queue(second, "manutenção mais longa", admin)

    assert (longer.pk, longer.until, longer.reason) == (pause.pk, second, "manutenção mais longa")
    assert AuditEvent.objects.order_by("-pk").first().data == {
        "until": second.isoformat(),
        "was": first.isoformat(),
        "environment": "simulator",
    }


def test_pause_into_the_past_is_refused(admin):
    with pytest.raises(ValueError, match="ends in the future"):
        pause_queue(timezone.now(), "engano", admin)

    assert (Pause.objects.count(), events()) == (0, [])


def test_pause_ends_by_itself(admin):
    pause_queue(in_an_hour(), "manutenção", admin)

    Pause.objects.update(until=timezone.now())

    assert blocked("simulator").obstacle is not Blocker.PAUSED


def test_pause_that_ended_by_itself_is_written_down_once(admin):
    pause = pause_queue(in_an_hour(), "manutenção", admin)
    until = timezone.now()
    Pause.objects.update(until=until)

    end_lapsed_pause()
    end_lapsed_pause()

    pause.refresh_from_db()
    assert (pause.ended_at, pause.ended_by) == (until, None)
    assert events()[1:] == [("queue.resumed", "sistema")]


def test_pause_in_force_is_not_ended_by_the_clock(admin):
    pause_queue(in_an_hour(), "manutenção", admin)

    end_lapsed_pause()

    assert (blocked("simulator").obstacle, len(events())) == (Blocker.PAUSED, 1)


def test_pause_after_one_that_lapsed_is_another_one(admin):
    lapsed = pause_queue(in_an_hour(), "de manhã", admin)
    Pause.objects.update(until=timezone.now())

    pause = pause_queue(in_an_hour(), "à tarde", admin)

    assert pause.pk != lapsed.pk
    lapsed.refresh_from_db()
    assert (lapsed.reason, lapsed.ended_at is None) == ("de manhã", False)
    assert (pause.reason, pause.ended_at is None) == ("à tarde", True)


def test_resume_ends_the_pause_and_wakes_the_queue(admin, sent, django_capture_on_commit_callbacks):
    pause = pause_queue(in_an_hour(), "manutenção", admin)

    with django_capture_on_commit_callbacks(execute=True):
        resumed = resume_queue(admin)

    pause.refresh_from_db()
    assert (resumed, pause.ended_by, blocked("simulator").obstacle is Blocker.PAUSED) == (True, admin, False)
    assert (events()[1:], sent) == ([("queue.resumed", str(admin))], ["cadsus.work_queue"])


def test_resume_without_a_pause_changes_nothing(admin):
    assert (resume_queue(admin), events()) == (False, [])


def test_pause_is_of_one_operator_alone(admin, operator):
    pause_queue(in_an_hour(), "manutenção", admin)

    Pause.objects.update(operator=OperatorFactory())

    assert blocked("simulator").obstacle is Blocker.NO_CREDENTIAL


@pytest.mark.django_db(transaction=True)
def test_pauses_in_a_race_are_one():
    operator, admins = OperatorFactory(), [UserFactory() for _ in range(6)]
    start, broken = threading.Barrier(len(admins)), []

    def pause(hours, admin):
        try:
            with operator_context(operator.pk):
                start.wait()
                pause_queue(timezone.now() + hours * HOUR, "ao mesmo tempo", admin)
        except Exception as error:  # noqa: BLE001  (told by the assertion below)
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=pause, args=(hours, admin)) for hours, admin in enumerate(admins, start=1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        assert (broken, Pause.objects.in_force().count(), Pause.objects.count()) == ([], 1, 1)
        assert [kind for kind, _ in events()] == ["queue.paused"] * len(admins)


@pytest.mark.django_db(transaction=True)
def test_resumes_in_a_race_end_it_once():
    operator, admin = OperatorFactory(), UserFactory()
    with operator_context(operator.pk):
        pause_queue(in_an_hour(), "ao mesmo tempo", admin)
    start, resumed = threading.Barrier(4), []

    def resume():
        try:
            with operator_context(operator.pk):
                start.wait()
                resumed.append(resume_queue(admin))
        finally:
            connection.close()

    threads = [threading.Thread(target=resume) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        assert sorted(resumed) == [False, False, False, True]
        assert [kind for kind, _ in events()] == ["queue.paused", "queue.resumed"]


# ---- what the pages are told ----------------------------------------------------------------------------------------


def test_notice_is_kept_while_something_is_in_the_way(operator):
    watch_link()

    notice = link_notice()

    assert (notice.obstacle, notice.tone, notice.sentence) == ("NO_CREDENTIAL", "bad", Blocker.NO_CREDENTIAL.sentence)


def test_notice_of_an_outage_says_since_when(credential):
    for _ in range(20):
        circuit_breaker_for("simulator").failed()

    watch_link()

    notice = link_notice()
    assert (notice.obstacle, notice.tone) == ("AWAY", "warn")
    assert abs(notice.since - timezone.now()) < timedelta(seconds=10)


def test_notice_is_gone_with_what_was_in_the_way(credential, admin):
    pause_queue(in_an_hour(), "manutenção", admin)
    watch_link()
    paused = link_notice().obstacle
    resume_queue(admin)

    watch_link()

    assert (paused, link_notice()) == ("PAUSED", None)


def test_notice_is_not_given_of_the_hours(credential, settings):
    now = timezone.localtime()
    minute = (now.hour * 60 + now.minute + 120) % (24 * 60)
    shut = f"{minute // 60:02d}:{minute % 60:02d}-{(minute // 60 + 1) % 24:02d}:{minute % 60:02d}"
    settings.CADSUS_ENVIRONMENTS = {"simulator": {**settings.CADSUS_ENVIRONMENTS["simulator"], "hours": shut}}

    watch_link()

    assert (blocked("simulator").obstacle, link_notice()) == (Blocker.OUTSIDE_HOURS, None)


def test_notice_is_renewed_by_the_scheduler_and_forgotten_without_it(operator, admin):
    wake_queues.apply().get()

    assert link_notice().obstacle == "NO_CREDENTIAL"
    assert (
        0
        < cache._cache.get_client().ttl(cache.make_key(f"cadsus:notice:simulator:{operator.pk}"))
        <= BANNER_TTL_SECONDS
    )


def test_notice_is_asked_of_the_cache_alone(operator, django_assert_num_queries):
    watch_link()

    with django_assert_num_queries(0):
        link_notice()


def test_notice_is_told_at_once_when_somebody_pauses(credential, admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        pause_queue(in_an_hour(), "manutenção", admin)

    assert link_notice().obstacle == "PAUSED"


@pytest.mark.django_db
def test_notice_of_one_operator_is_not_given_to_another():
    troubled, other = OperatorFactory(), OperatorFactory()
    with operator_context(troubled.pk):
        watch_link()

    with operator_context(other.pk):
        told = link_notice()
    with operator_context(troubled.pk):
        own = link_notice()

    assert (told, own.obstacle) == (None, "NO_CREDENTIAL")
