"""The one door through which a link gets the CCO that ANS gave it, whoever brings it; withdrawing takes it back."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from operators.audit import EventKind, record_set
from operators.context import current_operator_id
from operators.models import User


def give_ccos(wanted: str, parameters: Mapping[str, Any], *, origin: str, actor: User | None = None) -> set[int]:
    """Give links their CCO, with an event for each, in the caller's transaction; the keys of those that got one.

    ``wanted`` is SQL that gives link_id and cco. A link that has a CCO keeps it, and one that is another link's already
    is given to nobody: of several that want the same, the first gets it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute(_GIVE.format(wanted=wanted), {**parameters, "operator": current_operator_id()})
    record_set(EventKind.CCO_GIVEN, "beneficiary", _GIVEN, {}, actor=actor, source=origin)
    with connection.cursor() as cursor:
        cursor.execute("SELECT link_id FROM given_ccos")
        return {link for (link,) in cursor.fetchall()}


_TABLE = """
    DROP TABLE IF EXISTS pg_temp.given_ccos;
    CREATE TEMP TABLE given_ccos (link_id bigint, person_id bigint, cco text) ON COMMIT DROP
"""
_GIVE = """
    WITH wanted AS (
        SELECT DISTINCT ON (link_id) link_id, cco
          FROM (SELECT DISTINCT ON (cco) link_id, cco FROM ({wanted}) AS told
                 WHERE cco ~ '^[0-9]{{12}}$' ORDER BY cco, link_id) AS once
         ORDER BY link_id, cco
    ), given AS (
        UPDATE beneficiaries_beneficiary link SET cco = wanted.cco, updated_at = now()
          FROM wanted
         WHERE link.id = wanted.link_id AND link.operator_id = %(operator)s AND link.cco IS NULL
           AND NOT EXISTS (SELECT FROM beneficiaries_beneficiary other
                            WHERE other.operator_id = %(operator)s AND other.cco = wanted.cco)
        RETURNING link.id, link.person_id, link.cco
    )
    INSERT INTO given_ccos SELECT id, person_id, cco FROM given
"""
_GIVEN = "SELECT link_id AS subject_id, person_id, jsonb_build_object('cco', cco) AS data FROM given_ccos"
