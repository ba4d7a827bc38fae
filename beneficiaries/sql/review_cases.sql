-- Cases of the review desk.

-- name: drop_answered
-- A case that somebody decides in this very moment is left to him: he holds it, and waits for the person.
WITH answered AS (
    SELECT review.id
      FROM beneficiaries_review review
      JOIN beneficiaries_cnsnumber cns ON cns.person_id = review.person_id AND cns.number = review.number
     WHERE review.operator_id = %(operator)s AND review.status = 'OPEN' AND review.person_id = {people}
       AND cns.ended_at IS NULL AND cns.verified
     ORDER BY review.id FOR UPDATE OF review SKIP LOCKED
)
UPDATE beneficiaries_review review SET status = 'WITHDRAWN', decided_at = %(now)s
  FROM answered WHERE review.id = answered.id
RETURNING review.id, review.person_id, review.origin
