"""The dry run (rehearsal) of a staged conference: SQL selects and groups, pure code decides, SQL stores the result."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.domain.identity_policy import Candidate, CnsCandidate, Identity
from cnsportal.db.copy import copy_rows
from cnsportal.db.parallel import run_in_parallel
from cnsportal.db.sql_files import read_statements
from sib.domain.field_differences import FieldDifference, field_differences
from sib.domain.reconcile import ADULT_AGE_YEARS, ConferenceRecord, Finding, Outcome, RegistryLink, decide
from sib.models import CnxStep, ConferenceFile, RowIssue
from sib.queries import staging_tables
from sib.queries.staged_records import coverage, find_different, find_facts, odd_rows, shapes, years_before
from sib.services.conferences.mirror import fill_mirror, move_mirror
from sib.services.conferences.stage import stage_records

_SQL = read_statements("sib/sql/compare.sql")
CHUNK_SIZE = 2_000  # records looked at one by one
LANES = 2
SMALL_FILE_RECORDS = 10_000  # up to so many a second connection does not pay
PLAIN_CHUNK = 50_000  # positions of records decided on by their shape

Heartbeat = Callable[[int], bool]


def compare_conference(file: ConferenceFile, heartbeat: Heartbeat) -> bool:
    """Decide on every staged record and keep what is not equal; False when the job is no longer ours."""
    if not staging_tables.are_whole(file) and not stage_records(file, heartbeat):
        return False
    file.differences.filter(applied_at=None).delete()  # an applied one holds the way back
    find_facts(file)
    list(run_in_parallel([partial(find_different, file), partial(fill_mirror, file)][: _lanes(file)]))
    outcomes = Counter[str]()
    if not (_keep_plain(file, outcomes, heartbeat) and _keep_odd(file, outcomes, heartbeat)):
        return False
    outcomes[Outcome.EQUAL.name] += file.records - outcomes.total()
    with staging_tables.large_work_memory():
        _finish(file, outcomes)
    staging_tables.drop(file.pk)
    return True


def _lanes(file: ConferenceFile) -> int:
    return LANES if file.records > SMALL_FILE_RECORDS else 1


# ---- by shape -------------------------------------------------------------------------------------------------------


def _keep_plain(file: ConferenceFile, outcomes: Counter[str], heartbeat: Heartbeat) -> bool:
    findings = []
    for shape, count, example in shapes(file):
        finding = _decide(file, example, ())
        outcomes[finding.outcome.name] += count
        if finding.outcome is not Outcome.EQUAL:
            findings.append((shape, finding))
    if findings:
        step = PLAIN_CHUNK * _lanes(file)
        for first in range(1, file.records + 1, step):
            last = min(first + step - 1, file.records)
            list(
                run_in_parallel(
                    [partial(_insert_plain, file, findings, at) for at in range(first, last + 1, PLAIN_CHUNK)]
                )
            )
            if not heartbeat(last):
                return False
    return True


def _insert_plain(file: ConferenceFile, findings: Sequence[tuple[str, Finding]], first: int) -> int:
    found: dict[str, list[Any]] = {
        "shapes": [shape for shape, _ in findings],
        "outcomes": [finding.outcome.name for _, finding in findings],
        "tiers": [finding.tier for _, finding in findings],
        "reasons": [finding.reason for _, finding in findings],
        "deeds": [str(finding.action) for _, finding in findings],
        "gives_cco": [finding.gives_cco for _, finding in findings],
    }
    with transaction.atomic():
        return _execute("insert_plain", file, first=first, last=first + PLAIN_CHUNK - 1, **found)


def _execute(name: str, file: ConferenceFile, **more: Any) -> int:
    """How many rows it wrote."""
    with connection.cursor() as cursor:
        parameters = {"operator": file.operator_id, "file": file.pk, **more}
        cursor.execute(staging_tables.with_tables(_SQL[name], file.pk), parameters)
        return int(cursor.rowcount)


# ---- one by one -----------------------------------------------------------------------------------------------------


def _keep_odd(file: ConferenceFile, outcomes: Counter[str], heartbeat: Heartbeat) -> bool:
    for chunk in odd_rows(file, CHUNK_SIZE):
        with transaction.atomic():
            copy_rows("sib_difference", _COLUMNS, list(_odd(file, chunk, outcomes)))
        if not heartbeat(chunk[-1]["position"]):
            return False
    return True


def _odd(
    file: ConferenceFile, chunk: Sequence[Mapping[str, Any]], outcomes: Counter[str]
) -> Iterator[tuple[object, ...]]:
    for row in chunk:
        differing = field_differences(row) if row["beneficiary_id"] else ()
        finding = _decide(file, row, differing)
        outcomes[finding.outcome.name] += 1
        if finding.outcome is not Outcome.EQUAL:
            yield _difference(file, row, finding, differing)


_COLUMNS = (
    "operator_id",
    "file_id",
    "position",
    "part",
    "line",
    "cco",
    "outcome",
    "beneficiary_id",
    "person_id",
    "number",
    "tier",
    "reason",
    "comparison",
    "divergences",
    "deed",
    "gives_cco",
    "answer",
)


def _difference(
    file: ConferenceFile, row: Mapping[str, Any], finding: Finding, differing: Sequence[FieldDifference]
) -> tuple[object, ...]:
    comparison = [field.as_json() for field in finding.verdict.comparison] if finding.verdict else []
    return (
        file.operator_id,
        file.pk,
        row["position"],
        row["part"],
        row["line"],
        row["cco"],
        finding.outcome.name,
        row["beneficiary_id"],
        row["person_id"],
        row["cns"][:15],
        finding.tier,
        finding.reason,
        json.dumps(comparison, ensure_ascii=False),
        json.dumps([field.as_json() for field in differing], ensure_ascii=False),
        str(finding.action),
        finding.gives_cco,
        "",
    )


def _decide(file: ConferenceFile, row: Mapping[str, Any], differing: Sequence[FieldDifference]) -> Finding:
    theirs = ConferenceRecord(
        _candidate(row),
        row["theirs_active"],
        is_superseded=row["is_superseded"],
        number_is_elsewhere=row["number_is_elsewhere"],
        has_second_number=row["has_second_number"],
        had_number=row["had_number"],
        diverges=any(field.counts for field in differing),
    )
    return decide(_registry_link(row) if row["beneficiary_id"] else None, theirs, auto_tier=file.operator.auto_tier)


def _registry_link(row: Mapping[str, Any]) -> RegistryLink:
    identity = Identity(
        row["our_cpf"] or "",
        row["our_name"],
        row["our_birth_date"],
        row["our_mother_name"],
        row["our_sex"],
        row["our_city_code"],
    )
    return RegistryLink(
        identity,
        row["ours_active"],
        row["our_number"] or "",
        is_verified=bool(row["our_verified"]),
        is_numbered=row["is_numbered"],
        is_holder=row["relationship"] == "1",
        is_of_age=row["our_birth_date"] <= years_before(timezone.localdate(), ADULT_AGE_YEARS),
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        row["cpf"],
        row["nome"],
        row["data_nascimento"],
        row["nome_mae"],
        row["sexo"],
        row["codigo_municipio"],
        numbers=(CnsCandidate(row["cns"]),) if row["cns"] else (),
    )


# ---- the whole ------------------------------------------------------------------------------------------------------


def _finish(file: ConferenceFile, outcomes: Counter[str]) -> None:
    """What only the whole conference shows, and the step, together."""
    today = timezone.localdate()
    file.only_here = _execute("insert_only_here", file, outcome=Outcome.ONLY_HERE.name, today=today)
    outcomes[Outcome.ONLY_HERE.name] = file.only_here
    _keep_issues(file)
    move_mirror(file)
    file.outcomes = {outcome.name: outcomes[outcome.name] for outcome in Outcome if outcomes[outcome.name]}
    file.coverage = coverage(file)
    file.step = CnxStep.REHEARSED
    file.save(update_fields=["outcomes", "only_here", "coverage", "compared_with", "changes", "mirrored_at", "step"])
    _know_anew()


def _know_anew() -> None:
    """A million new rows mislead the planner of every page until the database looks at them by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute("ANALYZE sib_difference, sib_mirrorrecord")


def _keep_issues(file: ConferenceFile) -> None:
    RowIssue.objects.filter(file=file).delete()
    if file.with_issues:
        _execute("insert_issues", file)
