"""Promises about every address of the portal, and the pages that belong to nobody."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from beneficiaries.registry import LOOKUP_CREATE_PAGE, LOOKUPS_PAGE
from cadsus.client.connection_check import StepState
from cnsportal.web.views import server_error
from operators.api import OperatorAPI
from operators.permissions import Permission
from operators.registry import MENU, PERSON_PAGE
from operators.templatetags.portal import HOME, MessageLevel
from operators.views.base import PortalView
from tests.pages import browser

PUBLIC = {
    "",  # sends to the reader's operator, after signing in
    "health",
    "tema/",
    "v/",  # the check of a card whose QR code fails
    "v/<str:code>",  # what a card's QR code leads to
    "c/aparencia/<str:main>-<str:support>.css",  # how a card looks: nobody's data
    "c/aparencia/<str:sha256>.png",
    "c/<str:token>",  # a beneficiary's link, and what the birth date opens
    "c/aberto/<uuid:record>/",
    "c/aberto/<uuid:record>/qr.svg",
    "c/aberto/<uuid:record>/sair",
    "c/aberto/<uuid:record>/<str:name>",
    "entrar/",
}
ALLAUTH = "entrar/"  # signing in and one's own account: django-allauth asks for the session itself
OFFERED = {
    "",
    "login/",
    "logout/",
    "inactive/",
    "signup/",
    "reauthenticate/",
    "password/change/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
    "2fa/",
    "2fa/authenticate/",
    "2fa/reauthenticate/",
    "2fa/totp/activate/",
    "2fa/totp/deactivate/",
    "2fa/recovery-codes/",
    "2fa/recovery-codes/generate/",
    "2fa/recovery-codes/download/",
}
"""Of django-allauth's pages: what a release of it adds is a decision of ours."""


def _patterns(resolver: URLResolver, prefix: str = ""):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, path)
        else:
            yield path, pattern


def _permission(pattern: URLPattern) -> object:
    view = getattr(pattern.callback, "view_class", None)
    return getattr(view, "permission", None) if view and issubclass(view, (PortalView, OperatorAPI)) else None


def test_every_address_names_a_permission():
    patterns = list(_patterns(get_resolver()))

    bare = {path for path, pattern in patterns if not isinstance(_permission(pattern), Permission)}

    assert {path for path in bare if not path.startswith(ALLAUTH)} | {"entrar/"} == PUBLIC


def test_of_the_pages_of_an_account_those_are_offered_that_we_mean():
    paths = {path.removeprefix(ALLAUTH) for path, _ in _patterns(get_resolver()) if path.startswith(ALLAUTH)}

    assert paths == OFFERED


def test_every_address_with_a_permission_lies_below_an_operator():
    guarded = [path for path, pattern in _patterns(get_resolver()) if _permission(pattern)]

    assert [path for path in guarded if not path.startswith("o/<str:registration>/")] == []
    assert len(guarded) > 15


NAMED = re.compile(r"""(?:\{% (?:operator_url|url) |\b(?:reverse|redirect)\()["']([a-z_:]+)["']""")


def test_every_name_of_an_address_that_code_or_a_page_says_is_there():
    apps = ("operators", "beneficiaries", "sib", "cadsus", "cards", "cnsportal", "demo")
    root = Path(settings.BASE_DIR)
    texts = [path for app in apps for path in (root / app).rglob("*.py")] + list((root / "templates").rglob("*.html"))
    said = {name for path in texts for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    said |= {name for entry in MENU for name in (entry.page, *entry.beside)}
    said |= {HOME, *(target.url_name for target in (PERSON_PAGE, LOOKUPS_PAGE, LOOKUP_CREATE_PAGE))}

    assert said - _names(get_resolver()) == set()
    assert len(said) > 100


def _names(resolver: URLResolver, space: str = "") -> set[str]:
    names = {f"{space}{name}" for name in resolver.reverse_dict if isinstance(name, str)}
    return names.union(*(_names(inner, f"{space}{within}:") for within, (_, inner) in resolver.namespace_dict.items()))


def test_every_template_compiles():
    folder = Path(settings.BASE_DIR) / "templates"

    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.html"))]

    assert [get_template(name).template.name for name in names] == names


def test_fragments_alone_begin_with_an_underscore():
    """Components are fragments all; allauth names its own; an e-mail is whole."""
    folder = Path(settings.BASE_DIR) / "templates"
    apart = {"components", "allauth", "mail"}
    own = [path for path in folder.rglob("*.html") if not apart & set(path.relative_to(folder).parts)]
    whole = {path.name for path in own if re.search("{% extends|<html", path.read_text())}

    assert {path.name for path in own if not path.name.startswith("_")} == whole


def test_no_template_of_a_page_carries_inline_style_or_script():
    """E-mails have no style but their own, and no policy forbids it."""
    folder = Path(settings.BASE_DIR) / "templates"

    offenders = [
        path.name
        for path in sorted(folder.rglob("*.html"))
        if path.parent.name != "mail"
        and any(mark in path.read_text() for mark in (" style=", "<style", " onclick=", "javascript:", "<script>"))
    ]

    assert offenders == []


def test_every_icon_exists():
    """django-lucide warns of names that are about to go, and warnings are errors."""
    from lucide import _render_icon

    folder = Path(settings.BASE_DIR) / "templates"
    pattern = re.compile(r"""(?:\{% icon |symbol=)"([\w-]+)\"""")
    named = {name for path in folder.rglob("*.html") for name in pattern.findall(path.read_text())}
    named |= {each.icon for each in (*MENU, *MessageLevel, *StepState)}

    drawn = {name for name in named if _render_icon(name, 16).startswith("<svg")}

    assert drawn == named
    assert len(named) > 30


@pytest.mark.django_db
def test_health_says_that_database_and_broker_answer():
    response = browser().get("/health")

    assert (response.status_code, response.json()) == (200, {"database": True, "broker": True})


@pytest.mark.django_db
def test_health_answers_by_address_and_over_plain_http(settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["portal.exemplo.invalid"], True

    response = browser().get("/health", HTTP_HOST="10.0.0.7:8000")

    assert response.status_code == 200


@pytest.mark.django_db
def test_health_says_that_the_broker_is_gone(settings):
    from celery import current_app

    before = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    current_app.set_default()
    try:
        response = browser().get("/health")
    finally:
        current_app.conf.broker_url = before

    assert (response.status_code, response.json()) == (503, {"database": True, "broker": False})


def test_theme_is_remembered_in_a_cookie():
    response = browser().post("/tema/", {"theme": "dark", "next": "/entrar/"})

    assert (response.status_code, response["Location"], response.cookies["tema"].value) == (302, "/entrar/", "dark")


def test_theme_that_does_not_exist_is_not_remembered():
    response = browser().post("/tema/", {"theme": "pink", "next": "/entrar/"})

    assert dict(response.cookies) == {}


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_theme_never_sends_to_another_site(target):
    response = browser().post("/tema/", {"theme": "dark", "next": target})

    assert response["Location"] == "/"


def test_theme_is_not_set_by_reading():
    assert browser().get("/tema/").status_code == 405


@pytest.mark.django_db
def test_theme_of_the_cookie_is_served_with_the_page():
    client = browser()
    client.post("/tema/", {"theme": "dark"})

    assert '<html lang="pt-BR" data-theme="dark">' in client.get("/entrar/").content.decode()


@pytest.mark.django_db
def test_pages_carry_the_strict_policy():
    policy = browser().get("/entrar/")["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.django_db
def test_unknown_address_is_a_plain_page_in_portuguese():
    response = browser().get("/nao-existe/")

    assert response.status_code == 404
    assert "Esta página não existe" in response.content.decode()


def test_unexpected_error_shows_the_id_that_the_log_has():
    import structlog

    with structlog.contextvars.bound_contextvars(request_id="0f3a"):
        response = server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "<code>0f3a</code>" in response.content.decode()


@pytest.mark.django_db
def test_forged_form_is_refused_in_plain_words():
    response = browser(enforce_csrf_checks=True).post("/tema/", {"theme": "dark"})

    assert response.status_code == 403
    assert "O envio não foi aceito" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("account_login", "Entrar"),
        ("account_reset_password", "Esqueceu a senha?"),
        ("account_signup", "Cadastro fechado"),
    ],
)
def test_pages_of_the_account_speak_portuguese(name, sentence):
    from django.urls import reverse

    response = browser().get(reverse(name))

    assert response.status_code == 200
    assert sentence in response.content.decode()
