-- Whom a row of an operator's file may be about.

-- name: may_be_meant
SELECT id FROM beneficiaries_person WHERE operator_id = %(operator)s AND cpf = ANY (%(cpfs)s)
 UNION
SELECT person.id
  FROM unnest(%(names)s::text[], %(births)s::date[]) AS wanted (name_key, birth_date)
  JOIN beneficiaries_person person
    ON person.operator_id = %(operator)s AND person.name_key = wanted.name_key
   AND person.birth_date = wanted.birth_date
