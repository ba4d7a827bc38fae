"""The command as a process of its own, used by a client that is not ours."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.datasus_simulator.fixtures import write_people
from tests.datasus_simulator.foreign_client import asking_for, cns, names
from tests.datasus_simulator.people import CLARICE, CLARICE_D, CLARICE_P, PEOPLE
from tests.paths import ROOT

COMMAND = [sys.executable, "manage.py", "run_simulator"]
LINE = re.compile(
    r"simulador escutando token=(https://localhost:\d+/api/osb/token)"
    r" consulta=(https://localhost:\d+/cadsus/v2/PDQSupplierJWT)(?: controle=(http://127\.0\.0\.1:\d+/__control))?\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder of its own, on the database and broker of the suite."""
    return tmp_path_factory.mktemp("dados com espaço")


@pytest.fixture
def environment(folder, settings):
    return {
        **os.environ,
        "CNSPORTAL_DATA": str(folder),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",  # the command must not need it
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


def run(environment, *arguments: str):
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr


@contextmanager
def running(environment, *arguments: str):
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_ports(people):
    return ["--people", str(people), "--token-port", "0", "--query-port", "0"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_client_of_any_make_gets_its_person(environment, folder, tmp_path, number):
    people = write_people(tmp_path / "pessoas.csv", PEOPLE)

    with running(environment, *free_ports(people), "--json") as process:
        token_url, query_url, control_url = LINE.fullmatch(process.stdout.readline()).groups()
        files = folder / "simulator"
        authority, identity = str(files / "ca.pem"), (str(files / "client.crt"), str(files / "client.key"))
        token = requests.get(token_url, verify=authority, cert=identity, timeout=10).json()["access_token"]
        headers = {"Authorization": f"jwt {token}", "Content-Type": "application/soap+xml"}
        response = requests.post(query_url, asking_for(CLARICE), headers=headers, verify=authority, timeout=10)
        process.send_signal(number)
        rest, complaints = process.communicate(timeout=20)

    assert cns(response) == [(CLARICE_D, "D"), (CLARICE_P, "P")]
    assert (control_url, complaints, process.returncode) == (None, "", 0)
    assert json.loads(rest) == {"requests": {"token": 1, "token 200": 1, "query": 1, "query 200 OK": 1}}


def test_without_json_one_line_is_all_it_says(environment, tmp_path):
    people = write_people(tmp_path / "pessoas.csv", PEOPLE)

    with running(environment, *free_ports(people), "--control-port", "0") as process:
        line = process.stdout.readline()
        counters = requests.get(LINE.fullmatch(line)[3], timeout=10).json()
        process.terminate()
        rest, complaints = process.communicate(timeout=20)

    assert (counters, rest, complaints) == ({}, "", "")


def test_people_to_practise_with_are_served_without_a_file_and_written_down(environment, folder):
    with running(environment, "--shapes", "--token-port", "0", "--query-port", "0", "--latency-ms", "1-5") as process:
        token_url, query_url, _ = LINE.fullmatch(process.stdout.readline()).groups()
        files = folder / "simulator"
        identity = str(files / "client.crt"), str(files / "client.key")
        token = requests.get(token_url, verify=str(files / "ca.pem"), cert=identity, timeout=10).json()["access_token"]
        headers = {"Authorization": f"jwt {token}", "Content-Type": "application/soap+xml"}
        with (files / "beneficiarios-de-treino.csv").open(newline="") as file:
            first = next(csv.DictReader(file))
        response = requests.post(
            query_url, asking_for(first["cpf"]), headers=headers, verify=str(files / "ca.pem"), timeout=10
        )

    assert names(response) == [first["nome"]]


def test_companies_each_get_a_token_for_their_own_certificate(environment, folder, tmp_path):
    people = write_people(tmp_path / "pessoas.csv", PEOPLE)
    companies = ["--cnpj", "11222334000126", "--cnpj", "11222335000170", "--control-port", "0"]

    with running(environment, *free_ports(people), *companies) as process:
        token_url, _, control_url = LINE.fullmatch(process.stdout.readline()).groups()
        home = folder / "simulator"
        certificates = [home / "client.crt", home / "11222335000170" / "client.crt"]
        for certificate in certificates:
            identity = str(certificate), str(certificate.with_suffix(".key"))
            requests.get(token_url, verify=str(home / "ca.pem"), cert=identity, timeout=10)
        entries = requests.get(f"{control_url}/log", timeout=10).json()

    leaves = [x509.load_pem_x509_certificates(certificate.read_bytes())[0] for certificate in certificates]
    assert [entry["client"] for entry in entries] == [leaf.fingerprint(hashes.SHA256()).hex() for leaf in leaves]


def test_bad_people_are_refused_with_one_sentence(environment, tmp_path):
    missing = tmp_path / "nada.csv"
    invalid = write_people(tmp_path / "pessoas.csv", [{"cpf": "11144477734"}])

    assert run(environment, *free_ports(missing)) == (
        1, "", f"O arquivo {missing} não existe. Confira o caminho e tente de novo.\n",
    )  # fmt: skip
    assert run(environment, *free_ports(invalid)) == (
        1, "", "Linha 2, coluna cpf: o CPF não é válido; confira os 11 dígitos.\n",
    )  # fmt: skip


def test_port_that_is_taken_is_refused_with_one_sentence(environment, simulator):
    port = simulator.query_url.split(":")[2].split("/")[0]

    status, out, err = run(
        environment, "--people", str(simulator.people_path), "--token-port", port, "--query-port", "0"
    )

    assert (status, out) == (1, "")
    assert re.fullmatch(r"O simulador não pode escutar: .*\. Confira as portas e a pasta\.\n", err)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--people", "x", "--latency-ms", "-1"],
        ["--people", "x", "--token-port", "70000"],
        ["--people", "x", "--cnpj", "1"],
        ["--people", "x", "--latency-ms", "400-100"],
    ],
)
def test_wrong_usage_ends_with_2(environment, arguments):
    status, out, err = run(environment, *arguments)

    assert (status, out, "Traceback" in err) == (2, "", False)
