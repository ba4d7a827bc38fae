"""A filtered list kept under a name, pinned to the menu with its count."""

import pytest
from playwright.sync_api import expect

from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("furnished")
def test_a_view_is_kept_pinned_and_opened_from_the_menu(signed, open_page, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    open_page("pessoas/?cns=sem")
    signed.get_by_role("link", name="Gravar vista").click()
    signed.get_by_role("textbox", name="Nome").fill("Quem falta")
    faults = page_faults(signed)
    signed.get_by_role("button", name="Gravar").click()
    expect(signed.get_by_text("Vista “Quem falta” gravada.")).to_be_visible()
    open_page("vistas/")
    faults += page_faults(signed)
    draw(signed, f"vistas-{theme}", guide="vistas")

    if width < 600:
        signed.get_by_role("button", name="Menu", exact=True).click()
    entry = signed.get_by_role("navigation", name="Principal").locator("li", has_text="Quem falta")
    expect(entry.locator(".nav__count")).to_have_text("3")
    entry.get_by_role("link").click()

    expect(signed.get_by_text("3 pessoas")).to_be_visible()
    assert faults == []
