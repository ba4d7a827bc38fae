"""What a reader finds first: the work that waits, counted in the menu; on a phone the menu and lists as cards."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns, note_questions
from tests.accessibility import page_faults
from tests.factories import cns
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pocket(signed):
    signed.set_viewport_size({"width": 390, "height": 844})
    return signed


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("furnished")
def test_the_dashboard_says_what_waits_and_leads_to_it(signed, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    signed.reload()
    expect(signed.get_by_role("heading", name="Para você fazer")).to_be_visible()
    faults = page_faults(signed)
    draw(signed, f"painel-{theme}", guide="para-voce-fazer")

    signed.get_by_role("link", name="1 número espera a sua decisão").click()

    expect(signed.locator("#t-caso")).to_be_visible()
    assert faults == []


@pytest.mark.usefixtures("furnished")
def test_entries_of_the_menu_bear_what_waits_behind_them(signed):
    signed.reload()
    counter = signed.get_by_role("navigation", name="Principal").locator("li", has_text="Revisões").locator("span")

    expect(counter.first).to_have_text("1 espera por você")


def test_the_menu_of_a_phone_is_opened_by_its_button_and_by_keys(pocket):
    menu = pocket.get_by_role("navigation", name="Principal")
    expect(menu).to_be_hidden()

    pocket.get_by_role("button", name="Menu").press("Enter")
    expect(menu).to_be_visible()
    faults = page_faults(pocket)
    draw(pocket, "menu-phone")
    pocket.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    pocket.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Pessoas").click()

    expect(pocket.get_by_role("heading", name="Pessoas")).to_be_visible()
    assert faults == []


@pytest.mark.usefixtures("furnished")
def test_on_a_phone_a_row_is_a_card_whose_values_say_what_they_are(pocket, open_page):
    open_page("conferencias/")
    table = pocket.get_by_role("table")

    heads = [head.strip() for head in table.get_by_role("columnheader").all_text_contents()]
    row = table.get_by_role("row").nth(1)

    assert [cell.get_attribute("data-label") for cell in row.get_by_role("cell").all()] == heads
    first, second = row.get_by_role("cell").nth(0).bounding_box(), row.get_by_role("cell").nth(1).bounding_box()
    assert second["y"] >= first["y"] + first["height"]


@pytest.mark.usefixtures("furnished")
def test_the_history_of_a_person_is_read_on_a_phone(pocket, open_page, furnished):
    open_page(f"pessoas/{furnished['verified'].person_id}/")
    pocket.get_by_role("link", name="Ver tudo").click()

    expect(pocket.get_by_role("heading", name="O que aconteceu")).to_be_visible()
    draw(pocket, "historico-phone")
    assert page_faults(pocket) == []


@pytest.mark.usefixtures("furnished")
def test_the_page_of_a_person_changes_by_itself_when_datasus_has_answered(signed, open_page):
    person = Person.objects.get(cns_question="QUEUED", lookups__status="QUEUED")
    open_page(f"pessoas/{person.pk}/")
    expect(signed.get_by_text("A consulta ao DATASUS está na fila.")).to_be_visible()
    signed.get_by_role("link", name="Alterar dados").focus()

    attach_cns([CnsOffer(person.pk, cns(9), CnsSource.CADSUS)])
    note_questions([person.pk], None)

    expect(signed.locator("#numeros").get_by_text("verificado", exact=True)).to_be_visible()
    expect(signed.get_by_text("A consulta ao DATASUS está na fila.")).to_be_hidden()
    expect(signed.get_by_role("link", name="Alterar dados")).to_be_focused()
