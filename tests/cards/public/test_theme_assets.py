"""The colours and the logo of a digital card, open to whoever has the address of its page."""

import pytest
from django.test import Client

from cards.domain.theme import stylesheet
from operators.models import CardTheme, Logo
from tests.cards.digital_card import LinkedCard
from tests.cards.golden import LOGO, THEME

SHEET = "/c/aparencia/5b1a66-fdf3d8.css"
PICTURE = f"/c/aparencia/{LOGO.sha256}.png"
KEPT = {"max-age=31536000", "public", "immutable"}


def dress(operator):
    logo = Logo.objects.create(operator=operator, sha256=LOGO.sha256, content=LOGO.content, ratio=LOGO.ratio)
    CardTheme.objects.create(operator=operator, main=THEME.main, support=THEME.support, logo=logo)


@pytest.fixture
def world(db):
    return LinkedCard(dress)


def test_the_card_wears_the_colours_and_the_logo_that_it_was_issued_with(world):
    phone = Client()

    page = world.opened(phone).content.decode()

    assert (page.count(f'href="{SHEET}"'), page.count(f'src="{PICTURE}"')) == (1, 1)
    assert [phone.get(address).status_code for address in (SHEET, PICTURE)] == [200, 200]


def test_a_card_of_an_operator_without_a_theme_has_the_usual_colours_and_no_logo(db):
    page = LinkedCard().opened(Client()).content.decode()

    assert ('href="/c/aparencia/084f48-e8f2ef.css"' in page, "digital__logo" in page) == (True, False)


@pytest.mark.parametrize(("address", "kind"), [(SHEET, "text/css"), (PICTURE, "image/png")])
def test_browsers_keep_them_for_good(world, address, kind):
    answer = Client().get(address)

    assert (answer["Content-Type"], set(answer["Cache-Control"].split(", "))) == (kind, KEPT)
    assert Client().head(address).status_code == 200
    assert Client().post(address).status_code == 405


def test_they_are_what_their_names_say(world):
    assert Client().get(SHEET).content.decode() == stylesheet(THEME.main, THEME.support)
    assert Client().get(PICTURE).content == LOGO.content


@pytest.mark.parametrize(
    "name",
    [
        "ffcc00-fdf3d8.css",
        "5b1a66-084f48.css",
        "5b1a66-red.css",
        "5b1a66-fdf3d8;}body{x.css",
        f"{'0' * 64}.png",
        "x.png",
    ],
)
def test_what_no_card_can_look_like_is_not_found(db, name):
    assert Client().get(f"/c/aparencia/{name}").status_code == 404
