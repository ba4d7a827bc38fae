"""Choosing how cards look, and seeing one as it would be on another day."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from operators.models import CardTheme, Logo
from tests.accessibility import page_faults
from tests.cards.factories import ready_link


def logo():
    content = BytesIO()
    Image.new("RGB", (400, 160), "#b3261e").save(content, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": content.getvalue()}


@pytest.fixture
def at(live_server, place):
    return lambda path: f"{live_server.url}/o/{place.registration}/cartoes/{path}"


def shown(page):
    """Name of the draft whose picture stands on the page, once it has come; and what the picture is made of."""
    front = page.locator("img.face").first
    expect(front).to_have_js_property("complete", True)
    source = front.get_attribute("src")
    return source, page.request.get(page.url.partition("/o/")[0] + source).text()


def test_colours_and_logo_are_seen_while_they_are_chosen_and_kept_by_the_button(signed, at, place):
    signed.goto(at("aparencia/"))
    first, _ = shown(signed)

    signed.get_by_label("Cor principal").fill("#1f3a93")
    expect(signed.locator("img.face").first).not_to_have_attribute("src", first)
    second, coloured = shown(signed)
    signed.get_by_label("Logotipo").first.set_input_files(logo())
    expect(signed.locator("img.face").first).not_to_have_attribute("src", second)
    _, with_logo = shown(signed)

    assert ("#1f3a93" in coloured, "<image" in coloured, "<image" in with_logo) == (True, False, True)
    assert (CardTheme.objects.count(), Logo.objects.count()) == (0, 0)

    signed.get_by_label("Telefone de atendimento").fill("0800 765 4321")
    signed.get_by_role("button", name="Gravar", exact=True).click()

    expect(signed.get_by_text("Aparência gravada.")).to_be_visible()
    assert (CardTheme.objects.get(operator=place).main, Logo.objects.count()) == ("#1f3a93", 1)


def test_what_is_wrong_with_a_colour_is_told_beside_the_picture_at_once(signed, at):
    signed.goto(at("aparencia/"))

    signed.get_by_label("Cor principal").fill("#ffcc00")

    expect(signed.locator("#previa")).to_contain_text(
        "Cor principal: Sobre esta cor o texto branco tem contraste de 1,5:1"
    )


def test_without_scripts_a_button_shows_the_picture(place, signed, browser, at):
    context = browser.new_context(java_script_enabled=False, storage_state=signed.context.storage_state())
    page = context.new_page()
    page.goto(at("aparencia/"))
    page.get_by_label("Cor principal").fill("#1f3a93")

    page.get_by_role("button", name="Ver antes de gravar").click()

    assert "rascunho=" in page.locator("img.face").first.get_attribute("src")
    assert page.get_by_label("Cor principal").input_value() == "#1f3a93"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_barrier_and_fit(signed, at, scheme, width):
    link = ready_link()
    signed.emulate_media(color_scheme=scheme)
    signed.set_viewport_size({"width": width, "height": 900})

    found = {}
    for path in ("aparencia/", f"{link.pk}/", f"{link.pk}/como-em/?dia=01/01/2027", "../operadora/"):
        signed.goto(at(path))
        found[path] = page_faults(signed)

    assert found == {path: [] for path in found}
