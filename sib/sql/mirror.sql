-- How the mirror of what ANS holds follows a conference, and what changed is kept.
-- {rows}, {facts} and {moved} are the conference's own tables; {columns} are those of a record, {values} the same of s.

-- part: counts
-- Of a CCO that stands twice the record counts that is not superseded; one without a CCO is nobody's.
LEFT JOIN {facts} fact ON fact.position = s.position WHERE s.cco <> '' AND fact.is_superseded IS NOT TRUE

-- part: repeated
SELECT same.cco FROM {rows} same JOIN {facts} USING (position) WHERE is_superseded

-- name: fill
INSERT INTO sib_mirrorrecord (operator_id, file_id, {columns})
SELECT %(operator)s, %(file)s, {values} FROM {rows} s {counts}

-- name: fill_range
INSERT INTO sib_mirrorrecord (operator_id, file_id, {columns})
SELECT %(operator)s, %(file)s, {values} FROM {rows} s
 WHERE s.position BETWEEN %(first)s AND %(last)s AND s.cco <> ''
    ON CONFLICT (operator_id, cco) DO NOTHING

-- name: drop_repeated
DELETE FROM sib_mirrorrecord WHERE operator_id = %(operator)s AND cco IN ({repeated})

-- name: fill_repeated
INSERT INTO sib_mirrorrecord (operator_id, file_id, {columns})
SELECT %(operator)s, %(file)s, {values} FROM {rows} s {counts}
   AND s.cco IN ({repeated})

-- name: find_moved
-- Records are wide, and most of them have not moved: they are found without their texts.
CREATE UNLOGGED TABLE {moved} AS
WITH moved AS MATERIALIZED (
    SELECT s.position, mirror.id AS mirror_id
      FROM (SELECT s.position, s.cco, s.digest FROM {rows} s {counts}) s
      LEFT JOIN sib_mirrorrecord mirror ON mirror.operator_id = %(operator)s AND mirror.cco = s.cco
     WHERE mirror.digest IS DISTINCT FROM s.digest
)
SELECT s.*, mirror_id FROM moved JOIN {rows} s USING (position)

-- name: count_records
SELECT count(*) FROM {rows} s {counts}

-- name: count_known
SELECT (SELECT count(*) FROM {rows} s {counts})
     - (SELECT count(*) FROM {moved} WHERE mirror_id IS NULL)

-- part: change
INSERT INTO sib_mirrorchange (operator_id, file_id, cco, kind, fields)

-- name: note_new
{change}
SELECT %(operator)s, %(file)s, cco, 'NEW', '{{}}' FROM {moved} WHERE mirror_id IS NULL

-- name: note_changed
{change}
SELECT %(operator)s, %(file)s, s.cco, 'CHANGED',
       (SELECT jsonb_object_agg(key, jsonb_build_array(was.value, became.value))
          FROM jsonb_each_text(to_jsonb(mirror)) was JOIN jsonb_each_text(to_jsonb(s)) became USING (key)
         WHERE was.value IS DISTINCT FROM became.value AND key <> ALL (ARRAY['digest', 'name_key']))
  FROM {moved} s JOIN sib_mirrorrecord mirror ON mirror.id = s.mirror_id

-- part: gone
sib_mirrorrecord mirror
 WHERE mirror.operator_id = %(operator)s
   AND NOT EXISTS (SELECT FROM {rows} s {counts} AND s.cco = mirror.cco)

-- name: note_gone
{change}
SELECT %(operator)s, %(file)s, cco, 'GONE', '{{}}' FROM {gone}

-- name: drop_gone
DELETE FROM {gone}

-- name: change_moved
UPDATE sib_mirrorrecord mirror SET file_id = %(file)s, ({columns}) = ROW({values})
  FROM {moved} s WHERE mirror.id = s.mirror_id

-- name: add_new
INSERT INTO sib_mirrorrecord (operator_id, file_id, {columns})
SELECT %(operator)s, %(file)s, {values} FROM {moved} s WHERE s.mirror_id IS NULL
