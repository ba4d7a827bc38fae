"""Links of which ANS is to be told something, as SQL (sib.queries.unreported_links runs it)."""

_ACTIVE = "(link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)"
_LINKS = """
    SELECT link.id FROM beneficiaries_beneficiary link {joins}
     WHERE link.operator_id = %(operator)s AND link.id > %(after)s AND {condition}
     ORDER BY link.id LIMIT %(size)s
"""
_MIRROR = "JOIN sib_mirrorrecord theirs ON theirs.operator_id = %(operator)s AND theirs.cco = link.cco"
NEVER_SENT = _LINKS.format(joins="", condition=f"link.cco IS NULL AND {_ACTIVE}")
_SURE = """link.id NOT IN (SELECT beneficiary_id FROM sib_difference
                            WHERE file_id = %(file)s AND outcome = ANY (%(strangers)s) AND beneficiary_id IS NOT NULL)
"""
CANCELLED_HERE = _LINKS.format(joins=_MIRROR, condition=f"NOT {_ACTIVE} AND theirs.situacao = 'ATIVO' AND {_SURE}")
ACTIVE_HERE = _LINKS.format(joins=_MIRROR, condition=f"{_ACTIVE} AND theirs.situacao <> 'ATIVO' AND {_SURE}")
DIVERGENT = _LINKS.format(
    joins=f"""{_MIRROR}
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = link.person_id AND cns.ended_at IS NULL AND cns.verified
    """,
    condition=f"""{_ACTIVE} AND theirs.situacao = 'ATIVO'
       AND (cns.number <> theirs.cns OR link.id IN (
            SELECT beneficiary_id FROM sib_difference
             WHERE file_id = %(file)s AND divergences <> '[]' AND outcome <> ALL (%(strangers)s)))
       AND {_SURE}""",
)
UNKNOWN_THERE = _LINKS.format(
    joins="",
    condition=f"""{_ACTIVE} AND (link.id, link.cco) IN (
            SELECT beneficiary_id, cco FROM sib_difference WHERE file_id = %(file)s AND outcome = %(only_here)s)
       AND link.cco NOT IN (SELECT cco FROM sib_mirrorrecord WHERE operator_id = %(operator)s)""",
)
