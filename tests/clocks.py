"""The date-sensitive part of the suite under other clocks: ``python -m tests.clocks [name …]``, or ``make clocks``.

The clocks are shifted, not frozen, and not of Python alone: libfaketime moves the time of every process (PostgreSQL,
Valkey and OpenSSL with them), and it goes on from there. Each clock has servers and a data folder of its own.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests import instances

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data" / "clocks"
AT_ONCE = 2  # as many processes as the suite itself has
WITHOUT = "AVISO: sem libfaketime (no Debian, o pacote libfaketime); os testes com outros relógios não serão feitos."

BRASILIA = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)

CORE = (
    "tests/beneficiaries/domain/test_row_rules.py",
    "tests/beneficiaries/services/test_waiting_periods.py",
    "tests/beneficiaries/views/test_people_filters.py",
    "tests/cadsus/forms/test_accreditation.py",
    "tests/cadsus/pki/test_expiry_policy.py",
    "tests/cadsus/queries/test_queue_overview.py",
    "tests/cadsus/throttling/test_opening_hours.py",
    "tests/cards/services/test_lifecycle.py",
    "tests/cards/views/test_digital_links.py",
    "tests/sib/services/conferences/test_mirror.py",
    "tests/sib/services/conferences/test_pipeline.py",
    "tests/sib/services/test_night_report.py",
    "tests/sib/views/test_calendar.py",
    "tests/sib/views/test_conferences.py",
)
"""Deadlines, ages, ends and waiting periods: tried under every clock."""

OTHERS = (
    "tests/beneficiaries/domain/test_identity_policy.py",
    "tests/beneficiaries/views/test_person.py",
    "tests/cadsus/pki/test_icp_brasil.py",
    "tests/cadsus/pki/test_revocation.py",
    "tests/cadsus/services/credentials/test_check_connection.py",
    "tests/cadsus/services/credentials/test_store.py",
    "tests/cadsus/services/lookups/test_nightly.py",
    "tests/cadsus/services/lookups/test_pause.py",
    "tests/cadsus/services/lookups/test_training_people.py",
    "tests/cadsus/services/lookups/test_worker.py",
    "tests/cadsus/views/test_accreditation.py",
    "tests/cadsus/views/test_credentials.py",
    "tests/cadsus/views/test_queue_actions.py",
    "tests/cadsus/views/test_revocation.py",
    "tests/cards/public/test_digital_card.py",
    "tests/cards/queries/test_eligibility.py",
    "tests/cards/services/test_webhooks.py",
    "tests/cards/views/test_webhooks.py",
    "tests/cnsportal/test_jobs.py",
    "tests/datasus_simulator/test_behaviours.py",
    "tests/datasus_simulator/test_pki.py",
    "tests/datasus_simulator/test_token_endpoint.py",
    "tests/demo/synthetic/test_families.py",
    "tests/sib/services/conferences/test_receipt.py",
    "tests/sib/services/conferences/test_revert.py",
    "tests/sib/services/movements/test_draft.py",
    "tests/sib/services/test_onboarding.py",
    "tests/sib/views/test_onboarding.py",
    "tests/sib/views/test_receipt.py",
    "tests/sib/views/test_revert.py",
)
"""They know a fixed day and read the clock, too, or live by certificates and tokens: tried a year ahead."""


@dataclass(frozen=True, slots=True)
class Clock:
    """``begins``: the moment it shows when the run begins; ``zone``: of the machine, whatever the portal's own is."""

    name: str
    begins: datetime
    zone: str = "UTC"
    modules: tuple[str, ...] = CORE


def clocks(now: datetime) -> tuple[Clock, ...]:
    """All lie ahead of ``now``, so that nothing is tried on a day that is over."""
    here = now.astimezone(BRASILIA)
    return (
        Clock("year-ahead", now + 365 * DAY, modules=(*CORE, *OTHERS)),
        Clock("leap-day", _next(here, 12, 0, lambda day: (day.month, day.day) == (2, 29))),
        Clock("end-of-year", _next(here, 23, 59, lambda day: (day.month, day.day) == (12, 31))),
        Clock("first-minute-of-a-month", _next(here, 0, 0, lambda day: day.day == 1)),
        Clock("utc-plus-14", _next(here, 21, 30, lambda _: True), "Pacific/Kiritimati"),  # tomorrow there, and in UTC
        Clock("utc-minus-12", _next(here, 0, 5, lambda _: True), "Etc/GMT+12"),  # yesterday there
        Clock("clocks-go-forward", _next(now.astimezone(NEW_YORK), 1, 59, _is_short), "America/New_York"),
    )


def _next(moment, hour, minute, suits):
    """The next day from tomorrow on that suits, at this time of it."""
    day = moment.replace(hour=hour, minute=minute, second=0, microsecond=0) + DAY
    while not suits(day):
        day += DAY
    return day


def _is_short(day):
    return (day.replace(hour=23).astimezone(UTC) - day.replace(hour=0).astimezone(UTC)) < timedelta(hours=23)


def main(names: list[str]) -> int:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        print(WITHOUT)
        return 0
    instances.migrated_cluster()  # once, by today's clock: each begins with a copy
    chosen = [clock for clock in clocks(datetime.now(UTC)) if not names or clock.name in names]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return max(pool.map(lambda clock: _run(clock, library), chosen), default=2)


def _run(clock: Clock, library: Path) -> int:
    data, begin = DATA / clock.name, time.monotonic()
    shutil.rmtree(data, ignore_errors=True)
    command = [sys.executable, "-m", "pytest", "--quiet", "--show-capture=no", "-p", "no:cacheprovider", *clock.modules]
    environment = {**os.environ, **_shifted(clock, library), "CNSPORTAL_DATA": str(data)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    *_, last = done.stdout.strip().splitlines() or [done.stderr]
    print(f"{clock.name}, {clock.begins:%d/%m/%Y %H:%M}: {last} ({time.monotonic() - begin:.0f} s)")
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    shutil.rmtree(data, ignore_errors=True)
    return done.returncode


def _shifted(clock: Clock, library: Path) -> dict[str, str]:
    """By the same number of seconds in all processes; monotonic clocks, which time waits and pauses, are left alone."""
    return {
        "TZ": clock.zone,
        "LD_PRELOAD": str(library),
        "FAKETIME": f"+{(clock.begins - datetime.now(UTC)).total_seconds():.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(ROOT / "tests" / "shifted"),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
