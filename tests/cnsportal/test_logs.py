import json
import subprocess
import sys

import pytest

SETUP = """
import logging, logging.config, structlog
from cnsportal import logs
logging.config.dictConfig(logs.configuration(level="INFO", as_json=True))
ours, theirs = structlog.get_logger("a"), logging.getLogger("b")
"""


def logged(code):
    """The lines that this code logs in a process of its own, with the logging of the settings."""
    result = subprocess.run([sys.executable, "-c", SETUP + code], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stderr.splitlines()]


@pytest.mark.parametrize("number", ["11144477735", "111.444.777-35", "700000000000005"])
def test_numbers_that_look_like_a_cpf_or_a_cns_leave_the_log_masked(number):
    lines = logged(f"ours.info('número {number} recusado'); theirs.info('número %s recusado', '{number}')")

    assert [line["event"] for line in lines] == ["número *** recusado", "número *** recusado"]


def test_identifiers_of_rows_stay():
    (line,) = logged("ours.info('run_failed', run_id=12345678901)")

    assert (line["event"], line["run_id"], line["level"]) == ("run_failed", 12345678901, "info")


def test_an_exception_keeps_its_trace_and_loses_its_numbers():
    (line,) = logged("try:\n    int('11144477735 x')\nexcept ValueError:\n    ours.exception('boom')")

    assert line["exception"].splitlines()[-1] == "ValueError: invalid literal for int() with base 10: '*** x'"


def test_an_address_that_opens_a_card_is_hidden():
    (line,) = logged("ours.info('request_started', request='GET /c/' + 'aB3_-' * 5 + '.c2ln or /v/' + 'x' * 22)")

    assert line["request"] == "GET /c/*** or /v/***"
