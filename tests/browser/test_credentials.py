"""The certificates of the operator in a real browser: from the first file to the one that replaces it."""

import pytest
from celery.contrib.testing.worker import start_worker
from playwright.sync_api import expect

from cadsus.models import Check, Credential
from cadsus.services import receive_credential, run_check
from cnsportal.celery import app
from tests.accessibility import page_faults
from tests.datasus_simulator.fixtures import ask_at, running_simulator, shared_pki
from tests.pages import STAFF_PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "segredo do certificado"


@pytest.fixture
def simulator(tmp_path, settings):
    with running_simulator([], tmp_path) as simulator:
        ask_at(settings, simulator)
        yield simulator


@pytest.fixture
def worker(simulator):
    """One that takes what waits for an answer at once, from the real broker, in threads of this process."""
    with app.connection_for_write() as broker:
        broker.default_channel.client.delete("interactive")
    with start_worker(app, pool="threads", concurrency=1, queues=["interactive"], perform_ping_check=False):
        yield


def issued(place):
    return shared_pki().issue_ecnpj(cnpj=place.cnpj, legal_name="Saúde Aurora Operadora de Planos", password=PASSWORD)


def go(page, live_server, place, path=""):
    page.goto(f"{live_server.url}/o/{place.registration}/certificados/{path}")


def send(page, data, password=PASSWORD):
    page.get_by_label("Arquivo do certificado").set_input_files(
        {"name": "certificado.p12", "mimeType": "application/x-pkcs12", "buffer": data}
    )
    page.get_by_label("Senha do certificado").fill(password)
    page.get_by_role("button", name="Gravar certificado").click()


def confirm(page):
    """Who is there, once more."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirme que é você")
    page.get_by_label("Senha").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Continuar").click()


def test_certificate_is_sent_tested_replaced_and_brought_back(signed, place, live_server, worker):
    signed.get_by_role("navigation", name="Principal").get_by_role("link", name="Certificados").click()
    signed.get_by_role("link", name="Enviar certificado").first.click()
    confirm(signed)

    send(signed, issued(place), "outra senha")
    expect(signed.locator("#id_password_error")).to_contain_text("A senha do certificado está incorreta.")
    expect(signed.get_by_label("Senha do certificado")).to_have_value("")
    send(signed, issued(place))
    expect(signed.get_by_role("status")).to_contain_text("Certificado gravado e em uso.")
    first = Credential.objects.get()

    signed.get_by_role("button", name="Testar agora").click()
    expect(signed.locator(".checks__step.tone-good")).to_have_count(8)
    expect(signed.locator("#teste")).to_contain_text("O DATASUS respondeu a uma consulta de teste.")

    second = receive_credential(issued(place), PASSWORD, "simulator")
    go(signed, live_server, place, f"{second.pk}/")
    signed.get_by_role("link", name="Pôr em uso").click()
    signed.get_by_role("button", name="Pôr em uso").click()
    expect(signed.get_by_role("status")).to_contain_text("Certificado em uso.")

    signed.get_by_role("link", name="Voltar ao anterior").click()
    signed.get_by_role("button", name="Voltar ao anterior").click()
    expect(signed.get_by_role("status")).to_contain_text("O certificado anterior voltou a ser usado")
    assert Credential.objects.active().get() == first

    signed.get_by_role("link", name="Apagar a chave").click()
    signed.get_by_role("button", name="Apagar a chave").click()
    expect(signed.get_by_role("status")).to_contain_text("A chave foi apagada.")
    assert [credential.has_key for credential in Credential.objects.order_by("pk")] == [True, False]


def test_certificate_is_sent_and_tested_without_script(browser, place, live_server, simulator):
    page = browser.new_context(java_script_enabled=False, locale="pt-BR").new_page()
    page.goto(f"{live_server.url}/entrar/")
    page.get_by_label("E-mail").fill("ana@example.invalid")
    page.get_by_label("Senha").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    go(page, live_server, place, "novo/")
    confirm(page)
    send(page, issued(place))
    page.get_by_role("button", name="Testar agora").click()
    run_check(Check.objects.get().pk)

    page.get_by_role("link", name="Ver como está agora").click()

    expect(page.locator(".checks__step.tone-good")).to_have_count(8)
    page.context.close()


def test_file_of_several_mebibytes_is_refused_with_a_sentence(signed, place, live_server):
    go(signed, live_server, place, "novo/")
    confirm(signed)

    send(signed, b"\x30" * 3 * 1024 * 1024)

    expect(signed.locator("#id_file_error")).to_contain_text("O arquivo tem mais de 64 KiB")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_accessibility_violations_and_fit_the_screen(
    signed, place, live_server, simulator, settings, theme, width
):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    first, second = (receive_credential(issued(place), PASSWORD, "simulator") for _ in range(2))
    for credential in (first, second):
        run_check(Check.objects.create(operator=place, credential=credential).pk)
        simulator.change(token="html_503")
    go(signed, live_server, place, "novo/")
    confirm(signed)

    ofs = {first: ("", "voltar/"), second: ("", "usar/", "apagar-chave/")}
    paths = ["", "novo/", *(f"{credential.pk}/{end}" for credential, ends in ofs.items() for end in ends)]

    found = {}
    for path in paths:
        go(signed, live_server, place, path)
        found[path] = page_faults(signed)

    assert {path: faults for path, faults in found.items() if faults} == {}
