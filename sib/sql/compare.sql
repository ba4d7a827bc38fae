-- How the differences of a conference are kept, and what only the whole of it tells.
-- {rows} and {different} are the conference's own tables.

-- part: difference
sib_difference
       (operator_id, file_id, position, part, line, cco, outcome, beneficiary_id, person_id, number, tier, reason,
        comparison, divergences, deed, gives_cco, answer)

-- name: insert_plain
INSERT INTO {difference}
SELECT %(operator)s, %(file)s, d.position, d.part, d.line, d.cco, finding.outcome, d.link_id, d.person_id, d.number,
       finding.tier, finding.reason, '[]', '[]', finding.deed, finding.gives_cco, ''
  FROM {different} d
  JOIN unnest(%(shapes)s::text[], %(outcomes)s::text[], %(tiers)s::text[], %(reasons)s::text[], %(deeds)s::text[],
              %(gives_cco)s::boolean[])
    AS finding (shape, outcome, tier, reason, deed, gives_cco) USING (shape)
 WHERE d.is_plain AND d.position BETWEEN %(first)s AND %(last)s
 ORDER BY d.position

-- name: insert_only_here
-- A difference for each active link that the conference names neither by its CCO nor by its code.
INSERT INTO {difference}
SELECT %(operator)s, %(file)s, 0, 1, 0, COALESCE(link.cco, ''), %(outcome)s, link.id, link.person_id, '', '', '', '[]',
       '[]', '', false, ''
  FROM beneficiaries_beneficiary link
  LEFT JOIN {rows} s ON s.cco = link.cco
 WHERE link.operator_id = %(operator)s AND (link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)
   AND s.position IS NULL
   AND (link.cco IS NOT NULL
        OR NOT EXISTS (SELECT FROM sib_difference known
                        WHERE known.file_id = %(file)s AND known.beneficiary_id = link.id))
 ORDER BY link.id

-- name: insert_issues
INSERT INTO sib_rowissue (operator_id, file_id, position, part, line, cco, field, text, reason)
SELECT %(operator)s, %(file)s, position, part, (issue ->> 0)::int, cco, left(issue ->> 1, 60), left(issue ->> 2, 200),
       left(issue ->> 3, 200)
  FROM {rows}, jsonb_array_elements(issues) AS issue
 WHERE issues IS NOT NULL
 ORDER BY position
