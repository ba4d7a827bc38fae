"""The accreditation board and the mark of the practice mode, in a real browser."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cadsus.domain.accreditation_steps import Step
from cadsus.models import AccreditationStep, OwnCnsCheck, SgopMachine, SgopPerson
from cadsus.services.accreditation import add_to_sgop, change_step
from operators.models import User
from tests.accessibility import page_faults

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 11, 10)
TRAINING = "Treinamento: as respostas vêm do simulador, não do DATASUS"


@pytest.fixture
def begun(place):
    """A board on its way: a request that waits, an administrator, an operator with a machine."""
    ana = User.objects.get(email="ana@example.invalid")
    change_step(Step.GOVBR, {"step_state": "DONE", "step_since": DAY, "responsible": "Ana Prado"}, version=0, actor=ana)
    sent = {"step_state": "WAITING", "step_since": DAY, "protocol": "2026-004512", "note": "Primeiro a homologação."}
    change_step(Step.REQUEST, {**sent, "due_on": date(2099, 12, 10)}, version=0, actor=ana)
    carla = {"name": "Carla Nogueira", "role": "ADMINISTRADOR", "position": "GERENTE", "responsible": "Ana Prado"}
    add_to_sgop(SgopPerson(), carla, actor=ana)
    davi = SgopPerson()
    add_to_sgop(davi, {"name": "Davi Teles", "role": "OPERADOR", "cns_state": "DOING", "cns_since": DAY}, actor=ana)
    add_to_sgop(SgopMachine(person=davi), {"name": "CAD-07", "warsaw_on": DAY}, actor=ana)
    return davi


def _open(page, live_server, operator, path=""):
    page.goto(f"{live_server.url}/o/{operator.registration}/habilitacao/{path}")


def test_board_leads_from_the_dashboard_to_the_next_step_and_back(signed, place):
    signed.get_by_role("link", name="5 passos da habilitação no DATASUS não estão prontos").click()
    expect(signed.get_by_role("heading", level=1)).to_have_text("Habilitação no DATASUS")

    signed.get_by_role("link", name="Abrir este passo").click()
    signed.get_by_label("Como está").select_option("pronto")
    signed.get_by_label("Desde quando").fill("10/11/2026")
    signed.get_by_role("button", name="Gravar").click()

    expect(signed.get_by_role("status")).to_have_text("Gravado: Conta gov.br de quem responde.")
    expect(signed.get_by_role("heading", name="2 de 6 passos prontos")).to_be_visible()
    assert AccreditationStep.objects.values_list("step_state", "step_since").get() == ("DONE", DAY)


def test_how_it_is_done_opens_with_the_keyboard(signed, place, live_server):
    _open(signed, live_server, place)
    asked = signed.get_by_text("Tipo 68 (Central de Gestão em Saúde)")
    expect(asked).to_be_hidden()

    signed.get_by_text("Como se faz: Número no CNES").focus()
    signed.keyboard.press("Enter")

    expect(asked).to_be_visible()


def test_two_administrators_at_once_see_what_the_other_wrote(browser, begun, place, live_server):
    page = browser.new_context(java_script_enabled=False, locale="pt-BR").new_page()
    page.goto(f"{live_server.url}/entrar/")
    page.get_by_label("E-mail").fill("ana@example.invalid")
    page.get_by_label("Senha").fill("uma-senha-bem-longa")
    page.get_by_role("button", name="Entrar").click()
    _open(page, live_server, place, "passos/pedido/")
    page.get_by_label("Número do protocolo").fill("2026-009999")
    ana = User.objects.get(email="ana@example.invalid")
    change_step(Step.REQUEST, {"note": "Faltou o IP."}, version=1, actor=ana)

    page.get_by_role("button", name="Gravar").click()

    expect(page.get_by_role("alert").locator("tbody tr")).to_have_text(
        ["Número do protocolo2026-0045122026-009999", "ObservaçãoFaltou o IP.Primeiro a homologação."]
    )
    page.get_by_role("button", name="Gravar").click()
    expect(page.get_by_role("status")).to_have_text("Gravado: Serviço “CNS Operadoras ANS”.")
    assert AccreditationStep.objects.get(step="pedido").protocol == "2026-009999"
    page.context.close()


def test_own_cns_is_asked_from_the_board_and_shown_when_the_answer_comes(signed, begun, place, live_server):
    _open(signed, live_server, place)
    signed.get_by_role("link", name="Perguntar ao DATASUS o CNS de Davi Teles").click()
    signed.get_by_label("CNS da própria pessoa").fill("700 0000 0000 0005")
    signed.get_by_role("button", name="Perguntar").click()
    expect(signed.get_by_text("Perguntando ao DATASUS…")).to_be_visible()

    OwnCnsCheck.objects.update(status="DONE", finding="PROVISIONAL", finished_at=timezone.now())

    expect(signed.get_by_text("No DATASUS este CNS não é definitivo.")).to_be_visible()
    expect(signed.get_by_role("heading", name="Perguntar de novo")).to_be_visible()
    expect(signed.get_by_label("CNS da própria pessoa")).to_have_value("")


def test_mark_stays_in_sight_while_the_page_is_read_to_its_end(signed, begun, place, live_server):
    _open(signed, live_server, place)
    bar = signed.get_by_role("complementary", name="Ambiente")

    signed.evaluate("scrollTo(0, document.body.scrollHeight)")

    assert signed.evaluate("scrollY") > 0
    expect(bar).to_have_text(TRAINING)
    expect(bar).to_be_in_viewport(ratio=1)


def test_mark_hides_nothing_that_has_the_focus(signed, begun, place, live_server):
    _open(signed, live_server, place)
    signed.evaluate("scrollTo(0, document.body.scrollHeight)")
    bar = signed.get_by_role("complementary", name="Ambiente").bounding_box()

    tops = {}
    for _ in range(30):
        signed.keyboard.press("Shift+Tab")
        name, top = signed.evaluate(
            "[document.activeElement.textContent.trim(), document.activeElement.getBoundingClientRect().top]"
        )
        tops[name] = top

    assert {name: top for name, top in tops.items() if top < bar["height"]} == {}
    assert len(tops) > 20


def test_mark_is_not_there_in_production(signed, place, live_server, settings):
    settings.CADSUS_ENVIRONMENT = "production"

    _open(signed, live_server, place)

    expect(signed.get_by_role("complementary", name="Ambiente")).to_have_count(0)
    assert signed.locator(".header").bounding_box()["y"] == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_board_has_no_accessibility_violations_and_fits_the_screen(signed, begun, place, live_server, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    forms = ["passos/cnes/", "passos/pedido/", "passos/sgop-operadores/", "pessoas/", f"pessoas/{begun.pk}/"]

    found = {}
    for path in ["", *forms, f"pessoas/{begun.pk}/maquinas/", f"pessoas/{begun.pk}/cns/"]:
        _open(signed, live_server, place, path)
        signed.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
        found[path] = page_faults(signed)

    assert {path: faults for path, faults in found.items() if faults} == {}
