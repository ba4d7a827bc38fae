"""The SQL that narrows a conference down to what must be decided on. Pure text; sib.queries.staged_records runs it.

``{rows}``, ``{facts}``, ``{candidates}``, ``{different}`` and ``{odd}`` stand for the conference's own tables.
"""

# Spelled alike: no more than case and Portuguese accents apart. What is alike here is so to names.fold too, which knows
# more; whatever is not is looked at by pure code.
_ACCENTED, _PLAIN = (
    "ÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑáàâãäéèêëíìîïóòôõöúùûüçñ",
    "AAAAAEEEEIIIIOOOOOUUUUCNaaaaaeeeeiiiiooooouuuucn",
)


def _unlike(ours: str, theirs: str) -> str:
    """The cheap questions come first."""
    left, right = (f"upper(translate({side}, '{_ACCENTED}', '{_PLAIN}'))" for side in (ours, theirs))
    return f"({ours} <> {theirs} AND upper({ours}) <> {theirs} AND {left} <> {right})"


def _told_unlike(ours: str, theirs: str) -> str:
    """Both sides say something, and not the same. What was shortened for the SIB is looked at by pure code."""
    return f"({ours} <> '' AND {theirs} <> '' AND {_unlike(ours, theirs)})"


OURS_ACTIVE = "(link.cancelled_on IS NULL OR link.cancelled_on > %(today)s)"
THEIRS_ACTIVE = "(s.situacao = 'ATIVO')"
CPF_MISSING = (
    "(s.cpf = '' AND person.cpf IS NULL AND s.situacao = 'ATIVO' "
    "AND (link.relationship = '1' OR person.birth_date <= %(of_age_since)s))"
)
"""Of a holder, or of anybody of age (docs/reference/sib.md §5)."""

DIVERGES = " OR ".join(
    (
        f"(person.mother_name <> '' AND {_unlike('person.mother_name', 's.nome_mae')})",
        "(person.sex <> '' AND s.sexo <> '' AND person.sex <> s.sexo)",
        "(person.pis_pasep <> '' AND s.pis_pasep <> '' AND person.pis_pasep <> s.pis_pasep)",
        "(person.dn <> '' AND s.dn <> '' AND person.dn <> s.dn)",
        "(person.city_code <> '' AND s.codigo_municipio <> '' AND person.city_code <> s.codigo_municipio)",
        "(person.postal_code <> '' AND s.cep <> '' AND person.postal_code <> s.cep)",
        _told_unlike("person.street", "s.logradouro"),
        _told_unlike("person.number", "s.numero"),
        _told_unlike("person.complement", "s.complemento"),
        _told_unlike("person.district", "s.bairro"),
        "(s.codigo_beneficiario <> '' AND ltrim(link.code, '0') <> ltrim(s.codigo_beneficiario, '0'))",
        "(s.relacao_dependencia <> '' AND link.relationship <> s.relacao_dependencia)",
        "(s.cco_beneficiario_titular <> '' AND holder.cco <> s.cco_beneficiario_titular) IS TRUE",
        "(s.data_contratacao <> link.contracted_on) IS TRUE",
        "(s.data_reativacao <> link.reactivated_on) IS TRUE",
        "(s.data_cancelamento <> link.cancelled_on) IS TRUE",
        "(link.cancellation_reason <> '' AND s.motivo_cancelamento NOT IN ('', link.cancellation_reason))",
        "(plan.ans_number <> '' AND s.numero_plano_ans <> '' AND plan.ans_number <> s.numero_plano_ans)",
        _told_unlike("plan.operator_code", "s.numero_plano_operadora"),
        *(f"COALESCE(company.{kind}, '') <> s.{kind}_empresa_contratante" for kind in ("cnpj", "caepf", "cei")),
    )
)
"""As field_differences, which says how: a field that both sides tell differently, a mother's name that ANS lacks, or a
contracting party that one side lacks."""

_REGISTRY = """
      LEFT JOIN beneficiaries_person person ON person.id = link.person_id
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = link.person_id AND cns.ended_at IS NULL
      LEFT JOIN beneficiaries_beneficiary holder ON holder.id = link.holder_id
      LEFT JOIN beneficiaries_plan plan ON plan.id = link.plan_id
      LEFT JOIN beneficiaries_contract contract ON contract.id = link.contract_id
      LEFT JOIN beneficiaries_company company ON company.id = contract.company_id
"""

FACTS = """
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
"""
"""What one record does not tell, because it takes the whole conference: its CCO stands again, updated later or further
down; or its number stands on records of more than one person: of several CPFs or, where one is missing, of several
names or birth dates. What a record does not tell makes nobody another."""

CANDIDATES = f"""
    CREATE UNLOGGED TABLE {{candidates}} AS
    SELECT s.position, link.id AS link_id
      FROM {{rows}} s
      LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = s.cco
{_REGISTRY}
     WHERE (s.cns = cns.number AND (cns.verified OR person.cpf IS NULL)
            AND s.cpf = COALESCE(person.cpf, '') AND s.data_nascimento = person.birth_date
            AND s.name_key = person.name_key AND {THEIRS_ACTIVE} = {OURS_ACTIVE}
            AND NOT {CPF_MISSING} AND NOT ({DIVERGES})) IS NOT TRUE
"""

EVERYBODY = """
    CREATE UNLOGGED TABLE {candidates} AS
    SELECT s.position, link.id AS link_id
      FROM {rows} s
      LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = s.cco
"""
"""The candidates where nobody has a number yet, and so nothing is equal."""

MORE_CANDIDATES = """
    INSERT INTO {candidates}
    SELECT s.position, link.id
      FROM {facts} JOIN {rows} s USING (position)
      LEFT JOIN beneficiaries_beneficiary link ON link.operator_id = %(operator)s AND link.cco = s.cco
     WHERE NOT EXISTS (SELECT FROM {candidates} known WHERE known.position = s.position)
"""
"""Equal by themselves, but not beside the rest of the conference."""


def _is_name(column: str) -> str:
    return f"({column} ~ '^[A-Z]{{{{3,}}}} [A-Z]' AND {column} !~ '^(RECEM|SEM|NAO|MAE|XXX)')"


_IS_PLAIN = f"""
    (link.id IS NULL
     OR (s.cpf = COALESCE(person.cpf, '') AND s.data_nascimento = person.birth_date AND s.name_key = person.name_key
         AND {_is_name("s.name_key")} AND NOT ({DIVERGES})
         AND (s.cpf <> '' OR {_is_name("upper(s.nome_mae)")} AND person.mother_name <> '')) IS TRUE)
"""
"""Letter for letter the same person, with a name that is one: then its words decide nothing any more. Without a CPF the
mother's must be one too."""

_FLAGS = (
    "link.id IS NOT NULL",
    "is_superseded",
    THEIRS_ACTIVE,
    OURS_ACTIVE,
    "link.cco IS NOT NULL",
    "link.relationship = '1'",
    "s.cpf <> ''",
    "person.birth_date <= %(of_age_since)s",
    "cns.number IS NOT NULL",
    "cns.verified",
    "s.cns <> ''",
    "s.cns = cns.number",
    "cns_is_valid(s.cns)",
    "number_is_elsewhere",
    "has_second_number",
    "had_number",
)
"""Everything of a plain record that sib.domain.reconcile.decide looks at."""
_SHAPE = ", ".join(f"COALESCE({flag}, false)::int" for flag in _FLAGS)

BY_CODE = """
    CREATE UNLOGGED TABLE {by_code} AS
    WITH unnumbered AS (
        SELECT id, ltrim(code, '0') AS code FROM beneficiaries_beneficiary
         WHERE operator_id = %(operator)s AND cco IS NULL
    ), coded AS (
        SELECT s.position, s.situacao, unnumbered.code, min(unnumbered.id) AS id, count(*) AS links
          FROM {candidates} candidate JOIN {rows} s USING (position)
          JOIN unnumbered ON unnumbered.code = ltrim(s.codigo_beneficiario, '0')
         WHERE candidate.link_id IS NULL
         GROUP BY s.position, s.situacao, unnumbered.code
    )
    SELECT position, id AS link_id
      FROM (SELECT coded.*, count(*) OVER same AS times,
                   count(*) FILTER (WHERE situacao = 'ATIVO') OVER same AS active
              FROM coded WINDOW same AS (PARTITION BY code)) AS coded
     WHERE links = 1 AND (times = 1 OR (situacao = 'ATIVO' AND active = 1))
"""
"""Links that ANS has not numbered here yet, by their code; zeros in front mean nothing. A code that stands on several
records means the only active one."""

TWO_NUMBERS = """
    CREATE UNLOGGED TABLE {two_numbers} AS
    WITH several AS (
        SELECT person_id FROM beneficiaries_beneficiary
         WHERE operator_id = %(operator)s AND EXISTS (SELECT FROM {candidates})
         GROUP BY person_id HAVING count(*) > 1
    )
    SELECT link.person_id
      FROM several JOIN beneficiaries_beneficiary link USING (person_id)
      JOIN {rows} s ON s.cco = link.cco AND s.situacao = 'ATIVO' AND s.cns <> ''
     WHERE link.operator_id = %(operator)s
     GROUP BY link.person_id HAVING count(DISTINCT s.cns) > 1
"""
"""People who have another number on another active record; not looked for where all records are simply equal."""

# What takes the whole conference stands in tables of its own: so each record's share of this is done by all cores.
DIFFERENT = f"""
    CREATE UNLOGGED TABLE {{different}} AS
    WITH seen AS (
        SELECT s.*, link.id AS link_id, fact.is_superseded IS TRUE AS is_superseded,
               fact.is_repeated IS TRUE OR (held.person_id <> link.person_id) IS TRUE AS number_is_elsewhere,
               two_numbers.person_id IS NOT NULL AS has_second_number,
               s.cns = '' AND (mirror.cns <> '') IS TRUE AS had_number
          FROM {{candidates}} candidate JOIN {{rows}} s USING (position)
          LEFT JOIN {{by_code}} by_code ON by_code.position = candidate.position
          LEFT JOIN beneficiaries_beneficiary link ON link.id = COALESCE(candidate.link_id, by_code.link_id)
          LEFT JOIN {{facts}} fact ON fact.position = s.position
          LEFT JOIN beneficiaries_cnsnumber held
            ON held.operator_id = %(operator)s AND held.number = s.cns AND held.ended_at IS NULL
          LEFT JOIN {{two_numbers}} two_numbers ON two_numbers.person_id = link.person_id
          LEFT JOIN sib_mirrorrecord mirror
            ON mirror.operator_id = %(operator)s AND mirror.cco = s.cco AND s.cns = ''
    )
    SELECT s.position, s.part, s.line, s.cco, left(s.cns, 15) AS number, s.link_id, link.person_id, s.is_superseded,
           s.number_is_elsewhere, s.has_second_number,
           s.had_number, {_IS_PLAIN} AS is_plain,
           concat({_SHAPE}) AS shape
      FROM seen s
      LEFT JOIN beneficiaries_beneficiary link ON link.id = s.link_id
{_REGISTRY}
"""

WIDE = f"""
    SELECT s.position, s.part, s.line, s.cco, s.situacao = 'ATIVO' AS theirs_active, s.cpf, s.cns, s.nome,
           s.data_nascimento, s.nome_mae, s.sexo, s.codigo_municipio, s.pis_pasep, s.dn, s.cep, s.logradouro, s.numero,
           s.complemento, s.bairro, s.codigo_beneficiario, s.relacao_dependencia, s.cco_beneficiario_titular,
           s.data_contratacao, s.data_reativacao, s.data_cancelamento, s.motivo_cancelamento, s.numero_plano_ans,
           s.numero_plano_operadora, s.cnpj_empresa_contratante, s.caepf_empresa_contratante,
           s.cei_empresa_contratante,
           d.is_superseded, d.number_is_elsewhere, d.has_second_number, d.had_number,
           link.id AS beneficiary_id, link.person_id, link.cco IS NOT NULL AS is_numbered, link.relationship,
           link.code AS our_code, holder.cco AS our_holder, link.contracted_on, link.reactivated_on, link.cancelled_on,
           link.cancellation_reason, {OURS_ACTIVE} AS ours_active,
           person.cpf AS our_cpf, person.name AS our_name, person.birth_date AS our_birth_date,
           person.mother_name AS our_mother_name, person.sex AS our_sex, person.city_code AS our_city_code,
           person.pis_pasep AS our_pis_pasep, person.dn AS our_dn, person.postal_code AS our_postal_code,
           person.street AS our_street, person.number AS our_house, person.complement AS our_complement,
           person.district AS our_district, plan.ans_number AS our_plan, plan.operator_code AS our_plan_code,
           company.cnpj AS our_cnpj, company.caepf AS our_caepf, company.cei AS our_cei,
           cns.number AS our_number, cns.verified AS our_verified
      FROM {{different}} d JOIN {{rows}} s USING (position)
      LEFT JOIN beneficiaries_beneficiary link ON link.id = d.link_id
{_REGISTRY}
"""
