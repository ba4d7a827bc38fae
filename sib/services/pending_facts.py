"""What the last applied conference says against the numbers of people, as facts that their reasons are computed of."""

from typing import Any

from django.db import connection

from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id
from sib.models import ConferenceFile, Step
from sib.queries.apply_summary import REVERTED

_SQL = read_statements("sib/sql/pending_facts.sql")


def note_what_ans_refuses(file: ConferenceFile | None = None) -> None:
    """Of this conference, or of the last that is applied; what another one said is said no more."""
    if file is None:
        file = ConferenceFile.objects.filter(step=Step.APPLIED).order_by("-pk").first()
    told: dict[str, Any] = {"file": file.pk if file else 0, "operator": current_operator_id(), "reverted": REVERTED}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["note_refusals"], told)
