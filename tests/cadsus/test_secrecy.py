"""A whole life of a certificate, with real processes, and then the search for its key in all that they left behind.

Sent in a browser, refused, tested, asked with, put under another key-encryption key, and met by errors while it was
open: what the portal answered, logged, queued, stored or held open must not hold the key, its password or its file.
"""

import base64
import json
import re
import secrets
from contextlib import ExitStack, suppress
from functools import cache
from html import escape
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis
import requests
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from psycopg2 import sql

from operators.management.base import worker_arguments
from tests.cadsus.people import CNPJ, COLUMNS, enrolled, known
from tests.cadsus.portal_processes import Browser, Stage, eventually, free_port
from tests.cadsus.secret_search import Sought, secrets_of
from tests.datasus_simulator.fixtures import running_simulator

PASSWORD = "segredo+8f3a/do=certificado"
NEXT_PASSWORD = "outro?segredo&71c9#longo"
OLD_KEK, NEW_KEK = secrets.token_bytes(32), secrets.token_bytes(32)
OLD, NEW = (f"{name}:{base64.b64encode(key).decode()}" for name, key in (("velha", OLD_KEK), ("nova", NEW_KEK)))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sigilo")
    with running_simulator([known(index) for index in range(1, 7)], folder) as simulator:
        stage = Stage(folder, simulator, f"{OLD},{NEW}")
        issue = simulator.pki.issue_ecnpj
        stage.file = issue(cnpj=CNPJ, legal_name="Exemplo", password=PASSWORD)
        stage.next_file = issue(cnpj=CNPJ, legal_name="Exemplo", password=NEXT_PASSWORD)
        _prepare(stage)
        _live(stage)
        yield stage


def _prepare(stage) -> None:
    for registration, cnpj in (("999999", CNPJ), ("888888", "11444777000161")):
        names = ["--legal-name", "Exemplo S.A.", "--trade-name", f"Exemplo {registration}"]
        stage.done("create_operator", "--registration", registration, "--cnpj", cnpj, "--cnes", "1234567", *names)
    stage.done(
        "grant_access", "ana@example.invalid", "--operator", "999999", "--role", "administracao", "--role", "cadastro"
    )
    people = stage.folder / "pessoas.csv"
    people.write_text("\n".join([COLUMNS, *map(enrolled, range(1, 7))]), encoding="utf-8")
    stage.done("import_beneficiaries", str(people), "--operator", "999999")


def _live(stage) -> None:
    ports = {"web": free_port(), "debugged": free_port()}
    with ExitStack() as running:
        running.enter_context(stage.overheard())
        log = running.enter_context(stage.process("worker", *worker_arguments(4)))
        for name, port in ports.items():
            arguments = ("gunicorn", "cnsportal.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4")
            debug = "true" if name == "debugged" else "false"
            running.enter_context(stage.process(name, *arguments, CNSPORTAL_DEBUG=debug))
        eventually(lambda: b"ready." in log.read_bytes())
        bases = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        for base in bases.values():
            eventually(lambda base=base: _answers(base))
        _use(stage, Browser(stage, bases["web"]), Browser(stage, bases["debugged"]))


def _answers(base):
    with suppress(requests.RequestException):
        return requests.get(f"{base}/health", timeout=2).ok
    return False


def _use(stage, browser, debugged) -> None:
    stage.refused = [browser.send(stage.file, "errada").status_code, browser.send(b"nothing", PASSWORD).status_code]
    address = browser.send(stage.file, PASSWORD).url
    stage.tested = _tested(browser, address)
    stage.asked = stage.done("query_cns", "--operator", "999999", "--limit", "3", "--json")
    with stage.broken("operators_auditevent"):
        stage.errors = [each.send(stage.next_file, NEXT_PASSWORD) for each in (browser, debugged)]
    with stage.broken("cadsus_exchange"):
        stage.failed = _tested(browser, address)
    browser.send(stage.next_file, NEXT_PASSWORD)
    stage.rotated = json.loads(stage.done("rotate_kek", "--json", CADSUS_KEK=f"{NEW},{OLD}"))
    stage.asked_again = stage.done("query_cns", "--operator", "999999", "--json", CADSUS_KEK=NEW)
    for path in ("", "certificados/", "consultas/", "auditoria/"):
        browser.get(f"/o/999999/{path}")


_IN_PROGRESS = re.compile("na fila|em andamento")


def _tested(browser, address):
    """The page of the certificate once its live test is over."""
    path = urlsplit(address).path
    browser.get(path)
    browser.post(f"{path}teste/")
    eventually(lambda: not _IN_PROGRESS.search(browser.get(path).text))
    return browser.last.text


@pytest.fixture(scope="module")
def sought(stage):
    secrets_by_name = {}
    for prefix, file, password in (("", stage.file, PASSWORD), ("next_", stage.next_file, NEXT_PASSWORD)):
        secrets_by_name |= {f"{prefix}{name}": secret for name, secret in secrets_of(file, password).items()}
    return Sought(**secrets_by_name, old_kek=OLD_KEK, new_kek=NEW_KEK)


def leaks(sought, places):
    found = {name: sought.found_in(text) for name, text in places.items()}
    return {name: secrets for name, secrets in found.items() if secrets}


# ---- that the search finds ------------------------------------------------------------------------------------------


def _key(stage):
    return pkcs12.load_key_and_certificates(stage.file, PASSWORD.encode())[0]


def _der(key, form):
    return key.private_bytes(Encoding.DER, form, NoEncryption())


SHAPES = {
    "PEM": lambda key: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "PEM in JSON": lambda key: json.dumps({"a": SHAPES["PEM"](key).decode()}).encode(),
    "PKCS#1": lambda key: _der(key, PrivateFormat.TraditionalOpenSSL),
    "PKCS#8": lambda key: _der(key, PrivateFormat.PKCS8),
    "base64 behind something": lambda key: base64.b64encode(b"x" + SHAPES["PKCS#8"](key)),
    "a database's bytes": lambda key: b"\\x" + SHAPES["PKCS#8"](key).hex().encode(),
    "repr": lambda key: repr(SHAPES["PKCS#8"](key)).encode(),
    "repr in JSON": lambda key: json.dumps(repr(SHAPES["PKCS#8"](key))).encode(),
    "repr on a page": lambda key: escape(repr(SHAPES["PKCS#8"](key))).encode(),
    "a number": lambda key: str(key.private_numbers().d).encode(),
    "a task's argument": lambda key: b'{"body": "%s"}' % base64.b64encode(SHAPES["PEM in JSON"](key)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_search_finds_the_key(stage, sought, shape):
    assert sought.found_in(b"before" + SHAPES[shape](_key(stage)) + b"after") & {"p", "q", "d", "d_decimal"}


def test_search_finds_the_password_and_the_file(stage, sought):
    form = b"password=segredo%2B8f3a%2Fdo%3Dcertificado&x=1"

    assert sought.found_in(form) == {"password"}
    assert sought.found_in(b"<td>outro?segredo&amp;71c9#longo</td>") == {"next_password"}
    assert sought.found_in(base64.b64encode(stage.next_file)) == {"next_file"}


# ---- that all of it happened ----------------------------------------------------------------------------------------


def test_story_went_as_it_was_told(stage):
    asked, again = (json.loads(each.splitlines()[-1]) for each in (stage.asked, stage.asked_again))

    assert stage.refused == [422, 422]
    assert "O DATASUS respondeu a uma consulta de teste." in stage.tested
    assert (asked["attached"], again["attached"]) == (3, 3)
    assert (stage.rotated["rewrapped"], stage.rotated["removable_keys"]) == (2, ["velha"])
    assert b"run_failed" in stage.logs["worker"]


def test_errors_were_met_while_the_key_was_open(stage):
    quiet, loud = stage.errors

    assert (quiet.status_code, loud.status_code) == (500, 500)
    assert "ProgrammingError" not in quiet.text
    assert "ProgrammingError at /o/999999/certificados/novo/" in loud.text, "the page that developers see"
    assert "seal_credential" in loud.text


# ---- that the key is nowhere ----------------------------------------------------------------------------------------


def test_key_is_in_no_response_not_even_of_an_error(stage, sought):
    assert leaks(sought, stage.responses) == {}


def test_key_is_in_no_log(stage, sought):
    assert leaks(sought, stage.logs) == {}


def test_key_is_in_no_task_argument_and_nowhere_else_in_redis(stage, sought):
    with redis.Redis.from_url(stage.services.redis_url) as server:
        kept = {str(key): server.dump(key) for key in server.scan_iter()}

    assert bytes(stage.traffic).count(b"cadsus.run_check") >= 2, "the traffic was heard"
    assert leaks(sought, {**kept, "traffic": bytes(stage.traffic)}) == {}


def test_key_is_in_no_table(stage, sought):
    with psycopg2.connect(stage.services.database_url) as database, database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        dumps = {name: _dump(cursor, name, stage.folder / "dump") for (name,) in cursor.fetchall()}

    assert b"credential.sealed" in dumps["operators_auditevent"]
    assert leaks(sought, dumps) == {}


def _dump(cursor, name, path):
    with path.open("wb") as file:
        cursor.copy_expert(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name)), file)
    return path.read_bytes()


def content_of(path):
    """Nothing where PostgreSQL took the file away meanwhile, as it does with its lists of tables."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_key_is_in_no_file_on_disk_the_databases_own_included(stage, sought):
    stage.execute("CHECKPOINT")
    files = [path for path in stage.data.rglob("*") if path.is_file()]

    found_in = cache(sought.found_in)  # most files of a database are those that it was made of
    texts = ((str(path), content_of(path)) for path in files)
    assert {name: found for name, text in texts if (found := found_in(text))} == {}


def test_key_is_in_no_file_that_a_process_held_open_and_on_no_command_line(stage, sought):
    assert any(name.startswith("cmdline") for name in stage.open_files)
    assert leaks(sought, stage.open_files) == {}


def test_row_copied_to_another_operator_does_not_open(stage):
    stage.execute(
        "UPDATE cadsus_credential SET operator_id = (SELECT id FROM operators_operator WHERE registration = '888888') "
        "WHERE state = 'ACTIVE'"
    )

    moved = stage.type("cadsus_check", "--operator", "888888", CADSUS_KEK=f"{NEW},{OLD}")

    assert moved.returncode == 1
    assert moved.stderr.decode().startswith("Certificado: ")
