"""The main job as a newcomer runs it: whole, again, and with its worker killed midway: same figures, silent logs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfReader

from demo import scenario
from tests import instances
from tests.paths import ROOT

PATIENCE = 300  # seconds


def start(data):
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--json"],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """The figures that the demonstration prints last."""
    output, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaints
    return json.loads(output.splitlines()[-1])


def worker_of(process):
    """Process id of the worker that this demonstration started."""
    for entry in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if "worker" in Path(f"/proc/{entry}/cmdline").read_text().split("\0"):
            return int(entry)
    raise LookupError


def wait_for_line(path, text):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.02)
    raise TimeoutError(text)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    data = tmp_path_factory.mktemp("demo") / "dados com espaço"
    data.mkdir()
    return data, finish(start(data))


def test_the_main_job_ends_with_figures_that_add_up(undisturbed):
    _, figures = undisturbed

    assert figures["Cadastro: linhas recusadas"] == 3
    assert figures["Cartões: páginas do PDF"] == 2 * figures["Cartões: emitidos"]
    assert figures["Cobertura: com CNS"] > 0.9 * figures["Cobertura: pessoas com vínculo ativo"]
    assert {
        name: figures[f"Consultas ao DATASUS: {name}"] > 0
        for name in ("CNS vinculado", "para decidir ou corrigir", "não encontradas")
    } == {"CNS vinculado": True, "para decidir ou corrigir": True, "não encontradas": True}


def test_the_main_job_leaves_no_personal_data_open_to_others(undisturbed):
    data, _ = undisturbed
    places = ("demo", "files", "inbox", "outbox", "receipts")
    paths = [path for place in places for path in [data / place, *(data / place).rglob("*")] if path.exists()]

    assert [str(path) for path in paths if path.stat().st_mode & 0o077] == []
    assert len(paths) > 10


def test_the_main_job_leaves_the_cards_and_the_receipt(undisturbed):
    data, figures = undisturbed

    page = PdfReader(data / "demo" / "cartoes.pdf").pages[0].mediabox
    receipt = (data / "demo" / "recibo.csv").read_text(encoding="utf-8-sig").splitlines()
    assert (round(float(page.width), 1), round(float(page.height), 1)) == (242.6, 153.0)  # 85.60 x 53.98 mm in points
    assert len(receipt) == 1 + figures["Cadastro: linhas do arquivo"]


def test_the_main_job_done_again_gives_the_same_figures(undisturbed):
    data, figures = undisturbed

    assert finish(start(data)) == figures


def test_a_killed_worker_changes_no_figure(undisturbed, tmp_path):
    _, figures = undisturbed
    instances.migrate(tmp_path)
    process = start(tmp_path)

    wait_for_line(tmp_path / "demo" / "worker.log", "sib.process_file")
    os.kill(worker_of(process), signal.SIGKILL)

    assert finish(process) == figures


def test_a_killed_demonstration_goes_on_where_it_stopped(undisturbed, tmp_path):
    _, figures = undisturbed
    instances.migrate(tmp_path)
    process = start(tmp_path)

    wait_for_line(tmp_path / "demo" / "worker.log", "cadsus.run_lookup")
    process.kill()
    process.communicate()

    assert finish(start(tmp_path)) == figures


FACTS = """
import json
from beneficiaries.models import CnsNumber, Person, Review
from cadsus.models import Lookup
from operators.context import operator_context
from operators.models import Operator
from sib.models import Difference
from sib.services.night_report import facts_of
from django.utils import timezone

with operator_context(Operator.objects.get().pk):
    held = dict(CnsNumber.objects.current().values_list("number", "person"))
    rows = []
    for person in Person.objects.without_cns().with_active_link().with_pending():
        differences = Difference.objects.filter(person=person)
        repeated = differences.filter(outcome="CNS_REPEATED").values_list("number", flat=True)
        rows.append({
            "said": person.pending,
            "has_open_case": Review.objects.filter(person=person, status="OPEN").exists(),
            "outcomes": list(differences.values_list("outcome", flat=True)),
            "holder": any(number in held for number in repeated),
            "finding": Lookup.objects.filter(person=person, status="DONE").latest("pk").finding,
        })
    strangers = Difference.objects.filter(outcome="OTHER_PERSON").values("person").distinct().count()
    night = facts_of(timezone.now(), timezone.now(), None)["waiting"]
    answered = [
        review.pk for review in Review.objects.filter(status="OPEN")
        if CnsNumber.objects.current().filter(person=review.person, number=review.number, verified=True).exists()
    ]
print(json.dumps({"people": rows, "strangers": strangers, "night": night, "answered": answered}))
"""
LAST_ANSWER = {
    "NOT_FOUND": "NOT_FOUND",
    "SEVERAL": "SEVERAL",
    "PROVISIONAL_ONLY": "PROVISIONAL_ONLY",
    "DECEASED": "RECORD_INACTIVE",
    "INACTIVE": "RECORD_INACTIVE",
    "INVALID_NUMBER": "INVALID",
    **dict.fromkeys(("OTHER_CPF", "OTHER_BIRTH_DATE", "OTHER_NAME"), "CHECK_CPF"),
    **dict.fromkeys(("CONTRADICTED", "TOO_YOUNG", "TWIN", "NAME_ALONE", "NO_NUMBER", "TWO_DEFINITIVES"), "UNSURE"),
    **dict.fromkeys(("BIRTH_UNKNOWN", "NAME_UNKNOWN", "CPF_ALONE", "MOTHER_UNKNOWN", "WITHOUT_CPF"), "UNSURE"),
    **dict.fromkeys(("NAME_ABBREVIATED", "SURNAME_CHANGED", "GIVEN_NAME", "OTHER_MOTHER"), "CHECK_CPF"),
}


def reason(facts):
    """Of one person, from the tables of the three rooms and in the order that the product promises."""
    if facts["has_open_case"]:
        return "REVIEW"
    if "OTHER_PERSON" in facts["outcomes"]:
        return "OTHER_PERSON"
    if "CNS_REPEATED" in facts["outcomes"]:
        return "TAKEN" if facts["holder"] else "REPEATED"
    if "CNS_INVALID" in facts["outcomes"]:
        return "INVALID"
    return LAST_ANSWER[facts["finding"]]


def test_everybody_without_a_cns_reads_why_from_the_open_facts(undisturbed):
    data, figures = undisturbed

    output = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", FACTS],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    ).stdout
    found = json.loads(output.splitlines()[-1])

    people = found["people"]
    assert [each["said"] for each in people] == [reason(each) for each in people]
    assert len(people) == figures["Cobertura: sem CNS"]
    assert (found["night"]["strangers"], found["answered"]) == (found["strangers"], [])


def test_nobody_is_named_in_a_log(undisturbed):
    data, _ = undisturbed
    people = {link.person for link in scenario.links()}
    logs = "\n".join(path.read_text(encoding="utf-8") for path in (data / "demo").glob("*.log"))

    numbers = set(re.findall(r"\d{11,15}", logs)) & {number for person in people for number in (person.cpf, person.cns)}
    named = {person.ordinal for person in people if person.name in logs or person.name.upper() in logs}
    assert (len(logs) > 1000, numbers, named) == (True, set(), set())
