-- How an answer of ANS (RPX) is brought home: over tables that last as long as the transaction.

-- name: create_tables
DROP TABLE IF EXISTS pg_temp.rpx_rejected, pg_temp.rpx_included, pg_temp.rpx_field, pg_temp.rpx_landed,
                     pg_temp.rpx_given;
CREATE TEMP TABLE rpx_rejected (
    record int, line int, type text, cco text, code text, field_code text, field_name text, value text,
    error_code text, message text, norm text
) ON COMMIT DROP;
CREATE TEMP TABLE rpx_included (line int, code text, cco text, norm text) ON COMMIT DROP;
CREATE TEMP TABLE rpx_field (code text, field text) ON COMMIT DROP;
CREATE TEMP TABLE rpx_landed (record int, movement_id bigint, person_id bigint, beneficiary_id bigint) ON COMMIT DROP;
CREATE TEMP TABLE rpx_given (
    id int GENERATED ALWAYS AS IDENTITY, norm text, movement_id bigint, person_id bigint, beneficiary_id bigint,
    cco text, kind text
) ON COMMIT DROP

-- name: match_movements
INSERT INTO rpx_landed
WITH pairs AS (
  SELECT r.record, r.field_code, m.id, 0 AS by_code
    FROM rpx_rejected r JOIN sib_movement m ON m.cco = r.cco
   WHERE m.file_id = %(sbx)s AND r.cco <> '' AND m.type = coalesce(nullif(r.type, ''), m.type)
   UNION ALL
  SELECT r.record, r.field_code, m.id, 1
    FROM rpx_rejected r JOIN sib_movement m ON ltrim(btrim(m.code), '0') = r.norm
   WHERE m.file_id = %(sbx)s AND r.norm <> '' AND m.type = coalesce(nullif(r.type, ''), m.type)
), fits AS (
  SELECT record, m.id, person_id, beneficiary_id, min(by_code) AS by_code,
         coalesce(bool_or(m.fields ? f.field), false) AS has_field
    FROM pairs JOIN sib_movement m USING (id) LEFT JOIN rpx_field f ON f.code = pairs.field_code
   GROUP BY record, m.id
)
SELECT record, id, person_id, beneficiary_id
  FROM (SELECT *, rank() OVER (PARTITION BY record ORDER BY by_code, has_field DESC) AS place FROM fits) AS best
 WHERE place = 1

-- name: insert_rejections
INSERT INTO sib_rejection
       (operator_id, rpx_id, record, line, type, cco, code, field_code, field_name, value, error_code, message,
        movement_id, person_id, beneficiary_id, resolved_at)
SELECT %(operator)s, %(rpx)s, r.record, r.line, r.type, r.cco, r.code, r.field_code, r.field_name, r.value,
       r.error_code, r.message, landed.movement_id, coalesce(landed.person_id, link.person_id),
       coalesce(landed.beneficiary_id, link.id), %(resolved_at)s
  FROM rpx_rejected r
  LEFT JOIN (SELECT DISTINCT ON (record) * FROM rpx_landed ORDER BY record, movement_id) landed USING (record)
  LEFT JOIN LATERAL (
    SELECT id, person_id FROM beneficiaries_beneficiary link
     WHERE link.operator_id = %(operator)s AND landed.movement_id IS NULL
       AND (link.cco = nullif(r.cco, '')
            OR link.code IN (nullif(r.code, ''), nullif(r.norm, ''), lpad(nullif(r.norm, ''), 17, '0')))
     ORDER BY link.cco = r.cco DESC NULLS LAST LIMIT 1
  ) link ON true
 ORDER BY r.record, r.line

-- name: insert_criticas
INSERT INTO sib_critica (operator_id, field_code, error_code, message, title, explanation, next_step, learned_at)
SELECT DISTINCT ON (field_code, error_code) %(operator)s, field_code, error_code, message, '', '', '', now()
  FROM rpx_rejected WHERE error_code <> '' ORDER BY field_code, error_code, record
ON CONFLICT DO NOTHING

-- name: answer_movements
UPDATE sib_movement m SET settled_at = clock_timestamp(),
       state = CASE WHEN EXISTS (SELECT FROM rpx_landed l WHERE l.movement_id = m.id)
                    THEN 'REJECTED' ELSE 'ACCEPTED' END
 WHERE m.file_id = %(sbx)s
RETURNING state

-- name: resolve_rejections
UPDATE sib_rejection j SET resolved_at = now()
  FROM sib_movement m CROSS JOIN rpx_field f
 WHERE m.file_id = %(sbx)s AND m.state = 'ACCEPTED' AND m.beneficiary_id = j.beneficiary_id
   AND j.operator_id = %(operator)s AND j.rpx_id <> %(rpx)s AND j.resolved_at IS NULL
   AND (m.type = '4' OR m.type = j.type AND (m.type <> '2' OR f.code = j.field_code AND m.fields ? f.field))

-- name: movements_of_state
SELECT id AS subject_id, person_id, jsonb_build_object('type', type) AS data
  FROM sib_movement WHERE file_id = %(sbx)s AND state = %(state)s

-- name: release_movements
UPDATE sib_movement SET state = 'READY', file_id = NULL WHERE file_id = %(sbx)s AND state <> 'DISCARDED'

-- name: find_links
INSERT INTO rpx_given (norm, movement_id, person_id, beneficiary_id, cco, kind)
SELECT DISTINCT ON (i.norm, m.id) i.norm, m.id, coalesce(link.person_id, m.person_id), link.id, i.cco, 'GIVEN'
  FROM rpx_included i
  LEFT JOIN sib_movement m ON m.file_id = %(sbx)s AND m.type = '1' AND ltrim(btrim(m.code), '0') = i.norm
  LEFT JOIN beneficiaries_beneficiary link
    ON link.id = coalesce(m.beneficiary_id, (SELECT id FROM beneficiaries_beneficiary same
                                              WHERE same.operator_id = %(operator)s AND same.code = m.code))
 ORDER BY i.norm, m.id, i.line

-- name: hold_links
SELECT FROM beneficiaries_beneficiary WHERE id IN (SELECT beneficiary_id FROM rpx_given) ORDER BY id
   FOR NO KEY UPDATE

-- name: judge_links
UPDATE rpx_given SET kind = judged.kind
  FROM (SELECT g.id, CASE
                 WHEN g.movement_id IS NULL THEN 'NOT_SENT'
                 WHEN g.cco = '' THEN 'WITHOUT_CCO'
                 WHEN g.beneficiary_id IS NULL THEN 'NOT_HERE'
                 WHEN link.cco = g.cco THEN 'SAME'
                 WHEN link.cco IS NOT NULL THEN 'HAS_OTHER'
                 WHEN EXISTS (SELECT FROM beneficiaries_beneficiary other
                               WHERE other.operator_id = %(operator)s AND other.cco = g.cco) THEN 'TAKEN'
                 WHEN row_number() OVER (PARTITION BY g.cco ORDER BY g.id) > 1 THEN 'TAKEN'
                 WHEN row_number() OVER (PARTITION BY g.beneficiary_id ORDER BY g.id) > 1 THEN 'HAS_OTHER'
                 ELSE 'GIVEN' END AS kind
          FROM rpx_given g LEFT JOIN beneficiaries_beneficiary link ON link.id = g.beneficiary_id) AS judged
 WHERE rpx_given.id = judged.id

-- name: links_to_give
SELECT beneficiary_id AS link_id, cco FROM rpx_given WHERE kind = 'GIVEN'
