-- How links get their CCO: {wanted} is SQL that gives link_id and cco.

-- name: table
DROP TABLE IF EXISTS pg_temp.given_ccos;
CREATE TEMP TABLE given_ccos (link_id bigint, person_id bigint, cco text) ON COMMIT DROP

-- name: give
WITH wanted AS (
    SELECT DISTINCT ON (link_id) link_id, cco
      FROM (SELECT DISTINCT ON (cco) link_id, cco FROM ({wanted}) AS told
             WHERE cco ~ '^[0-9]{{12}}$' ORDER BY cco, link_id) AS once
     ORDER BY link_id, cco
), given AS (
    UPDATE beneficiaries_beneficiary link SET cco = wanted.cco, updated_at = now()
      FROM wanted
     WHERE link.id = wanted.link_id AND link.operator_id = %(operator)s AND link.cco IS NULL
       AND NOT EXISTS (SELECT FROM beneficiaries_beneficiary other
                        WHERE other.operator_id = %(operator)s AND other.cco = wanted.cco)
    RETURNING link.id, link.person_id, link.cco
)
INSERT INTO given_ccos SELECT id, person_id, cco FROM given

-- name: given
SELECT link_id AS subject_id, person_id, jsonb_build_object('cco', cco) AS data FROM given_ccos
