-- Numbers that two people claim: one holds it, and for the other it waits for a decision or was refused.

-- name: claims
SELECT DISTINCT ON (claim.person_id) claim.person_id, claim.review_id, held.person_id AS holder_id, held.id AS held_id,
       held.number, held.verified
  FROM (SELECT person_id, number, id AS review_id FROM beneficiaries_review
         WHERE operator_id = %(operator)s AND status = 'OPEN' AND person_id > %(after)s
         UNION ALL
        SELECT id, cns_refused_number, NULL FROM beneficiaries_person
         WHERE operator_id = %(operator)s AND cns_refusal = %(taken)s AND cns_refused_number <> '' AND id > %(after)s
       ) claim
  JOIN beneficiaries_cnsnumber held ON held.operator_id = %(operator)s AND held.number = claim.number
   AND held.ended_at IS NULL AND held.person_id <> claim.person_id
 ORDER BY claim.person_id, claim.review_id NULLS LAST
 LIMIT %(limit)s
