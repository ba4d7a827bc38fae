"""What every command promises: --help, exit codes 0, 1 and 2, one sentence, one JSON object, a new data folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from operators.management.base import OperatorCommand
from tests import instances
from tests.paths import ROOT

OURS = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS)
OF_OPERATORS = [
    name for name in COMMANDS if isinstance(load_command_class(get_commands()[name], name), OperatorCommand)
]
ARGUMENTS = {
    "grant_access": ["ana@example.invalid", "--role", "consulta"],
    "import_beneficiaries": ["nada.csv"],
    "export_beneficiaries": ["saida.csv"],
    "import_credential": ["nada.p12"],
    "ingest_cnx": ["nada.cnx"],
    "issue_cards": ["--out", "saida.pdf"],
    "generate_cnx": ["--records", "1", "--seed", "1", "--out", "saida.cnx"],
    "revert_cnx": ["1"],
    "onboard_operator": ["1"],
    "write_sbx": ["--out", "saida"],
    "read_rpx": ["nada.rpx"],
    "generate_rpx": ["nada.sbx", "--out", "saida.rpx"],
}


def manage(data, *arguments: str):
    """Run manage.py as a person would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder that nobody has used before."""
    return tmp_path_factory.mktemp("dados novos")


@pytest.fixture(scope="module")
def used_data(data):
    """The same folder, its servers running while the commands come and go."""
    with instances.running(data):
        yield data


def test_the_commands_are_those_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    undocumented = {name for name in COMMANDS if f"| `{name} " not in readme}
    assert undocumented == {"demo", "deploy", "prepare", "serve"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    command = load_command_class(get_commands()[name], name)

    assert command.help.endswith(".")
    assert f"manage.py {name}" in command.create_parser("manage.py", name).format_help()


def test_a_new_data_folder_needs_no_preparation(data):
    arguments = ["--registration", "999999", "--cnpj", "11.222.333/0001-81", "--cnes", "1234567"]
    result = manage(data, "create_operator", *arguments, "--legal-name", "Exemplo S.A.", "--trade-name", "Ex", "--json")

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout.splitlines()[-1]) == {"registration": "999999", "result": "created"}


def test_wrong_usage_ends_with_two(data):
    result = manage(data, "create_operator", "--registration", "999999")

    assert result.returncode == 2


@pytest.mark.parametrize("name", OF_OPERATORS)
def test_an_unknown_operator_ends_with_one_and_one_sentence(used_data, name):
    result = manage(used_data, name, "--operator", "000000", *ARGUMENTS.get(name, []))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "A operadora 000000 não está cadastrada. Cadastre-a com o comando create_operator."
    ]
