"""The search box of every page offers people while somebody types; keys walk along them."""

import pytest
from playwright.sync_api import expect

from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("furnished")
def test_people_are_offered_below_the_box_and_reached_by_keys(signed, open_page, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    open_page("consultas/")
    signed.keyboard.press("/")
    signed.keyboard.type("conceic", delay=30)
    expect(signed.get_by_role("link", name="Conceição Aparecida da Silva")).to_be_visible()
    expect(signed.locator("#busca-contagem")).to_have_text("5 pessoas. Seta para baixo mostra as primeiras.")
    faults = page_faults(signed)
    draw(signed, f"sugestoes-{theme}", guide="busca")

    signed.keyboard.press("ArrowDown")
    signed.keyboard.press("Enter")

    expect(signed.get_by_role("heading", name="Conceição Aparecida da Silva")).to_be_visible()
    assert (faults, "conceic" in signed.url) == ([], False)


@pytest.mark.usefixtures("furnished")
def test_escape_closes_the_offers_and_enter_searches_as_ever(signed, open_page):
    open_page("consultas/")
    signed.keyboard.press("/")
    signed.keyboard.type("maria", delay=30)
    expect(signed.locator("#busca-sugestoes a").first).to_be_visible()
    signed.keyboard.press("Escape")
    expect(signed.locator("#busca-sugestoes")).to_be_hidden()

    signed.keyboard.press("Enter")

    expect(signed.get_by_role("heading", name="Pessoas")).to_be_visible()
    expect(signed.get_by_role("region", name="Lista de pessoas").get_by_role("row")).to_have_count(3)
