"""What the page about an unexpected error shows of what the program was working with: nothing."""

import sys

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

OPENED, TYPED, PASSWORD, SEALING, MAIL = (f"{name}-secreto" for name in ("aberto", "cpf", "senha", "lacre", "correio"))


@pytest.mark.parametrize("secret", [OPENED, TYPED, PASSWORD, SEALING, MAIL, "redis://"])
def test_error_page_shows_no_value(page, secret):
    assert secret not in page


def test_error_page_shows_where_it_happened_and_which_fields_were_sent(page):
    assert "return len(key) / 0" in page
    assert "codigo_de_acesso" in page


@pytest.fixture
def page(settings):
    """With debugging on, and secrets in a form, in variables and in the settings."""
    settings.DEBUG = True
    settings.CADSUS_KEKS = {"v1": SEALING.encode()}
    settings.EMAIL_HOST_PASSWORD = MAIL
    request = RequestFactory().post("/", {"cpf": TYPED, "codigo_de_acesso": PASSWORD})
    try:
        _work(OPENED.encode())
    except ZeroDivisionError:
        return ExceptionReporter(request, *sys.exc_info()).get_traceback_html()


def _work(key):
    return len(key) / 0
