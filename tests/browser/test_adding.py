"""One person by hand: somebody new, a dependant, a link that ends and comes back."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import Beneficiary, Person
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory, PersonFactory
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def holder(place):
    person = PersonFactory(
        name="Teresa Exemplo Araújo", street="Rua das Flores", number="12", city_code="355030", postal_code="01310100"
    )
    return BeneficiaryFactory(whole=True, person=person, code="17", plan__name="Vida Amplo")


@pytest.fixture
def known(place):
    return PersonFactory(name="Rosa Exemplo", birth_date="1990-05-02", mother_name="Joana Exemplo", cpf=None)


def fill_person(signed, name="Rosa Exemplo"):
    signed.get_by_label("Nome", exact=True).fill(name)
    signed.get_by_label("Data de nascimento").fill("02/05/1990")
    signed.get_by_label("Nome da mãe").fill("Joana Exemplo")


def fill_link(signed, code, relationship):
    signed.get_by_label("Relação com o titular").select_option(label=relationship)
    signed.get_by_label("Código do beneficiário").fill(code)
    signed.get_by_label("Data da contratação").fill("01/07/2022")


def test_somebody_new_is_checked_while_typing_and_compared_before_saving(signed, holder, known, live_server, place):
    signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/")
    signed.get_by_role("link", name="Nova pessoa").click()
    fill_person(signed)
    expect(signed.get_by_role("heading", name="Esta pessoa talvez já esteja no cadastro")).to_be_visible()
    signed.get_by_role("textbox", name="CPF").fill("111.444.777-34")
    signed.get_by_label("Nome social").focus()
    expect(signed.get_by_text("Não passa nos dígitos de conferência.")).to_be_visible()
    signed.get_by_role("textbox", name="CPF").fill("111.444.777-35")
    signed.get_by_label("Nome social").focus()
    expect(signed.get_by_text("Não passa nos dígitos de conferência.")).not_to_be_visible()

    fill_link(signed, "18", "Titular")
    signed.get_by_label("Plano", exact=True).select_option(label="Vida Amplo")
    signed.get_by_role("button", name="Gravar").click()
    expect(signed.get_by_role("alert")).to_contain_text("marque que é outra e grave")
    signed.wait_for_load_state()
    with signed.expect_response(lambda response: response.request.method == "POST"):
        signed.get_by_label("É outra pessoa").check()
    expect(signed.get_by_label("É outra pessoa")).to_be_checked()
    signed.get_by_role("button", name="Gravar").click()

    expect(signed.get_by_text("Pessoa cadastrada.")).to_be_visible()
    assert Person.objects.filter(name="Rosa Exemplo").count() == 2


def test_a_dependant_comes_leaves_with_the_holder_and_comes_back(signed, holder, live_server, place):
    person = f"{live_server.url}/o/{place.registration}/pessoas/{holder.person_id}/"
    signed.goto(person)
    signed.get_by_role("link", name="Novo dependente").click()
    fill_person(signed)
    fill_link(signed, "18", "Filho(a)")
    signed.get_by_role("button", name="Gravar").click()
    expect(signed.get_by_text("Pessoa cadastrada.")).to_be_visible()

    signed.goto(person)
    signed.get_by_role("link", name="Cancelar vínculo").click()
    signed.get_by_label("Data do cancelamento").fill("31/05/2023")
    signed.get_by_label("Motivo do cancelamento").select_option("41")
    signed.get_by_label("Saem também").check()
    signed.get_by_role("button", name="Cancelar vínculo").click()
    expect(signed.get_by_text("Vínculo cancelado, e 1 de dependentes.")).to_be_visible()

    signed.get_by_role("link", name="Reativar vínculo").click()
    signed.get_by_label("Data da reativação").fill("01/06/2023")
    signed.get_by_role("button", name="Reativar vínculo").click()
    expect(signed.get_by_text("Vínculo reativado.")).to_be_visible()
    ends = Beneficiary.objects.order_by("code").values_list("code", "holder__code", "cancellation_reason")
    assert list(ends) == [("17", None, ""), ("18", "17", "41")]


def test_somebody_known_gets_another_link_checked_while_typing(signed, holder, known, live_server, place):
    signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/{known.pk}/")
    signed.get_by_role("link", name="Novo vínculo").click()
    fill_link(signed, "17", "Titular")
    expect(signed.get_by_text("Este código já é de outro vínculo.")).to_be_visible()
    fill_link(signed, "18", "Titular")
    signed.get_by_label("Plano", exact=True).select_option(label="Vida Amplo")
    expect(signed.get_by_text("Este código já é de outro vínculo.")).not_to_be_visible()

    signed.get_by_role("button", name="Gravar").click()

    expect(signed.get_by_role("status")).to_have_text("Vínculo incluído.")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_of_one_person_by_hand_have_no_barriers(signed, holder, known, live_server, place, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    BeneficiaryFactory(holder=holder, relationship="4", person=known)
    paths = {
        "person": f"{holder.person_id}/",
        "add": "nova/",
        "dependant": f"vinculos/{holder.pk}/dependente/",
        "link": f"{known.pk}/vinculos/novo/",
        "cancel": f"vinculos/{holder.pk}/cancelar/",
        "reactivate": f"vinculos/{holder.pk}/reativar/",
    }
    found = {}

    def look(name):
        found[name] = page_faults(signed)
        draw(signed, f"by-hand-{name}-{theme}")

    for name, path in paths.items():
        signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/{path}")
        look(name)
    signed.goto(f"{live_server.url}/o/{place.registration}/pessoas/nova/")
    fill_person(signed)
    signed.get_by_role("textbox", name="CPF").fill("1")
    signed.get_by_role("textbox", name="CPF").press("Tab")
    expect(signed.get_by_text("Deve ter 11 algarismos.")).to_be_visible()
    look("typing")
    signed.get_by_role("button", name="Gravar").click()
    expect(signed.get_by_role("alert")).to_be_visible()
    look("refused")

    assert {name: faults for name, faults in found.items() if faults} == {}
