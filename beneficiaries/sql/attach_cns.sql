-- How a CNS reaches a person: one by one, or from a set that is in the database already ({offers}).

-- name: insert
INSERT INTO beneficiaries_cnsnumber
       (operator_id, attached_at, attached_by_id, end_reason,
        person_id, number, kind, source, verified, tier, evidence)
SELECT %s, %s, %s, '', person_id, number, kind, source, verified, tier, evidence::jsonb
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[])
    AS offer (person_id, number, kind, source, verified, tier, evidence)
 ORDER BY number
    ON CONFLICT (operator_id, number) WHERE ended_at IS NULL DO NOTHING

-- name: offered
DROP TABLE IF EXISTS offered;
CREATE TEMP TABLE offered ON COMMIT DROP AS
SELECT offer.*, min(person_id) OVER same <> max(person_id) OVER same AS is_wanted_by_two
  FROM ({offers}) AS offer
  JOIN beneficiaries_person person ON person.id = offer.person_id AND person.operator_id = %(operator)s
WINDOW same AS (PARTITION BY offer.number)

-- name: lock_offered
SELECT count(*)
  FROM (SELECT person.id FROM beneficiaries_person person JOIN offered ON offered.person_id = person.id
         ORDER BY person.id FOR NO KEY UPDATE OF person) AS locked

-- name: insert_new
-- Who has a number, and whose a number is, the unique indexes know. Offers are wide: what became of them is kept apart.
DROP TABLE IF EXISTS attached;
CREATE TEMP TABLE attached (person_id bigint, number text) ON COMMIT DROP;
WITH inserted AS (
    INSERT INTO beneficiaries_cnsnumber
           (operator_id, attached_at, attached_by_id, end_reason,
            person_id, number, kind, source, verified, tier, evidence)
    SELECT %(operator)s, %(now)s, %(actor)s, '', person_id, number, '', %(source)s, %(verified)s, tier, evidence
      FROM offered
     WHERE cns_is_valid(number) AND NOT is_wanted_by_two
       AND NOT EXISTS (SELECT FROM beneficiaries_cnsnumber wrong
                        WHERE wrong.person_id = offered.person_id AND wrong.number = offered.number
                          AND wrong.end_reason = 'NOT_THEIRS')
     ORDER BY number, evidence  -- of two records of one person always the same one
        ON CONFLICT DO NOTHING
    RETURNING person_id, number
)
INSERT INTO attached SELECT person_id, number FROM inserted

-- name: attached
SELECT DISTINCT ON (person_id) person_id AS subject_id, person_id,
       jsonb_build_object('number', number, 'source', %(source)s::text, 'tier', tier, 'answer', 'ATTACHED') AS data
  FROM offered JOIN attached USING (person_id, number)
