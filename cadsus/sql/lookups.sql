-- Lookups of the queue: put there, claimed, and ended.

-- name: claim
-- Those that have not failed yet go first: a question that keeps failing must not be the probe of all others.
-- Materialized: a nested loop would ask a plain subquery again and again, and be given further lookups each time.
-- The moment is the worker's, by whose clock a heart is judged: the database's own may be behind it.
WITH next AS MATERIALIZED (
    SELECT id
      FROM cadsus_lookup
     WHERE operator_id = %s AND status = 'QUEUED' AND environment = %s AND priority <= %s
     ORDER BY priority, failures, id
     LIMIT %s
       FOR UPDATE SKIP LOCKED
)
UPDATE cadsus_lookup
   SET status = 'RUNNING', attempt = attempt + 1, started_at = %s, heartbeat_at = %s
  FROM next
 WHERE cadsus_lookup.id = next.id
RETURNING cadsus_lookup.id

-- name: insert
-- A record that is being merged away is waited for: nobody is asked about it any more.
INSERT INTO cadsus_lookup
       (operator_id, person_id, environment, reason, priority, requested_by_id, key, number, facts, birth_city,
        queued_at, status, attempt, done, failure, failure_id, outcome, attached, tier, finding, failures,
        undisturbed)
SELECT operator_id, id, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'QUEUED', 0, 0, '', '', '', false, '', '', 0, 0
  FROM beneficiaries_person
 WHERE operator_id = %s AND id = ANY(%s)
   AND (cpf IS NOT NULL OR mother_name <> '' OR pis_pasep <> '' OR %s
        OR EXISTS (SELECT FROM beneficiaries_cnsnumber
                    WHERE person_id = beneficiaries_person.id AND ended_at IS NULL))
 ORDER BY id FOR KEY SHARE
    ON CONFLICT DO NOTHING
RETURNING person_id, id

-- name: claimed_lookups
SELECT id
  FROM cadsus_lookup JOIN unnest(%s::bigint[], %s::int[]) AS claimed (pk, attempt_no)
    ON id = pk AND attempt = attempt_no AND status = 'RUNNING'
 ORDER BY id
   FOR UPDATE OF cadsus_lookup

-- name: settle
UPDATE cadsus_lookup
   SET status = ended.status, outcome = ended.outcome, attached = ended.attached, tier = ended.tier,
       finding = ended.finding, failure = ended.failure, failures = ended.failures,
       next_attempt_at = ended.next_attempt_at, finished_at = %s
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[], %s::int[],
              %s::timestamptz[])
    AS ended (pk, status, outcome, attached, tier, finding, failure, failures, next_attempt_at)
 WHERE id = pk
