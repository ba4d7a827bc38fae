"""A list taken away by a clerk: with its filter, masked, by a job whose progress the page shows."""

import pytest
from playwright.sync_api import expect

from operators.models import ExportRun
from operators.services.exports import process_export
from tests.accessibility import page_faults
from tests.csv_tables import csv_rows
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(signed, live_server, place, furnished, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path / "data"
    signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/?cns=verificado")
    return signed


def test_list_of_people_is_exported_and_downloaded(people, tmp_path):
    people.get_by_role("link", name="Exportar", exact=True).click()
    people.get_by_label("Formato").select_option("csv")
    people.get_by_role("button", name="Exportar", exact=True).click()
    expect(people.get_by_text("Começando…")).to_be_visible()
    process_export(ExportRun.objects.get().pk)

    with people.expect_download() as download:
        people.get_by_role("button", name="Baixar").click()
    download.value.save_as(tmp_path / "pessoas.csv")

    assert [row[0] for row in csv_rows(tmp_path / "pessoas.csv")] == ["Nome", "Conceição Aparecida da Silva"]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_of_an_export_have_no_barriers(people, theme, width):
    people.emulate_media(color_scheme=theme)
    people.set_viewport_size({"width": width, "height": 900})
    found = {}

    def look(name):
        found[name] = page_faults(people)
        draw(people, f"export-{name}-{theme}")

    look("people")
    people.get_by_role("link", name="Exportar", exact=True).click()
    look("new")
    people.get_by_label("CPF e CNS").select_option("titular")
    people.get_by_role("button", name="Exportar", exact=True).click()
    expect(people.get_by_text("Começando…")).to_be_visible()
    look("queued")
    process_export(ExportRun.objects.get().pk)
    expect(people.get_by_role("button", name="Baixar")).to_be_visible()
    look("done")
    people.get_by_role("link", name="Exportações").last.click()
    look("list")

    assert {name: faults for name, faults in found.items() if faults} == {}
