-- Open cases that ask one and the same question, so that one decision may answer them all.

-- part: equal_cases
-- Left out, for somebody to look at one by one: a field that differs, a number that is somebody's or would replace a
-- verified one, two cases of one person, two people for one number, twins, every reason that is a doubt, and a case
-- that waits for a second person.
SELECT review.id, review.person_id, review.tier, review.reason, review.source, review.kind, review.opened_at,
       compared.pattern, effect.effect,
       md5(concat_ws('|', review.tier, review.reason, review.source, review.kind, compared.pattern, effect.effect)) AS key
  FROM (SELECT every.*, count(*) OVER (PARTITION BY person_id) AS of_person,
               count(*) OVER (PARTITION BY number) AS of_number
          FROM beneficiaries_review every
         WHERE every.operator_id = %(operator)s AND every.status = 'OPEN') AS review
  JOIN beneficiaries_person person ON person.id = review.person_id
  LEFT JOIN beneficiaries_cnsnumber own ON own.person_id = review.person_id AND own.ended_at IS NULL
 CROSS JOIN LATERAL (
       SELECT string_agg(field.kept ->> 'field' || ':' || field.agreement, ' ' ORDER BY field.place) AS pattern,
              coalesce(bool_and(field.agreement IN ('EQUAL', 'ABBREVIATED', 'UNKNOWN')), FALSE) AS agrees
         FROM (SELECT kept, place,
                      CASE WHEN NOT kept ? 'both' THEN kept ->> 'agreement'
                           WHEN kept ->> 'both' = '' THEN 'UNKNOWN' ELSE 'EQUAL' END AS agreement
                 FROM jsonb_array_elements(review.comparison) WITH ORDINALITY AS side (kept, place)) AS field
       ) AS compared
 CROSS JOIN LATERAL (
       SELECT CASE WHEN own.id IS NULL THEN 'ATTACH'
                   WHEN own.number = review.number THEN 'CONFIRM'
                   WHEN own.verified THEN 'REPLACE_VERIFIED' ELSE 'REPLACE' END AS effect
       ) AS effect
 WHERE review.reason = ANY (%(reasons)s) AND review.tier <> 'C' AND review.proposed_by_id IS NULL
   AND review.of_person = 1 AND review.of_number = 1 AND cns_is_valid(review.number)
   AND compared.agrees AND effect.effect <> 'REPLACE_VERIFIED'
   AND NOT EXISTS (SELECT FROM beneficiaries_cnsnumber theirs
                    WHERE theirs.operator_id = %(operator)s AND theirs.number = review.number
                      AND theirs.ended_at IS NULL AND theirs.person_id <> review.person_id)
   AND NOT EXISTS (SELECT FROM beneficiaries_person twin
                    WHERE twin.operator_id = %(operator)s AND twin.birth_date = person.birth_date
                      AND twin.id <> person.id AND person.mother_name <> ''
                      AND fold_name(twin.mother_name) = fold_name(person.mother_name))
   AND NOT EXISTS (SELECT FROM beneficiaries_cnsnumber wrong
                    WHERE wrong.person_id = review.person_id AND wrong.number = review.number
                      AND wrong.end_reason = 'NOT_THEIRS')

-- name: groups
SELECT key, tier, reason, source, kind, pattern, effect, count(*), min(opened_at), max(id)
  FROM ({equal_cases}) AS equal
 GROUP BY key, tier, reason, source, kind, pattern, effect HAVING count(*) > 1
 ORDER BY count(*) DESC, key

-- name: members
-- In an order that nobody chose and that stays the same: the first of them are the sample.
SELECT id FROM ({equal_cases}) AS equal
 WHERE key = %(key)s AND id <= %(last)s ORDER BY md5(id::text) LIMIT %(limit)s

-- name: still_equal
SELECT id FROM ({equal_cases}) AS equal WHERE key = %(key)s AND id = ANY (%(cases)s)
