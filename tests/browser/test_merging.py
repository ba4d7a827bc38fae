"""Two records made one, and one made two, in a real browser."""

from datetime import date

import pytest
from playwright.sync_api import expect

from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory, PersonFactory, cns

pytestmark = pytest.mark.django_db(transaction=True)

MARIA = {"name": "Maria Exemplo da Silva", "birth_date": date(1984, 2, 29), "mother_name": "Joana Exemplo"}
CHILD = {"name": "RN de Joana Exemplo", "birth_date": date(2026, 11, 20), "mother_name": "Joana Exemplo", "cpf": None}


@pytest.fixture
def people(place):
    """One person in two records, and two newborns in one."""
    for at, cpf in enumerate(("11144477735", "52998224725"), 1):
        link = BeneficiaryFactory(person=PersonFactory(**MARIA, cpf=cpf, street=f"Rua {at}", city_code="355030"))
        attach_cns([CnsOffer(link.person_id, cns(at), CnsSource.CADSUS)])
    child = PersonFactory(**CHILD, dn="30111111111")
    BeneficiaryFactory(person=child, code="7001")
    BeneficiaryFactory(person=child, code="7002")
    PersonFactory(**CHILD)
    return child


def _open(page, live_server, operator, path):
    page.goto(f"{live_server.url}/o/{operator.registration}/{path}")


def test_a_pair_of_the_list_is_compared_merged_and_taken_apart_again(signed, people, place, live_server):
    _open(signed, live_server, place, "pessoas/")
    signed.get_by_role("link", name="Talvez a mesma pessoa").click()
    signed.get_by_role("link", name="Comparar Maria Exemplo da Silva").first.click()
    signed.get_by_label("CPF: 529.982.247-25").check()
    signed.get_by_label("CNS atual").first.check()
    signed.get_by_label("Motivo").fill("mesmo RG, visto no balcão")
    signed.get_by_role("button", name="Juntar os dois").click()

    expect(signed.get_by_role("heading", name="Dois cadastros em um")).to_be_visible()
    assert Person.objects.filter(name=MARIA["name"]).get().cpf == "52998224725"

    signed.get_by_role("button", name="Desfazer a junção").click()

    expect(signed.get_by_role("status")).to_contain_text("Desfeito")
    assert Person.objects.filter(name=MARIA["name"]).count() == 2


def test_two_newborns_of_one_record_become_two(signed, people, place, live_server):
    _open(signed, live_server, place, f"pessoas/{people.pk}/")
    signed.get_by_role("link", name="Separar em duas pessoas").click()
    signed.get_by_label("código 7002").check()
    new = signed.get_by_role("region", name="Pessoa nova")
    new.get_by_label("Nome", exact=True).fill("Pedro Exemplo")
    signed.get_by_label("Motivo").fill("são gêmeos")
    signed.get_by_role("button", name="Separar").click()

    expect(signed.get_by_role("heading", level=1)).to_have_text("Pedro Exemplo")
    assert Person.objects.get(name="Pedro Exemplo").links.get().code == "7002"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_accessibility_violations_and_fit_the_screen(signed, people, place, live_server, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    one, other = Person.objects.filter(name=MARIA["name"]).order_by("pk")
    paths = [
        *("pessoas/talvez/", "pessoas/talvez/?tipo=recem-nascidos"),
        *(f"pessoas/{one.pk}/juntar/", f"pessoas/{one.pk}/juntar/{other.pk}/", f"pessoas/{people.pk}/separar/"),
    ]

    found = {}
    for path in paths:
        _open(signed, live_server, place, path)
        found[path] = page_faults(signed)
    assert {path: faults for path, faults in found.items() if faults} == {}
