"""The operator's spreadsheet brought in by a clerk: headings of another system, a rehearsal, an import."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import Beneficiary, ImportRun
from beneficiaries.services.csv_import.import_jobs import process
from tests.accessibility import page_faults
from tests.beneficiaries.csv_files import CPFS, csv_file, row
from tests.factories import BeneficiaryFactory
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spreadsheet(place, settings, tmp_path):
    """One comes in, one changes, one has an error; the operator's own heading for the day of contracting."""
    settings.CNSPORTAL_DATA = tmp_path / "data"
    BeneficiaryFactory(code="2", person__cpf=CPFS[1], person__name="Outra Pessoa", person__birth_date="1984-02-29")
    rows = [
        row("1", telefone=""),
        row("2", cpf=CPFS[1], nome="Outra Pessoa", telefone="11 5555-0000"),
        row("3", cpf="1", telefone=""),
    ]
    path = tmp_path / "beneficiarios.csv"
    path.write_bytes(csv_file(*rows).getvalue().replace(b"dataContratacao", b"Entrou em"))
    return path


@pytest.fixture
def upload(signed, live_server, place, spreadsheet):
    def send():
        signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/")
        signed.get_by_role("link", name="Importar planilha").click()
        signed.get_by_role("link", name="Enviar planilha").click()
        signed.get_by_label("Planilha dos beneficiários").set_input_files(spreadsheet)
        signed.get_by_role("button", name="Enviar e ensaiar").click()
        expect(signed.get_by_role("heading", name="Colunas da planilha")).to_be_visible()
        return ImportRun.objects.latest("pk")

    return send


def rehearse(signed, run):
    signed.get_by_label("Entrou em").select_option(label="Data de contratação (dataContratacao)")
    signed.get_by_role("button", name="Gravar e ensaiar").click()
    expect(signed.get_by_text("A planilha chegou e está sendo ensaiada.")).to_be_visible()
    process(run.pk)
    expect(signed.get_by_role("button", name="Importar", exact=True)).to_be_visible()


def test_spreadsheet_of_another_system_is_rehearsed_and_imported(signed, upload):
    run = upload()
    rehearse(signed, run)
    signed.get_by_role("link", name="Com erro").click()
    expect(signed.get_by_text("cpf: ")).to_be_visible()

    signed.get_by_role("button", name="Importar", exact=True).click()
    process(run.pk)

    expect(signed.get_by_role("heading", name="O que mudou")).to_be_visible()
    assert sorted(Beneficiary.objects.values_list("code", "person__phone")) == [("1", ""), ("2", "11 5555-0000")]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_of_an_import_have_no_barriers(signed, upload, live_server, place, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    found = {}

    def look(name):
        found[name] = page_faults(signed)
        draw(signed, f"import-{name}-{theme}")

    run = upload()
    look("columns")
    rehearse(signed, run)
    look("rehearsed")
    for name, path in {"list": "", "upload": "nova/"}.items():
        signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/importacoes/{path}")
        look(name)

    assert {name: faults for name, faults in found.items() if faults} == {}
