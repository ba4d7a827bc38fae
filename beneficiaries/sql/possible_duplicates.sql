-- People who may be one, found by what the indexes know: page by page, from where the last one ended.

-- name: same_name
-- Read along the index person_identity alone, from where the last page ended.
SELECT name_key, birth_date FROM beneficiaries_person
 WHERE operator_id = %(operator)s AND (name_key, birth_date) > (%(name)s, %(birth)s)
 GROUP BY name_key, birth_date HAVING count(*) > 1
 ORDER BY name_key, birth_date LIMIT %(limit)s

-- name: same_number
SELECT person.id, held.person_id
  FROM beneficiaries_person person
  JOIN beneficiaries_cnsnumber held
    ON held.operator_id = person.operator_id AND held.number = person.cns_refused_number AND held.ended_at IS NULL
 WHERE person.operator_id = %(operator)s AND person.cns_refusal = %(taken)s AND person.id > %(after)s
   AND held.person_id <> person.id
 ORDER BY person.id LIMIT %(limit)s
