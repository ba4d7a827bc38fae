"""The desk and the way back, in a real browser: accept, undo; a number that is not the person's."""

import time

import pytest
from playwright.sync_api import expect

from beneficiaries.models import CnsNumber, CnsSource, Person, Review
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from tests.accessibility import page_faults
from tests.beneficiaries.equal_cases import WITHOUT_CPF, open_cases
from tests.factories import BeneficiaryFactory, PersonFactory, cns
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Márcia de Souza Müller"


@pytest.fixture
def marcia(furnished):
    """Her case is on the desk; today she has the number that the operator's file says."""
    person = Person.objects.get(name=NAME)
    attach_cns([CnsOffer(person.pk, cns(41), CnsSource.IMPORT, verified=False)])
    return person


def current(person):
    return CnsNumber.objects.current().filter(person=person).values_list("number", flat=True).first()


def test_a_decision_is_undone_within_moments(signed, open_page, marcia):
    open_page("revisoes/")
    expect(signed.get_by_text("Aceitar substitui.")).to_be_visible()

    signed.keyboard.press("a")
    expect(signed.get_by_text(f"Número aceito para {NAME}: substituiu o anterior.")).to_be_visible()
    assert current(marcia) == cns(3)

    signed.get_by_role("button", name="Desfazer").click()
    expect(signed.get_by_text(f"Decisão desfeita. O caso de {NAME} está aberto de novo.")).to_be_visible()
    assert (current(marcia), Review.objects.get(person=marcia).status) == (cns(41), "OPEN")


def test_the_bar_leaves_by_itself_and_the_back_key_shows_the_decided_case(signed, open_page, marcia):
    open_page(f"revisoes/{Review.objects.get(person=marcia).pk}/")

    signed.get_by_role("button", name="Não é: descartar").click()
    expect(signed.get_by_role("button", name="Desfazer")).to_be_visible()
    expect(signed.get_by_role("button", name="Desfazer")).to_be_hidden(timeout=9_000)

    signed.go_back()
    signed.reload()
    expect(signed.get_by_role("heading", name="Caso decidido")).to_be_visible()
    signed.get_by_role("button", name="Reabrir o caso").click()
    expect(signed.get_by_text("Aceitar substitui.")).to_be_visible()


def test_a_number_that_is_not_hers_is_taken_away_for_a_reason(signed, open_page, furnished):
    person = Person.objects.get(name="Conceição Aparecida da Silva")
    open_page(f"pessoas/{person.pk}/")

    signed.get_by_role("link", name="Este número não é desta pessoa").click()
    signed.get_by_label("Por que o número não é desta pessoa").select_option("Foi aceito por engano")
    signed.get_by_role("button", name="Retirar o número").click()

    expect(signed.get_by_text("O número que estava aqui não é desta pessoa e foi retirado.")).to_be_visible()
    expect(signed.get_by_role("button", name="Consultar agora")).to_be_visible()
    assert current(person) is None


def test_the_step_leads_to_the_field_that_it_names(signed, open_page, furnished):
    person = BeneficiaryFactory(person=PersonFactory(cpf=None, mother_name="")).person
    open_page(f"pessoas/{person.pk}/")

    signed.get_by_role("link", name="Completar o cadastro").click()

    expect(signed.locator("#id_cpf")).to_be_focused()
    assert signed.locator(".field--marked").count() == 2


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_desk_has_no_accessibility_violations_and_fits_the_screen(signed, open_page, marcia, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    number, case = CnsNumber.objects.current().get(person=marcia), Review.objects.get(person=marcia)
    person = BeneficiaryFactory(person=PersonFactory(cpf=None, mother_name="")).person
    found = {}

    def look(name):
        found[name] = page_faults(signed)

    for path in ("revisoes/", f"pessoas/{marcia.pk}/cns/{number.pk}/retirar/", f"pessoas/{person.pk}/"):
        open_page(path)
        look(path)
    open_page(f"pessoas/{person.pk}/alterar/?campo=cpf,mother_name")
    look("marked fields")
    open_page("revisoes/")
    signed.get_by_role("button", name="É a mesma pessoa: aceitar").click()
    signed.get_by_role("button", name="Desfazer").hover()
    look("undo bar")
    for path in (f"revisoes/{case.pk}/", "revisoes/decididas/"):
        open_page(path)
        look(path)

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_desk_is_worked_by_keys_alone(signed, open_page, marcia):
    """Left for later, back, decided, undone; then help."""
    other = BeneficiaryFactory(person=PersonFactory(name="Outra Pessoa")).person
    open_reviews([ReviewCase(other.pk, cns(51), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])
    heading = signed.locator("#t-caso")
    open_page("revisoes/")
    expect(heading).to_have_text(NAME)

    signed.keyboard.press("s")
    expect(heading).to_have_text("Outra Pessoa")
    signed.keyboard.press("k")
    expect(heading).to_have_text(NAME)
    signed.keyboard.press("?")
    expect(signed.get_by_text("U desfaz a última decisão")).to_be_visible()
    signed.keyboard.press("d")
    expect(heading).to_have_text("Outra Pessoa")
    signed.keyboard.press("u")
    expect(signed.get_by_text(f"Decisão desfeita. O caso de {NAME} está aberto de novo.")).to_be_visible()
    expect(heading).to_have_text(NAME)


def test_a_reason_is_chosen_by_keys(signed, open_page, marcia):
    open_page("revisoes/")

    signed.keyboard.press("r")
    expect(signed.get_by_label("Motivo")).to_be_focused()
    signed.get_by_label("Motivo").select_option("É de um homônimo")
    signed.keyboard.press("Escape")
    signed.keyboard.press("d")

    expect(signed.get_by_text(f"Número descartado para {NAME}.")).to_be_visible()
    assert Review.objects.get(person=marcia).decision_reason == "HOMONIMO"


def test_sixty_equal_cases_are_decided_together_and_taken_back(signed, open_page, place):
    """Five acts of a clerk for sixty decisions."""
    open_cases(60)
    open_page("revisoes/")

    signed.get_by_role("link", name="Decidir casos iguais juntos").click()
    signed.get_by_role("link", name=WITHOUT_CPF).click()
    expect(signed.get_by_role("heading", name="60 casos iguais")).to_be_visible()
    signed.get_by_label("Motivo").select_option("Os dados conferem")
    signed.get_by_label("Conferi a amostra").check()
    signed.get_by_role("button", name="Aceitar os 60").click()
    expect(signed.get_by_text("60 casos aceitos.")).to_be_visible()
    assert CnsNumber.objects.current().count() == 60

    signed.get_by_role("button", name="Desfazer todos").click()
    expect(signed.get_by_text("Decisão desfeita: 60 casos reabertos.")).to_be_visible()
    assert (CnsNumber.objects.current().count(), Review.objects.filter(status="OPEN").count()) == (0, 60)


def test_eight_decisions_take_less_than_a_minute_by_keys(signed, open_page, place):
    """Only the portal's part: the reader's own thinking comes on top. Far under a minute, so no matter how busy."""
    open_cases(8)
    open_page("revisoes/")
    heading = signed.locator("#t-caso")
    began = time.monotonic()

    for case in Review.objects.filter(status="OPEN").order_by("opened_at", "pk"):
        expect(heading).to_have_text(case.person.name)
        signed.keyboard.press("a")
    expect(signed.get_by_text("Tudo decidido")).to_be_visible()

    assert CnsNumber.objects.current().count() == 8
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_of_equal_cases_have_no_barriers(signed, open_page, place, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    open_cases(12)
    found = {}

    open_page("revisoes/iguais/")
    found["groups"] = page_faults(signed)
    draw(signed, f"revisoes-iguais-{width}-{theme}")
    signed.get_by_role("link", name=WITHOUT_CPF).click()
    signed.get_by_text("Ver os outros 7").click()
    found["group"] = page_faults(signed)
    draw(signed, f"revisoes-grupo-{width}-{theme}")
    signed.get_by_label("Motivo").select_option("Os dados conferem")
    signed.get_by_label("Conferi a amostra").check()
    signed.get_by_role("button", name="Aceitar os 12").click()
    signed.get_by_role("button", name="Desfazer todos").hover()
    found["undo"] = page_faults(signed)
    draw(signed, f"revisoes-desfazer-{width}-{theme}")

    assert found == {"groups": [], "group": [], "undo": []}


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_those_beside_the_case_are_shown_and_lead_to_their_pages(signed, open_page, marcia, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    PersonFactory(name="Marta de Souza Müller", birth_date=marcia.birth_date, mother_name=marcia.mother_name)
    BeneficiaryFactory(
        person=PersonFactory(name="João Müller"), holder=marcia.links.first() or BeneficiaryFactory(person=marcia)
    )
    open_page("revisoes/")
    beside = signed.get_by_role("region", name="Ao lado do caso")
    expect(beside.get_by_text("Mesmo nascimento, mesma mãe")).to_be_visible()
    draw(signed, f"desk-beside-{theme}")

    assert page_faults(signed) == []

    beside.get_by_role("link", name="Marta de Souza Müller").click()
    expect(signed.get_by_role("heading", level=1, name="Marta de Souza Müller")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_queue_is_filtered_and_worked_by_keys(signed, open_page, marcia, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    open_cases(2)
    open_page("revisoes/")
    signed.get_by_text("Filtrar a fila").click()
    signed.get_by_role("link", name="ANS (conferência CNX) 2").click()
    expect(signed.get_by_text("2 casos", exact=True)).to_be_visible()
    draw(signed, f"desk-filter-{theme}")
    assert page_faults(signed) == []

    signed.keyboard.press("d")
    expect(signed.get_by_text("1 caso", exact=True)).to_be_visible()
    signed.keyboard.press("d")
    expect(signed.get_by_text("Nenhum caso neste filtro")).to_be_visible()
    draw(signed, f"desk-filter-empty-{theme}")

    signed.get_by_role("link", name="Ver todos").click()
    expect(signed.locator("#t-caso")).to_have_text(NAME)
