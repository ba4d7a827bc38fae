-- name: note_refusals
-- Found by outcome, which the index knows: these are few. People are held in the order that all others keep.
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
