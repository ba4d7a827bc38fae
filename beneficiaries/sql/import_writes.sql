-- Writes what was decided of a file's rows (import_decisions.sql).

-- name: people
INSERT INTO beneficiaries_person
       (id, operator_id, name_key, created_at, updated_at, {fields})
SELECT d.person_id, %(operator)s, s.name_key, now(), now(), {values}
  FROM decided d JOIN intake s ON s.line = d.line WHERE d.fate = 'new' ORDER BY d.line

-- name: created
SELECT person_id AS subject_id, person_id, '{}'::jsonb AS data FROM decided WHERE fate = 'new'

-- name: links
INSERT INTO beneficiaries_beneficiary
       (id, operator_id, person_id, code, plan_id, contract_id, holder_id, created_at, updated_at, {fields})
SELECT d.link_id, %(operator)s, d.person_id, d.code, d.plan_id, d.contract_id, holder.link_id, now(), now(),
       {values}
  FROM decided d
  JOIN intake s ON s.line = d.line
  LEFT JOIN (SELECT of.link_id, of.code FROM decided of JOIN intake row ON row.line = of.line
              WHERE of.fate = 'new' AND row."relacaoDependencia" = '1') AS holder
    ON holder.code = s.holder_code AND s.holder_code <> ''
 WHERE d.fate = 'new'
 ORDER BY d.line

-- name: waiting_periods
INSERT INTO beneficiaries_waitingperiod (operator_id, beneficiary_id, "group", amount, unit, ends_on)
SELECT %(operator)s, d.link_id, period."group", split_part(term, ' ', 1)::smallint, split_part(term, ' ', 2),
       period.ends_on
  FROM decided d
  JOIN intake s ON s.line = d.line
 CROSS JOIN LATERAL (VALUES {terms}) AS period ("group", term, ends_on)
 WHERE d.fate = 'new' AND term NOT IN ('', '0')

-- name: mend_people
UPDATE beneficiaries_person p SET {fields}, name_key = s.name_key, updated_at = now()
  FROM decided d JOIN intake s ON s.line = d.line
 WHERE d.fate = 'mended' AND d.person_changes IS NOT NULL AND p.id = d.person_id

-- name: mend_links
UPDATE beneficiaries_beneficiary link
   SET {fields}, plan_id = d.plan_id,
       contract_id = coalesce(d.contract_id, link.contract_id), updated_at = now()
  FROM decided d JOIN intake s ON s.line = d.line
 WHERE d.fate = 'mended' AND d.link_changes IS NOT NULL AND link.id = d.link_id

-- name: changed_people
SELECT person_id AS subject_id, person_id, person_changes AS data
  FROM decided WHERE fate = 'mended' AND person_changes IS NOT NULL

-- name: changed_links
SELECT link_id AS subject_id, person_id, link_changes AS data
  FROM decided WHERE fate = 'mended' AND link_changes IS NOT NULL

-- name: moved
-- Dependants whose titular is another one, or is there at last.
DROP TABLE IF EXISTS moved;
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT d.line, link.id, link.person_id, link.holder_id AS before, holder.id AS after, holder.code,
       d.fate NOT IN ('new', 'created') AS was_known
  FROM decided d
  JOIN intake s ON s.line = d.line AND s.holder_code <> ''
  JOIN beneficiaries_beneficiary link ON link.id = d.link_id
  JOIN beneficiaries_beneficiary holder
    ON holder.operator_id = %(operator)s AND holder.code = s.holder_code AND holder.relationship = '1'
 WHERE d.fate <> 'rejected' AND link.holder_id IS DISTINCT FROM holder.id

-- name: move_dependants
UPDATE beneficiaries_beneficiary link SET holder_id = moved.after, updated_at = now()
  FROM moved WHERE link.id = moved.id

-- name: note_moved
UPDATE decided d
   SET is_changed = true,
       link_changes = jsonb_build_object(
           'before', coalesce(d.link_changes -> 'before', '{}')
                     || jsonb_build_object('codigoBeneficiarioTitular', old.code),
           'after', coalesce(d.link_changes -> 'after', '{}')
                    || jsonb_build_object('codigoBeneficiarioTitular', moved.code))
  FROM moved LEFT JOIN beneficiaries_beneficiary old ON old.id = moved.before
 WHERE moved.was_known AND d.line = moved.line

-- name: moved_links
SELECT id AS subject_id, person_id,
       jsonb_build_object('fields', jsonb_build_array('holder_id'),
                          'before', jsonb_build_object('holder_id', before),
                          'after', jsonb_build_object('holder_id', after)) AS data
  FROM moved WHERE was_known

-- name: note_orphans
UPDATE decided d
   SET notes = concat_ws(' ', nullif(d.notes, ''),
                         'codigoBeneficiarioTitular: não há titular com este código; o vínculo ficou sem ele.')
  FROM intake s
 WHERE s.line = d.line AND d.fate <> 'rejected' AND s.holder_code <> ''
   AND NOT EXISTS (SELECT FROM beneficiaries_beneficiary holder
                    WHERE holder.operator_id = %(operator)s AND holder.code = s.holder_code
                      AND holder.relationship = '1')

-- name: wanted_numbers
-- Of each person what the first row says, unless it is her number already.
DROP TABLE IF EXISTS wanted_numbers, answered;
CREATE TEMP TABLE wanted_numbers ON COMMIT DROP AS
SELECT told.* FROM (SELECT DISTINCT ON (d.person_id) d.person_id, s.cns AS number, d.line
                      FROM decided d JOIN intake s ON s.line = d.line
                     WHERE d.fate <> 'rejected' AND s.cns <> ''
                     ORDER BY d.person_id, d.line) AS told
  LEFT JOIN beneficiaries_cnsnumber held
    ON held.person_id = told.person_id AND held.number = told.number AND held.ended_at IS NULL
 WHERE held.id IS NULL

-- name: note_other_numbers
UPDATE decided d
   SET notes = concat_ws(' ', nullif(d.notes, ''),
                         'cns: difere do da linha ' || told.first || ', da mesma pessoa, que valeu.')
  FROM (SELECT d.line, s.cns, first_value(s.cns) OVER same AS number, first_value(d.line) OVER same AS first
          FROM decided d JOIN intake s ON s.line = d.line
         WHERE d.fate <> 'rejected' AND s.cns <> ''
        WINDOW same AS (PARTITION BY d.person_id ORDER BY d.line)) AS told
 WHERE d.line = told.line AND told.cns <> told.number

-- name: offers
SELECT person_id, number, '' AS tier, '{}'::jsonb AS evidence FROM wanted_numbers

-- name: note_attached
UPDATE decided d SET is_changed = true
  FROM wanted_numbers wanted JOIN attached USING (person_id) WHERE d.line = wanted.line

-- name: left_numbers
-- Of several people who want one number the first in the file is asked first.
SELECT wanted.line, wanted.person_id, wanted.number,
       wanted.line > min(wanted.line) OVER (PARTITION BY wanted.number) AS comes_later
  FROM wanted_numbers wanted LEFT JOIN attached USING (person_id)
 WHERE attached.person_id IS NULL

-- name: answered
DROP TABLE IF EXISTS answered;
CREATE TEMP TABLE answered (line integer, is_changed boolean, note text) ON COMMIT DROP

-- name: note_answers
UPDATE decided d
   SET is_changed = d.is_changed OR a.is_changed, notes = concat_ws(' ', nullif(d.notes, ''), nullif(a.note, ''))
  FROM answered a WHERE d.line = a.line

-- name: leaving
-- Links in force of which the file says nothing; zeros that a spreadsheet may have eaten do not count. "kept" is
-- why one is not cancelled where the others are.
DROP TABLE IF EXISTS leaving;
CREATE TEMP TABLE leaving ON COMMIT DROP AS
SELECT link.id, link.code, link.person_id, link.cancelled_on, link.cancellation_reason,
       CASE WHEN greatest(link.contracted_on, link.reactivated_on) > %(day)s THEN %(too_early)s
            ELSE %(doubt)s END AS kept
  FROM beneficiaries_beneficiary link
 WHERE link.operator_id = %(operator)s AND (link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)
   AND NOT EXISTS (SELECT FROM intake s WHERE ltrim(s."codigoBeneficiario", '0') = ltrim(link.code, '0'))
 ORDER BY link.code

-- name: rows_of_everybody
-- How many, and the first of which nobody knows whose it is; of a line that is broken no cell can be trusted.
SELECT count(*), min(line) FILTER (WHERE "codigoBeneficiario" = '' OR problems LIKE 'linha:%') FROM intake

-- name: cancel
UPDATE beneficiaries_beneficiary link
   SET cancelled_on = %(day)s, cancellation_reason = %(reason)s, updated_at = now()
  FROM leaving WHERE link.id = leaving.id AND leaving.kept = ''

-- name: cancelled_links
SELECT id AS subject_id, person_id,
       jsonb_build_object('fields', jsonb_build_array('cancellation_reason', 'cancelled_on'),
                          'before', jsonb_build_object('cancelled_on', cancelled_on,
                                                       'cancellation_reason', cancellation_reason),
                          'after', jsonb_build_object('cancelled_on', %(day)s::date,
                                                      'cancellation_reason', %(reason)s::text)) AS data
  FROM leaving WHERE kept = ''

-- name: receipt
SELECT d.line, d.code, d.fate, d.is_changed, d.notes, d.person_changes, d.link_changes,
       CASE WHEN d.fate = 'rejected' THEN coalesce(s.original, to_jsonb(s)::text) END AS original
  FROM decided d JOIN intake s ON s.line = d.line ORDER BY d.line
