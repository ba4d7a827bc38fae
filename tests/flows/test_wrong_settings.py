"""A setting that cannot be meant, in every process that the portal is made of: one sentence, exit code 2."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

SERVICES = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://b/0"}  # asked for nothing before the sentence
PROCESSES = {
    "command": ["manage.py", "query_cns", "--operator", "999999"],
    "command of Django": ["manage.py", "check"],
    "web": ["-m", "gunicorn", "cnsportal.wsgi", "--bind", "127.0.0.1:0", "--workers", "2", "--log-level", "warning"],
    "worker": ["-m", "celery", "--app", "cnsportal", "worker"],
    "scheduler": ["-m", "celery", "--app", "cnsportal", "beat"],
}


def start(data, process, **environment):
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *PROCESSES[process]],
        env={**inherited, "CNSPORTAL_DATA": str(data), **SERVICES, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_a_wrong_value_is_one_sentence_and_exit_code_two(tmp_path, process):
    ended = start(tmp_path, process, CADSUS_RATE="rápido")

    assert (ended.returncode, ended.stderr) == (
        2,
        "CADSUS_RATE='rápido': o valor deve ser um número a partir de 0.\n",
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_what_an_app_demands_is_one_sentence_too(tmp_path, process):
    ended = start(tmp_path, process, CADSUS_HOURS="sempre")

    assert (ended.returncode, ended.stderr) == (
        2,
        "CADSUS_HOURS='sempre': Horário 'sempre': escreva início e fim, como 20:00-06:00.\n",
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"CNSPORTAL_LOG_LEVEL": "muito"},
            "CNSPORTAL_LOG_LEVEL='muito': o valor deve ser DEBUG, INFO, WARNING ou ERROR.",
        ),
        ({"SIB_NIGHT_HOUR": "24"}, "SIB_NIGHT_HOUR='24': o valor deve ser um número inteiro de 0 a 23."),
        ({"CNSPORTAL_PORT": "70000"}, "CNSPORTAL_PORT='70000': o valor deve ser um número inteiro de 1 a 65535."),
        (
            {"CADSUS_CA_BUNDLE": "/nada.pem"},
            "CADSUS_CA_BUNDLE='/nada.pem': o valor deve ser um arquivo PEM com certificados de autoridades.",
        ),
        (
            {"DATABASE_URL": "postgresql://ana:segredo@b:porta/c"},
            (
                "DATABASE_URL='postgresql://…@b:porta/c': "
                "o valor deve ser um endereço que comece com postgres:// ou postgresql://."
            ),
        ),
        (
            {"CNSPORTAL_URL": "https://"},
            "CNSPORTAL_URL='https://': o valor deve ser um endereço que comece com https:// ou http://.",
        ),
        (
            {"CNSPORTAL_DATA": "/dev/null/dados"},
            "CNSPORTAL_DATA: não foi possível criar a pasta /dev/null/dados (Not a directory).",
        ),
    ],
)
def test_every_kind_of_wrong_value_is_a_sentence(tmp_path, environment, sentence):
    ended = start(tmp_path, "command", **environment)

    assert (ended.returncode, ended.stderr) == (2, f"{sentence}\n")
