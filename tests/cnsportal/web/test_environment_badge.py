"""Nobody takes an invented answer for a real one: every page of a portal that is not in production says so."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver

from cnsportal.web.environment_badge import BADGES
from cnsportal.web.views import server_error
from operators.permissions import Role
from tests.factories import BeneficiaryFactory
from tests.pages import browser, signed_in

TRAINING = "Treinamento: as respostas vêm do simulador, não do DATASUS"
HOMOLOGATION = "Homologação: as respostas vêm do ambiente de testes do DATASUS"
UNREAL = ("simulator", TRAINING), ("homologation", HOMOLOGATION)


def _routes(resolver: URLResolver, prefix: str = ""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route


def _addresses(link):
    """Every address of the portal, of things that exist as far as the test has made them."""
    known = {"pessoas/": link.person_id, "cartoes/": link.pk}
    for route in _routes(get_resolver()):
        key = next((key for part, key in known.items() if part in route), 1)
        path = route.replace("<str:registration>", link.operator.registration).replace("<int:pk>", str(key))
        path = re.sub(r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "1-a", path)
        yield "/" + re.sub(r"\^|\$|\\Z|\\", "", path)


def _marks(response):
    """What the bar above the page says; None where the answer is no whole page: a redirect, a fragment, a file."""
    if not response.get("Content-Type", "").startswith("text/html") or b"<html" not in response.content:
        return None
    found = re.findall(
        r'<aside class="environment-badge[^>]*aria-label="Ambiente"><p>(.*?)</p>', response.content.decode()
    )
    return [re.sub(r"<.*?>", "", unescape(bar)) for bar in found]


def _walk(link):
    """The bars of every page, as a stranger and as somebody of the staff finds it."""
    visitors = {"stranger": browser(), "staff": signed_in(link.operator, *Role)}
    found = {
        (name, path): _marks(client.get(path)) for path in set(_addresses(link)) for name, client in visitors.items()
    }
    return {place: bars for place, bars in found.items() if bars is not None}


@pytest.mark.parametrize(("environment", "sentence"), UNREAL)
def test_every_page_says_where_answers_come_from(operator, settings, environment, sentence):
    settings.CADSUS_ENVIRONMENT = environment

    pages = _walk(BeneficiaryFactory())

    assert {place: bars for place, bars in pages.items() if bars != [sentence]} == {}
    assert len(pages) > 40


def test_no_page_says_so_in_production(operator, settings):
    settings.CADSUS_ENVIRONMENT = "production"

    pages = _walk(BeneficiaryFactory())

    assert {place: bars for place, bars in pages.items() if bars} == {}
    assert len(pages) > 40


def test_every_environment_but_production_has_its_mark():
    assert set(BADGES) == set(portal_settings.CADSUS_ENVIRONMENTS) - {"production"}


def test_every_template_of_a_whole_page_carries_the_mark():
    folder = Path(portal_settings.BASE_DIR) / "templates"
    files = [path for path in folder.rglob("*.html") if path.parent.name != "mail"]
    whole = {str(path.relative_to(folder)): path.read_text() for path in files}

    pages = {name: text.count("components/environment_badge.html") for name, text in whole.items() if "<html" in text}

    assert pages == {"base.html": 1, "500.html": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(("environment", "sentence"), UNREAL)
def test_refused_forms_and_wrong_addresses_say_so_too(settings, environment, sentence):
    settings.CADSUS_ENVIRONMENT = environment

    refused = browser(enforce_csrf_checks=True).post("/tema/", {"theme": "dark"})
    missing = browser().get("/nao-existe/")

    assert [(page.status_code, _marks(page)) for page in (refused, missing)] == [(403, [sentence]), (404, [sentence])]


def test_page_of_last_resort_says_so_without_a_database(settings):
    settings.CADSUS_ENVIRONMENT = "simulator"

    assert _marks(server_error(RequestFactory().get("/"))) == [TRAINING]


def test_fragment_does_not_repeat_the_mark_of_its_page(operator, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"
    client = signed_in(operator, *Role)

    fragment = client.get(f"/o/{operator.registration}/consultas/", headers={"HX-Request": "true"})

    assert (fragment.status_code, fragment.content.count(b"environment-badge")) == (200, 0)


@pytest.mark.parametrize("environment", ["simulator", "production"])
def test_mark_asks_the_database_nothing(settings, environment, django_assert_num_queries, db):
    settings.CADSUS_ENVIRONMENT = environment

    with django_assert_num_queries(0):
        response = browser().get("/nao-existe/")

    assert response.status_code == 404
