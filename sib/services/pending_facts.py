"""What the last applied conference says against the numbers of people, as facts that their reasons are computed of."""

from typing import Any

from django.db import connection

from operators.context import current_operator_id
from sib.models import ConferenceFile, Step
from sib.queries.apply_summary import REVERTED


def note_what_ans_refuses(file: ConferenceFile | None = None) -> None:
    """Of this conference, or of the last that is applied; what another one said is said no more."""
    if file is None:
        file = ConferenceFile.objects.filter(step=Step.APPLIED).order_by("-pk").first()
    told: dict[str, Any] = {"file": file.pk if file else 0, "operator": current_operator_id(), "reverted": REVERTED}
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, told)


# Found by outcome, which the index knows: these are few. People are held in the order that all others keep.
_REFUSED = """
    WITH refused AS MATERIALIZED (
        SELECT DISTINCT ON (person_id) person_id, number,
               CASE outcome WHEN 'OTHER_PERSON' THEN 'OTHER_PERSON' WHEN 'CNS_INVALID' THEN 'INVALID'
                            WHEN 'CNS_REPEATED' THEN 'REPEATED' ELSE answer END AS reason
          FROM sib_difference
         WHERE file_id = %(file)s AND person_id IS NOT NULL AND answer NOT IN ('CHANGED_SINCE', %(reverted)s)
           AND (outcome IN ('OTHER_PERSON', 'CNS_INVALID', 'CNS_REPEATED')
                OR outcome IN ('CNS_NEW', 'CNS_CHANGED', 'CNS_CONFIRMED') AND answer IN ('TAKEN', 'INVALID'))
         ORDER BY person_id, outcome = 'OTHER_PERSON' DESC, id DESC
    ), told AS MATERIALIZED (
        SELECT person.id FROM beneficiaries_person person
         WHERE person.operator_id = %(operator)s AND person.cns_refusal <> '' AND person.cns_refusal_source = 'CNX'
         UNION
        SELECT person_id FROM refused
    ), held AS MATERIALIZED (
        SELECT person.id FROM beneficiaries_person person
         WHERE person.id IN (SELECT id FROM told) AND person.operator_id = %(operator)s
         ORDER BY person.id FOR NO KEY UPDATE
    )
    UPDATE beneficiaries_person person
       SET cns_refusal = COALESCE(refused.reason, ''), cns_refused_number = COALESCE(refused.number, ''),
           cns_refusal_source = CASE WHEN refused.reason IS NULL THEN '' ELSE 'CNX' END
      FROM held LEFT JOIN refused ON refused.person_id = held.id
     WHERE person.id = held.id
"""
