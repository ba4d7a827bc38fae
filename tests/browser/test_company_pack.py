"""The company pack in the browser: from the list of companies to the letter and the sheet that comes back."""

import pytest
import xlsxwriter
from playwright.sync_api import expect

from beneficiaries.models import Company
from beneficiaries.services.company_pack import COLUMNS, pack_rows
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory, ContractFactory
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bakery(place):
    company = Company.objects.create(operator=place, legal_name="Padaria Exemplo Ltda.", cnpj="11222333000181")
    contract = ContractFactory(company=company)
    BeneficiaryFactory.create_batch(3, contract=contract, person__mother_name="")
    return company


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.usefixtures("bakery")
def test_a_sheet_goes_out_with_its_letter_and_comes_back(signed, open_page, tmp_path, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    open_page("pessoas/corrigir/")
    signed.get_by_role("link", name="O que as empresas corrigem").click()
    expect(signed.get_by_role("link", name="Padaria Exemplo Ltda.")).to_be_visible()
    faults = page_faults(signed)
    draw(signed, f"empresas-{theme}", guide="empresas")
    with signed.expect_download() as download:
        signed.get_by_role("button", name="Planilha").click()
    download.value.save_as(tmp_path / "volta.xlsx")
    signed.get_by_role("link", name="Carta").click()
    expect(signed.get_by_text("Nome da mãe: 3 pessoas")).to_be_visible()
    faults += page_faults(signed)
    draw(signed, f"carta-{theme}")
    signed.get_by_role("link", name="Empresas", exact=True).first.click()
    signed.get_by_role("link", name="Enviar a que voltou").click()
    signed.get_by_label("Planilha que a empresa devolveu").set_input_files(tmp_path / "volta.xlsx")
    signed.get_by_role("button", name="Enviar e conferir").click()

    expect(signed.get_by_text("A planilha não traz nada que mude o cadastro.")).to_be_visible()
    assert (faults, page_faults(signed)) == ([], [])


def test_a_correction_is_shown_before_it_is_written(signed, open_page, bakery, tmp_path):
    rows = [list(COLUMNS), *map(list, pack_rows(bakery))]
    rows[1][COLUMNS.index("Nome da mãe")] = "Marta Exemplo"
    rows[2][COLUMNS.index("CPF correto")] = "11111111111"
    with xlsxwriter.Workbook(str(tmp_path / "volta.xlsx")) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    open_page(f"pessoas/corrigir/empresas/{bakery.pk}/volta/")
    signed.get_by_label("Planilha que a empresa devolveu").set_input_files(tmp_path / "volta.xlsx")
    signed.get_by_role("button", name="Enviar e conferir").click()
    expect(signed.get_by_role("heading", name="1 pessoa muda")).to_be_visible()
    expect(signed.get_by_role("heading", name="1 de fora")).to_be_visible()
    faults = page_faults(signed)
    draw(signed, "volta")

    signed.get_by_role("button", name="Gravar estas correções").click()

    expect(signed.get_by_text("1 pessoa corrigida.")).to_be_visible()
    assert faults == []
