-- Facts from which a person's pending reason is told.

-- name: note_answers
UPDATE beneficiaries_person person
   SET cns_answer = said.answer, cns_question = '',
       cns_refusal = CASE WHEN cns_refusal_source = 'CADSUS' THEN '' ELSE cns_refusal END,
       cns_refused_number = CASE WHEN cns_refusal_source = 'CADSUS' THEN '' ELSE cns_refused_number END,
       cns_refusal_source = CASE WHEN cns_refusal_source = 'CADSUS' THEN '' ELSE cns_refusal_source END
  FROM unnest(%(people)s::bigint[], %(told)s::text[]) AS said (person, answer)
 WHERE person.id = said.person AND person.operator_id = %(operator)s
   AND (person.cns_answer <> said.answer OR person.cns_question <> '' OR person.cns_refusal_source = 'CADSUS')

-- name: note_refusals
UPDATE beneficiaries_person person
   SET cns_refusal = told.reason, cns_refusal_source = told.source, cns_refused_number = told.number
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS told (person, reason, source, number)
 WHERE person.id = told.person AND person.operator_id = %s

-- name: replace_refusals
-- What is refused gives person_id, reason and number. People are held in the order that all others keep.
WITH refused AS MATERIALIZED (
{refused}
), told AS MATERIALIZED (
    SELECT person.id FROM beneficiaries_person person
     WHERE person.operator_id = %(operator)s AND person.cns_refusal <> '' AND person.cns_refusal_source = %(source)s
     UNION
    SELECT person_id FROM refused
), held AS MATERIALIZED (
    SELECT person.id FROM beneficiaries_person person
     WHERE person.id IN (SELECT id FROM told) AND person.operator_id = %(operator)s
     ORDER BY person.id FOR NO KEY UPDATE
)
UPDATE beneficiaries_person person
   SET cns_refusal = COALESCE(refused.reason, ''), cns_refused_number = COALESCE(refused.number, ''),
       cns_refusal_source = CASE WHEN refused.reason IS NULL THEN '' ELSE %(source)s END
  FROM held LEFT JOIN refused ON refused.person_id = held.id
 WHERE person.id = held.id
