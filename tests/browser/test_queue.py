"""The queue as an administrator walks it: watched, paused, gone on with, and the line above every page."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone
from playwright.sync_api import expect

from cadsus.models import Lookup, LookupReason, Pause, Priority
from cadsus.queries.queue_overview import forget_overview
from cadsus.services import watch_link
from cadsus.throttling.registry import circuit_breaker_for
from cnsportal.jobs import Status
from tests.accessibility import page_faults
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(place, live_server):
    return lambda path="": f"{live_server.url}/o/{place.registration}/{path}"


def queue_up(count, **fields):
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    for _ in range(count):
        person = PersonFactory()
        Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def sent_to(queue):
    """Names of the tasks that wait at the broker."""
    with current_app.connection_for_read() as broker:
        waiting = broker.default_channel.client.lrange(queue, 0, -1)
    return [json.loads(message)["headers"]["task"] for message in waiting]


def test_queue_is_paused_and_goes_on(signed, address):
    queue_up(2)
    signed.goto(address("consultas/"))

    signed.get_by_role("link", name="Pausar").click()
    signed.get_by_label("Por quanto tempo").select_option("4 horas")
    signed.get_by_label("Motivo").fill("DATASUS em manutenção")
    signed.get_by_role("button", name="Pausar").click()

    expect(signed.get_by_text("As consultas ao DATASUS estão pausadas até")).to_be_visible()
    expect(signed.locator("#fila")).to_contain_text("Pausadas por Ana Prado")
    signed.get_by_role("button", name="Retomar agora").click()
    expect(signed.get_by_text("A pausa terminou; as consultas ao DATASUS continuam.")).to_be_visible()
    assert Pause.objects.get().ended_by.first_name == "Ana"


def test_pause_without_a_reason_is_refused_beside_its_field(signed, address):
    signed.goto(address("consultas/pausa/"))

    signed.get_by_role("button", name="Pausar").click()

    expect(signed.get_by_label("Motivo")).to_have_attribute("aria-invalid", "true")
    expect(signed.get_by_label("Motivo")).to_have_accessible_description(
        "Aparece na página da fila, para que os outros entendam. Diga o motivo da pausa."
    )
    assert Pause.objects.count() == 0


def test_queue_shows_by_itself_what_became_of_it(signed, address):
    queue_up(3)
    signed.goto(address("consultas/"))
    expect(signed.locator("#fila")).to_contain_text("A fila de 3")

    Lookup.objects.update(status=Status.DONE, outcome="NOT_FOUND")
    forget_overview()

    expect(signed.locator("#fila")).to_contain_text("A fila está vazia.")
    expect(signed.locator("#consultas")).to_contain_text("não encontrada")


def test_keyboard_stays_where_it_is_while_the_page_renews_itself(signed, address):
    queue_up(1)
    queue_up(1, status=Status.WAITING, next_attempt_at=timezone.now() + timedelta(hours=1))
    signed.goto(address("consultas/"))
    signed.locator("#tentar-agora").focus()

    queue_up(1)
    forget_overview()

    expect(signed.locator("#fila")).to_contain_text("A fila de 3")
    expect(signed.locator("#tentar-agora")).to_be_focused()


def test_cancelling_asks_first(signed, address):
    queue_up(3)
    signed.goto(address("consultas/"))

    signed.get_by_role("link", name="Cancelar consultas").click()
    expect(signed.get_by_role("heading", name="3 na fila agora")).to_be_visible()
    signed.get_by_role("button", name="Cancelar estas consultas").click()

    expect(signed.get_by_text("As consultas estão saindo da fila")).to_be_visible()
    assert "cadsus.cancel_queued" in sent_to("lookups")


def test_failures_are_asked_again_with_one_click(signed, address):
    queue_up(2, status=Status.FAILED, failure="O DATASUS recusou a pergunta. Confira os dados da pessoa.")
    signed.goto(address("consultas/"))

    signed.get_by_role("button", name="Perguntar de novo: O DATASUS recusou").click()

    expect(signed.get_by_text("2 pessoas voltaram para a fila.")).to_be_visible()


def test_everything_works_without_script(browser, signed, address):
    queue_up(1)
    context = browser.new_context(java_script_enabled=False, storage_state=signed.context.storage_state())
    page = context.new_page()
    page.goto(address("consultas/"))

    page.get_by_label("Todo motivo").select_option("conferência periódica")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.get_by_text("Nenhuma consulta")).to_be_visible()
    page.get_by_role("link", name="Pausar").click()
    page.get_by_label("Motivo").fill("manutenção")
    page.get_by_role("button", name="Pausar").click()

    expect(page.locator("#fila")).to_contain_text("Pausadas por Ana Prado")
    context.close()


def test_banner_stands_above_every_page_and_leads_to_the_queue(signed, address):
    watch_link()
    signed.goto(address("pessoas/"))

    expect(signed.locator(".banner")).to_contain_text("A operadora não tem certificado em uso")
    signed.get_by_role("link", name="Ver a fila").click()

    expect(signed.get_by_role("heading", level=1)).to_have_text("Consultas ao DATASUS")
    expect(signed.locator(".banner")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_of_the_queue_have_no_barriers(signed, address, theme, width):
    queue_up(2)
    queue_up(1, status=Status.WAITING, next_attempt_at=timezone.now(), failure="O DATASUS está fora do ar.")
    queue_up(1, status=Status.FAILED, failure="O DATASUS recusou a pergunta.")
    for _ in range(30):
        circuit_breaker_for("simulator").failed()
    watch_link()
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})

    found = {}
    for path in ("consultas/", "consultas/pausa/", "consultas/cancelar/", "consultas/perguntar/", "pessoas/"):
        signed.goto(address(path))
        found[path] = page_faults(signed)

    assert {path: rules for path, rules in found.items() if rules} == {}
