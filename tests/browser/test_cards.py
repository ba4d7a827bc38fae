"""Cards as a clerk walks through them: a batch rehearsed, issued, taken away and marked; a card that changed."""

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from cards.models import Card, CardBatch
from cards.services import issue_cards, process_batch, start_batch
from tests.accessibility import page_faults
from tests.cards.factories import give_cns, ready_link
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def address(place, live_server):
    return lambda path="": f"{live_server.url}/o/{place.registration}/cartoes/{path}"


def ready(name):
    return ready_link(person=PersonFactory(name=name), plan=_plan())


def _plan():
    from beneficiaries.models import Plan

    found = Plan.objects.filter(name="Essencial Enfermaria").first()
    return found or PlanFactory(
        name="Essencial Enfermaria", segmentation="06", accommodation="C", coverage_area="4", regulation="R"
    )


def work():
    process_batch(CardBatch.objects.latest("pk").pk)


def test_a_batch_is_rehearsed_issued_taken_away_and_marked(signed, address):
    for name in ("Conceição Exemplo", "João Exemplo"):
        ready(name)
    BeneficiaryFactory(person=PersonFactory(name="Bia Sem Número"))
    signed.goto(address("?situacao=emitiveis"))

    signed.get_by_role("link", name="Novo lote").click()
    signed.get_by_label("PDF em folhas A4 para recortar").check()
    signed.get_by_label("Cartões por folha A4").select_option("4")
    signed.get_by_role("button", name="Ensaiar").click()
    work()
    expect(signed.get_by_role("button", name="Emitir estes 2 cartões")).to_be_visible()
    assert Card.objects.count() == 0

    signed.get_by_role("button", name="Emitir estes 2 cartões").click()
    work()
    with signed.expect_download() as download:
        signed.get_by_role("button", name="Baixar").click()
    assert len(PdfReader(download.value.path()).pages) == 2

    signed.get_by_role("button", name="Marcar como impressos").click()
    expect(signed.get_by_text("2 cartões marcados como impressos.")).to_be_visible()
    assert set(Card.objects.values_list("status", flat=True)) == {"PRINTED"}


def test_a_card_that_changed_is_issued_again_from_its_page(signed, address):
    link = ready("Conceição Exemplo")
    issue_cards([link.pk])
    give_cns(link.person)
    signed.goto(address("?situacao=mudaram"))

    signed.get_by_role("link", name="Conceição Exemplo").click()
    expect(signed.get_by_role("heading", name="O que mudou desde a 1ª via")).to_be_visible()
    signed.get_by_role("button", name="Emitir nova via").press("Enter")

    expect(signed.get_by_text("Cartão emitido: 2ª via.")).to_be_visible()


def test_a_lost_card_is_replaced_by_a_second_copy(signed, address):
    link = ready("Conceição Exemplo")
    issue_cards([link.pk])
    signed.goto(address(f"{link.pk}/"))

    signed.get_by_role("link", name="Segunda via").click()
    signed.get_by_label("Perda ou roubo").check()
    signed.get_by_role("button", name="Emitir a segunda via").click()

    expect(signed.get_by_text("Cartão emitido: 2ª via.")).to_be_visible()
    assert list(Card.objects.order_by("via").values_list("status", flat=True)) == ["LOST", "ISSUED"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("where", ["", "lotes/", "lotes/novo/", "lote", "lotes/leiaute/", "politica/", "cartao"])
def test_pages_are_accessible(signed, address, where, theme):
    changed = ready("Conceição Exemplo")
    batch = start_batch([changed.pk, BeneficiaryFactory().pk])
    process_batch(batch.pk)
    give_cns(changed.person)
    places = {"lote": f"lotes/{batch.pk}/", "cartao": f"{changed.pk}/"}
    signed.emulate_media(color_scheme=theme)

    signed.goto(address(places.get(where, where)))

    assert page_faults(signed) == []


@pytest.mark.parametrize("where", ["", "lotes/", "lotes/novo/", "lotes/leiaute/"])
def test_pages_fit_a_phone(signed, address, where):
    ready("Conceição Exemplo")
    signed.set_viewport_size({"width": 375, "height": 800})

    signed.goto(address(where))

    assert signed.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
