"""The panel of filters and columns of the list of people, wide and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("furnished")
def test_filters_and_columns_are_chosen_and_taken_away(signed, open_page, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    open_page("pessoas/")
    signed.get_by_role("link", name="Filtros e colunas").click()
    expect(signed.get_by_role("form", name="Filtros e colunas")).to_be_visible()
    faults = page_faults(signed)
    draw(signed, f"filtros-{theme}", guide="pessoas-filtros")

    signed.get_by_role("combobox", name="Origem do CNS").select_option("CADSUS")
    signed.get_by_role("checkbox", name="Código").check()
    signed.get_by_role("button", name="Mostrar").click()

    chosen = signed.get_by_role("link", name=re.compile("CadSUS.*tirar este filtro"))
    expect(chosen).to_be_visible()
    expect(signed.get_by_text("1 pessoa", exact=True)).to_be_visible()
    draw(signed, f"filtrada-{theme}")
    faults += page_faults(signed)
    chosen.click()
    expect(signed.get_by_text("5 pessoas")).to_be_visible()
    assert faults == []
