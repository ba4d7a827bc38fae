-- name: refused
-- Found by outcome, which the index knows: these are few.
SELECT DISTINCT ON (person_id) person_id, number,
       CASE outcome WHEN 'OTHER_PERSON' THEN 'OTHER_PERSON' WHEN 'CNS_INVALID' THEN 'INVALID'
                    WHEN 'CNS_REPEATED' THEN 'REPEATED' ELSE answer END AS reason
  FROM sib_difference
 WHERE file_id = %(file)s AND person_id IS NOT NULL AND answer NOT IN ('CHANGED_SINCE', %(reverted)s)
   AND (outcome IN ('OTHER_PERSON', 'CNS_INVALID', 'CNS_REPEATED')
        OR outcome IN ('CNS_NEW', 'CNS_CHANGED', 'CNS_CONFIRMED') AND answer IN ('TAKEN', 'INVALID'))
 ORDER BY person_id, outcome = 'OTHER_PERSON' DESC, id DESC
