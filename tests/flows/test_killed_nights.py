"""A worker killed by SIGKILL at ten moments of a night, each followed by another: the end is as if nothing had been."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import psycopg2
import pytest

from tests import instances
from tests.paths import ROOT

RECORDS = 3_000
KILLS = 10
PATIENCE = 300  # seconds
OPERATOR = ("--operator", "900100")


class Place:
    """A data folder and a database of its own, with one operator."""

    def __init__(self, data, services, database="postgres") -> None:
        self.data, self.services = data, services
        self.database_url = f"{services.database_url.rpartition('/')[0]}/{database}"
        places = {"CNSPORTAL_DATA": str(data), "DATABASE_URL": self.database_url, "REDIS_URL": services.redis_url}
        self.environment = {**os.environ, **places, "RUN_STALE_SECONDS": "1"}

    def copy(self, name):
        """Another with the same in it."""
        with closing(psycopg2.connect(self.services.database_url, dbname="template1")) as beside:
            beside.autocommit = True
            beside.cursor().execute(f"CREATE DATABASE {name} TEMPLATE postgres")
        data = self.data / name
        data.mkdir()
        return Place(data, self.services, name)

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

    def found(self):
        """An operator with its registry; the conference that ANS has of it."""
        names = ("--legal-name", "Operadora Ltda.", "--trade-name", "Saúde")
        self.run("create_operator", "--registration", OPERATOR[1], "--cnpj", "11222333000181", *names)
        table, file = str(self.data / "cadastro.csv"), str(self.data / "conferencia.cnx")
        self.run("generate_cnx", *OPERATOR, "--records", str(RECORDS), "--out", file, "--beneficiaries", table)
        self.run("import_beneficiaries", *OPERATOR, table)
        return file

    def connected(self):
        connection = psycopg2.connect(self.database_url)
        connection.autocommit = True
        return closing(connection)

    def wait_until_at_work(self):
        deadline = time.monotonic() + PATIENCE
        with self.connected() as connection:
            while time.monotonic() < deadline:
                if ask(connection, "SELECT step FROM sib_conferencefile WHERE status = 'RUNNING'"):
                    return
                time.sleep(0.01)
        raise TimeoutError


def ask(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


STATE = {
    "file": """SELECT status, step, records, with_issues, outcomes::text, applied, only_here, coverage::text
                 FROM sib_conferencefile""",
    "numbers": """SELECT link.cco, link.code, cns.number, cns.ended_at IS NULL, cns.end_reason, cns.source, cns.tier,
                         cns.verified, cns.evidence - 'file'
                    FROM beneficiaries_cnsnumber cns JOIN beneficiaries_beneficiary link USING (person_id)
                   ORDER BY link.code, cns.attached_at, cns.number""",
    "people": """SELECT link.code, link.cco, person.cns_refusal FROM beneficiaries_beneficiary link
                   JOIN beneficiaries_person person ON person.id = link.person_id ORDER BY link.code""",
    "differences": """SELECT d.position, d.cco, d.outcome, d.deed, d.answer, d.number, d.tier, d.reason, d.comparison,
                             d.divergences, d.applied_at IS NULL, link.code
                        FROM sib_difference d LEFT JOIN beneficiaries_beneficiary link ON link.id = d.beneficiary_id
                       ORDER BY d.position, link.code""",
    "mirror": "SELECT cco, digest FROM sib_mirrorrecord ORDER BY cco",
    "reviews": """SELECT link.code, review.number, review.status FROM beneficiaries_review review
                    JOIN beneficiaries_beneficiary link USING (person_id)
                   ORDER BY link.code, review.number""",
    "trail": "SELECT kind, count(*) FROM operators_auditevent GROUP BY kind ORDER BY kind",
}  # fmt: skip


TABLES = "SELECT relname FROM pg_class WHERE relname ~ '^sib_[a-z_]+_[0-9]+$' AND relkind = 'r'"


def state(place):
    """Everything that a night leaves, without times and keys."""
    with place.connected() as connection:
        return {name: ask(connection, query) for name, query in STATE.items()}


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    """What every night begins with, and the file that is to be taken in it."""
    data = tmp_path_factory.mktemp("noites")
    instances.migrate(data)
    with instances.running(data) as services:
        place = Place(data, services)
        yield place, place.found()


@pytest.fixture(scope="module")
def undisturbed(evening):
    """How long the work took, and what it left."""
    place, file = evening[0].copy("undisturbed"), evening[1]
    night = place.start("ingest_cnx", *OPERATOR, file, "--apply")
    place.wait_until_at_work()
    began = time.monotonic()
    _, complaints = night.communicate(timeout=PATIENCE)
    assert night.returncode == 0, complaints
    return time.monotonic() - began, state(place)


def test_an_undisturbed_night_meets_every_kind_of_thing(undisturbed):
    _, left = undisturbed

    [(status, step, records, _, outcomes, applied, _, _)] = left["file"]
    assert (status, step, records) == ("DONE", "APPLIED", RECORDS)
    assert {"CNS_NEW", "REVIEW", "OTHER_PERSON", "CNS_INVALID", "EQUAL", "ONLY_AT_ANS"} <= set(json.loads(outcomes))
    assert applied > 0.5 * RECORDS
    assert min(len(left[name]) for name in ("numbers", "reviews", "mirror", "differences")) > 0


@pytest.mark.parametrize("kill", range(1, KILLS + 1))
def test_a_night_killed_at_any_moment_ends_like_one_that_was_not(evening, undisturbed, kill):
    lasts, expected = undisturbed
    place, file = evening[0].copy(f"night_{kill}"), evening[1]
    moment = (kill - 1 + random.Random(kill).random()) / KILLS  # spread over the whole night, not on its beats
    night = place.start("ingest_cnx", *OPERATOR, file, "--apply")
    place.wait_until_at_work()

    time.sleep(moment * lasts)
    night.send_signal(signal.SIGKILL)
    night.communicate(timeout=PATIENCE)
    place.run("ingest_cnx", *OPERATOR, file, "--apply")

    assert state(place) == expected
    with place.connected() as connection:
        assert ask(connection, TABLES) == []
