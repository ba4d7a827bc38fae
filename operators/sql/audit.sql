-- Audit events of a set that is too great to be carried to the worker and back.

-- name: record_set
INSERT INTO operators_auditevent
       (operator_id, at, kind, actor_id, actor_label, source, request_id, subject, subject_id, person_id,
        data, personal)
SELECT %(_operator)s, clock_timestamp(), %(_kind)s, %(_actor)s, %(_label)s, %(_source)s, %(_request)s, %(_subject)s,
       subject_id, person_id, data - %(_personal)s::text[],
       coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(data) WHERE key = ANY (%(_personal)s)), '{{}}')
  FROM ({select}) AS event
