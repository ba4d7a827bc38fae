"""Creates people, links, families, companies and plans from a table of newcomers, in a few statements.

``newcomers`` is filled first (``rehearse``); what must wait carries its reason. ``apply_onboarding`` writes the rest,
in the caller's transaction: all of it, or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.placeholders import NOT_NAMES
from beneficiaries.models import CnsSource
from beneficiaries.services.attach_cns import attach_from_select
from beneficiaries.services.plans import contract_ids, plan_ids
from beneficiaries.sql import onboarding as sql
from operators.audit import EventKind, record_set
from operators.context import current_operator_id
from operators.models import User

REASON = "A pessoa e o vínculo nasceram deste registro da ANS: número e pessoa vêm juntos, de uma fonte só."


@dataclass(frozen=True, slots=True)
class Counts:
    """What would be made of the newcomers that may come in."""

    links: int
    active_links: int
    new_people: int
    known_people: int
    families: int
    companies: int
    plans: int
    numbers: int
    without_holder: int  # dependants whose holder is neither among them nor in the registry
    held: Mapping[str, int]  # Hold name → rows


_COUNTED = [field.name for field in fields(Counts) if field.name != "held"]


def rehearse(rows: str, parameters: Mapping[str, Any]) -> Counts:
    """Fill ``newcomers`` from ``rows`` (SQL that gives newcomers.COLUMNS) and decide on each; writes nothing else."""
    about = {**parameters, "operator": current_operator_id(), "not_names": sorted(NOT_NAMES)}
    with connection.cursor() as cursor:
        cursor.execute(sql.CREATE.format(rows=rows), about)
        cursor.execute("ANALYZE newcomers")
        for step in (sql.WEIGH, sql.NEWBORNS, sql.JOIN, sql.KNOWN_BY_CPF, sql.KNOWN_BY_NAME, sql.NAMESAKES):
            cursor.execute(step, about)
        cursor.execute("ANALYZE newcomers")  # no row is any more what the planner took it for
        cursor.execute("SELECT hold, count(*) FROM newcomers WHERE hold <> '' GROUP BY hold ORDER BY hold")
        held = dict(cursor.fetchall())
        cursor.execute(sql.COUNTS, about)
        return Counts(**dict(zip(_COUNTED, cursor.fetchone(), strict=True)), held=held)


def held_rows(limit: int | None = None) -> list[tuple[str, str, str]]:
    """CCO, code and Hold name of the newcomers that must wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cco, left(code, 30), hold FROM newcomers WHERE hold <> '' ORDER BY cco LIMIT %s", [limit]
        )
        rows: list[tuple[str, str, str]] = cursor.fetchall()
    return rows


def apply_onboarding(*, origin: str, file_id: int, actor: User | None = None) -> int:
    """Write all that may come in; how many numbers were attached."""
    about: dict[str, Any] = {
        "operator": current_operator_id(),
        "file": file_id,
        "reason": REASON,
        "not_names": sorted(NOT_NAMES),
    }
    _make_plans()
    with connection.cursor() as cursor:
        cursor.execute(sql.NUMBERED)
        cursor.execute(sql.PEOPLE, about)
        cursor.execute("ANALYZE newcomers")
    record_set(EventKind.PERSON_CREATED, "person", sql.CREATED, {}, actor=actor, source=origin)
    with connection.cursor() as cursor:
        cursor.execute(sql.LINKS, about)
        cursor.execute(sql.HOLDERS, about)
    return attach_from_select(sql.NUMBERS, about, source=CnsSource.CNX, origin=origin, actor=actor)


def _make_plans() -> None:
    """The few plans and companies that all the links hang on."""
    with connection.cursor() as cursor:
        cursor.execute(sql.PLANS)
        plan_ids(cursor.fetchall())
        cursor.execute("SELECT DISTINCT cnpj, caepf, cei FROM newcomers WHERE hold = ''")
        contract_ids(party for numbers in cursor.fetchall() if (party := ContractingParty.of(*numbers)))
