import json
import re
import subprocess
import sys

import pytest
from django.urls import URLResolver, get_resolver

from cnsportal.conf.log_config import hidden

SETUP = """
import logging, logging.config, structlog
from cnsportal.conf import log_config
logging.config.dictConfig(log_config.configuration(level="INFO", as_json=True))
ours, theirs = structlog.get_logger("a"), logging.getLogger("b")
"""


def logged(code):
    """The lines that this code logs in a process of its own, with the logging of the settings."""
    result = subprocess.run([sys.executable, "-c", SETUP + code], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stderr.splitlines()]


def names_of_addresses(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        yield from names_of_addresses(pattern, path) if isinstance(pattern, URLResolver) else [path]


@pytest.mark.parametrize("number", ["11144477735", "111.444.777-35", "700000000000005", "700 0000 0000 0005"])
def test_numbers_that_look_like_a_cpf_or_a_cns_leave_the_log_masked(number):
    lines = logged(f"ours.info('número {number} recusado'); theirs.info('número %s recusado', '{number}')")

    assert [line["event"] for line in lines] == ["número *** recusado", "número *** recusado"]


BETWEEN = ["", " ", ".", "-", "/", "\xa0", "\u202f", "\u2009", "\u2013", "\u2011", "\u200b", " - ", ". ", "  ", "\t"]


@pytest.mark.parametrize("groups", [("123", "456", "789", "01"), ("700", "0000", "0000", "0005")])
@pytest.mark.parametrize("between", BETWEEN)
def test_a_number_is_masked_whatever_stands_between_its_groups(groups, between):
    assert hidden(f"n.º {between.join(groups)}, recusado") == "n.º ***, recusado"


@pytest.mark.parametrize(
    "number", ["123.456.789/01", "123 456 789-01", "123456789 01", "123.456 789\u201301", "123.45678901"]
)
def test_a_cpf_is_masked_in_a_mask_of_its_own(number):
    assert hidden(f"CPF {number}") == "CPF ***"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30 12:15:00.123456-03:00",
        "2026-11-30T12:15:00.123456Z INFO 123 linhas",
        "30/11/2026 23:59:59",
        "12.345.678/0001-90",
        "192.168.100.10 - - GET /saude",
        "192.168.100.10:8000",
        "1.234.567 linhas em 12.345 s",
        "lote 123 de 456",
        "conferencia 99999920260904101530.SBX",
        '"GET / HTTP/1.1" 200 5316',
    ],
)
def test_moments_counts_and_addresses_of_machines_stay(text):
    assert hidden(text) == text


def test_identifiers_of_rows_stay():
    (line,) = logged("ours.info('run_failed', run_id=12345678901)")

    assert (line["event"], line["run_id"], line["level"]) == ("run_failed", 12345678901, "info")


def test_an_exception_keeps_its_trace_and_loses_its_numbers():
    (line,) = logged("try:\n    int('11144477735 x')\nexcept ValueError:\n    ours.exception('boom')")

    assert line["exception"].splitlines()[-1] == "ValueError: invalid literal for int() with base 10: '*** x'"


@pytest.mark.parametrize(
    ("address", "left"),
    [
        (f"GET /c/{'aB3_-' * 5}.c2ln", "GET /c/***"),
        (f"GET /v/{'x' * 22}", "GET /v/***"),
        ("GET /entrar/password/reset/key/7-div25o-9dfcc2fb0123456789/", "GET /entrar/password/reset/key/***/"),
        ("GET /entrar/password/reset/key/7-set-password/", "GET /entrar/password/reset/key/***/"),
        ("GET /entrar/password/reset/key/done/", "GET /entrar/password/reset/key/done/"),
        ("GET /entrar/confirm-email/MQ:1uXy:abc_-9/", "GET /entrar/confirm-email/***/"),
        ("GET /o/999999/pessoas/?q=maria+silva&cns=sem", "GET /o/999999/pessoas/?***"),
        ("GET /o/999999/api/v1/beneficiarios/00000000000000017/cns/", "GET /o/999999/api/v1/beneficiarios/***/cns/"),
        ('"GET /x/?q=ana HTTP/1.1" 200', '"GET /x/?*** HTTP/1.1" 200'),
        ("GET /o/999999/cartoes/lotes/12/", "GET /o/999999/cartoes/lotes/12/"),
        ("Não achei o arquivo. Está certo? Confira.", "Não achei o arquivo. Está certo? Confira."),
    ],
)
def test_of_an_address_nothing_is_logged_that_opens_or_names(address, left):
    assert hidden(address) == left


def test_every_address_that_holds_a_secret_is_hidden_in_logs():
    """Whatever is public and has a key, token or code in its path."""
    secret = "7Kx-9dfcc2fb0123456789aB3_-"
    kinds = {
        "key": secret,
        "token": secret,
        "code": secret,
        "uidb36": "7",
        "registration": "999999",
        "name": "frente.png",
    }
    public = [name for name in names_of_addresses() if not name.startswith("o/")]
    secretive = [name for name in public if re.search(r"[:<](key|token|code)>", name)]

    shown = [re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m: kinds[m[1] or m[2]], name) for name in secretive]

    assert len(secretive) == 3
    assert [address for address in shown if secret in hidden(f"GET /{address.replace('^', '')}")] == []


@pytest.mark.parametrize(
    "identifier",
    [
        "bd65464f-8163-4195-b396-12345678901f",
        "12345678-1234-4123-8123-123456789012",
        "bd65464f81634195b39612345678901f",
    ],
)
def test_ids_of_tasks_and_requests_stay_whole(identifier):
    assert hidden(f"Task sib.scan_inbox[{identifier}] received") == f"Task sib.scan_inbox[{identifier}] received"


@pytest.mark.parametrize("label", ["DETAIL", "DETALHE", "CONTEXT", "CONTEXTO"])
def test_what_the_database_tells_of_a_row_is_hidden(label):
    told = f"duplicate key value\n{label}:  Key (email)=(ana@example.invalid) already exists."

    assert hidden(told) == f"duplicate key value\n{label}:  ***"


def test_the_password_in_the_address_of_a_service_is_hidden():
    assert hidden("Cannot connect to redis://:segredo@cache:6379/0") == "Cannot connect to redis://***@cache:6379/0"


def test_numbers_in_lists_and_fields_are_hidden_too():
    (line,) = logged("ours.info('refused', rows=['11144477735', 7], field={'cpf': '11144477735'})")

    assert (line["rows"], line["field"]) == (["***", 7], {"cpf": "***"})


def test_gunicorn_logs_through_the_same_gate():
    """Its handlers are its own: the access log as well as the log of errors."""
    code = """
import runpy
from gunicorn.config import Config
config = Config()
for name in ("logger_class", "umask"):
    config.set(name, runpy.run_path("gunicorn.conf.py")[name])
config.set("accesslog", "-")
log = config.logger_class(config)
log.error("Error handling request %s", "/entrar/password/reset/key/7-div25o-9dfc/")
log.access_log.info('"GET /o/999999/pessoas/?q=11144477735 HTTP/1.1" 200')
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stderr.split("] ")[-1] == "Error handling request /entrar/password/reset/key/***/\n"
    assert result.stdout == '"GET /o/999999/pessoas/?*** HTTP/1.1" 200\n'
