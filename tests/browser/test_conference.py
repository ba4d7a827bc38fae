"""A conference as somebody of the registry walks it: looked at, searched, applied in part and whole, and undone."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import CnsNumber
from cards.services import issue_cards
from sib.models import CnxStep, ConferenceFile
from sib.services import process_conference, receive_file
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory, cns
from tests.sib.files import conference, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def links(place):
    names = {"new": "Conceição Aparecida da Silva", "doubtful": "Márcia de Souza Müller", "wrong": "José dos Santos"}
    return {
        kind: BeneficiaryFactory(whole=True, person__name=name, cco=f"{at:012d}")
        for at, (kind, name) in enumerate(names.items(), 1)
    }


@pytest.fixture
def file(place, links, tmp_path):
    path = conference(
        tmp_path / "a.cnx",
        record(links["new"], cns=cns(1)),
        record(links["doubtful"], cns=cns(2), nome="MARCIA DE S MULLER"),
        record(links["wrong"], cns=cns(3), nome="OUTRA PESSOA QUALQUER", dataContratacao="2021-02-30"),
        record(links["new"], cco="000000000009", cpf="52998224725", nome="ZULMIRA PAZ", codigoBeneficiario="X9"),
        registration=place.registration,
    )
    file, _ = receive_file(path, name="CNX.cnx", wants_apply=False)
    process_conference(file.pk)
    return file


@pytest.fixture
def address(place, live_server, file):
    return f"{live_server.url}/o/{place.registration}/conferencias/{file.pk}/"


def numbers():
    return set(CnsNumber.objects.current().values_list("person__name", "number"))


def work(file):
    """What a worker would do now."""
    process_conference(file.pk)
    return ConferenceFile.objects.get(pk=file.pk)


def test_counts_narrow_the_list_and_a_record_opens_side_by_side(signed, address):
    signed.goto(address)

    signed.get_by_role("link", name="precisa de decisão").click()

    expect(signed.locator("#diferencas h2")).to_have_text("Precisa de decisão")
    expect(signed.locator("#diferencas .table__main")).to_have_text("Márcia de Souza Müller")
    signed.locator("#diferencas summary").click()
    expect(signed.locator("#diferencas mark").first).to_be_visible()


def test_search_finds_one_of_them_without_telling_the_address(signed, address):
    signed.goto(address)

    search = signed.get_by_role("searchbox", name="Buscar nesta conferência")
    search.fill("zulmira")
    search.press("Enter")

    expect(signed.locator("#diferencas h2")).to_have_text("Registros encontrados")
    expect(signed.locator("#diferencas .table__main")).to_contain_text("ZULMIRA PAZ")
    assert "zulmira" not in signed.url


def test_values_that_could_not_be_read_are_listed_with_their_line(signed, address):
    signed.goto(address)

    signed.get_by_role("link", name="Valores ilegíveis").click()

    expect(signed.locator("#diferencas tbody")).to_contain_text("2021-02-30")
    expect(signed.locator("#diferencas tbody tr")).to_have_count(1)


def test_marked_records_are_confirmed_applied_and_taken_back(signed, address, file):
    signed.goto(address)
    signed.get_by_role("checkbox", name="Aplicar o registro do CCO 000000000001").check()

    signed.get_by_role("button", name="Aplicar os registros marcados").click()
    expect(signed.get_by_role("heading", name="O que vai acontecer com 1 registro")).to_be_visible()
    signed.get_by_role("button", name="Aplicar 1").click()
    expect(signed.get_by_text("A conferência está sendo aplicada.")).to_be_visible()
    part = work(file)

    expect(signed.get_by_text("Parte já foi aplicada.")).to_be_visible()  # the page renews itself
    assert (part.step, numbers()) == (CnxStep.REHEARSED, {("Conceição Aparecida da Silva", cns(1))})

    signed.get_by_role("button", name="Desfazer a conferência").click()
    expect(signed.get_by_text("1 registro volta ao que era antes desta conferência.")).to_be_visible()
    signed.get_by_role("button", name="Desfazer").click()
    expect(signed.get_by_text("A conferência está sendo desfeita.")).to_be_visible()
    undone = work(file)

    expect(signed.locator(".facts", has_text="por Ana Prado")).to_be_visible()
    assert (undone.step, numbers()) == (CnxStep.REVERTED, set())


def test_undoing_is_refused_with_the_name_and_the_way_to_what_stands(signed, address, file, links):
    signed.goto(address)
    signed.get_by_role("button", name="Aplicar tudo (3)").click()
    signed.get_by_role("button", name="Aplicar 3").click()
    work(file)
    issue_cards([links["new"].pk])
    before = numbers()

    signed.goto(address)
    signed.get_by_role("button", name="Desfazer a conferência").click()
    signed.get_by_role("button", name="Desfazer").click()
    work(file)

    expect(signed.get_by_text("Nada foi desfeito: há trabalho posterior sobre 1 pessoa.")).to_be_visible()
    expect(signed.locator(".plain-list")).to_contain_text("Conceição Aparecida da Silva: o cartão (1ª via)")
    signed.locator(".plain-list a").click()
    expect(signed.get_by_role("heading", level=1)).to_have_text("Cartão")
    assert numbers() == before


def test_receipt_is_taken_away(signed, address):
    signed.goto(address)
    signed.get_by_role("link", name="Baixar o recibo").click()

    signed.get_by_label("Formato").select_option("csv")
    with signed.expect_download() as download:
        signed.get_by_role("button", name="Baixar").click()

    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Arquivo;Linha;CCO;Pessoa;CPF;Resultado;")
    assert len(lines) == 1 + 4 + 1


def test_rest_is_closed_without_a_script(browser, signed, address, file):
    context = browser.new_context(java_script_enabled=False, storage_state=signed.context.storage_state())
    page = context.new_page()
    page.goto(address)

    page.get_by_role("checkbox", name="Aplicar: CNS novo").check()
    page.get_by_role("button", name="Aplicar os resultados marcados").click()
    page.get_by_role("button", name="Aplicar 1").click()
    work(file)
    page.goto(address)
    page.get_by_role("button", name="Encerrar sem aplicar o resto").click()
    page.get_by_role("button", name="Encerrar").click()

    expect(page.get_by_text("Conferência encerrada. O que não foi aplicado fica só no recibo.")).to_be_visible()
    assert numbers() == {("Conceição Aparecida da Silva", cns(1))}
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("step", ["rehearsed", "issues", "confirm", "revert", "receipt"])
def test_pages_have_no_barrier(signed, address, file, scheme, step):
    signed.emulate_media(color_scheme=scheme)
    signed.goto(address + {"issues": "?ver=ilegiveis", "receipt": "recibo/"}.get(step, ""))
    if step == "confirm":
        signed.get_by_role("button", name="Aplicar tudo (3)").click()
    if step == "revert":
        signed.get_by_role("button", name="Aplicar tudo (3)").click()
        signed.get_by_role("button", name="Aplicar 3").click()
        work(file)
        signed.goto(address)
        signed.get_by_role("button", name="Desfazer a conferência").click()

    assert page_faults(signed) == []


@pytest.mark.parametrize("step", ["", "recibo/", "?ver=ilegiveis#diferencas"])
def test_pages_fit_a_phone(signed, address, step):
    signed.set_viewport_size({"width": 390, "height": 844})
    signed.goto(address + step)
    if not step:
        for summary in signed.locator("#diferencas summary").all():
            summary.click()

    assert signed.evaluate("document.documentElement.scrollWidth") == 390
