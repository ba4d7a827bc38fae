"""The SQL by which plain differences of a range are offered their numbers. Pure text; conferences.apply runs it.

``{condition}`` stands for the scope of what is applied.
"""

_IN_RANGE = (
    "d.file_id = %(file)s AND d.id BETWEEN %(first)s AND %(last)s AND d.person_id %% %(lanes)s = %(lane)s "
    "AND d.applied_at IS NULL AND {condition}"
)


def _compared(field: str, ours: str, theirs: str) -> str:
    """As FieldComparison (beneficiaries.domain) writes itself, of two equal values, or two of which one is blank.

    Text that becomes JSON at the end takes PostgreSQL a third of the time of jsonb_build_object.
    """
    agreement = f"CASE WHEN {ours} = '' OR {theirs} = '' THEN 'UNKNOWN' ELSE 'EQUAL' END"
    return f"""'{{{{"field": "{field}", ' || CASE WHEN {ours} = {theirs} THEN '"both": ' || to_json({ours})::text
            ELSE '"ours": ' || to_json({ours})::text || ', "theirs": ' || to_json({theirs})::text
                 || ', "agreement": "' || {agreement} || '"' END || '}}}}'"""


_COMPARED = " || ', ' || ".join(
    (
        _compared("cpf", "person.cpf", "theirs.cpf"),
        _compared("nascimento", "person.birth_date::text", "theirs.data_nascimento::text"),
        _compared("nome", "person.name", "theirs.nome"),
        _compared("mae", "person.mother_name", "theirs.nome_mae"),
        _compared("sexo", "person.sex", "theirs.sexo"),
        _compared("municipio", "person.city_code", "theirs.codigo_municipio"),
    )
)

# The person is compared again: between rehearsal and now somebody may have mended her data.
OFFERS = f"""
    SELECT d.id AS difference_id, d.person_id, d.number, d.tier,
           ('{{{{"file": ' || d.file_id || ', "cco": "' || d.cco || '", "tier": "' || d.tier || '", "reason": '
            || to_json(d.reason)::text || ', "comparison": [' || {_COMPARED} || ']}}}}')::jsonb AS evidence
      FROM sib_difference d
      JOIN beneficiaries_person person ON person.id = d.person_id
      JOIN sib_mirrorrecord theirs ON theirs.operator_id = %(operator)s AND theirs.cco = d.cco
     WHERE {_IN_RANGE} AND d.deed = 'ATTACH' AND d.comparison = '[]' AND NOT d.gives_cco
       AND theirs.cns = d.number AND theirs.cpf = person.cpf AND theirs.data_nascimento = person.birth_date
       AND theirs.name_key = person.name_key
"""
# The range is told once more, or each of them would read the differences of the whole conference.
MARK_PLAIN = """
    UPDATE sib_difference d SET answer = 'ATTACHED', applied_at = now()
      FROM offered JOIN attached USING (person_id, number)
     WHERE d.id = offered.difference_id AND d.id BETWEEN %(first)s AND %(last)s
"""
