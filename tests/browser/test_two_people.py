"""A risky decision in a real browser: proposed by one, confirmed by another."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from beneficiaries.models import Person, Review
from operators.permissions import Role
from tests.accessibility import page_faults
from tests.beneficiaries.equal_cases import open_case
from tests.factories import MembershipFactory, UserFactory
from tests.pages import STAFF_PASSWORD, cookies_of
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Rita Exemplo"


@pytest.fixture
def bia(place):
    user = UserFactory(email="bia@example.invalid", first_name="Bia", last_name="Rocha")
    user.set_password(STAFF_PASSWORD)
    user.save()
    MembershipFactory(user=user, operator=place, role=Role.REVISAO)
    return user


@pytest.fixture
def case(place):
    case = open_case(1, birth_date="1985-02-28")
    Person.objects.filter(pk=case.person_id).update(name=NAME)
    return case


@pytest.fixture
def as_user(signed, live_server):
    def change(email):
        signed.context.clear_cookies()
        signed.context.add_cookies(cookies_of(get_user_model().objects.get(email=email), live_server.url))

    return change


@pytest.mark.parametrize("screen", [("light", 1440), ("dark", 390)])
def test_one_proposes_by_key_and_another_confirms(signed, open_page, bia, case, as_user, screen):
    theme, width = screen
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 844})
    found = {}

    def look(name):
        draw(signed, f"two-people-{name}-{theme}")
        found[name] = page_faults(signed)

    open_page("revisoes/")
    expect(signed.get_by_text("Decisão de risco, de duas pessoas")).to_be_visible()
    look("risky")
    signed.keyboard.press("a")
    expect(signed.get_by_text(f"Proposta gravada para {NAME}: o caso espera a segunda pessoa.")).to_be_visible()
    look("proposed")
    open_page(f"revisoes/{case.pk}/")
    expect(signed.get_by_role("button", name="Retirar a proposta")).to_be_visible()
    look("own")

    as_user("bia@example.invalid")
    open_page("revisoes/")
    expect(signed.get_by_text("Aceitação proposta", exact=True)).to_be_visible()
    look("second")
    signed.keyboard.press("a")
    expect(signed.get_by_text(f"Número aceito para {NAME}: vinculado.")).to_be_visible()
    open_page(f"revisoes/{case.pk}/")
    look("decided")

    assert {name: faults for name, faults in found.items() if faults} == {}
    case = Review.objects.get()
    assert (case.status, case.proposed_by.email, case.decided_by) == ("ACCEPTED", "ana@example.invalid", bia)


def test_the_policy_is_switched_off(signed, open_page, place):
    open_page("revisoes/politica/")
    draw(signed, "review-policy")
    assert page_faults(signed) == []

    signed.get_by_label("Duas pessoas para decisões de risco").uncheck()
    signed.get_by_role("button", name="Gravar").click()

    expect(signed.get_by_text("Política gravada. Vale a partir de agora.")).to_be_visible()
    place.refresh_from_db()
    assert place.risky_decisions_by_two is False
