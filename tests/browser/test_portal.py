"""What a person does at the portal, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from beneficiaries.models import Review
from tests.accessibility import page_faults
from tests.pages import STAFF_PASSWORD
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


def _go(page, live_server, operator, path=""):
    page.goto(f"{live_server.url}/o/{operator.registration}/{path}")


def test_signing_in_leads_to_the_dashboard(page, place, live_server):
    page.goto(f"{live_server.url}/entrar/")
    page.get_by_label("E-mail").fill("ana@example.invalid")
    page.get_by_label("Senha").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"**/o/{place.registration}/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Painel")
    expect(page.get_by_role("navigation", name="Principal").get_by_role("link")).to_have_count(14)


def test_wrong_password_is_told_beside_the_form(page, place, live_server):
    page.goto(f"{live_server.url}/entrar/")
    page.get_by_label("E-mail").fill("ana@example.invalid")
    page.get_by_label("Senha").fill("não é esta")
    page.get_by_role("button", name="Entrar").click()

    expect(page.get_by_role("alert")).to_be_visible()


def test_search_finds_while_typing_and_tells_nothing_in_the_address(signed, furnished, place, live_server):
    _go(signed, live_server, place, "pessoas/")
    expect(signed.locator("#pessoas tbody tr")).to_have_count(5)

    signed.get_by_role("searchbox").press_sequentially("conceicao silva 84")

    expect(signed.locator("#pessoas tbody tr")).to_have_count(1)
    expect(signed.locator("#pessoas tbody")).to_contain_text("Conceição Aparecida da Silva")
    assert re.fullmatch(rf".*/o/{place.registration}/pessoas/\?busca=[0-9a-f]{{24}}", signed.url)


def test_search_survives_a_reload(signed, furnished, place, live_server):
    _go(signed, live_server, place, "pessoas/")
    signed.get_by_role("searchbox").press_sequentially("conceicao silva")
    expect(signed.locator("#pessoas tbody tr")).to_have_count(1)

    signed.reload()

    expect(signed.locator("#pessoas tbody tr")).to_have_count(1)
    expect(signed.get_by_role("searchbox")).to_have_value("conceicao silva")


@pytest.mark.parametrize("place_of_text", [".page-header", "#diferencas td", "dl.facts"])
def test_an_element_that_slipped_into_a_text_does_nothing(signed, furnished, place, live_server, place_of_text):
    path = f"pessoas/{furnished['verified'].person_id}/" if place_of_text == "dl.facts" else None
    _go(signed, live_server, place, path or f"conferencias/{furnished['rehearsed'].pk}/")
    asked = []
    signed.on("request", lambda request: asked.append(request.url))

    signed.locator(place_of_text).first.evaluate(
        """place => {
          place.insertAdjacentHTML("beforeend", "<i hx-get='/slipped/' hx-trigger='load'>x</i>");
          htmx.process(document.body);
        }"""
    )
    signed.wait_for_timeout(500)

    assert [url for url in asked if "slipped" in url] == []


def test_person_shows_the_evidence_letter_by_letter(signed, furnished, place, live_server):
    _go(signed, live_server, place, f"pessoas/{furnished['verified'].person_id}/")

    expect(signed.get_by_role("heading", name="Cartão Nacional de Saúde")).to_be_visible()
    assert signed.locator(".comparison mark").count() > 0


def test_preview_shows_both_sides_of_the_card(signed, furnished, place, live_server):
    _go(signed, live_server, place, f"cartoes/{furnished['verified'].pk}/")

    faces = signed.locator("img.face")
    faces.evaluate_all("images => Promise.all(images.map(image => image.decode()))")

    assert [width > 0 for width in faces.evaluate_all("images => images.map(image => image.naturalWidth)")] == [
        True
    ] * 2


def test_keyboard_alone_is_enough_from_search_to_a_decision(signed, furnished, place):
    signed.keyboard.press("/")
    expect(signed.get_by_role("searchbox")).to_be_focused()
    signed.keyboard.type("marcia")
    signed.keyboard.press("Enter")
    expect(signed.locator("#pessoas tbody tr")).to_have_count(1)
    _tab_to(signed, "Márcia de Souza Müller")
    signed.keyboard.press("Enter")
    expect(signed.get_by_role("heading", level=1)).to_have_text("Márcia de Souza Müller")
    _tab_to(signed, "Decidir agora")
    signed.keyboard.press("Enter")
    expect(signed.locator("[data-case]")).to_be_focused()

    signed.keyboard.press("a")

    expect(signed.get_by_role("status")).to_contain_text("Número aceito para Márcia de Souza Müller: vinculado.")
    assert Review.objects.get().status == Review.Status.ACCEPTED


def _tab_to(page, name):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == name:
            return
    pytest.fail(f"Tab never reached {name!r}")


def test_skip_link_is_the_first_stop_and_leads_to_the_content(signed, place, live_server):
    _go(signed, live_server, place)
    signed.keyboard.press("Tab")
    expect(signed.get_by_role("link", name="Ir para o conteúdo")).to_be_focused()

    signed.keyboard.press("Enter")

    expect(signed.locator("main")).to_be_focused()


def test_menus_close_with_escape_and_give_the_focus_back(signed):
    menu = signed.locator(".header__tools .menu")
    menu.locator("summary").click()
    expect(signed.get_by_role("button", name="Sair")).to_be_visible()

    signed.keyboard.press("Escape")

    expect(signed.get_by_role("button", name="Sair")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_colours_are_switched_at_once_and_remembered(signed):
    with signed.expect_response("**/tema/"):
        signed.get_by_role("button", name="Usar cores escuras").click()
    expect(signed.locator("html")).to_have_attribute("data-theme", "dark")

    signed.reload()

    expect(signed.locator("html")).to_have_attribute("data-theme", "dark")


def test_everything_works_without_script(browser, furnished, place, live_server):
    page = browser.new_context(java_script_enabled=False, locale="pt-BR").new_page()
    page.goto(f"{live_server.url}/entrar/")
    page.get_by_label("E-mail").fill("ana@example.invalid")
    page.get_by_label("Senha").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.get_by_role("searchbox").fill("conceicao")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Conceição Aparecida da Silva").click()
    page.get_by_role("group").filter(has_text="Mostrar números completos").locator("summary").click()
    page.get_by_role("button", name="Mostrar", exact=True).click()

    expect(page.get_by_text("números completos")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_accessibility_violations_and_fit_the_screen(signed, furnished, place, live_server, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    person, link = furnished["verified"].person_id, furnished["verified"].pk
    paths = [
        "",
        "pessoas/",
        "pessoas/?cns=sem",
        "pessoas/?lista=sem-cpf",
        "pessoas/corrigir/",
        "pessoas/mesmo-cns/",
        f"pessoas/{person}/",
        f"pessoas/{furnished['doubtful'].person_id}/",
        "revisoes/",
        "conferencias/",
        f"conferencias/{furnished['rehearsed'].pk}/",
        f"conferencias/{furnished['running'].pk}/",
        "consultas/",
        "cartoes/",
        f"cartoes/{link}/",
        "auditoria/",
        "tarefas/",
        "exportacoes/",
        "cartoes/lotes/",
        "planos/",
        "contratos/",
        "empresas/",
        "revisoes/decididas/",
        "movimentacoes/",
        "sbx/",
        "calendario/",
        "recusas/",
        "noites/",
        "resultados/",
        "na-ans/",
        "habilitacao/",
        "certificados/",
    ]

    found = {path: _faults(signed, live_server, place, path) for path in paths}

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_entrance_has_no_accessibility_violations(page, place, live_server, theme):
    page.emulate_media(color_scheme=theme)
    for path in ("/entrar/", "/entrar/password/reset/"):
        page.goto(live_server.url + path)

        assert page_faults(page) == []


SIDEWAYS = """[...document.querySelectorAll(".table-scroll:has(table[role])")]
    .filter((each) => innerWidth < 600 && each.scrollWidth > each.clientWidth).length"""


def _faults(page, live_server, operator, path):
    _go(page, live_server, operator, path)
    draw(page, f"{page.viewport_size['width']}-{path.translate(str.maketrans('/?=', '---'))}")
    return [*page_faults(page), *["a list scrolls sideways"] * page.evaluate(SIDEWAYS)]
