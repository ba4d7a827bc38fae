"""The only place that gives a link the CCO assigned by ANS, whatever the source; detaching removes it."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from cnsportal.db.sql_files import read_statements
from operators.audit import EventKind, record_set
from operators.context import current_operator_id
from operators.models import User

_SQL = read_statements("beneficiaries/sql/give_ccos.sql")


def give_ccos(wanted: str, parameters: Mapping[str, Any], *, origin: str, actor: User | None = None) -> set[int]:
    """Give links their CCO, with an event for each, in the caller's transaction; the keys of those that got one.

    ``wanted`` is SQL that gives link_id and cco. A link that has a CCO keeps it, and one that is another link's already
    is given to nobody: of several that want the same, the first gets it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL["table"])
        cursor.execute(_SQL["give"].format(wanted=wanted), {**parameters, "operator": current_operator_id()})
    record_set(EventKind.CCO_GIVEN, "beneficiary", _SQL["given"], {}, actor=actor, source=origin)
    with connection.cursor() as cursor:
        cursor.execute("SELECT link_id FROM given_ccos")
        return {link for (link,) in cursor.fetchall()}
