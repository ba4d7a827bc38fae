"""The digital card on a phone: from the clerk's screen to the beneficiary's, the clinic's and the printer's."""

from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from cards.models import Validity
from cards.services import issue_cards
from cards.services.digital_links import make_link
from operators.models import CardTheme, Logo
from tests.accessibility import page_faults
from tests.cards.factories import ready_link
from tests.cards.golden import LOGO, THEME
from tests.factories import UserFactory
from tests.pictures import PICTURES, draw

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "height": 740}


@pytest.fixture(params=["light", "dark"])
def phone(browser, request):
    """A phone without anybody signed in, whose complaints fail the test."""
    complaints = []
    context = browser.new_context(
        viewport=PHONE,
        color_scheme=request.param,
        locale="pt-BR",
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.theme = request.param
    yield page
    context.close()
    assert complaints == []


def _is_complaint(said):
    return said.type == "error" and not any(f"status of {code}" in said.text for code in (403, 404, 422))


@pytest.fixture
def dressed(place):
    """The operator's own colours and logo."""
    logo = Logo.objects.create(operator=place, sha256=LOGO.sha256, content=LOGO.content, ratio=LOGO.ratio)
    CardTheme.objects.create(operator=place, main=THEME.main, support=THEME.support, logo=logo)


@pytest.fixture
def card(place, live_server, settings):
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    place.phone, place.email, place.website = "0800 123 4567", "contato@aurora.example", "https://aurora.example"
    place.save()
    plan = {"segmentation": "06", "accommodation": "I", "coverage_area": "1", "regulation": "R", "contracting": "1"}
    person = {"person__name": "Camila Martins de Carvalho", "person__birth_date": "1984-05-02"}
    link = ready_link(**person, plan__name="Aurora Essencial Nacional", **{f"plan__{key}": plan[key] for key in plan})
    issuance = issue_cards([link.pk])
    assert dict(issuance.refused) == {}
    return issuance.cards[0]


def test_a_beneficiary_opens_the_card_on_the_phone(card, phone):
    link = make_link(card, Validity.MONTH, actor=UserFactory())
    phone.goto(link.address)
    draw(phone, f"ask-{phone.theme}")
    assert page_faults(phone) == []

    field = phone.get_by_label("Data de nascimento de quem é o cartão")
    field.fill("02/05/1985")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Restam 4 tentativas")).to_be_visible()
    draw(phone, f"wrong-{phone.theme}")
    field.fill("02051984")
    phone.keyboard.press("Enter")

    phone.wait_for_url("**/c/aberto/**")
    expect(phone.get_by_text("Camila Martins de Carvalho")).to_be_visible()
    expect(phone.get_by_text(card.face["cns"])).to_be_visible()
    draw(phone, f"card-{phone.theme}")
    assert page_faults(phone) == []
    with phone.expect_download() as taken:
        phone.get_by_role("button", name="PDF, do tamanho do cartão").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    phone.get_by_role("button", name="Fechar o cartão neste aparelho").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("O cartão foi fechado neste aparelho")


@pytest.mark.parametrize("width", [360, 1440])
def test_the_card_wears_its_operators_colours_and_can_be_read_in_them(dressed, card, phone, width):
    phone.set_viewport_size({"width": width, "height": 900})
    phone.goto(make_link(card, Validity.MONTH, actor=UserFactory()).address)
    phone.get_by_label("Data de nascimento de quem é o cartão").fill("02051984")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/c/aberto/**")

    ground = phone.locator(".digital__head").evaluate("head => getComputedStyle(head).backgroundColor")
    logo = phone.locator(".digital__logo").evaluate("picture => picture.naturalWidth")

    draw(phone, f"dressed-{phone.theme}-{width}")
    assert (ground, logo > 0) == ("rgb(91, 26, 102)", True)
    assert page_faults(phone) == []


def test_the_card_is_read_at_four_times_its_size_without_scrolling_sideways(card, phone):
    """1280 pixels at 400 % are 320 (WCAG 2.2, 1.4.10)."""
    made = make_link(card, Validity.MONTH, actor=UserFactory())
    phone.goto(made.address)
    phone.get_by_label("Data de nascimento de quem é o cartão").fill("02051984")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/c/aberto/**")

    phone.set_viewport_size({"width": 320, "height": 256})

    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_card_is_printed_from_the_page_as_text(card, phone, tmp_path):
    from pypdf import PdfReader

    made = make_link(card, Validity.MONTH, actor=UserFactory())
    phone.goto(made.address)
    phone.get_by_label("Data de nascimento de quem é o cartão").fill("02051984")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/c/aberto/**")

    phone.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    if PICTURES:
        (Path(PICTURES) / f"print-{phone.theme}.pdf").write_bytes((tmp_path / "page.pdf").read_bytes())

    pages = PdfReader(tmp_path / "page.pdf").pages
    words = " ".join(page.extract_text() for page in pages)
    assert (len(pages), card.face["cns"] in words, "Guardar ou imprimir" in words) == (1, True, False)


def test_a_clinic_types_the_short_code(card, phone, live_server):
    phone.goto(f"{live_server.url}/v/")
    draw(phone, f"check-form-{phone.theme}")
    assert page_faults(phone) == []
    phone.get_by_label("Código de conferência").fill(card.check_code.lower())
    phone.get_by_label("Últimos 4 caracteres da matrícula").fill(card.face["code"][-4:])
    phone.get_by_role("button", name="Conferir").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Cartão ativo")
    expect(phone.get_by_text("C. M. C.")).to_be_visible()
    draw(phone, f"check-{phone.theme}")
    assert page_faults(phone) == []


def test_a_clerk_makes_a_link_copies_it_and_takes_it_back(signed, card, place, live_server):
    signed.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed.goto(f"{live_server.url}/o/{place.registration}/cartoes/{card.beneficiary_id}/")
    signed.get_by_role("link", name="Cartão no celular").click()
    signed.get_by_role("button", name="Criar o link").click()
    signed.get_by_role("button", name="Copiar").click()
    expect(signed.get_by_role("button", name="Copiado")).to_be_visible()
    address = signed.get_by_label("Endereço do link").input_value()
    assert signed.evaluate("navigator.clipboard.readText()") == address
    draw(signed, "links-made")
    assert page_faults(signed) == []

    signed.get_by_role("button", name="Revogar").click()

    expect(signed.get_by_text("O link foi revogado")).to_be_visible()
    expect(signed.get_by_text("revogado", exact=True)).to_be_visible()
    signed.set_viewport_size(PHONE)
    draw(signed, "links-phone")
    other = signed.context.new_page()
    other.goto(address)
    expect(other.get_by_role("heading", level=1)).to_have_text("Este link não vale")
    draw(other, "closed")


def test_the_webhook_is_set_and_its_page_reads_well(signed, place, live_server):
    signed.goto(f"{live_server.url}/o/{place.registration}/cartoes/webhook/")
    draw(signed, "webhook-empty")
    signed.get_by_role("link", name="Informar o endereço").click()
    if signed.get_by_label("Senha").count():
        signed.get_by_label("Senha").fill("uma-senha-bem-longa")
        signed.keyboard.press("Enter")
    signed.get_by_label("Endereço do seu sistema").fill("http://127.0.0.1:9/cartoes")
    signed.get_by_role("button", name="Gravar e gerar o segredo").click()
    expect(signed.get_by_label("Segredo")).to_be_visible()
    draw(signed, "webhook-secret")
    assert page_faults(signed) == []
    signed.get_by_role("link", name="Já copiei").click()
    signed.get_by_role("button", name="Testar agora").click()

    expect(signed.get_by_text("O endereço não respondeu: não há nada nesta porta.")).to_be_visible()
    draw(signed, "webhook")
    assert page_faults(signed) == []
    signed.set_viewport_size(PHONE)
    draw(signed, "webhook-phone")
