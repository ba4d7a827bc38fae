"""From the release of 26 November 2026 to this one: its database is migrated as it is, its messages are understood.

What is written here is what that release had. It is not to be brought up to date with the code.
"""

import inspect
import os
import subprocess
import sys

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from tests.paths import ROOT

# ---- the database --------------------------------------------------------------------------------------------------

LEAVES = {
    "operators": "0007_card_policy",
    "beneficiaries": "0008_confirmed_numbers",
    "sib": "0014_content_digest",
    "cadsus": "0005_wishes_and_interruptions",
    "cards": "0006_fewer_indexes",
}
MIGRATE_TO_LEAVES = f"""
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
MigrationExecutor(connection).migrate({list(LEAVES.items())})
"""
BLANKS = {
    "bigint": 0,
    "boolean": False,
    "character varying": "",
    "integer": 0,
    "jsonb": "{}",
    "numeric": 0,
    "smallint": 0,
    "text": "",
    "timestamp with time zone": "2026-11-26 21:00-03",
}
"""For columns that a row must have and a test does not speak of, by their type."""


class Database:
    def __init__(self, url) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True

    def rows(self, statement, *values: object):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def insert(self, table, **values):
        """The id of a new row."""
        needed = self.rows(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            table,
        )
        whole = {**{name: BLANKS[kind] for name, kind in needed if name not in values}, **values}
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, whole)),
            sql.SQL(", ").join(sql.Placeholder() * len(whole)),
        )
        return self.rows(statement, *whole.values())[0][0]

    def run(self, *arguments: str):
        environment = {"DATABASE_URL": self.url, "REDIS_URL": settings.REDIS_URL}
        result = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "cnsportal.settings"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def database():
    """As the previous release left it, on the server of the suite."""
    name = "previous_release"
    server = psycopg2.connect(settings.DATABASE_URL)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
        database = Database(settings.DATABASE_URL.rpartition("/")[0] + f"/{name}")
        database.run("-c", MIGRATE_TO_LEAVES)
        yield database
        database.connection.close()
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


PEOPLE = {
    "ANA D'AVILA": "NOT_FOUND",
    "BEATRIZ LIMA JR": "QUEUED",
    "CARLOS SOUZA": "OTHER_PERSON",
    "DANIELA ROCHA": "TAKEN",
    "ELISA NUNES": "NEVER_ASKED",
}
TAKEN_NUMBER = "898001160660761"


def _fill(database):
    """One row for each migration that moves data."""
    operator = database.insert(
        "operators_operator", registration="999999", cnpj="11222333000181", legal_name="Exemplo S.A.", trade_name="Ex"
    )
    people = {
        name: database.insert(
            "beneficiaries_person",
            operator_id=operator,
            name=name,
            name_key=name.replace("'", " "),
            birth_date="1990-05-17",
            cns_pending=pending,
        )
        for name, pending in PEOPLE.items()
    }
    database.insert(
        "operators_auditevent",
        operator_id=operator,
        kind="cns.refused",
        person_id=people["DANIELA ROCHA"],
        data='{"answer": "TAKEN", "source": "CNX"}',
        personal=f'{{"number": "{TAKEN_NUMBER}"}}',
    )
    database.insert(
        "sib_mirrorrecord", operator_id=operator, cco="000000000353", nome="ANA D'AVILA", name_key="ANA D AVILA"
    )
    database.insert("beneficiaries_company", operator_id=operator, cnpj="11222333000181", legal_name="Contratante")
    database.insert(
        "cadsus_sgopperson",
        operator_id=operator,
        name="Diretora",
        role="ADMINISTRADOR",
        **dict.fromkeys(("cns_state", "govbr_state", "access_state"), "DONE"),
        **dict.fromkeys(("cns_since", "govbr_since", "access_since"), "2026-11-20"),
    )


def test_a_database_of_the_previous_release_is_migrated_as_it_is(database):
    _fill(database)

    database.run("manage.py", "deploy")

    applied = set(database.rows("SELECT app, name FROM django_migrations"))
    assert set(MigrationLoader(None).graph.leaf_nodes()) - applied == set()
    facts = "name_key, cns_answer, cns_question, cns_refusal, cns_refusal_source, cns_refused_number"
    assert database.rows(f"SELECT {facts} FROM beneficiaries_person ORDER BY name") == [
        ("ANA DAVILA", "NOT_FOUND", "", "", "", ""),
        ("BEATRIZ LIMA JUNIOR", "", "QUEUED", "", "", ""),
        ("CARLOS SOUZA", "", "", "OTHER_PERSON", "CNX", ""),
        ("DANIELA ROCHA", "", "", "TAKEN", "CNX", TAKEN_NUMBER),
        ("ELISA NUNES", "", "", "", "", ""),
    ]
    assert database.rows("SELECT name_key FROM sib_mirrorrecord") == [("ANA DAVILA",)]
    assert database.rows("SELECT cnpj, caepf, cei FROM beneficiaries_company") == [("11222333000181", "", "")]
    assert database.rows("SELECT access_state, profile_state, profile_since::text FROM cadsus_sgopperson") == [
        ("DONE", "DONE", "2026-11-20")
    ]
    assert database.rows("SELECT registration, legal_name FROM operators_operator") == [("999999", "Exemplo S.A.")]


# ---- the messages --------------------------------------------------------------------------------------------------

MESSAGES = {
    "sib.process_file": {"operator_id": 7, "run_id": 12},
    "sib.settle_rpx": {"operator_id": 7, "run_id": 12},
    "sib.found": {"operator_id": 7, "run_id": 12},
    "sib.draft_movements": {"operator_id": 7, "actor_id": 3},
    "cadsus.run_lookup": {"operator_id": 7, "run_id": 12},
    "cadsus.run_check": {"operator_id": 7, "run_id": 12},
    "cadsus.work_queue": {"operator_id": 7},
    "cadsus.cancel_queued": {"operator_id": 7, "priorities": [1, 2], "actor_id": 3},
    "cadsus.ask_missing_here": {"operator_id": 7},
    "cadsus.check_revocations_here": {"operator_id": 7},
    "cards.render_batch": {"operator_id": 7, "run_id": 12},
    "cards.deliver_events": {"operator_id": 7},
    "operators.sweep_runs": {},
    "sib.scan_inbox": {},
    "sib.report_night": {},
    "cadsus.wake_queues": {},
    "cadsus.check_revocations": {},
    "cadsus.warn_of_expiry": {},
    "cadsus.ask_missing": {},
    "cards.wake_webhooks": {},
    "cards.delete_expired": {},
    "cards.forget_keys": {},
}
QUEUES = {"interactive", "lookups", "bulk"}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_the_previous_release_is_understood(name):
    """Both by the task that takes the operator out of it, and by the function that is given the rest."""
    current_app.loader.import_default_modules()
    task = current_app.tasks[name]
    rest = {key: value for key, value in MESSAGES[name].items() if key != "operator_id"}

    taken = inspect.signature(task.run, follow_wrapped=False).bind(**MESSAGES[name])
    given = inspect.signature(task.run).bind(**rest)

    assert (inspect.unwrap(task.run) is not task.run, given.arguments) == (True, rest)
    assert ("operator_id" in taken.arguments) == ("operator_id" in MESSAGES[name])


def test_the_queues_of_the_previous_release_are_worked_on():
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} >= QUEUES
