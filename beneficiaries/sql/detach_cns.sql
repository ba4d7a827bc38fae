-- How numbers and CCOs are taken back.

-- name: withdraw
UPDATE beneficiaries_cnsnumber SET ended_at = %(now)s, end_reason = 'WITHDRAWN'
 WHERE id = ANY (%(numbers)s::bigint[]) AND ended_at IS NULL
RETURNING person_id, number

-- name: reopen
UPDATE beneficiaries_cnsnumber previous SET ended_at = NULL, end_reason = ''
  FROM beneficiaries_cnsnumber undone
 WHERE undone.id = ANY (%(numbers)s::bigint[]) AND undone.person_id = ANY (%(people)s::bigint[])
   AND previous.person_id = undone.person_id AND previous.ended_at = undone.attached_at
   AND previous.end_reason IN ('SUPERSEDED', 'CONFIRMED')
RETURNING previous.person_id, previous.number

-- name: take_ccos
UPDATE beneficiaries_beneficiary link SET cco = NULL, updated_at = now()
  FROM unnest(%(links)s::bigint[], %(ccos)s::text[]) AS given (link, cco)
 WHERE link.id = given.link AND link.cco = given.cco
RETURNING link.id, link.person_id, given.cco
