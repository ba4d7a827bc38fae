-- People and links that the registry does not know yet, brought as rows of the table "newcomers".
--
-- "weigh" fills hold with the name of a HoldReason where the row must wait, and key with whom it is about. Who is one
-- person is the rule of domain.same_person in the words of the database, which knows names as equal or not: where the
-- rule would see a name as another spelling, the row waits.
--
-- A name is real where it may prove something, as in domain.same_person.is_real_name. {rows} of "create" is SQL that gives
-- the columns of newcomers.

-- part: name_is_real
(n.name_key <> '' AND n.name_key !~ '^(RN|RECEM NASCID[AO])( |$)' AND n.name_key <> ALL (%(not_names)s))

-- part: mother_is_real
(n.mother_key <> '' AND n.mother_key !~ '^(RN|RECEM NASCID[AO])( |$)' AND n.mother_key <> ALL (%(not_names)s))

-- part: name_of_person_is_real
(person.name_key <> '' AND person.name_key !~ '^(RN|RECEM NASCID[AO])( |$)' AND person.name_key <> ALL (%(not_names)s))

-- part: are_siblings
(n.contracted_on = other.contracted_on
 AND (n.holder_cco <> '' AND n.relationship <> '1' AND n.holder_cco = other.holder_cco
      OR coalesce(nullif(n.plan_ans, ''), n.plan_code) = coalesce(nullif(other.plan_ans, ''), other.plan_code)))

-- name: create
DROP TABLE IF EXISTS newcomers;
CREATE TEMP TABLE newcomers ON COMMIT DROP AS
SELECT {columns},
       ''::text AS hold, ''::text AS key, NULL::bigint AS person_id, false AS is_known, false AS is_doubtful
  FROM ({rows}) AS row

-- name: weigh
-- One person: the same CPF; else each a person of its own, until "join". Of the reasons to wait the first counts;
-- NAMESAKE is asked last, of those whom nobody known is proven to be.
UPDATE newcomers target SET
       key = CASE WHEN n.cpf <> '' THEN 'cpf ' || n.cpf ELSE 'cco ' || n.cco END,
       hold = CASE
           WHEN n.cco !~ '^[0-9]{12}$' THEN 'NO_CCO'
           WHEN n.name = '' THEN 'NO_NAME'
           WHEN n.birth_date IS NULL THEN 'NO_BIRTH'
           WHEN n.relationship <> ALL (ARRAY['1', '3', '4', '6', '8', '10']) THEN 'NO_RELATIONSHIP'
           WHEN n.contracted_on IS NULL THEN 'NO_CONTRACT_DATE'
           WHEN n.plan_ans !~ '^[0-9]{9}$' AND n.plan_code = '' THEN 'NO_PLAN'
           WHEN n.code = '' THEN 'NO_CODE'
           WHEN NOT n.is_active AND n.cancelled_on IS NULL THEN 'CANCELLED_WITHOUT_A_DAY'
           WHEN EXISTS (SELECT FROM beneficiaries_beneficiary link
                         WHERE link.operator_id = %(operator)s AND ltrim(link.code, '0') = ltrim(n.code, '0'))
           THEN 'CODE_TAKEN'
           WHEN n.code_place > 1 THEN 'CODE_REPEATED'
           WHEN n.cpf <> '' AND NOT cpf_is_valid(n.cpf) THEN 'CPF_INVALID'
           WHEN n.cpf_is_of_several THEN 'CPF_CONTRADICTS'
           WHEN n.cpf <> ''
                AND EXISTS (SELECT FROM beneficiaries_person person
                             WHERE person.operator_id = %(operator)s AND person.cpf = n.cpf
                               AND (person.birth_date <> n.birth_date
                                    OR CASE WHEN {name_is_real} AND {name_of_person_is_real}
                                            THEN name_without_particles(person.name_key)
                                                 <> name_without_particles(n.name_key)
                                            ELSE (n.dn <> '' AND person.dn <> '' AND n.dn <> person.dn)
                                                 OR (n.sex <> '' AND person.sex <> '' AND n.sex <> person.sex) END))
           THEN 'CPF_OF_ANOTHER'
           ELSE ''
       END
  FROM (SELECT n.*,
               row_number() OVER (PARTITION BY ltrim(n.code, '0')
                                  ORDER BY n.is_active DESC, n.updated_on DESC NULLS LAST, n.cco) AS code_place,
               n.cpf <> '' AND (min(n.birth_date) OVER cpf <> max(n.birth_date) OVER cpf
                                OR min(n.named) OVER cpf <> max(n.named) OVER cpf) AS cpf_is_of_several
          FROM (SELECT n.*, CASE WHEN {name_is_real} THEN name_without_particles(n.name_key) END AS named
                  FROM newcomers n) AS n
        WINDOW cpf AS (PARTITION BY n.cpf)) AS n
 WHERE target.cco = n.cco

-- name: newborns
-- Newborns are written with their mother's CPF: with a name unknown it proves less.
UPDATE newcomers target SET hold = 'CPF_CONTRADICTS'
  FROM (SELECT DISTINCT n.cpf
          FROM newcomers n JOIN newcomers other ON other.cpf = n.cpf AND other.cco <> n.cco
         WHERE n.cpf <> '' AND NOT {name_is_real}
           AND ((n.dn <> '' AND other.dn <> '' AND n.dn <> other.dn)
                OR (n.sex <> '' AND other.sex <> '' AND n.sex <> other.sex)
                OR {are_siblings})) AS several
 WHERE target.cpf = several.cpf AND target.hold = ''

-- name: join
-- Records of which one lacks a CPF: one person where real name, birth and real mother are equal and nothing says no.
WITH alike AS MATERIALIZED (
    SELECT n.name_key, n.birth_date, n.mother_key, max(n.cpf) AS cpf,
           max(n.cpf) = coalesce(min(nullif(n.cpf, '')), '')
           AND max(n.sex) = coalesce(min(nullif(n.sex, '')), '')
           AND max(n.dn) = coalesce(min(nullif(n.dn, '')), '')
           AND max(n.pis_pasep) = coalesce(min(nullif(n.pis_pasep, '')), '')
           AND max(n.cns) = coalesce(min(nullif(n.cns, '')), '') AS nothing_contradicts
      FROM newcomers n
     WHERE n.hold = '' AND {name_is_real} AND {mother_is_real}
     GROUP BY n.name_key, n.birth_date, n.mother_key
    HAVING count(*) > 1 AND bool_or(n.cpf = '')
), siblings AS MATERIALIZED (
    SELECT DISTINCT name_key, birth_date, mother_key
      FROM alike
      JOIN newcomers n USING (name_key, birth_date, mother_key)
      JOIN newcomers other USING (name_key, birth_date, mother_key)
     WHERE n.hold = '' AND other.hold = '' AND n.cco < other.cco AND {are_siblings}
), judged AS (
    SELECT alike.*, alike.nothing_contradicts AND siblings.name_key IS NULL AS are_one
      FROM alike LEFT JOIN siblings USING (name_key, birth_date, mother_key)
)
UPDATE newcomers n
   SET is_doubtful = NOT are_one,
       key = CASE WHEN NOT are_one THEN n.key
                  WHEN judged.cpf <> '' THEN 'cpf ' || judged.cpf
                  ELSE 'name ' || n.birth_date || ' ' || n.name_key || ' ' || n.mother_key END
  FROM judged
 WHERE n.hold = '' AND n.name_key = judged.name_key AND n.birth_date = judged.birth_date
   AND n.mother_key = judged.mother_key

-- name: known_by_cpf
-- Whoever has the CPF under another name or birth is held by now.
UPDATE newcomers n SET person_id = person.id, is_known = true
  FROM beneficiaries_person person
 WHERE n.hold = '' AND n.cpf <> '' AND person.operator_id = %(operator)s AND person.cpf = n.cpf

-- name: known_by_name
UPDATE newcomers n SET person_id = proven.person_id, is_known = true
  FROM (SELECT n.cco, min(person.id) AS person_id
          FROM newcomers n
          JOIN beneficiaries_person person
            ON person.operator_id = %(operator)s AND person.name_key = n.name_key
           AND person.birth_date = n.birth_date AND (n.cpf = '' OR person.cpf IS NULL)
          LEFT JOIN beneficiaries_cnsnumber number ON number.person_id = person.id AND number.ended_at IS NULL
         WHERE n.hold = '' AND n.person_id IS NULL AND NOT n.is_doubtful
           AND {name_is_real} AND {mother_is_real}
           AND name_without_particles(fold_name(person.mother_name)) = n.mother_key
           AND NOT ((n.sex <> '' AND person.sex <> '' AND n.sex <> person.sex)
                    OR (n.dn <> '' AND person.dn <> '' AND n.dn <> person.dn)
                    OR (n.pis_pasep <> '' AND person.pis_pasep <> '' AND n.pis_pasep <> person.pis_pasep)
                    OR n.cns <> '' AND coalesce(number.number, n.cns) <> n.cns)
         GROUP BY n.cco
        HAVING count(*) = 1) AS proven
 WHERE n.cco = proven.cco

-- name: namesakes
UPDATE newcomers n SET hold = 'NAMESAKE'
 WHERE n.hold = '' AND n.person_id IS NULL
   AND EXISTS (SELECT FROM beneficiaries_person person
                WHERE person.operator_id = %(operator)s AND person.name_key = n.name_key
                  AND person.birth_date = n.birth_date AND person.cpf IS DISTINCT FROM nullif(n.cpf, ''))

-- name: numbered
UPDATE newcomers n SET person_id = fresh.id
  FROM (SELECT key, nextval(pg_get_serial_sequence('beneficiaries_person', 'id')) AS id
          FROM (SELECT DISTINCT key FROM newcomers WHERE hold = '' AND person_id IS NULL) AS keys) AS fresh
 WHERE n.key = fresh.key AND n.hold = '' AND n.person_id IS NULL

-- name: people
-- Of several records of one person the active and newest that names her describes her.
INSERT INTO beneficiaries_person
       (id, operator_id, cpf, name, name_key, social_name, sex, birth_date, mother_name, pis_pasep, dn, email,
        phone, street, number, complement, district, city_code, postal_code, created_at, updated_at)
SELECT DISTINCT ON (person_id)
       person_id, %(operator)s, nullif(max(cpf) OVER (PARTITION BY person_id), ''), left(name, 150),
       left(name_key, 150), '', sex, birth_date,
       left(mother_name, 150), left(pis_pasep, 11), left(dn, 11), '', '', left(street, 100), left(number, 10),
       left(complement, 50), left(district, 60), left(city_code, 6), left(postal_code, 8), now(), now()
  FROM newcomers n WHERE hold = '' AND NOT is_known
 ORDER BY person_id, {name_is_real} DESC, is_active DESC, updated_on DESC NULLS LAST, cco

-- name: created
SELECT DISTINCT person_id AS subject_id, person_id, '{}'::jsonb AS data
  FROM newcomers WHERE hold = '' AND NOT is_known

-- name: plans
SELECT DISTINCT CASE WHEN plan_ans ~ '^[0-9]{9}$' THEN plan_ans ELSE '' END,
       CASE WHEN plan_ans ~ '^[0-9]{9}$' THEN '' ELSE left(plan_code, 20) END
  FROM newcomers WHERE hold = ''

-- name: links
INSERT INTO beneficiaries_beneficiary
       (operator_id, person_id, code, cco, plan_id, contract_id, holder_id, relationship, contracted_on,
        first_contracted_on, reactivated_on, cancelled_on, cancellation_reason, created_at, updated_at)
SELECT %(operator)s, n.person_id, left(n.code, 30), n.cco, plan.id, contract.id, NULL, n.relationship,
       n.contracted_on, n.first_contracted_on, n.reactivated_on,
       CASE WHEN NOT n.is_active THEN n.cancelled_on END,
       CASE WHEN n.is_active THEN '' ELSE left(n.cancellation_reason, 2) END, now(), now()
  FROM newcomers n
  JOIN beneficiaries_plan plan ON plan.operator_id = %(operator)s
   AND CASE WHEN n.plan_ans ~ '^[0-9]{9}$' THEN plan.ans_number = n.plan_ans
            ELSE plan.operator_code = left(n.plan_code, 20) END
  LEFT JOIN LATERAL (SELECT contract.id FROM beneficiaries_contract contract
                       JOIN beneficiaries_company company ON company.id = contract.company_id
                      WHERE contract.operator_id = %(operator)s AND n.cnpj || n.caepf || n.cei <> ''
                        AND (company.cnpj, company.caepf, company.cei) = (n.cnpj, n.caepf, n.cei)
                      ORDER BY contract.id LIMIT 1) AS contract ON true
 WHERE n.hold = ''
 ORDER BY n.is_active DESC, n.cco

-- name: holders
UPDATE beneficiaries_beneficiary link SET holder_id = holder.id
  FROM newcomers n JOIN beneficiaries_beneficiary holder
    ON holder.operator_id = %(operator)s AND holder.cco = n.holder_cco AND holder.relationship = '1'
 WHERE n.hold = '' AND n.relationship <> '1' AND n.holder_cco <> ''
   AND link.operator_id = %(operator)s AND link.cco = n.cco

-- name: numbers
-- Active records alone prove a number, and only where all of one person say the same.
SELECT DISTINCT ON (person_id) person_id, cns AS number, 'A' AS tier,
       jsonb_build_object('tier', 'A', 'reason', %(reason)s::text, 'cco', cco, 'file', %(file)s::bigint,
                          'comparison', '[]'::jsonb) AS evidence
  FROM (SELECT n.*, min(cns) OVER whom <> max(cns) OVER whom AS has_several
          FROM newcomers n WHERE hold = '' AND is_active AND cns <> ''
        WINDOW whom AS (PARTITION BY person_id)) AS n
 WHERE NOT has_several
 ORDER BY person_id, cco

-- name: counts
SELECT count(*) FILTER (WHERE hold = ''), count(*) FILTER (WHERE hold = '' AND is_active),
       count(DISTINCT key) FILTER (WHERE hold = '' AND person_id IS NULL),
       count(DISTINCT person_id) FILTER (WHERE hold = ''),
       count(DISTINCT holder_cco) FILTER (WHERE hold = '' AND relationship <> '1' AND holder_cco <> ''),
       count(DISTINCT (cnpj, caepf, cei)) FILTER (WHERE hold = '' AND cnpj || caepf || cei <> ''),
       count(DISTINCT coalesce(nullif(plan_ans, ''), plan_code)) FILTER (WHERE hold = ''),
       count(DISTINCT key || cns) FILTER (WHERE hold = '' AND is_active AND cns <> ''),
       count(*) FILTER (WHERE hold = '' AND relationship <> '1' AND holder.cco IS NULL)
  FROM newcomers
  LEFT JOIN (SELECT cco FROM newcomers WHERE hold = ''
              UNION
             SELECT cco FROM beneficiaries_beneficiary WHERE operator_id = %(operator)s) AS holder
    ON holder.cco = newcomers.holder_cco
