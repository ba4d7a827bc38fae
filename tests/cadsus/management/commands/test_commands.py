"""Credential, query and check as typed at a terminal: processes and a worker of their own, real mutual TLS."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import load_command_class

from beneficiaries.domain.identifiers import cnpj_from_base
from cadsus.client.connection_check import CheckStep
from tests import instances
from tests.cadsus.people import CNPJ, COLUMNS, cns, cpf, enrolled, known, name
from tests.datasus_simulator.fixtures import running_simulator
from tests.paths import ROOT

PASSWORD = "senha do certificado"
SLOW = 120  # seconds that no command here may take


class Terminal:
    """One data folder, and what is typed on it."""

    def __init__(self, folder, simulator) -> None:
        self.folder, self.simulator = folder, simulator
        self.environment = {
            **os.environ,
            "CNSPORTAL_DATA": str(folder / "dados"),
            "CADSUS_TOKEN_URL": simulator.token_url,
            "CADSUS_QUERY_URL": simulator.query_url,
            "CADSUS_CA_BUNDLE": simulator.ca_path,
            "CADSUS_RATE": "0",
            "CREDENTIAL_PASSWORD": PASSWORD,
        }

    def type(self, *arguments: str, **environment):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=SLOW,
        )

    def figures(self, *arguments: str):
        result = self.type(*arguments, "--operator", "999999", "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.splitlines()[-1])

    def refusal(self, *arguments: str, **environment):
        result = self.type(*arguments, "--operator", "999999", **environment)
        assert (result.returncode, result.stdout) == (1, "")
        return result.stderr.strip()

    def certificate(self, file, **variant):
        path = self.folder / file
        data = self.simulator.pki.issue_ecnpj(
            **{"cnpj": CNPJ, "legal_name": "Exemplo", "password": PASSWORD, **variant}
        )
        path.write_bytes(data)
        return str(path)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    """An operator with nine people: what the simulator makes of each stands in the comment beside it."""
    folder = tmp_path_factory.mktemp("terminal com espaço")
    people = [
        known(1),  # attached
        known(2, behaviour="unavailable_once"),  # attached at the second try
        known(3, behaviour="token_401_once"),  # attached with a new token
        known(4, name="MARIA E ALVES"),  # review: abbreviated
        known(5, name="PEDRO DE TAL", birth_date="1950-01-01"),  # review: somebody else's CPF
        known(6, cns_kind="P"),  # review: provisional only
        known(7, behaviour="html_503"),  # failed
        known(8, behaviour="query_error"),  # failed
    ]  # the ninth is not found
    instances.migrate(folder / "dados")
    with instances.running(folder / "dados"), running_simulator(people, folder) as simulator:
        terminal = Terminal(folder, simulator)
        _prepare(terminal)
        yield terminal


def _prepare(terminal):
    names = ["--legal-name", "Exemplo S.A.", "--trade-name", "Exemplo"]
    made = terminal.type("create_operator", "--registration", "999999", "--cnpj", CNPJ, "--cnes", "1234567", *names)
    assert made.returncode == 0, made.stderr
    file = terminal.folder / "pessoas.csv"
    file.write_text("\n".join([COLUMNS, *map(enrolled, range(1, 10))]), encoding="utf-8")
    assert terminal.figures("import_beneficiaries", str(file))["created"] == 9


def test_query_before_there_is_a_certificate_is_refused(terminal):
    assert terminal.refusal("query_cns") == (
        "A operadora não tem certificado ativo para consultar o DATASUS. Um administrador precisa enviar o e-CNPJ."
    )


def test_check_before_there_is_a_certificate_is_refused(terminal):
    assert terminal.refusal("cadsus_check").startswith("Certificado: A operadora não tem certificado ativo")


def test_import_credential_refuses_with_one_sentence_and_keeps_nothing(terminal):
    other = terminal.certificate("outra.p12", cnpj=cnpj_from_base("445556660001"))
    good = terminal.certificate("certa.p12")

    assert terminal.refusal("import_credential", other) == (
        "O certificado é do CNPJ 44.555.666/0001-81, de outra empresa. Envie o e-CNPJ do CNPJ 11.222.333/0001-81."
    )
    assert terminal.refusal("import_credential", good, CREDENTIAL_PASSWORD="errada") == (
        "A senha do certificado está incorreta. Confira a senha e tente de novo."
    )
    assert terminal.refusal("import_credential", str(terminal.folder / "nada.p12")) == (
        f"O arquivo {terminal.folder / 'nada.p12'} não existe. Confira o caminho e tente de novo."
    )
    assert terminal.refusal("query_cns").startswith("A operadora não tem certificado ativo")


@pytest.mark.parametrize(
    "arguments",
    [
        ["import_credential", "certa.p12", "--environment=outro"],
        ["import_credential"],
        ["query_cns", "--limit=0"],
        ["query_cns", "--limit=dez"],
        ["query_cns", "--concurrency=-1"],
        ["cadsus_check", "--environment=outro"],
    ],
)
def test_wrong_usage_is_told_by_the_parser(arguments):
    name, *rest = arguments
    command = load_command_class("cadsus", name)

    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", name, "--operator", "999999", *rest])

    assert ended.value.code == 2


@pytest.fixture(scope="module")
def sealed(terminal):
    """What import_credential said of a good certificate."""
    return terminal.figures("import_credential", terminal.certificate("operadora.p12"))


@pytest.fixture(scope="module")
def queried(terminal, sealed):
    """What query_cns said, in full."""
    return terminal.type("query_cns", "--operator", "999999", "--concurrency", "4", "--json")


def test_import_credential_says_what_it_keeps(sealed):
    described = {key: value for key, value in sealed.items() if key not in {"valid_until", "days_left", "sha256"}}

    assert described == {
        "holder": "Exemplo",
        "cnpj": "11.222.333/0001-81",
        "kind": "A1",
        "environment": "simulator",
        "state": "ACTIVE",
    }
    assert sealed["days_left"] in {363, 364}  # 364 days from a little while ago, which may have been yesterday


def test_import_credential_keeps_the_next_one_for_later(terminal, sealed):
    staged = terminal.figures("import_credential", terminal.certificate("seguinte.p12"), "--stage")

    assert staged["state"] == "STAGED"
    assert staged["sha256"] != sealed["sha256"]


def test_check_speaks_in_plain_words(terminal, sealed):
    said = terminal.figures("cadsus_check")

    assert list(said) == ["environment", *(step.name.lower() for step in CheckStep)]
    assert said["validity"].endswith(f"(mais {sealed['days_left']} dias); a cadeia de 3 certificados confere.")
    assert said["json"] == "O DATASUS entregou um token de acesso válido por 30 min."
    assert said["query"] == "O DATASUS respondeu a uma consulta de teste."


def test_check_names_the_step_that_fails(terminal, sealed):
    said = terminal.refusal("cadsus_check", CADSUS_TOKEN_URL="https://nada.invalid/token")

    assert said == (
        "Rede: O nome nada.invalid não foi encontrado na rede. Confira o DNS deste servidor e o endereço configurado."
    )


def test_query_counts_every_person_once(queried):
    figures = json.loads(queried.stdout.splitlines()[-1])

    seconds = figures.pop("seconds")
    assert figures == {"queried": 9, "attached": 3, "review": 3, "not_found": 1, "failed": 2, "queued": 0}
    assert 0 < seconds < SLOW


def test_query_attaches_what_the_export_then_shows(terminal, queried):
    file = terminal.folder / "saida.csv"
    terminal.figures("export_beneficiaries", str(file))

    text = file.read_text(encoding="utf-8-sig")
    assert [index for index in range(1, 10) if cns(index) in text] == [1, 2, 3]


def test_query_that_cannot_go_on_says_what_waits_and_why(terminal, queried):
    other_key = "outra:" + "QUJD" * 10 + "QUI="

    result = terminal.type("query_cns", "--operator", "999999", "--limit", "2", "--json", CADSUS_KEK=other_key)

    figures = json.loads(result.stdout.splitlines()[-1])
    assert (result.returncode, figures["queried"], figures["queued"], figures["failed"]) == (1, 2, 2, 0)
    assert result.stderr == (
        "Ficaram na fila, sem resposta: 2. O certificado guardado não pode ser aberto com a chave deste servidor; "
        "envie-o de novo. A fila segue sozinha assim que for possível.\n"
    )


def test_query_again_asks_only_about_whom_nothing_is_known_yet(terminal, queried):
    figures = terminal.figures("query_cns", "--limit", "2")

    assert (figures["queried"], figures["attached"]) == (2, 0)


def test_commands_leave_no_personal_data_and_no_key_in_the_logs(terminal, queried):
    log = queried.stdout + queried.stderr

    needles = [*(text for index in range(1, 10) for text in (cpf(index), cns(index), name(index))), PASSWORD, "BEGIN"]
    assert [needle for needle in needles if needle in log] == []
