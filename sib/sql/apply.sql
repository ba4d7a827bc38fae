-- How what was rehearsed is offered to the registry and marked.

-- name: offers
-- The numbers of plain differences. The person is compared again: between rehearsal and now somebody may have mended
-- the data. The condition is the scope of what is applied.
SELECT d.id AS difference_id, d.person_id, d.number, d.tier,
       ('{{"file": ' || d.file_id || ', "cco": "' || d.cco || '", "tier": "' || d.tier || '", "reason": '
        || to_json(d.reason)::text || ', "comparison": ['
        || compared_field('cpf', person.cpf, theirs.cpf) || ', '
        || compared_field('nascimento', person.birth_date::text, theirs.data_nascimento::text) || ', '
        || compared_field('nome', person.name, theirs.nome) || ', '
        || compared_field('mae', person.mother_name, theirs.nome_mae) || ', '
        || compared_field('sexo', person.sex, theirs.sexo) || ', '
        || compared_field('municipio', person.city_code, theirs.codigo_municipio) || ']}}')::jsonb AS evidence
  FROM sib_difference d
  JOIN beneficiaries_person person ON person.id = d.person_id
  JOIN sib_mirrorrecord theirs ON theirs.operator_id = %(operator)s AND theirs.cco = d.cco
 WHERE d.file_id = %(file)s AND d.id BETWEEN %(first)s AND %(last)s AND d.person_id %% %(lanes)s = %(lane)s
   AND d.applied_at IS NULL AND {condition} AND d.deed = 'ATTACH' AND d.comparison = '[]' AND NOT d.gives_cco
   AND theirs.cns = d.number AND theirs.cpf = person.cpf AND theirs.data_nascimento = person.birth_date
   AND theirs.name_key = person.name_key

-- name: mark_attached
-- The range is told once more, or each of them would read the differences of the whole conference.
UPDATE sib_difference d SET answer = 'ATTACHED', applied_at = now()
  FROM offered JOIN attached USING (person_id, number)
 WHERE d.id = offered.difference_id AND d.id BETWEEN %(first)s AND %(last)s

-- name: mark_applied
UPDATE sib_difference d SET answer = done.answer, undo = done.undo::jsonb, applied_at = now()
  FROM unnest(%(ids)s::bigint[], %(answers)s::text[], %(undos)s::text[]) AS done (id, answer, undo)
 WHERE d.id = done.id
