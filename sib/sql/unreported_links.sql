-- Links of which ANS is to be told something, in batches: behind the key %(after)s, as many as %(size)s.

-- part: active
(link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)

-- part: mirror
JOIN sib_mirrorrecord theirs ON theirs.operator_id = %(operator)s AND theirs.cco = link.cco

-- part: sure
-- Whose record it is, is in no doubt.
link.id NOT IN (SELECT beneficiary_id FROM sib_difference
                 WHERE file_id = %(file)s AND outcome = ANY (%(strangers)s) AND beneficiary_id IS NOT NULL)

-- part: links
SELECT link.id FROM beneficiaries_beneficiary link

-- part: batch
link.operator_id = %(operator)s AND link.id > %(after)s

-- name: never_sent
{links}
 WHERE {batch} AND link.cco IS NULL AND {active}
 ORDER BY link.id LIMIT %(size)s

-- name: cancelled_here
{links} {mirror}
 WHERE {batch} AND NOT {active} AND theirs.situacao = 'ATIVO' AND {sure}
 ORDER BY link.id LIMIT %(size)s

-- name: active_here
{links} {mirror}
 WHERE {batch} AND {active} AND theirs.situacao <> 'ATIVO' AND {sure}
 ORDER BY link.id LIMIT %(size)s

-- name: divergent
SELECT link.id FROM beneficiaries_registry_link_v1 link {mirror}
 WHERE {batch} AND {active} AND theirs.situacao = 'ATIVO'
   AND (link.cns_verified AND link.cns <> theirs.cns OR link.id IN (
        SELECT beneficiary_id FROM sib_difference
         WHERE file_id = %(file)s AND divergences <> '[]' AND outcome <> ALL (%(strangers)s)))
   AND {sure}
 ORDER BY link.id LIMIT %(size)s

-- name: unknown_there
{links}
 WHERE {batch} AND {active}
   AND (link.id, link.cco) IN (
        SELECT beneficiary_id, cco FROM sib_difference WHERE file_id = %(file)s AND outcome = %(only_here)s)
   AND link.cco NOT IN (SELECT cco FROM sib_mirrorrecord WHERE operator_id = %(operator)s)
 ORDER BY link.id LIMIT %(size)s
