-- name: newcomers
-- A record whose CCO came into the registry meanwhile is no newcomer any more.
SELECT m.cco, m.codigo_beneficiario AS code, m.situacao = 'ATIVO' AS is_active, m.data_atualizacao AS updated_on,
       m.cpf, m.cns, m.nome AS name, m.name_key, m.nome_mae AS mother_name,
       name_without_particles(fold_name(m.nome_mae)) AS mother_key,
       CASE WHEN m.sexo IN ('1', '3') THEN m.sexo ELSE '' END AS sex, m.data_nascimento AS birth_date,
       m.pis_pasep, m.dn, m.logradouro AS street, m.numero AS number, m.complemento AS complement,
       m.bairro AS district, m.codigo_municipio AS city_code, m.cep AS postal_code,
       m.numero_plano_ans AS plan_ans, m.numero_plano_operadora AS plan_code,
       m.cnpj_empresa_contratante AS cnpj,
       CASE WHEN m.cnpj_empresa_contratante = '' THEN m.caepf_empresa_contratante ELSE '' END AS caepf,
       CASE WHEN m.cnpj_empresa_contratante || m.caepf_empresa_contratante = ''
            THEN m.cei_empresa_contratante ELSE '' END AS cei,
       m.relacao_dependencia AS relationship,
       m.cco_beneficiario_titular AS holder_cco, m.data_contratacao AS contracted_on,
       m.data_primeira_contratacao AS first_contracted_on, m.data_reativacao AS reactivated_on,
       m.data_cancelamento AS cancelled_on, m.motivo_cancelamento AS cancellation_reason
  FROM sib_difference d
  JOIN sib_mirrorrecord m ON m.operator_id = %(operator)s AND m.cco = d.cco
  LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = d.cco
 WHERE d.file_id = %(file)s AND d.outcome = ANY (%(outcomes)s) AND link.id IS NULL

-- name: mark_founded
-- ``newcomers`` is the table that beneficiaries/services/onboarding.py leaves until the transaction ends.
UPDATE sib_difference d SET answer = %(answer)s, applied_at = now(), person_id = n.person_id
  FROM newcomers n WHERE n.hold = '' AND d.file_id = %(file)s AND d.cco = n.cco AND d.deed = ''
