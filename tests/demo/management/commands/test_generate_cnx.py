import csv
import json

import pytest
from django.core.management import CommandError, call_command

from demo.synthetic import CSV_COLUMNS
from operators.management.base import CommandRefused
from sib.formats.cnx.conference import HashState, read
from tests.factories import OperatorFactory

pytestmark = pytest.mark.django_db


def generate(capsys, tmp_path, *arguments: str):
    """The figures of a run for the operator 999999, and the path of the file."""
    OperatorFactory(registration="999999")
    out = tmp_path / "conferência.cnx"
    call_command("generate_cnx", "--operator", "999999", "--json", "--out", str(out), *arguments)
    return json.loads(capsys.readouterr().out.splitlines()[-1]), out


def records_of(path):
    with path.open("rb") as stream:
        found = read(stream)
        records = list(found.records())
    return records, found


def test_generate_cnx_writes_as_many_records_as_asked_for(capsys, tmp_path):
    figures, out = generate(capsys, tmp_path, "--records", "150", "--seed", "7", "--sequence", "3")

    records, found = records_of(out)
    assert figures == {"records": 150, "bytes": out.stat().st_size, "out": str(out)}
    assert len(records) == 150
    assert [record.issues for record in records] == [()] * 150
    assert found.hash_state is HashState.MATCHES
    assert (found.header.registration, found.header.sequence) == ("999999", "3")


def test_generate_cnx_writes_the_same_for_the_same_seed(capsys, tmp_path):
    _, out = generate(capsys, tmp_path, "--records", "50", "--seed", "7")
    first = out.read_bytes()

    generate(capsys, tmp_path, "--records", "50", "--seed", "7")
    second = out.read_bytes()
    generate(capsys, tmp_path, "--records", "50", "--seed", "8")

    assert second == first
    assert out.read_bytes() != first


def test_generate_cnx_writes_the_registry_of_the_same_people(capsys, tmp_path):
    registry = tmp_path / "cadastro.csv"

    _, out = generate(capsys, tmp_path, "--records", "400", "--beneficiaries", str(registry), "--faithful")

    records, _ = records_of(out)
    rows = list(csv.DictReader(registry.read_text(encoding="utf-8").splitlines()))
    at_ans = {record.cco: record for record in records}
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(records) == 400
    assert 390 < len(rows) < 400  # some are known to ANS alone
    assert all(at_ans[row["cco"]].nome == row["nome"].upper() for row in rows)
    assert {row["cns"] for row in rows} > {""}


def test_generate_cnx_takes_nothing_as_a_number_of_records(capsys, tmp_path):
    figures, out = generate(capsys, tmp_path, "--records", "0")

    assert (figures["records"], records_of(out)[0]) == (0, [])


def test_generate_cnx_refuses_an_operator_it_does_not_know(tmp_path):
    with pytest.raises(CommandRefused, match="A operadora 123456 não está cadastrada"):
        call_command("generate_cnx", "--operator", "123456", "--records", "1", "--out", str(tmp_path / "a.cnx"))

    assert list(tmp_path.iterdir()) == []


def test_generate_cnx_refuses_a_folder_that_does_not_exist(tmp_path):
    OperatorFactory(registration="999999")
    out = tmp_path / "nada" / "a.cnx"

    with pytest.raises(CommandRefused, match=r"Não foi possível escrever .*a\.cnx: confira a pasta e a permissão"):
        call_command("generate_cnx", "--operator", "999999", "--records", "1", "--out", str(out))


@pytest.mark.parametrize("count", ["-1", "mil", "1.5", "²"])
def test_generate_cnx_asks_for_a_whole_number_of_records(tmp_path, count):
    with pytest.raises(CommandError, match="informe um número inteiro"):
        call_command("generate_cnx", "--operator", "1", f"--records={count}", "--out", str(tmp_path / "a.cnx"))
