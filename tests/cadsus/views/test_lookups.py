"""The queue of questions to DATASUS as people see it, and asking about one person."""

from datetime import timedelta

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import PendingReason
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.queries.queue_overview import forget_overview
from cadsus.services import ask_cns
from cadsus.views.lookups import STATES
from cnsportal.jobs import Status
from operators.permissions import Role
from tests.beneficiaries.reasons import reason_of
from tests.factories import PersonFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def queue(operator):
    return reverse("cadsus:lookups", args=[operator.registration])


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CADASTRO)


def _asked(**changes):
    """A lookup in a later state of its life."""
    person = PersonFactory()
    lookup = Lookup.objects.get(
        pk=ask_cns([person.pk], reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)[person.pk]
    )
    Lookup.objects.filter(pk=lookup.pk).update(**changes)
    lookup.refresh_from_db()
    return lookup


def test_queue_shows_why_a_question_could_not_be_asked_and_when_it_is_tried_again(client, queue):
    due = timezone.now() + timedelta(minutes=7)
    _asked(status=Status.WAITING, outcome="COULD_NOT_ASK", failure="O DATASUS está fora do ar.", next_attempt_at=due)

    page = text_of(client.get(queue))

    shown = timezone.localtime(due).strftime("%d/%m/%Y %H:%M")
    assert "não foi possível consultar O DATASUS está fora do ar." in page
    assert shown in page


def test_queue_counts_by_state_and_narrows_by_it(client, queue):
    _asked()
    answered = _asked(status=Status.DONE, outcome="NOT_FOUND", finished_at=timezone.now())

    response = client.get(queue, {"situacao": "DONE"})

    assert [row.pk for row in response.context["page"].rows] == [answered.pk]
    counts = {facet.label: facet.count for facet in response.context["states"]}
    assert (counts["Todas"], counts["Na fila"], counts["Respondidas"], counts["Canceladas"]) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"prioridade": "0"}, [2]),
        ({"resultado": "NOT_FOUND"}, [1]),
        ({"motivo": "RECHECK"}, [0]),
        ({"situacao": "QUEUED", "motivo": "WITHOUT_CNS"}, [2]),
        ({"situacao": "QUEUED", "resultado": "NOT_FOUND"}, []),
        ({"prioridade": "9", "resultado": "TALVEZ", "motivo": "'"}, [2, 1, 0]),
    ],
)
def test_queue_narrows_by_priority_result_and_reason(client, queue, narrowed, found):
    lookups = [
        _asked(reason=LookupReason.RECHECK),
        _asked(status=Status.DONE, outcome="NOT_FOUND"),
        _asked(priority=Priority.INTERACTIVE),
    ]

    rows = client.get(queue, narrowed).context["page"].rows

    assert [row.pk for row in rows] == [lookups[index].pk for index in found]


def test_queue_remembers_what_was_chosen(client, queue):
    page = client.get(queue, {"prioridade": "1", "situacao": "DONE"}).content.decode()

    assert page.count('<option value="1" selected>recém-importadas</option>') == 1
    assert page.count('<input type="hidden" name="situacao" value="DONE">') == 1


def test_queue_counts_again_only_after_a_few_seconds(client, queue, django_assert_num_queries):
    client.get(queue)

    with django_assert_num_queries(11):
        client.get(queue)


def test_queue_is_served_alone_to_htmx(client, queue):
    page = client.get(queue, headers={"HX-Request": "true"}).content.decode()

    assert (page.count("<html"), page.count('id="consultas"')) == (0, 1)


def test_queue_without_a_certificate_says_so(client, queue):
    assert "Certificado nenhum em uso" in text_of(client.get(queue))


@pytest.mark.parametrize("count", [1, 3])
def test_queue_asks_the_same_number_of_queries_however_long_it_is(client, queue, count, django_assert_num_queries):
    for _ in range(count):
        _asked()

    with django_assert_num_queries(20):
        client.get(queue)


def test_asking_puts_the_person_at_the_head_of_the_queue(operator, client):
    person = PersonFactory()

    response = client.post(reverse("cadsus:lookup_create", args=[operator.registration, person.pk]), follow=True)

    lookup = Lookup.objects.get()
    person.refresh_from_db()
    assert (lookup.person_id, lookup.priority, lookup.requested_by) == (person.pk, Priority.INTERACTIVE, client.user)
    assert reason_of(person) == PendingReason.QUEUED
    assert "A consulta ao DATASUS está na frente da fila." in text_of(response)


def test_asking_twice_asks_once(operator, client):
    person = PersonFactory()
    address = reverse("cadsus:lookup_create", args=[operator.registration, person.pk])

    client.post(address)
    client.post(address)

    assert Lookup.objects.count() == 1


def test_asking_about_somebody_of_whom_too_little_is_known_says_what_is_missing(operator, client):
    person = PersonFactory(cpf=None, mother_name="")

    response = client.post(reverse("cadsus:lookup_create", args=[operator.registration, person.pk]), follow=True)

    assert "Faltam dados para consultar: informe o CPF, ou o nome da mãe." in text_of(response)
    assert Lookup.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CONSULTA, 403),
        (Role.CADASTRO, 302),
        (Role.REVISAO, 302),
        (Role.EMISSAO, 403),
        (Role.ADMINISTRACAO, 302),
        (Role.AUDITORIA, 403),
    ],
)
def test_asking_is_for_those_who_may(operator, role, status):
    person = PersonFactory()

    response = signed_in(operator, role).post(reverse("cadsus:lookup_create", args=[operator.registration, person.pk]))

    assert response.status_code == status


def test_asking_is_never_a_link(operator, client):
    address = reverse("cadsus:lookup_create", args=[operator.registration, PersonFactory().pk])

    assert client.get(address).status_code == 405


def test_person_shows_the_last_questions(operator, client):
    lookup = _asked(status=Status.DONE, outcome="NOT_FOUND", finished_at=timezone.now())

    page = text_of(client.get(reverse("beneficiaries:person", args=[operator.registration, lookup.person_id])))

    assert "concluído não encontrada" in page


def test_dashboard_shows_the_queue(operator, client):
    _asked()
    _asked(status=Status.WAITING, outcome="COULD_NOT_ASK", next_attempt_at=timezone.now())

    page = text_of(client.get(reverse("operators:dashboard", args=[operator.registration])))

    assert "Consultas ao DATASUS 2 na fila, 1 aguardando nova tentativa" in page


def test_every_state_may_be_filtered():
    assert {status for status, _ in STATES} == set(Status)


def renews_itself(response):
    return 'hx-trigger="every 3s"' in response.content.decode()


def test_queue_renews_itself_for_whoever_has_just_asked_before_a_worker_began(client, operator, queue):
    others = signed_in(operator, Role.CADASTRO)

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse("cadsus:queue_ask_missing", args=[operator.registration]))

    assert (renews_itself(client.get(queue)), renews_itself(others.get(queue))) == (True, False)


def test_queue_asks_for_itself_again_only_while_something_moves(client, queue):
    """Its counts are some seconds old: until they say so as well, it goes on."""
    lookup = _asked()
    moving = renews_itself(client.get(queue))
    Lookup.objects.filter(pk=lookup.pk).update(status=Status.DONE, outcome="NOT_FOUND")
    counted_before = renews_itself(client.get(queue))
    forget_overview()

    assert (moving, counted_before, renews_itself(client.get(queue))) == (True, True, False)
