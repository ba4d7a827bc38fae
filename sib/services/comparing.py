"""Staged rows against the registry: SQL leaves out what is simply equal, pure code decides on the rest."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from beneficiaries.identity import Candidate, CnsCandidate, Identity
from beneficiaries.models import Beneficiary
from sib.models import CnxRow, ConferenceFile, Difference, Step
from sib.reconcile import Deed, Finding, Ours, Outcome, Theirs, decide

CHUNK = 5_000  # staged rows


@dataclass(frozen=True, slots=True)
class _File:
    """What one row does not tell: which of them are superseded in the file, which numbers stand on two people there."""

    superseded: frozenset[int]
    repeated: frozenset[str]


def compare(file: ConferenceFile, beat: Callable[[int], bool]) -> bool:
    """Decide on every staged row and keep what is not equal; False when the run is no longer ours."""
    file.differences.all().delete()
    last = CnxRow.objects.filter(file=file).aggregate(last=Max("position"))["last"] or 0
    facts = _File(_superseded(file), _repeated(file))
    outcomes: Counter[str] = Counter()
    for first in range(1, last + 1, CHUNK):
        outcomes += _compare_chunk(file, facts, first, min(first + CHUNK - 1, last))
        if not beat(min(first + CHUNK - 1, last)):
            return False
    file.outcomes = {outcome.name: outcomes[outcome.name] for outcome in Outcome if outcomes[outcome.name]}
    file.only_here = _only_here(file)
    file.step = Step.REHEARSED
    file.save(update_fields=["outcomes", "only_here", "step"])
    return True


@transaction.atomic
def _compare_chunk(file: ConferenceFile, facts: _File, first: int, last: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    differences = []
    for row in _different(file, facts, first, last):
        finding = _decide(file, facts, row)
        outcomes[finding.outcome.name] += 1
        if finding.outcome is not Outcome.EQUAL:
            differences.append(_difference(file, row, finding))
    Difference.objects.bulk_create(differences)
    outcomes[Outcome.EQUAL.name] += last - first + 1 - outcomes.total()
    return outcomes


def _different(file: ConferenceFile, facts: _File, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Rows of the file with the link and person they mean, without those in which nothing differs."""
    parameters: dict[str, Any] = {"operator": file.operator_id, "file": file.pk, "first": first, "last": last}
    special: dict[str, Any] = {"superseded": list(facts.superseded), "repeated": list(facts.repeated)}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, {**parameters, **special, "today": timezone.localdate()})
        names = [column[0] for column in cursor.description or ()]
        yield from (dict(zip(names, values, strict=True)) for values in cursor.fetchall())


_DIFFERENT = """
    WITH staged AS MATERIALIZED (
        SELECT * FROM sib_cnxrow WHERE file_id = %(file)s AND position BETWEEN %(first)s AND %(last)s
    ), by_code AS (  -- links that ANS has not numbered here yet, by the code that is in the file, zeros or not
        SELECT DISTINCT ON (staged.position) staged.position, link.id
          FROM staged
          JOIN beneficiaries_beneficiary link
            ON link.operator_id = %(operator)s AND link.cco IS NULL
           AND link.code IN (staged.codigo_beneficiario, ltrim(staged.codigo_beneficiario, '0'))
         ORDER BY staged.position, link.id
    )
    SELECT staged.position, staged.line, staged.cco, staged.situacao = 'ATIVO' AS theirs_active, staged.cpf, staged.cns,
           staged.nome, staged.data_nascimento, staged.nome_mae, staged.sexo, staged.codigo_municipio,
           link.id AS beneficiary_id, link.person_id, link.cco IS NULL AS gives_cco,
           link.cancelled_on IS NULL OR link.cancelled_on > %(today)s AS ours_active,
           person.cpf AS our_cpf, person.name AS our_name, person.birth_date AS our_birth_date,
           person.mother_name AS our_mother_name, person.sex AS our_sex, person.city_code AS our_city_code,
           cns.number AS our_number, cns.verified AS our_verified,
           EXISTS (SELECT FROM beneficiaries_cnsnumber held
                    WHERE held.operator_id = %(operator)s AND held.number = staged.cns AND held.ended_at IS NULL
                      AND held.person_id <> link.person_id) AS held_by_another
      FROM staged
      LEFT JOIN beneficiaries_beneficiary numbered
        ON numbered.operator_id = %(operator)s AND numbered.cco = staged.cco
      LEFT JOIN by_code ON by_code.position = staged.position AND numbered.id IS NULL
      LEFT JOIN beneficiaries_beneficiary link ON link.id = COALESCE(numbered.id, by_code.id)
      LEFT JOIN beneficiaries_person person ON person.id = link.person_id
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = person.id AND cns.ended_at IS NULL
     WHERE (numbered.id IS NOT NULL AND staged.cns = cns.number AND cns.verified AND staged.cpf = person.cpf
            AND staged.data_nascimento = person.birth_date AND staged.name_key = person.name_key
            AND (staged.situacao = 'ATIVO') = (link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)
            AND staged.position <> ALL (%(superseded)s::int[]) AND staged.cns <> ALL (%(repeated)s::text[])) IS NOT TRUE
     ORDER BY staged.position
"""


def _superseded(file: ConferenceFile) -> frozenset[int]:
    """Positions of records whose CCO stands again in the file, updated later or further down."""
    return frozenset(_column(_SUPERSEDED, file))


_SUPERSEDED = """
    SELECT position
      FROM (SELECT position, row_number() OVER (PARTITION BY cco
                                                ORDER BY data_atualizacao DESC NULLS LAST, position DESC) AS place
              FROM sib_cnxrow
             WHERE file_id = %(file)s
               AND cco IN (SELECT cco FROM sib_cnxrow WHERE file_id = %(file)s AND cco <> ''
                            GROUP BY cco HAVING count(*) > 1)) AS same
     WHERE place > 1
"""


def _repeated(file: ConferenceFile) -> frozenset[str]:
    """Numbers that stand on records of more than one person in the file."""
    return frozenset(_column(_REPEATED, file))


_REPEATED = """
    SELECT cns FROM sib_cnxrow WHERE file_id = %(file)s AND cns <> ''
     GROUP BY cns HAVING count(*) > 1
        AND min(CASE WHEN cpf <> '' THEN cpf ELSE name_key || data_nascimento END)
         <> max(CASE WHEN cpf <> '' THEN cpf ELSE name_key || data_nascimento END)
"""


def _column(query: str, file: ConferenceFile) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"file": file.pk})
        return [value for (value,) in cursor.fetchall()]


def _only_here(file: ConferenceFile) -> int:
    """Active links that the file does not name."""
    return Beneficiary.objects.active().exclude(cco__in=CnxRow.objects.filter(file=file).values("cco")).count()


def _decide(file: ConferenceFile, facts: _File, row: dict[str, Any]) -> Finding:
    ours = None
    if row["beneficiary_id"]:
        ours = Ours(_our_identity(row), row["ours_active"], row["our_number"] or "", bool(row["our_verified"]))
    theirs = Theirs(
        _candidate(row),
        row["theirs_active"],
        is_superseded=row["position"] in facts.superseded,
        number_is_elsewhere=row["held_by_another"] or row["cns"] in facts.repeated,
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
        reason=verdict.reason.value if verdict else "",
        comparison=[field.as_json() for field in verdict.comparison] if verdict else [],
        deed=finding.deed,
        gives_cco=bool(row["gives_cco"]) and finding.deed is Deed.ATTACH,
    )
