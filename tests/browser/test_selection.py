"""People and links are ticked in their lists and acted on together."""

import pytest
from playwright.sync_api import expect

from cadsus.models import Lookup
from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("furnished")
def test_a_page_is_ticked_at_once_and_asked_about(signed, open_page, theme, width):
    Lookup.objects.all().delete()
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    open_page("pessoas/")
    signed.get_by_label("Escolher esta página").check()
    signed.get_by_label("Escolher Conceição Aparecida da Silva").uncheck()
    faults = page_faults(signed)
    draw(signed, f"escolha-{theme}", guide="pessoas-escolha")

    signed.get_by_role("button", name="Consultar o DATASUS").click()

    expect(signed.get_by_text("4 consultas estão na fila.")).to_be_visible()
    assert faults == []


@pytest.mark.usefixtures("furnished")
def test_a_ticked_link_leads_to_the_batch_of_its_code(signed, open_page, furnished):
    open_page("cartoes/?situacao=emitiveis")
    signed.get_by_label("Escolher Conceição Aparecida da Silva").check()
    draw(signed, "escolha-cartoes")

    signed.get_by_role("button", name="Emitir os escolhidos").click()

    expect(signed.get_by_role("textbox", name="Códigos")).to_have_value(furnished["verified"].code)
    assert page_faults(signed) == []
