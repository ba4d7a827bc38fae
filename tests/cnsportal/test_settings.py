import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cnsportal.conf import secret_keys
from cnsportal.conf.datasus import environments
from tests.paths import ROOT


def load_settings(tmp_path, **environment):
    """Import the settings in a process of its own; its exit code and its last line of stderr."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        [sys.executable, "-c", "import cnsportal.settings"],
        env={**inherited, "CNSPORTAL_DATA": str(tmp_path), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, (result.stderr.strip().splitlines() or [""])[-1]


SERVICES = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://b/0"}
PRODUCTION = {**SERVICES, "CNSPORTAL_PRODUCTION": "true", "CNSPORTAL_SECRET_KEY": "x" * 60}
KEK = "v1:" + "QUJD" * 10 + "QUI="
WHOLE = {
    **PRODUCTION,
    "CADSUS_KEK": KEK,
    "CNSPORTAL_URL": "https://portal.exemplo.invalid",
    "CADSUS_ENVIRONMENT": "production",
}
"""All that production asks for."""


def names_that_settings_read():
    code = "from cnsportal import settings; from cnsportal.conf import env; print(*env.names_read)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return result.stdout.split()


def test_datasus_is_asked_at_its_addresses_twice_a_second():
    places = {name: settings.CADSUS_ENVIRONMENTS[name] for name in ("production", "homologation")}

    assert {name: (facts["token_url"], facts["query_url"], facts["rate"]) for name, facts in places.items()} == {
        "production": (
            "https://ehr-auth.saude.gov.br/api/osb/token",
            "https://servicos.saude.gov.br/cadsus/v2/PDQSupplierJWT",
            2,
        ),
        "homologation": (
            "https://ehr-auth-hmg.saude.gov.br/api/osb/token",
            "https://servicoshm.saude.gov.br/cadsus/v2/PDQSupplierJWT",
            2,
        ),
    }


def test_every_variable_that_settings_read_is_documented():
    names_read = set(names_that_settings_read())
    suffixed = {
        name
        for name in names_read
        if name.endswith(("_PRODUCTION", "_HOMOLOGATION", "_SIMULATOR")) and "CADSUS" in name
    }
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))

    assert documented == names_read - suffixed


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"CADSUS_RATE": "rápido"}, "CADSUS_RATE='rápido': o valor deve ser um número a partir de 0."),
        ({"DATABASE_URL": "mysql://a"}, "DATABASE_URL='mysql://a': o valor deve ser um endereço que comece com"),
        (
            {"CADSUS_ENVIRONMENT": "teste"},
            "CADSUS_ENVIRONMENT='teste': o valor deve ser production, homologation ou simulator.",
        ),
        ({"CADSUS_TOKEN_URL": "http://a"}, "CADSUS_TOKEN_URL='http://a': o valor deve ser um endereço que comece com"),
        ({"CADSUS_KEK": "v1:curta"}, "CADSUS_KEK: "),
        ({"CNSPORTAL_PRODUCTION": "true"}, "Em produção, informe CNSPORTAL_SECRET_KEY"),
        ({**PRODUCTION}, "Em produção, informe CADSUS_KEK"),
        ({**WHOLE, "CADSUS_ENVIRONMENT": ""}, "Em produção, informe CADSUS_ENVIRONMENT: production, homologation"),
        ({**PRODUCTION, "CADSUS_KEK": KEK, "REDIS_URL": ""}, "Em produção, informe DATABASE_URL e REDIS_URL."),
        (
            {**WHOLE, "CNSPORTAL_URL": ""},
            "Em produção, informe CNSPORTAL_URL: o endereço do portal, a que leva o QR Code",
        ),
        (
            {**WHOLE, "CNSPORTAL_URL": "http://portal.exemplo.invalid"},
            "CNSPORTAL_URL='http://portal.exemplo.invalid': em produção, o endereço deve começar com https://.",
        ),
        (
            {**WHOLE, "CADSUS_ENVIRONMENT": "production", "CADSUS_TOKEN_URL": "https://simulator:8443/api/osb/token"},
            "CADSUS_TOKEN_URL='https://simulator:8443/api/osb/token': em produção, o ambiente production não pode",
        ),
        (
            {**WHOLE, "CADSUS_QUERY_URL_HOMOLOGATION": "https://127.0.0.1:8444"},
            "CADSUS_QUERY_URL='https://127.0.0.1:8444': em produção, o ambiente homologation não pode ser o simulador.",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path, environment, sentence):
    code, line = load_settings(tmp_path, **{**SERVICES, **environment})

    assert code == 1
    assert line.removeprefix("django.core.exceptions.ImproperlyConfigured: ").startswith(sentence)


def test_production_starts_with_everything_given(tmp_path):
    assert load_settings(tmp_path, **WHOLE) == (0, "")


def test_production_without_a_proxy_may_be_reached_by_plain_http(tmp_path):
    plain = {"CNSPORTAL_HTTPS": "false", "CNSPORTAL_URL": "http://portal.exemplo.invalid"}

    assert load_settings(tmp_path, **{**WHOLE, **plain}) == (0, "")


@pytest.mark.parametrize(
    ("current", "given", "asked"),
    [
        ("simulator", {"CADSUS_RATE_SIMULATOR": "7"}, {"simulator": 7, "production": 2}),
        ("simulator", {"CADSUS_RATE_SIMULATOR": "7", "CADSUS_RATE": "9"}, {"simulator": 9, "production": 2}),
        ("production", {"CADSUS_RATE_SIMULATOR": "7", "CADSUS_RATE": "9"}, {"simulator": 7, "production": 9}),
    ],
)
def test_a_variable_speaks_of_the_environment_it_names_or_of_the_one_in_use(
    monkeypatch, tmp_path, current, given, asked
):
    for name in [name for name in os.environ if name.startswith("CADSUS_")]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    found = environments(current, tmp_path, development=True)

    assert {name: found[name]["rate"] for name in asked} == asked


def test_keys_are_read_current_first():
    assert secret_keys.parse(f"v2:{'QUFB' * 10}QUE=,{KEK}") == {"v2": b"A" * 32, "v1": b"ABC" * 10 + b"AB"}


@pytest.mark.parametrize("text", ["", "semdoispontos", "v1:!!!", "v1:QUJD", f"{KEK},v2:"])
def test_keys_that_cannot_be_meant_are_refused(text):
    with pytest.raises(ImproperlyConfigured):
        secret_keys.parse(text)


def test_a_generated_key_is_made_once_and_kept_private(tmp_path):
    first = secret_keys.secret_key(tmp_path, development=True)

    assert secret_keys.secret_key(tmp_path, development=True) == first
    assert (tmp_path / "keys" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_two_portals_of_one_machine_keep_their_cookies_and_addresses_apart(tmp_path):
    code = "from cnsportal import settings as s; print(s.PUBLIC_URL, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
    environment = {**os.environ, **SERVICES, "CNSPORTAL_DATA": str(tmp_path), "CNSPORTAL_PORT": "8010"}

    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["http://127.0.0.1:8010", "sessionid_8010", "csrftoken_8010"]
