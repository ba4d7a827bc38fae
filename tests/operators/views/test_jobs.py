"""The page of all jobs, and the tray in the header."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import ImportRun
from cards.models import CardBatch
from cnsportal.jobs import Status
from operators.permissions import Role
from operators.queries.jobs import count_active, list_jobs
from operators.registry import JOB_KINDS
from sib.models import ConferenceFile
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, UserFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def jobs(operator):
    """An import that runs, asked for by Ana; a conference that waits; a batch that failed."""
    ana = UserFactory(first_name="Ana", last_name="Prado")
    run = ImportRun.objects.create(
        operator=operator, name="base.csv", path="/x", receipt="/x", status=Status.RUNNING, done=10, requested_by=ana
    )
    file = ConferenceFile.objects.create(
        operator=operator,
        name="CNX_1.xml",
        path="/x",
        digest="0" * 64,
        size=1,
        status=Status.WAITING,
        wants_apply=False,
    )
    batch = CardBatch.objects.create(operator=operator, status=Status.FAILED, failure="Sem fonte.", failure_id="abc")
    return run, file, batch


def at(operator, name):
    return reverse(f"operators:{name}", args=[operator.registration])


def listed(staff, operator, **query):
    return [each.job for each in staff.get(at(operator, "jobs"), query).context["jobs"]]


def test_jobs_of_all_apps_stand_on_one_page_the_newest_first(operator, jobs):
    run, file, batch = jobs
    page = signed_in(operator, Role.CADASTRO).get(at(operator, "jobs"))

    assert [each.job for each in page.context["jobs"]] == [batch, file, run]
    text = text_of(page)
    assert "Importação de planilha base.csv em andamento 10" in text
    assert "Ana Prado" in text
    assert "Sem fonte. Código do erro: abc" in text


@pytest.mark.parametrize(("chosen", "place"), [("em-andamento", 0), ("aguardando", 1), ("falharam", 2)])
def test_page_is_narrowed_by_state(operator, jobs, chosen, place):
    assert listed(signed_in(operator, Role.CADASTRO), operator, ver=chosen) == [jobs[place]]


def test_reader_sees_jobs_of_their_permissions_alone(operator, jobs):
    _, file, batch = jobs

    assert listed(signed_in(operator, Role.CONSULTA), operator) == [batch, file]


def test_job_of_another_operator_is_not_listed(operator, jobs):
    other = OperatorFactory()
    with outside_operator_context():
        assert listed(signed_in(other, Role.CADASTRO), other) == []


def test_old_jobs_are_left_out(operator, jobs):
    ImportRun.objects.update(queued_at=timezone.now() - timedelta(days=31))

    assert jobs[0] not in listed(signed_in(operator, Role.CADASTRO), operator)


def test_tray_counts_what_runs_now(operator, jobs):
    tray = signed_in(operator, Role.CADASTRO).get(at(operator, "job_tray"), headers={"HX-Request": "true"})

    assert "1 em andamento" in text_of(tray)
    assert "every 5s" in tray.content.decode()


def test_tray_asks_no_more_when_nothing_runs(operator):
    tray = signed_in(operator, Role.CADASTRO).get(at(operator, "job_tray"), headers={"HX-Request": "true"})

    assert "em andamento" not in text_of(tray)
    assert 'hx-trigger="none"' in tray.content.decode()


def test_jobs_are_counted_by_one_query_and_listed_by_one_for_each_kind(operator, jobs, django_assert_num_queries):
    permissions = frozenset(kind.permission for kind in JOB_KINDS)

    with django_assert_num_queries(1):
        assert count_active(permissions) == 1
    with django_assert_num_queries(len(list(JOB_KINDS))):
        assert len(list_jobs(permissions)) == 3


def test_who_may_see_no_kind_has_none(operator, jobs):
    assert (count_active(frozenset()), list_jobs(frozenset())) == (0, [])
