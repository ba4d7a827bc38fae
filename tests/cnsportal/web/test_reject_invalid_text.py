"""Whatever somebody sends: an answer, never an error of the portal."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLResolver, get_resolver, reverse
from rest_framework.authtoken.models import Token

from beneficiaries.models import Person
from cnsportal.web.reject_invalid_text import SENTENCE
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, PersonFactory
from tests.pages import browser, confirmed, signed_in, text_of

ROOT = Path(settings.BASE_DIR)
ASKED = re.compile(r"""(?:GET|query_params)(?:\.get\(|\[)"(\w+)\"""")
PARAMETERS = sorted(
    {
        name
        for app in ("beneficiaries", "cadsus", "cards", "operators", "sib")
        for path in (ROOT / app).rglob("*.py")
        for name in ASKED.findall(path.read_text(encoding="utf-8"))
    }
    | {"resultado", "grupo", "situacao", "prioridade", "motivo", "next"}
)
ODD = ["0", "9" * 5000, "²", "31/12/0001"]


def _routes(resolver: URLResolver, prefix: str = ""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route


def addresses(link):
    known = {"pessoas/": link.person_id, "cartoes/": link.pk}
    for route in sorted(set(_routes(get_resolver())) - {"health"}):  # answered before anything is looked at
        key = next((key for part, key in known.items() if part in route), 1)
        path = route.replace("<str:registration>", link.operator.registration).replace("<int:pk>", str(key))
        path = path.replace("<str:code>", link.code)
        path = re.sub(r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "1-a", path)
        yield "/" + re.sub(r"\^|\$|\\Z|\\", "", path)


@pytest.fixture
def link(operator):
    return BeneficiaryFactory()


@pytest.fixture
def client(link):
    """Of somebody who may do everything, who has just typed the password, and whose errors are answers."""
    client = signed_in(link.operator, *Role)
    client.raise_request_exception = False
    return confirmed(client)


def shown(odd):
    return odd[:9]


def failing(client, link, **data):
    """Addresses whose answer is an error of the portal."""
    found = {path: client.get(path, data).status_code for path in addresses(link) if "/logout/" not in path}
    assert len(found) > 100
    return {path: status for path, status in found.items() if status >= 500}


@pytest.mark.parametrize("odd", ODD, ids=shown)
def test_no_value_in_an_address_ends_in_an_error(client, link, odd):
    assert failing(client, link, **dict.fromkeys(PARAMETERS, odd)) == {}


def test_a_nul_is_refused_at_every_address(client, link):
    answers = {path: client.get(path, {"q": "a\0b"}) for path in addresses(link)}

    assert {answer.status_code for answer in answers.values()} == {400}
    assert {text_of(answer).count(SENTENCE) for path, answer in answers.items() if "/api/" not in path} == {1}


def test_a_nul_in_a_form_is_refused_before_anybody_reads_it(client, link):
    answers = {path: client.post(path, {"next": "\0", "nome\0": "x"}).status_code for path in addresses(link)}

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert [status for path, status in answers.items() if "/api/" not in path and status not in {400, 404, 422}] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/o/999999/pess\0oas/"},
        {"path": "/entrar/", "HTTP_COOKIE": r'sessionid="a\000b"'},
        {"path": "/entrar/", "HTTP_USER_AGENT": "a\0b"},
        {"path": "/o/999999/api/v1/eventos/", "HTTP_AUTHORIZATION": "Token a\0b"},
    ],
)
@pytest.mark.django_db
def test_a_nul_is_refused_wherever_a_request_has_text(asked):
    assert browser(raise_request_exception=False).get(**asked).status_code == 400


def test_a_nul_in_the_name_of_a_file_ends_in_no_error(operator, client, tmp_path, settings):
    settings.INBOX_DIR = tmp_path
    token = Token.objects.create(user=client.user)
    address = reverse("sib:api_conferences", args=[operator.registration])

    named = client.post(
        f"{address}?nome=%00.cnx", b"<x/>", content_type="application/octet-stream", HTTP_AUTHORIZATION=f"Token {token}"
    )
    sent = client.post(
        address, {"arquivo": SimpleUploadedFile("a\0b.cnx", b"<x/>")}, HTTP_AUTHORIZATION=f"Token {token}"
    )

    assert (named.status_code, named.json()) == (400, {"detail": SENTENCE})
    assert sent.status_code == 202


@pytest.mark.parametrize(
    ("words", "found"),
    [("maria 84", True), ("maria 1984", True), ("maria 4", True), ("maria 0", False), ("maria 0000", False)]
    + [(words, False) for words in ("0", "99999", "maria 99999", "maria ²", "٣", "9" * 150, "maria " + "9" * 100)],
)
def test_a_number_that_is_no_year_finds_nobody_by_birth(operator, words, found):
    PersonFactory(name="Maria Exemplo", birth_date=date(1984, 2, 29))
    PersonFactory(name="Maria Exemplo", birth_date=date(1904, 2, 29))

    assert Person.objects.search(words).exists() == found
