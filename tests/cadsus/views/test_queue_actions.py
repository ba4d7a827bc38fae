"""What an administrator does with the whole queue, and the line that every page shows while something is in its way."""

from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import PendingReason
from cadsus.forms.queue import CHOICES, DATE, LENGTHS, TOMORROW
from cadsus.models import Exchange, Lookup, LookupReason, Pause, Priority
from cadsus.services import pause_queue, watch_link
from cadsus.throttling.opening_hours import ZONE
from cadsus.throttling.registry import circuit_breaker_for
from cnsportal.jobs import Status
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory
from tests.pages import signed_in, text_of

NOW = datetime(2026, 11, 23, 9, 30, 20, tzinfo=ZONE)
HOUR = timedelta(hours=1)


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


@pytest.fixture
def address(operator):
    return lambda name, *args: reverse(f"cadsus:{name}", args=[operator.registration, *args])


@pytest.fixture
def sent(monkeypatch):
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_options: names.append(name))
    return names


@pytest.fixture
def worker(monkeypatch, django_capture_on_commit_callbacks):
    """Does at once, within the block, what is sent to it."""
    current_app.loader.import_default_modules()
    run = lambda name, kwargs, **_options: current_app.tasks[name].apply(kwargs=kwargs).get()  # noqa: E731
    monkeypatch.setattr(current_app, "send_task", run)
    return lambda: django_capture_on_commit_callbacks(execute=True)


def lookup_of(**fields):
    person = PersonFactory(cns_question=PendingReason.QUEUED)
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def kinds():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))


# ---- pausing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "until", "end"),
    [
        ("30min", "", NOW + timedelta(minutes=30)),
        ("1h", "", NOW + HOUR),
        ("4h", "", NOW + 4 * HOUR),
        ("amanha", "", datetime(2026, 11, 24, 8, tzinfo=ZONE)),
        ("1dia", "", NOW + timedelta(days=1)),
        ("1semana", "", NOW + timedelta(weeks=1)),
        ("1mes", "", NOW + timedelta(days=30)),
        ("data", "23/11/2026 10:00", datetime(2026, 11, 23, 10, tzinfo=ZONE)),
        ("data", "24/12/2026 09:30", datetime(2026, 12, 24, 9, 30, tzinfo=ZONE)),
        ("1h", "01/12/2026 10:00", NOW + HOUR),
    ],
)
def test_pause_lasts_as_long_as_was_chosen(client, address, time_machine, length, until, end):
    time_machine.move_to(NOW, tick=False)
    client.force_login(client.user)

    page = client.post(address("queue_pause"), {"length": length, "until": until, "reason": "manutenção"}, follow=True)

    pause = Pause.objects.get()
    assert (pause.until, pause.reason, pause.paused_by) == (end, "manutenção", client.user)
    assert f"As consultas ao DATASUS estão pausadas até {end:%d/%m/%Y às %H:%M}." in text_of(page)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"length": "", "reason": "x"}, "Escolha por quanto tempo."),
        ({"length": "2anos", "reason": "x"}, "Escolha uma das opções da lista."),
        ({"length": "1h", "reason": " "}, "Diga o motivo da pausa."),
        ({"length": "1h", "reason": "x" * 201}, "Use até 200 caracteres; foram 201."),
        ({"length": "data", "reason": "x"}, "Informe a data e a hora em que a pausa termina."),
        ({"length": "data", "reason": "x", "until": "amanhã"}, "Escreva a data e a hora assim: 31/12/2026 08:00."),
        ({"length": "data", "reason": "x", "until": "23/11/2026 09:59"}, "Escolha um momento daqui a pelo menos"),
        ({"length": "data", "reason": "x", "until": "24/12/2026 09:31"}, "escolha até 24/12/2026 às 09:30."),
    ],
)
def test_pause_that_cannot_be_says_why_and_changes_nothing(client, address, time_machine, fields, sentence):
    time_machine.move_to(NOW, tick=False)
    client.force_login(client.user)

    response = client.post(address("queue_pause"), fields)

    assert (response.status_code, Pause.objects.count(), kinds()) == (422, 0, [])
    assert text_of(response).count(sentence) == 1


def test_pause_offers_every_length():
    assert {choice for choice, _ in CHOICES} == {*LENGTHS, TOMORROW, DATE}


def test_pause_in_force_may_be_changed_and_ended(client, address):
    pause_queue(timezone.now() + HOUR, "DATASUS em manutenção", client.user)

    page = text_of(client.get(address("queue_pause")))
    client.post(address("queue_pause"), {"length": "4h", "reason": "demora mais"})
    changed = Pause.objects.get()
    resumed = text_of(client.post(address("queue_resume"), follow=True))

    assert "Já há uma pausa até" in page
    assert "DATASUS em manutenção" in page
    assert (changed.reason, changed.until > timezone.now() + 3 * HOUR) == ("demora mais", True)
    assert "A pausa terminou; as consultas ao DATASUS continuam." in resumed
    assert kinds() == ["queue.paused", "queue.paused", "queue.resumed"]


def test_form_holds_the_pause_in_force(client, address):
    pause = pause_queue(timezone.now() + HOUR, "DATASUS em manutenção", client.user)

    page = client.get(address("queue_pause"))

    form = page.context["form"]
    assert [form[name].value() for name in ("length", "reason")] == ["data", "DATASUS em manutenção"]
    assert f'value="{timezone.localtime(pause.until):%d/%m/%Y %H:%M}"' in page.text


def test_resume_of_a_pause_that_is_over_says_so(client, address):
    assert "Não havia pausa: ela já tinha terminado." in text_of(client.post(address("queue_resume"), follow=True))


def test_queue_says_who_paused_until_when_and_why(client, address, settings):
    settings.CADSUS_ENVIRONMENTS = {"simulator": {**settings.CADSUS_ENVIRONMENTS["simulator"], "rate": 2}}
    until = timezone.now() + HOUR
    pause_queue(until, "DATASUS em manutenção.", client.user)
    lookup_of()

    page = text_of(client.get(address("lookups")))

    assert f"Pausadas por {client.user} em " in page
    assert f"até {timezone.localtime(until):%d/%m/%Y %H:%M}. Motivo: DATASUS em manutenção." in page
    assert "A fila de 1 termina" in page


def test_asking_during_a_pause_says_when_it_goes_on(client, operator):
    until = timezone.now() + HOUR
    pause_queue(until, "manutenção", client.user)

    page = client.post(reverse("cadsus:lookup_create", args=[operator.registration, PersonFactory().pk]), follow=True)

    told = timezone.localtime(until).strftime("%d/%m/%Y às %H:%M")
    assert f"está na frente da fila e segue quando a pausa terminar, em {told}." in text_of(page)


def test_person_whose_question_waits_is_told_what_it_waits_for(client, operator):
    until = timezone.now() + HOUR
    lookup, answered = lookup_of(), lookup_of(status=Status.DONE)
    pause_queue(until, "manutenção", client.user)
    watch_link()

    waits, over = (
        text_of(client.get(reverse("beneficiaries:person", args=[operator.registration, each.person_id])))
        for each in (lookup, answered)
    )

    end = timezone.localtime(until).strftime("%d/%m/%Y %H:%M")
    told = f"As consultas ao DATASUS estão pausadas por um administrador. A pausa vai até {end}."
    assert (waits.count(f"A pergunta espera na fila. {told}"), over.count("A pergunta espera")) == (1, 0)


# ---- the whole queue ------------------------------------------------------------------------------------------------


def test_cancel_asks_first_and_then_takes_them_out(client, address, worker):
    lookup_of()
    lookup_of(priority=Priority.IMPORT)

    asked = text_of(client.get(address("queue_cancel")))
    with worker():
        done = text_of(client.post(address("queue_cancel"), {"which": "fila"}, follow=True))

    assert "2 na fila agora" in asked
    assert "As consultas estão saindo da fila; em instantes a página mostra o que ficou." in done
    assert list(Lookup.objects.order_by("pk").values_list("status", flat=True)) == ["CANCELLED", "QUEUED"]


@pytest.mark.parametrize(
    ("which", "left"),
    [("fila", {0, 1}), ("importacao", {0, 2}), ("todas", {0})],
)
def test_cancel_never_takes_what_somebody_waits_for(client, address, worker, which, left):
    for priority in Priority:
        lookup_of(priority=priority)

    with worker():
        client.post(address("queue_cancel"), {"which": which})

    assert set(Lookup.objects.filter(status=Status.QUEUED).values_list("priority", flat=True)) == left


@pytest.mark.parametrize("which", ["", "tudo"])
def test_cancel_of_something_else_changes_nothing(client, address, which):
    lookup_of()

    response = client.post(address("queue_cancel"), {"which": which})

    assert (response.status_code, Lookup.objects.get().status) == (422, "QUEUED")


def test_asking_about_all_says_how_many_and_sends_a_worker(client, address, sent, django_capture_on_commit_callbacks):
    BeneficiaryFactory.create_batch(3)
    lookup_of()

    asked = text_of(client.get(address("queue_ask_missing")))
    with django_capture_on_commit_callbacks(execute=True):
        done = text_of(client.post(address("queue_ask_missing"), follow=True))

    assert "Perguntar por estas 3 pessoas" in asked
    assert (sent, "As perguntas estão entrando na fila" in done) == (["cadsus.ask_missing_here"], True)


def test_asking_about_nobody_offers_nothing(client, address):
    page = client.get(address("queue_ask_missing")).content.decode()

    assert (page.count("Perguntar por est"), page.count("0 pessoas")) == (0, 1)


def test_those_that_wait_may_be_tried_now(client, address):
    waiting = lookup_of(status=Status.WAITING, next_attempt_at=timezone.now() + HOUR)

    offered = client.get(address("lookups")).content.decode()
    done = text_of(client.post(address("queue_retry"), follow=True))

    waiting.refresh_from_db()
    assert (offered.count("Tentar agora as que aguardam"), waiting.status) == (1, "QUEUED")
    assert "1 consulta voltou para a fila." in done


def test_failures_stand_together_by_their_reason_and_are_asked_again(client, address):
    sentence = "O DATASUS recusou a pergunta. Confira os dados da pessoa."
    for _ in range(2):
        lookup_of(status=Status.FAILED, failure=sentence)
    lookup_of(status=Status.FAILED, failure="Outra.")

    page = client.get(address("lookups"))
    done = text_of(client.post(address("queue_ask_again"), {"falha": sentence}, follow=True))

    assert page.context["seen"].failed == [(sentence, 2), ("Outra.", 1)]
    assert "2 pessoas voltaram para a fila." in done
    assert Lookup.objects.filter(status=Status.QUEUED).count() == 2


def test_nothing_to_do_is_said(client, address):
    pages = [
        text_of(client.post(address("queue_ask_again"), {"falha": "x"}, follow=True)),
        text_of(client.post(address("queue_retry"), follow=True)),
    ]

    assert ["Nada mudou: não havia nenhuma." in page for page in pages] == [True] * 2


@pytest.mark.parametrize(
    "name", ["queue_pause", "queue_resume", "queue_cancel", "queue_ask_missing", "queue_retry", "queue_ask_again"]
)
def test_deeds_are_for_those_who_may(operator, address, name):
    allowed = {role: signed_in(operator, role).post(address(name), {}).status_code != 403 for role in Role}

    admins = {role: role == Role.ADMINISTRACAO for role in Role}
    askers = {role: role in {Role.CADASTRO, Role.REVISAO, Role.ADMINISTRACAO} for role in Role}
    assert allowed == (admins if name in {"queue_pause", "queue_resume", "queue_cancel"} else askers)


@pytest.mark.parametrize("name", ["queue_resume", "queue_retry", "queue_ask_again"])
def test_deeds_are_never_links(client, address, name):
    assert client.get(address(name)).status_code == 405


def test_deeds_are_not_offered_to_those_who_may_not(operator, address):
    lookup_of(status=Status.WAITING, next_attempt_at=timezone.now())
    lookup_of(status=Status.FAILED, failure="x")

    page = signed_in(operator, Role.CONSULTA).get(address("lookups")).content.decode()

    assert [
        page.count(f'"{address(name)}"')
        for name in ("queue_pause", "queue_cancel", "queue_ask_missing", "queue_retry", "queue_ask_again")
    ] == [0] * 5


def test_deeds_of_another_operator_are_not_found(operator, address):
    stranger = signed_in(OperatorFactory(), *Role)

    assert {
        stranger.post(address(name)).status_code
        for name in ("queue_pause", "queue_resume", "queue_cancel", "queue_retry")
    } == {404}


# ---- the banner -----------------------------------------------------------------------------------------------------


def people(operator):
    return reverse("beneficiaries:people", args=[operator.registration])


def test_banner_says_what_is_in_the_way_on_every_page(client, operator, credential):
    for _ in range(30):
        circuit_breaker_for("simulator").failed()
    answered = _call(credential, trouble="")
    for _ in range(3):
        _call(credential, trouble="TIMEOUT")
    watch_link()

    page = client.get(people(operator))

    assert page.content.decode().count('role="status" aria-live="polite"') == 1
    told = text_of(page)
    assert "O DATASUS não está respondendo. Desde " in told
    assert f"Última resposta: {timezone.localtime(answered.at):%d/%m/%Y %H:%M}." in told
    assert "75% sem resposta na última hora. Busca, cartões, importações e revisões continuam." in told


def _call(credential, trouble):
    return Exchange.objects.create(
        operator_id=credential.operator_id, credential=credential, environment="simulator", key="cpf",
        milliseconds=100, trouble=trouble,
    )  # fmt: skip


def test_banner_is_not_there_while_all_is_well(client, operator, credential):
    watch_link()

    assert 'class="banner' not in client.get(people(operator)).content.decode()


def test_banner_is_left_to_the_queues_own_page_there(client, address):
    watch_link()

    assert 'class="banner' not in client.get(address("lookups")).content.decode()


@pytest.mark.parametrize("in_the_way", [False, True])
def test_banner_costs_no_query(client, operator, credential, in_the_way, django_assert_num_queries):
    if in_the_way:
        pause_queue(timezone.now() + HOUR, "manutenção", client.user)
    watch_link()

    with django_assert_num_queries(8):
        page = client.get(people(operator)).content.decode()

    assert ('class="banner' in page) is in_the_way


HTMX = {"HX-Request": "true"}


def test_banner_asks_whether_it_still_holds_and_hears_only_news(client, address):
    watch_link()

    same = client.get(address("connection_notice"), {"mostra": "NO_CREDENTIAL"}, headers=HTMX)
    other = client.get(address("connection_notice"), {"mostra": "AWAY"}, headers=HTMX)

    assert (same.status_code, same.content) == (204, b"")
    assert (other.status_code, text_of(other)[:48]) == (200, "A operadora não tem certificado em uso para cons")


def test_banner_is_gone_when_all_is_well_again(client, address, credential):
    watch_link()

    gone = client.get(address("connection_notice"), {"mostra": "NO_CREDENTIAL"}, headers=HTMX)

    assert (gone.status_code, gone.content.strip()) == (200, b"")


def test_banner_opened_as_a_page_is_the_queue(client, address):
    response = client.get(address("connection_notice"))

    assert (response.status_code, response["Location"]) == (302, address("lookups"))
