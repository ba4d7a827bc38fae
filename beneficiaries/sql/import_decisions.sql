-- What the rows of an operator's file mean for the registry, decided by sets.
--
-- "intake" holds the rows as they were read, wide, with the names of the file's columns. "decided" holds what becomes of
-- each, narrow. Most rows are plain: "same" as the registry, "new", or of a known person of whom something is to be
-- "mended". The others are "looked" at one by one (ambiguous_rows); so are all rows of a group (one person, one CPF, one
-- name and birth) of which one has to be.
--
-- Lists of columns, and conditions made of them, come from import_decisions.py: s is a row of intake, p and link are what
-- the registry has.

-- name: create
DROP TABLE IF EXISTS intake, decided, anchors, groups, looked;
CREATE TEMP TABLE intake (
    line integer PRIMARY KEY, name_key text NOT NULL DEFAULT '', holder_code text NOT NULL DEFAULT '', anchor bigint,
    problems text NOT NULL DEFAULT '', original text, {columns}
) ON COMMIT DROP

-- name: looked
CREATE TEMP TABLE looked (
    line integer, result text, notes text, person_id bigint, link_id bigint, changes jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE anchors (
    anchor bigint, own_contract bigint, line integer, plan_id bigint, contract_id bigint,
    problem text NOT NULL DEFAULT ''
) ON COMMIT DROP

-- name: has_waiting
SELECT EXISTS (SELECT FROM intake s WHERE {describes_waiting})

-- name: decided
CREATE TEMP TABLE decided ON COMMIT DROP AS
SELECT s.line, s."codigoBeneficiario" AS code, s.cpf, s.cco, s.name_key, s."dataNascimento" AS birth_date,
       s.anchor, CASE WHEN {describes_contract} THEN link.contract_id END AS own_contract,
       link.id AS link_id, link.person_id, NULL::bigint AS plan_id, NULL::bigint AS contract_id,
       CASE WHEN s.problems = '' THEN '' ELSE 'rejected' END AS fate, false AS is_changed, false AS is_grouped,
       s.problems AS notes, NULL::jsonb AS person_changes, NULL::jsonb AS link_changes
  FROM intake s
  LEFT JOIN beneficiaries_beneficiary link
    ON link.operator_id = %(operator)s AND link.code = s."codigoBeneficiario" AND s.problems = ''

-- name: keyed
ALTER TABLE decided ADD PRIMARY KEY (line)

-- name: repeated
UPDATE decided d SET fate = 'rejected', notes = 'codigoBeneficiario: repete o da linha ' || found.first || '.'
  FROM (SELECT line, min(line) OVER (PARTITION BY code) AS first FROM decided WHERE fate = '') AS found
 WHERE d.line = found.line AND found.first <> d.line

-- name: other_birth
UPDATE decided d
   SET fate = 'rejected', notes = 'cpf: está na linha ' || found.first || ' com outra data de nascimento.'
  FROM (SELECT line, birth_date, first_value(line) OVER same AS first, first_value(birth_date) OVER same AS birth
          FROM decided WHERE fate = '' AND cpf IS NOT NULL WINDOW same AS (PARTITION BY cpf ORDER BY line)
       ) AS found
 WHERE d.line = found.line AND found.birth <> found.birth_date

-- name: anchors
-- One line for all that tell the same of plan, contract and companies.
SELECT min(line) FROM decided WHERE fate = '' GROUP BY anchor, own_contract ORDER BY 1

-- name: anchor_keys
UPDATE anchors SET anchor = d.anchor, own_contract = d.own_contract FROM decided d WHERE d.line = anchors.line

-- name: anchored
UPDATE decided d
   SET plan_id = a.plan_id, contract_id = a.contract_id, notes = a.problem,
       fate = CASE WHEN a.problem = '' THEN d.fate ELSE 'rejected' END
  FROM anchors a
 WHERE d.fate = '' AND d.anchor = a.anchor AND d.own_contract IS NOT DISTINCT FROM a.own_contract

-- name: described
DROP TABLE IF EXISTS described;
CREATE TEMP TABLE described (line integer, has_told boolean, notes text) ON COMMIT DROP

-- name: descriptions
SELECT min(d.line) FROM decided d JOIN intake s ON s.line = d.line
 WHERE d.fate <> 'rejected' AND ({describes}) GROUP BY d.anchor, d.own_contract ORDER BY 1

-- name: note_described
UPDATE decided d
   SET is_changed = d.is_changed OR one.has_told AND one.line = d.line,
       notes = concat_ws(' ', nullif(d.notes, ''), nullif(one.notes, ''))
  FROM described one JOIN decided said ON said.line = one.line
 WHERE d.fate <> 'rejected' AND d.anchor = said.anchor AND d.own_contract IS NOT DISTINCT FROM said.own_contract
   AND (one.has_told OR one.notes <> '')

-- name: rows
SELECT s.line, {values}
  FROM intake s WHERE s.line = ANY (%(lines)s) ORDER BY s.line

-- name: grouped
-- Rows that may be about one person, or want one CCO: decided together.
UPDATE decided d SET is_grouped = true
  FROM (SELECT line, count(*) OVER (PARTITION BY name_key, birth_date) AS of_name,
               CASE WHEN cpf IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY cpf) END AS of_cpf,
               CASE WHEN cco IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY cco) END AS of_cco,
               CASE WHEN person_id IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY person_id) END AS of_person
          FROM decided WHERE fate = '') AS found
 WHERE d.line = found.line AND (of_name > 1 OR of_cpf > 1 OR of_cco > 1 OR of_person > 1)

-- part: known
  FROM intake s, beneficiaries_beneficiary link
  JOIN beneficiaries_person p ON p.id = link.person_id
  LEFT JOIN (SELECT beneficiary_id, {waiting_by_group} FROM beneficiaries_waitingperiod
              WHERE operator_id = %(operator)s AND %(has_waiting)s
                AND beneficiary_id IN (SELECT link_id FROM decided) GROUP BY beneficiary_id) AS w
    ON w.beneficiary_id = link.id
 WHERE d.fate = '' AND s.line = d.line AND link.id = d.link_id

-- part: is_reactivated
s."dataReativacao" IS NOT NULL AND s."dataCancelamento" IS NULL AND link.cancelled_on IS NOT NULL

-- name: same
UPDATE decided d SET fate = 'same'
{known}
   AND NOT ({person_differs}
            OR d.plan_id IS DISTINCT FROM link.plan_id
            OR d.contract_id IS NOT NULL AND d.contract_id IS DISTINCT FROM link.contract_id
            OR {is_reactivated} OR {link_differs} OR {waiting_differs})

-- part: start
coalesce(s."dataInicioCobertura", s."dataReativacao", s."dataContratacao")

-- name: new
UPDATE decided d
   SET fate = 'new', person_id = nextval(pg_get_serial_sequence('beneficiaries_person', 'id')),
       link_id = nextval(pg_get_serial_sequence('beneficiaries_beneficiary', 'id'))
  FROM intake s
 WHERE d.fate = '' AND s.line = d.line AND d.link_id IS NULL AND NOT d.is_grouped
   AND (s."dataFimCPT" IS NULL OR s."dataFimCPT" BETWEEN {start} AND {start} + interval '24 months')
   AND NOT EXISTS (SELECT FROM beneficiaries_person p
                    WHERE p.operator_id = %(operator)s AND p.cpf = d.cpf)
   AND NOT EXISTS (SELECT FROM beneficiaries_person p
                    WHERE p.operator_id = %(operator)s AND p.name_key = d.name_key AND p.birth_date = d.birth_date)
   AND NOT EXISTS (SELECT FROM beneficiaries_beneficiary other
                    WHERE other.operator_id = %(operator)s AND other.cco = d.cco)

-- name: changes
-- No statement by itself: what the row tells otherwise, as the audit trail keeps it; NULL where nothing.
(SELECT jsonb_build_object('fields', jsonb_agg(field ORDER BY field), 'before', jsonb_object_agg(field, before),
                           'after', jsonb_object_agg(field, after))
   FROM (VALUES {fields}) AS change (field, before, after)
  WHERE after IS NOT NULL AND after IS DISTINCT FROM before HAVING count(*) > 0)

-- name: mended
UPDATE decided d SET fate = 'mended',
       person_changes = {person_changes},
       link_changes = {link_changes}
{known}
   AND NOT d.is_grouped AND (s.cpf IS NULL OR s.cpf = p.cpf) AND p.birth_date = s."dataNascimento"
   AND p.name_key = s.name_key AND (s."nomeMae" IN ('', p.mother_name) OR p.mother_name = '')
   AND NOT ({is_doubtful})
   AND NOT ({is_reactivated})
   AND NOT (s."dataReativacao" IS NULL AND s."dataCancelamento" < link.reactivated_on) IS TRUE
   AND NOT ({waiting_differs})

-- name: look
UPDATE decided SET fate = 'look' WHERE fate = ''

-- name: look_together
UPDATE decided d SET fate = 'look', person_changes = NULL, link_changes = NULL
  FROM decided other
 WHERE d.fate = 'same' AND d.is_grouped AND other.fate = 'look' AND other.is_grouped AND {same}

-- name: lock_people
-- All at once whom the import may write to, in the order in which everybody locks people.
WITH concerned AS (
    SELECT d.person_id FROM decided d WHERE d.fate IN ('look', 'mended')
     UNION
    SELECT p.id FROM decided d
      JOIN beneficiaries_person p ON p.operator_id = %(operator)s AND p.cpf = d.cpf WHERE d.fate = 'look'
     UNION
    SELECT p.id FROM decided d
      JOIN beneficiaries_person p
        ON p.operator_id = %(operator)s AND p.name_key = d.name_key AND p.birth_date = d.birth_date
     WHERE d.fate = 'look'
     UNION
    SELECT d.person_id FROM decided d
      JOIN intake s ON s.line = d.line AND s.cns <> ''
      LEFT JOIN beneficiaries_cnsnumber held
        ON held.person_id = d.person_id AND held.number = s.cns AND held.ended_at IS NULL
     WHERE d.fate = 'same' AND held.id IS NULL
)
SELECT count(*)
  FROM (SELECT p.id FROM beneficiaries_person p JOIN concerned ON concerned.person_id = p.id
         ORDER BY p.id FOR NO KEY UPDATE OF p) AS locked

-- name: take_outcomes
-- What became of the rows that were looked at one by one.
UPDATE decided d
   SET fate = looked.result, person_id = looked.person_id, link_id = looked.link_id, link_changes = looked.changes,
       notes = concat_ws(' ', nullif(d.notes, ''), nullif(looked.notes, ''))
  FROM looked WHERE d.line = looked.line
