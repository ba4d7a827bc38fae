-- What narrows a conference down to what must be decided on. sib/queries/staged_records.py runs it.
-- {rows}, {facts}, {candidates}, {by_code}, {two_numbers}, {different} and {odd} are the conference's own tables
-- (sib/queries/staging_tables.py); ours is a row of the registry's view, theirs a record as it was staged.

-- name: create_facts
-- What one record does not tell, because it takes the whole conference: its CCO stands again, updated later or further
-- down; or its number stands on records of more than one person: of several CPFs or, where one is missing, of several
-- names or birth dates. What a record does not tell makes nobody another.
CREATE UNLOGGED TABLE {facts} AS
WITH repeated_cco AS MATERIALIZED (
    SELECT cco FROM {rows} WHERE cco <> '' GROUP BY cco HAVING count(*) > 1
), superseded AS (
    SELECT position
      FROM (SELECT position, row_number() OVER (PARTITION BY cco
                                                ORDER BY data_atualizacao DESC NULLS LAST, position DESC) AS place
              FROM {rows} JOIN repeated_cco USING (cco)) AS same
     WHERE place > 1
), standing_again AS MATERIALIZED (
    SELECT cns FROM {rows} WHERE cns <> '' GROUP BY cns HAVING count(*) > 1
), without_cpf AS MATERIALIZED (
    SELECT DISTINCT cns FROM {rows} JOIN standing_again USING (cns) WHERE cpf = ''
), repeated_cns AS MATERIALIZED (
    SELECT cns FROM {rows} JOIN standing_again USING (cns)
     GROUP BY cns
    HAVING min(nullif(cpf, '')) <> max(nullif(cpf, ''))
     UNION
    SELECT cns
      FROM (SELECT cns, data_nascimento,
                   CASE WHEN name_key !~ '^(RN|RECEM NASCID[AO])( |$)|^$'
                        THEN name_without_particles(name_key) END AS named
              FROM {rows} JOIN without_cpf USING (cns)) AS same
     GROUP BY cns
    HAVING min(named) <> max(named) OR min(data_nascimento) <> max(data_nascimento)
)
SELECT position, bool_or(is_superseded) AS is_superseded, bool_or(is_repeated) AS is_repeated
  FROM (SELECT position, true AS is_superseded, false AS is_repeated FROM superseded
        UNION ALL
        SELECT position, false, true FROM {rows} JOIN repeated_cns USING (cns)) AS fact
 GROUP BY position

-- part: ours_active
(ours.cancelled_on IS NULL OR ours.cancelled_on > %(today)s)

-- part: theirs_active
(theirs.situacao = 'ATIVO')

-- part: cpf_missing
-- Of a holder, or of anybody of age (docs/reference/sib.md §5).
(theirs.cpf = '' AND ours.cpf IS NULL AND theirs.situacao = 'ATIVO'
 AND (ours.relationship = '1' OR ours.birth_date <= %(of_age_since)s))

-- part: diverges
-- As field_differences (sib/domain), which says how: a field that both sides tell differently, a mother's name that ANS
-- lacks, or a contracting party that one side lacks. What was shortened for the SIB is looked at by pure code.
(ours.mother_name <> '' AND is_spelled_unlike(ours.mother_name, theirs.nome_mae)
 OR ours.sex <> '' AND theirs.sexo <> '' AND ours.sex <> theirs.sexo
 OR ours.pis_pasep <> '' AND theirs.pis_pasep <> '' AND ours.pis_pasep <> theirs.pis_pasep
 OR ours.dn <> '' AND theirs.dn <> '' AND ours.dn <> theirs.dn
 OR ours.city_code <> '' AND theirs.codigo_municipio <> '' AND ours.city_code <> theirs.codigo_municipio
 OR ours.postal_code <> '' AND theirs.cep <> '' AND ours.postal_code <> theirs.cep
 OR ours.street <> '' AND theirs.logradouro <> '' AND is_spelled_unlike(ours.street, theirs.logradouro)
 OR ours.house_number <> '' AND theirs.numero <> '' AND is_spelled_unlike(ours.house_number, theirs.numero)
 OR ours.complement <> '' AND theirs.complemento <> '' AND is_spelled_unlike(ours.complement, theirs.complemento)
 OR ours.district <> '' AND theirs.bairro <> '' AND is_spelled_unlike(ours.district, theirs.bairro)
 OR theirs.codigo_beneficiario <> '' AND ltrim(ours.code, '0') <> ltrim(theirs.codigo_beneficiario, '0')
 OR theirs.relacao_dependencia <> '' AND ours.relationship <> theirs.relacao_dependencia
 OR (theirs.cco_beneficiario_titular <> '' AND ours.holder_cco <> theirs.cco_beneficiario_titular) IS TRUE
 OR (theirs.data_contratacao <> ours.contracted_on) IS TRUE
 OR (theirs.data_reativacao <> ours.reactivated_on) IS TRUE
 OR (theirs.data_cancelamento <> ours.cancelled_on) IS TRUE
 OR ours.cancellation_reason <> '' AND theirs.motivo_cancelamento NOT IN ('', ours.cancellation_reason)
 OR ours.plan_ans_number <> '' AND theirs.numero_plano_ans <> '' AND ours.plan_ans_number <> theirs.numero_plano_ans
 OR ours.plan_operator_code <> '' AND theirs.numero_plano_operadora <> ''
    AND is_spelled_unlike(ours.plan_operator_code, theirs.numero_plano_operadora)
 OR COALESCE(ours.cnpj, '') <> theirs.cnpj_empresa_contratante
 OR COALESCE(ours.caepf, '') <> theirs.caepf_empresa_contratante
 OR COALESCE(ours.cei, '') <> theirs.cei_empresa_contratante)

-- name: create_candidates
CREATE UNLOGGED TABLE {candidates} AS
SELECT theirs.position, ours.id AS link_id
  FROM {rows} theirs
  LEFT JOIN beneficiaries_registry_link_v1 ours ON ours.operator_id = %(operator)s AND ours.cco = theirs.cco
 WHERE (theirs.cns = ours.cns AND (ours.cns_verified OR ours.cpf IS NULL)
        AND theirs.cpf = COALESCE(ours.cpf, '') AND theirs.data_nascimento = ours.birth_date
        AND theirs.name_key = ours.name_key AND {theirs_active} = {ours_active}
        AND NOT {cpf_missing} AND NOT {diverges}) IS NOT TRUE

-- name: create_candidates_of_all
-- The candidates where nobody has a number yet, and so nothing is equal.
CREATE UNLOGGED TABLE {candidates} AS
SELECT theirs.position, link.id AS link_id
  FROM {rows} theirs
  LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = theirs.cco

-- name: add_candidates
-- Equal by themselves, but not beside the rest of the conference.
INSERT INTO {candidates}
SELECT theirs.position, link.id
  FROM {facts} JOIN {rows} theirs USING (position)
  LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = theirs.cco
 WHERE NOT EXISTS (SELECT FROM {candidates} known WHERE known.position = theirs.position)

-- name: create_by_code
-- Links that ANS has not numbered here yet, by their code; zeros in front mean nothing. A code that stands on several
-- records means the only active one.
CREATE UNLOGGED TABLE {by_code} AS
WITH unnumbered AS (
    SELECT id, ltrim(code, '0') AS code FROM beneficiaries_beneficiary
     WHERE operator_id = %(operator)s AND cco IS NULL
), coded AS (
    SELECT theirs.position, theirs.situacao, unnumbered.code, min(unnumbered.id) AS link_id, count(*) AS links
      FROM {candidates} candidate JOIN {rows} theirs USING (position)
      JOIN unnumbered ON unnumbered.code = ltrim(theirs.codigo_beneficiario, '0')
     WHERE candidate.link_id IS NULL
     GROUP BY theirs.position, theirs.situacao, unnumbered.code
)
SELECT position, link_id
  FROM (SELECT coded.*, count(*) OVER same AS times,
               count(*) FILTER (WHERE situacao = 'ATIVO') OVER same AS active
          FROM coded WINDOW same AS (PARTITION BY code)) AS coded
 WHERE links = 1 AND (times = 1 OR (situacao = 'ATIVO' AND active = 1))

-- name: create_two_numbers
-- People who have another number on another active record; not looked for where all records are simply equal.
CREATE UNLOGGED TABLE {two_numbers} AS
WITH several AS (
    SELECT person_id FROM beneficiaries_beneficiary
     WHERE operator_id = %(operator)s AND EXISTS (SELECT FROM {candidates})
     GROUP BY person_id HAVING count(*) > 1
)
SELECT link.person_id
  FROM several JOIN beneficiaries_beneficiary link USING (person_id)
  JOIN {rows} theirs ON theirs.cco = link.cco AND theirs.situacao = 'ATIVO' AND theirs.cns <> ''
 WHERE link.operator_id = %(operator)s
 GROUP BY link.person_id HAVING count(DISTINCT theirs.cns) > 1

-- part: is_plain
-- Letter for letter the same person, with a name that is one: then its words decide nothing any more. Without a CPF the
-- mother's must be one too.
(ours.id IS NULL
 OR (theirs.cpf = COALESCE(ours.cpf, '') AND theirs.data_nascimento = ours.birth_date
     AND theirs.name_key = ours.name_key
     AND theirs.name_key ~ '^[A-Z]{{3,}} [A-Z]' AND theirs.name_key !~ '^(RECEM|SEM|NAO|MAE|XXX)'
     AND NOT {diverges}
     AND (theirs.cpf <> ''
          OR upper(theirs.nome_mae) ~ '^[A-Z]{{3,}} [A-Z]' AND upper(theirs.nome_mae) !~ '^(RECEM|SEM|NAO|MAE|XXX)'
             AND ours.mother_name <> '')) IS TRUE)

-- part: shape
-- Everything of a plain record that sib.domain.reconcile.decide looks at, a digit each.
concat(
    (ours.id IS NOT NULL)::int,
    theirs.is_superseded::int,
    {theirs_active}::int,
    COALESCE({ours_active}, false)::int,
    (ours.cco IS NOT NULL)::int,
    COALESCE(ours.relationship = '1', false)::int,
    (theirs.cpf <> '')::int,
    COALESCE(ours.birth_date <= %(of_age_since)s, false)::int,
    (ours.cns IS NOT NULL)::int,
    COALESCE(ours.cns_verified, false)::int,
    (theirs.cns <> '')::int,
    COALESCE(theirs.cns = ours.cns, false)::int,
    cns_is_valid(theirs.cns)::int,
    theirs.number_is_elsewhere::int,
    theirs.has_second_number::int,
    theirs.had_number::int)

-- name: create_different
-- What takes the whole conference stands in tables of its own: so each record's share of this is done by all cores.
CREATE UNLOGGED TABLE {different} AS
WITH seen AS (
    SELECT s.*, link.id AS link_id, fact.is_superseded IS TRUE AS is_superseded,
           fact.is_repeated IS TRUE OR (held.person_id <> link.person_id) IS TRUE AS number_is_elsewhere,
           two_numbers.person_id IS NOT NULL AS has_second_number,
           s.cns = '' AND (mirror.cns <> '') IS TRUE AS had_number
      FROM {candidates} candidate JOIN {rows} s USING (position)
      LEFT JOIN {by_code} by_code ON by_code.position = candidate.position
      LEFT JOIN beneficiaries_beneficiary link ON link.id = COALESCE(candidate.link_id, by_code.link_id)
      LEFT JOIN {facts} fact ON fact.position = s.position
      LEFT JOIN beneficiaries_cnsnumber held
        ON held.operator_id = %(operator)s AND held.number = s.cns AND held.ended_at IS NULL
      LEFT JOIN {two_numbers} two_numbers ON two_numbers.person_id = link.person_id
      LEFT JOIN sib_mirrorrecord mirror
        ON mirror.operator_id = %(operator)s AND mirror.cco = s.cco AND s.cns = ''
)
SELECT theirs.position, theirs.part, theirs.line, theirs.cco, left(theirs.cns, 15) AS number, theirs.link_id,
       ours.person_id, theirs.is_superseded, theirs.number_is_elsewhere, theirs.has_second_number, theirs.had_number,
       {is_plain} AS is_plain, {shape} AS shape
  FROM seen theirs
  LEFT JOIN beneficiaries_registry_link_v1 ours ON ours.id = theirs.link_id

-- name: count_shapes
SELECT shape, count(*), min(position) FROM {different} WHERE is_plain GROUP BY shape ORDER BY shape

-- part: side_by_side
-- One row a record that is not simply equal, as sib/services/conferences/compare.py decides on it.
SELECT theirs.position, theirs.part, theirs.line, theirs.cco, theirs.situacao = 'ATIVO' AS theirs_active, theirs.cpf,
       theirs.cns, theirs.nome, theirs.data_nascimento, theirs.nome_mae, theirs.sexo, theirs.codigo_municipio,
       theirs.pis_pasep, theirs.dn, theirs.cep, theirs.logradouro, theirs.numero, theirs.complemento, theirs.bairro,
       theirs.codigo_beneficiario, theirs.relacao_dependencia, theirs.cco_beneficiario_titular,
       theirs.data_contratacao, theirs.data_reativacao, theirs.data_cancelamento, theirs.motivo_cancelamento,
       theirs.numero_plano_ans, theirs.numero_plano_operadora, theirs.cnpj_empresa_contratante,
       theirs.caepf_empresa_contratante, theirs.cei_empresa_contratante,
       d.is_superseded, d.number_is_elsewhere, d.has_second_number, d.had_number,
       ours.id AS beneficiary_id, ours.person_id, ours.cco IS NOT NULL AS is_numbered, ours.relationship,
       ours.code AS our_code, ours.holder_cco AS our_holder, ours.contracted_on, ours.reactivated_on,
       ours.cancelled_on, ours.cancellation_reason, {ours_active} AS ours_active,
       ours.cpf AS our_cpf, ours.name AS our_name, ours.birth_date AS our_birth_date,
       ours.mother_name AS our_mother_name, ours.sex AS our_sex, ours.city_code AS our_city_code,
       ours.pis_pasep AS our_pis_pasep, ours.dn AS our_dn, ours.postal_code AS our_postal_code,
       ours.street AS our_street, ours.house_number AS our_house, ours.complement AS our_complement,
       ours.district AS our_district, ours.plan_ans_number AS our_plan, ours.plan_operator_code AS our_plan_code,
       ours.cnpj AS our_cnpj, ours.caepf AS our_caepf, ours.cei AS our_cei,
       ours.cns AS our_number, ours.cns_verified AS our_verified
  FROM {different} d JOIN {rows} theirs USING (position)
  LEFT JOIN beneficiaries_registry_link_v1 ours ON ours.id = d.link_id

-- name: create_odd
CREATE UNLOGGED TABLE {odd} AS
{side_by_side}
 WHERE NOT d.is_plain

-- name: records
{side_by_side}
 WHERE {condition}
