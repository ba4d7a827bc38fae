"""Staged rows against the registry: SQL leaves out what is simply equal, pure code decides on the rest."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Max

from beneficiaries.identity import Candidate, CnsCandidate, Identity
from sib.models import CnxRow, ConferenceFile, Difference, Step
from sib.queries import FileFacts, different_rows, facts_of, only_here
from sib.reconcile import Finding, Ours, Outcome, Theirs, decide

CHUNK = 5_000  # staged rows


def compare(file: ConferenceFile, beat: Callable[[int], bool]) -> bool:
    """Decide on every staged row and keep what is not equal; False when the run is no longer ours."""
    file.differences.all().delete()
    last = CnxRow.objects.filter(file=file).aggregate(last=Max("position"))["last"] or 0
    facts = facts_of(file)
    outcomes: Counter[str] = Counter()
    for first in range(1, last + 1, CHUNK):
        outcomes += _compare_chunk(file, facts, first, min(first + CHUNK - 1, last))
        if not beat(min(first + CHUNK - 1, last)):
            return False
    file.outcomes = {outcome.name: outcomes[outcome.name] for outcome in Outcome if outcomes[outcome.name]}
    file.only_here = only_here(file)
    file.step = Step.REHEARSED
    file.save(update_fields=["outcomes", "only_here", "step"])
    return True


@transaction.atomic
def _compare_chunk(file: ConferenceFile, facts: FileFacts, first: int, last: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    differences = []
    for row in different_rows(file, facts, first, last):
        finding = _decide(file, facts, row)
        outcomes[finding.outcome.name] += 1
        if finding.outcome is not Outcome.EQUAL:
            differences.append(_difference(file, row, finding))
    Difference.objects.bulk_create(differences)
    outcomes[Outcome.EQUAL.name] += last - first + 1 - outcomes.total()
    return outcomes


def _decide(file: ConferenceFile, facts: FileFacts, row: dict[str, Any]) -> Finding:
    ours = None
    if row["beneficiary_id"]:
        ours = Ours(
            _our_identity(row),
            row["ours_active"],
            row["our_number"] or "",
            is_verified=bool(row["our_verified"]),
            is_numbered=not row["is_unnumbered"],
        )
    theirs = Theirs(
        _candidate(row),
        row["theirs_active"],
        is_superseded=row["position"] in facts.superseded,
        number_is_elsewhere=row["held_by_another"] or row["cns"] in facts.repeated,
        has_second_number=row["has_second_number"],
    )
    return decide(ours, theirs, auto_tier=file.operator.auto_tier)


def _our_identity(row: dict[str, Any]) -> Identity:
    return Identity(
        row["our_cpf"] or "",
        row["our_name"],
        row["our_birth_date"],
        row["our_mother_name"],
        row["our_sex"],
        row["our_city_code"],
    )


def _candidate(row: dict[str, Any]) -> Candidate:
    return Candidate(
        row["cpf"],
        row["nome"],
        row["data_nascimento"],
        row["nome_mae"],
        row["sexo"],
        row["codigo_municipio"],
        numbers=(CnsCandidate(row["cns"]),) if row["cns"] else (),
    )


def _difference(file: ConferenceFile, row: dict[str, Any], finding: Finding) -> Difference:
    verdict = finding.verdict
    return Difference(
        operator_id=file.operator_id,
        file=file,
        position=row["position"],
        cco=row["cco"],
        outcome=finding.outcome.name,
        beneficiary_id=row["beneficiary_id"],
        person_id=row["person_id"],
        number=row["cns"][:15],
        tier=verdict.tier if verdict else "",
        reason=finding.reason,
        comparison=[field.as_json() for field in verdict.comparison] if verdict else [],
        deed=finding.deed,
        gives_cco=finding.gives_cco,
    )
