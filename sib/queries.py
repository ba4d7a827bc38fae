"""Staged rows beside the registry, in SQL: what is simply equal never leaves the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from beneficiaries.models import Beneficiary
from sib.models import CnxRow, ConferenceFile


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one row does not tell, because it takes the whole file."""

    superseded: frozenset[int]  # positions of records whose CCO stands again, updated later or further down
    repeated: frozenset[str]  # numbers that stand on records of more than one person
    ambiguous: frozenset[int]  # positions of records whose code stands again and that are not the only active one


def facts_of(file: ConferenceFile) -> FileFacts:
    knows_by_code = Beneficiary.objects.filter(cco__isnull=True).exists()
    ccos = _column(_REPEATED_CCO, file)
    codes = _column(_REPEATED_CODE, file) if knows_by_code else []
    return FileFacts(
        superseded=frozenset(_column(_SUPERSEDED, file, ccos=ccos) if ccos else ()),
        repeated=frozenset(_column(_REPEATED_CNS, file)),
        ambiguous=frozenset(_column(_AMBIGUOUS, file, codes=codes) if codes else ()),
    )


def _column(query: str, file: ConferenceFile, **parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"file": file.pk, **parameters})
        return [value for (value,) in cursor.fetchall()]


# What stands twice is asked first, by itself: joined with its rows it would depend on what the planner believes of a
# table that has only just been filled.
_REPEATED_CCO = "SELECT cco FROM sib_cnxrow WHERE file_id = %(file)s AND cco <> '' GROUP BY cco HAVING count(*) > 1"
_SUPERSEDED = """
    SELECT position
      FROM (SELECT position, row_number() OVER (PARTITION BY cco
                                                ORDER BY data_atualizacao DESC NULLS LAST, position DESC) AS place
              FROM sib_cnxrow
             WHERE file_id = %(file)s AND cco = ANY (%(ccos)s)) AS same
     WHERE place > 1
"""
_REPEATED_CNS = """
    SELECT cns FROM sib_cnxrow WHERE file_id = %(file)s AND cns <> ''
     GROUP BY cns HAVING count(*) > 1
        AND min(CASE WHEN cpf <> '' THEN cpf ELSE name_key || data_nascimento END)
         <> max(CASE WHEN cpf <> '' THEN cpf ELSE name_key || data_nascimento END)
"""
_REPEATED_CODE = """
    SELECT ltrim(codigo_beneficiario, '0') FROM sib_cnxrow WHERE file_id = %(file)s GROUP BY 1 HAVING count(*) > 1
"""
_AMBIGUOUS = """
    SELECT position
      FROM (SELECT position, situacao, count(*) FILTER (WHERE situacao = 'ATIVO') OVER (
                       PARTITION BY ltrim(codigo_beneficiario, '0')) AS active
              FROM sib_cnxrow
             WHERE file_id = %(file)s AND ltrim(codigo_beneficiario, '0') = ANY (%(codes)s)) AS same
     WHERE situacao <> 'ATIVO' OR active > 1
"""


def different_rows(file: ConferenceFile, facts: FileFacts, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Rows at these positions with the link and person they mean, without those in which nothing differs."""
    parameters: dict[str, Any] = {
        "operator": file.operator_id,
        "file": file.pk,
        "first": first,
        "last": last,
        "superseded": list(facts.superseded),
        "repeated": list(facts.repeated),
        "ambiguous": list(facts.ambiguous),
        "today": timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, parameters)
        names = [column[0] for column in cursor.description or ()]
        yield from (dict(zip(names, values, strict=True)) for values in cursor.fetchall())


_DIFFERENT = """
    WITH staged AS MATERIALIZED (
        SELECT * FROM sib_cnxrow WHERE file_id = %(file)s AND position BETWEEN %(first)s AND %(last)s
    ), by_code AS (  -- links that ANS has not numbered here yet, by their code; zeros in front mean nothing
        SELECT staged.position, min(link.id) AS id
          FROM staged
          JOIN beneficiaries_beneficiary link
            ON link.operator_id = %(operator)s AND link.cco IS NULL
           AND ltrim(link.code, '0') = ltrim(staged.codigo_beneficiario, '0')
         WHERE staged.position <> ALL (%(ambiguous)s::int[])
         GROUP BY staged.position HAVING count(*) = 1
    )
    SELECT staged.position, staged.line, staged.cco, staged.situacao = 'ATIVO' AS theirs_active, staged.cpf, staged.cns,
           staged.nome, staged.data_nascimento, staged.nome_mae, staged.sexo, staged.codigo_municipio,
           link.id AS beneficiary_id, link.person_id, link.cco IS NULL AS is_unnumbered,
           link.cancelled_on IS NULL OR link.cancelled_on > %(today)s AS ours_active,
           person.cpf AS our_cpf, person.name AS our_name, person.birth_date AS our_birth_date,
           person.mother_name AS our_mother_name, person.sex AS our_sex, person.city_code AS our_city_code,
           cns.number AS our_number, cns.verified AS our_verified,
           EXISTS (SELECT FROM beneficiaries_cnsnumber held
                    WHERE held.operator_id = %(operator)s AND held.number = staged.cns AND held.ended_at IS NULL
                      AND held.person_id <> link.person_id) AS held_by_another,
           EXISTS (SELECT FROM beneficiaries_beneficiary other
                     JOIN sib_cnxrow also ON also.file_id = %(file)s AND also.cco = other.cco
                    WHERE other.person_id = link.person_id AND other.id <> link.id
                      AND also.situacao = 'ATIVO' AND also.cns <> '' AND also.cns <> staged.cns) AS has_second_number
      FROM staged
      LEFT JOIN beneficiaries_beneficiary numbered
        ON numbered.operator_id = %(operator)s AND numbered.cco = staged.cco
      LEFT JOIN by_code ON by_code.position = staged.position AND numbered.id IS NULL
      LEFT JOIN beneficiaries_beneficiary link ON link.id = COALESCE(numbered.id, by_code.id)
      LEFT JOIN beneficiaries_person person ON person.id = link.person_id
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = person.id AND cns.ended_at IS NULL
     WHERE (numbered.id IS NOT NULL AND staged.cns = cns.number AND (cns.verified OR person.cpf IS NULL)
            AND staged.cpf = COALESCE(person.cpf, '') AND staged.data_nascimento = person.birth_date
            AND staged.name_key = person.name_key
            AND (staged.situacao = 'ATIVO') = (link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)
            AND staged.position <> ALL (%(superseded)s::int[]) AND staged.cns <> ALL (%(repeated)s::text[])) IS NOT TRUE
     ORDER BY staged.position
"""


def only_here(file: ConferenceFile) -> int:
    """Active links that the file does not name, neither by CCO nor, where we know none, by code."""
    named = CnxRow.objects.filter(file=file, cco=OuterRef("cco"))
    found_by_code = file.differences.filter(beneficiary=OuterRef("pk"))
    numbered = Beneficiary.objects.active().filter(~Exists(named), cco__isnull=False)
    unnumbered = Beneficiary.objects.active().filter(~Exists(found_by_code), cco__isnull=True)
    return numbered.count() + unnumbered.count()
