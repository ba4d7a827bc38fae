"""A worker killed by SIGKILL at ten moments of a night, each followed by another: the end is as if nothing had been."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import psycopg2
import pytest

from beneficiaries.domain.identifiers import cnpj_from_base
from tests import instances
from tests.paths import ROOT

RECORDS = 3_000
KILLS = 10
PATIENCE = 300  # seconds


class Place:
    """A data folder of its own, with one operator for the undisturbed night and one for each that is disturbed."""

    def __init__(self, data, database_url) -> None:
        self.data = data
        self.database_url = database_url
        self.environment = {**os.environ, "CNSPORTAL_DATA": str(data), "RUN_STALE_SECONDS": "1"}

    def start(self, command, *arguments: str):
        return subprocess.Popen(
            [sys.executable, "manage.py", command, *arguments],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, command, *arguments: str):
        process = self.start(command, *arguments, "--json")
        output, complaints = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complaints
        return json.loads(output.splitlines()[-1])

    def found(self, number):
        """An operator with the registry that everybody has; the conference that ANS has of it."""
        registration = f"{900_100 + number}"
        names = ("--legal-name", f"Operadora {number} Ltda.", "--trade-name", f"Saúde {number}")
        cnpj = cnpj_from_base(f"{44_555_000 + number:08d}0001")
        self.run("create_operator", "--registration", registration, "--cnpj", cnpj, *names)
        table, file = self.data / f"{registration}.csv", self.data / f"{registration}.cnx"
        of_operator = ("--operator", registration)
        self.run(
            "generate_cnx", *of_operator, "--records", str(RECORDS), "--out", str(file), "--beneficiaries", str(table)
        )
        self.run("import_beneficiaries", *of_operator, str(table))
        return registration, file

    def ask(self, query, registration):
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                query.replace("OURS", "(SELECT id FROM operators_operator WHERE registration = %(us)s)"),
                {"us": registration},
            )
            return cursor.fetchall()

    def wait_until_at_work(self, registration):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.ask(
                "SELECT step FROM sib_conferencefile WHERE operator_id = OURS AND status = 'RUNNING'", registration
            ):
                return
            time.sleep(0.01)
        raise TimeoutError


STATE = {
    "file": """SELECT status, step, records, with_issues, outcomes::text, applied, only_here, coverage::text
                 FROM sib_conferencefile WHERE operator_id = OURS""",
    "numbers": """SELECT link.cco, link.code, cns.number, cns.ended_at IS NULL, cns.end_reason, cns.source, cns.tier,
                         cns.verified, cns.evidence - 'file'
                    FROM beneficiaries_cnsnumber cns JOIN beneficiaries_beneficiary link USING (person_id)
                   WHERE cns.operator_id = OURS ORDER BY link.code, cns.attached_at, cns.number""",
    "people": """SELECT link.code, link.cco, person.cns_refusal FROM beneficiaries_beneficiary link
                   JOIN beneficiaries_person person ON person.id = link.person_id
                  WHERE link.operator_id = OURS ORDER BY link.code""",
    "differences": """SELECT d.position, d.cco, d.outcome, d.deed, d.answer, d.number, d.tier, d.reason, d.comparison,
                             d.divergences, d.applied_at IS NULL, link.code
                        FROM sib_difference d LEFT JOIN beneficiaries_beneficiary link ON link.id = d.beneficiary_id
                       WHERE d.operator_id = OURS ORDER BY d.position, link.code""",
    "mirror": "SELECT cco, digest FROM sib_mirrorrecord WHERE operator_id = OURS ORDER BY cco",
    "reviews": """SELECT link.code, review.number, review.status FROM beneficiaries_review review
                    JOIN beneficiaries_beneficiary link USING (person_id)
                   WHERE review.operator_id = OURS ORDER BY link.code, review.number""",
    "trail": "SELECT kind, count(*) FROM operators_auditevent WHERE operator_id = OURS GROUP BY kind ORDER BY kind",
}  # fmt: skip


def state(place, registration):
    """Everything that a night leaves, without times and keys."""
    return {name: place.ask(query, registration) for name, query in STATE.items()}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    data = tmp_path_factory.mktemp("noites")
    instances.migrate(data)
    with instances.running(data) as database_url:
        yield Place(data, database_url)


@pytest.fixture(scope="module")
def undisturbed(place):
    """How long the work took, and what it left."""
    registration, file = place.found(0)
    night = place.start("ingest_cnx", "--operator", registration, str(file), "--apply")
    place.wait_until_at_work(registration)
    began = time.monotonic()
    _, complaints = night.communicate(timeout=PATIENCE)
    assert night.returncode == 0, complaints
    return time.monotonic() - began, state(place, registration)


def test_an_undisturbed_night_meets_every_kind_of_thing(undisturbed):
    _, left = undisturbed

    [(status, step, records, _, outcomes, applied, _, _)] = left["file"]
    assert (status, step, records) == ("DONE", "APPLIED", RECORDS)
    assert {"CNS_NEW", "REVIEW", "OTHER_PERSON", "CNS_INVALID", "EQUAL", "ONLY_AT_ANS"} <= set(json.loads(outcomes))
    assert applied > 0.5 * RECORDS
    assert min(len(left[name]) for name in ("numbers", "reviews", "mirror", "differences")) > 0


@pytest.mark.parametrize("kill", range(1, KILLS + 1))
def test_a_night_killed_at_any_moment_ends_like_one_that_was_not(place, undisturbed, kill):
    lasts, expected = undisturbed
    registration, file = place.found(kill)
    moment = (kill - 1 + random.Random(kill).random()) / KILLS  # spread over the whole night, not on its beats
    night = place.start("ingest_cnx", "--operator", registration, str(file), "--apply")
    place.wait_until_at_work(registration)

    time.sleep(moment * lasts)
    night.send_signal(signal.SIGKILL)
    night.communicate(timeout=PATIENCE)
    place.run("ingest_cnx", "--operator", registration, str(file), "--apply")

    assert state(place, registration) == expected
    tables = place.ask(
        "SELECT relname FROM pg_class WHERE relname ~ '^sib_[a-z_]+_[0-9]+$' AND relkind = 'r'", registration
    )
    assert tables == []
