"""Choosing how cards look, and seeing one as it would be on another day."""

import re
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from operators.models import CardTheme, Logo
from tests.cards.factories import ready_link


def logo():
    content = BytesIO()
    Image.new("RGB", (400, 160), "#b3261e").save(content, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": content.getvalue()}


@pytest.fixture
def at(live_server, place):
    return lambda path: f"{live_server.url}/o/{place.registration}/cartoes/{path}"


def test_colours_are_seen_before_they_count_and_a_logo_is_sent(signed, at, place):
    signed.goto(at("aparencia/"))
    signed.get_by_label("Cor principal").fill("#1f3a93")
    signed.get_by_label("Telefone de atendimento").fill("0800 123 4567")
    signed.get_by_role("button", name="Ver antes de guardar").click()

    expect(signed.locator("img.face").first).to_have_attribute("src", re.compile("1f3a93"))
    assert CardTheme.objects.count() == 0

    signed.get_by_label("Logotipo").first.set_input_files(logo())
    signed.get_by_role("button", name="Guardar", exact=True).click()

    expect(signed.get_by_text("Aparência guardada.")).to_be_visible()
    assert (CardTheme.objects.get(operator=place).main, Logo.objects.count()) == ("#1f3a93", 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_barrier_and_fit(signed, at, scheme, width):
    link = ready_link()
    signed.emulate_media(color_scheme=scheme)
    signed.set_viewport_size({"width": width, "height": 900})

    found = {}
    for path in ("aparencia/", f"{link.pk}/", f"{link.pk}/como-em/?dia=01/01/2027"):
        signed.goto(at(path))
        wide = signed.evaluate("document.documentElement.scrollWidth")
        found[path] = (wide <= width, [violation["id"] for violation in Axe().run(signed).response["violations"]])

    assert found == {path: (True, []) for path in found}
