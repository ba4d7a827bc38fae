"""People and links that the registry does not know yet, brought as rows of a table: what must wait, and why. Pure text.

The table ``newcomers`` has the columns of ``COLUMNS``; ``WEIGH`` fills ``hold`` with the name of a Hold where the row
must wait, ``key`` with whom it is about, and leaves the rest to beneficiaries.services.onboarding. Who is one person is
the rule of domain.same_person in the words of the database, which knows names as equal or not: where the rule
would see a name as another spelling, the row waits.
"""

from enum import Enum, unique

COLUMNS = {
    "cco": "text",
    "code": "text",
    "is_active": "boolean",
    "updated_on": "date",
    "cpf": "text",
    "cns": "text",
    "name": "text",
    "name_key": "text",
    "mother_name": "text",
    "mother_key": "text",
    "sex": "text",
    "birth_date": "date",
    "pis_pasep": "text",
    "dn": "text",
    "street": "text",
    "number": "text",
    "complement": "text",
    "district": "text",
    "city_code": "text",
    "postal_code": "text",
    "plan_ans": "text",
    "plan_code": "text",
    "cnpj": "text",
    "caepf": "text",
    "cei": "text",
    "relationship": "text",
    "holder_cco": "text",
    "contracted_on": "date",
    "first_contracted_on": "date",
    "reactivated_on": "date",
    "cancelled_on": "date",
    "cancellation_reason": "text",
}
"""Name and type of each."""


def _named(row: str, key: str = "name_key") -> str:
    """Whether the row's name may prove something, as beneficiaries.domain.same_person.is_real_name."""
    name = f"{row}.{key}"
    return f"({name} <> '' AND {name} !~ '^(RN|RECEM NASCID[AO])( |$)' AND {name} <> ALL (%(not_names)s))"


def _told_apart(column: str, one: str = "n", other: str = "person") -> str:
    return f"({one}.{column} <> '' AND {other}.{column} <> '' AND {one}.{column} <> {other}.{column})"


def _are_siblings(one: str, other: str) -> str:
    """As beneficiaries.domain.same_person.are_siblings_of_one_birth."""
    return (
        f"({one}.contracted_on = {other}.contracted_on AND ({one}.holder_cco <> '' AND {one}.relationship <> '1' "
        f"AND {one}.holder_cco = {other}.holder_cco OR {_PLAN.format(row=one)} = {_PLAN.format(row=other)}))"
    )


_PLAN = "coalesce(nullif({row}.plan_ans, ''), {row}.plan_code)"


@unique
class HoldReason(Enum):
    """Why a row must wait; the first that applies counts. Sentence for people, condition in SQL over ``n``."""

    NO_CCO = "O registro não tem CCO. Peça a conferência de novo à ANS.", "n.cco !~ '^[0-9]{12}$'"
    NO_NAME = "Falta o nome. Cadastre a pessoa pela importação, com o nome certo.", "n.name = ''"
    NO_BIRTH = "Falta a data de nascimento. Cadastre a pessoa pela importação.", "n.birth_date IS NULL"
    NO_RELATIONSHIP = (
        "Falta a relação de dependência, ou ela não existe no SIB. Cadastre o vínculo pela importação.",
        "n.relationship <> ALL (ARRAY['1', '3', '4', '6', '8', '10'])",
    )
    NO_CONTRACT_DATE = "Falta a data da contratação. Cadastre o vínculo pela importação.", "n.contracted_on IS NULL"
    NO_PLAN = (
        "Falta o número do plano na ANS e na operadora. Cadastre o vínculo pela importação.",
        "n.plan_ans !~ '^[0-9]{9}$' AND n.plan_code = ''",
    )
    NO_CODE = "Falta o código do beneficiário. Cadastre o vínculo pela importação.", "n.code = ''"
    CANCELLED_WITHOUT_A_DAY = (
        "O registro está inativo, mas não diz desde quando. Cadastre o vínculo pela importação.",
        "NOT n.is_active AND n.cancelled_on IS NULL",
    )
    CODE_TAKEN = (
        "O código do beneficiário já é de outro vínculo do cadastro. Confira o código.",
        """EXISTS (SELECT FROM beneficiaries_beneficiary link
                    WHERE link.operator_id = %(operator)s AND ltrim(link.code, '0') = ltrim(n.code, '0'))""",
    )
    CODE_REPEATED = (
        "O código do beneficiário está em mais de um registro da conferência; valeu o mais recente.",
        "n.code_place > 1",
    )
    CPF_INVALID = (
        "O CPF não passa nos dígitos de conferência. Descubra o CPF certo e cadastre a pessoa pela importação.",
        "n.cpf <> '' AND NOT cpf_is_valid(n.cpf)",
    )
    CPF_CONTRADICTS = (
        "O mesmo CPF está em registros de pessoas diferentes na conferência. Descubra de quem é o CPF.",
        "n.cpf_is_of_several",
    )
    CPF_OF_ANOTHER = (
        "O CPF já é, no cadastro, de alguém com outro nome ou nascimento. Confira o CPF.",
        f"""n.cpf <> '' AND EXISTS (SELECT FROM beneficiaries_person person
                    WHERE person.operator_id = %(operator)s AND person.cpf = n.cpf
                      AND (person.birth_date <> n.birth_date
                           OR CASE WHEN {_named("n")} AND {_named("person")}
                                   THEN name_without_particles(person.name_key) <> name_without_particles(n.name_key)
                                   ELSE {_told_apart("dn")} OR {_told_apart("sex")} END))""",
    )
    NAMESAKE = (
        "Já há no cadastro alguém de mesmo nome e nascimento, com outro CPF ou sem ele. Confira se é a mesma pessoa.",
        """n.person_id IS NULL AND EXISTS (SELECT FROM beneficiaries_person person
                    WHERE person.operator_id = %(operator)s AND person.name_key = n.name_key
                      AND person.birth_date = n.birth_date AND person.cpf IS DISTINCT FROM nullif(n.cpf, ''))""",
    )
    """Asked last: of those whom nobody known is proven to be."""

    def __init__(self, sentence: str, condition: str) -> None:
        self.sentence = sentence
        self.condition = condition


CREATE = f"""
    DROP TABLE IF EXISTS newcomers;
    CREATE TEMP TABLE newcomers ON COMMIT DROP AS
    SELECT {", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items())},
           ''::text AS hold, ''::text AS key, NULL::bigint AS person_id, false AS is_known, false AS is_doubtful
      FROM ({{rows}}) AS row
"""
"""``rows`` is SQL that gives the columns."""

_WHOSE = "CASE WHEN n.cpf <> '' THEN 'cpf ' || n.cpf ELSE 'cco ' || n.cco END"
_FIRST_ASKED = [hold for hold in HoldReason if hold is not HoldReason.NAMESAKE]

WEIGH = f"""
    UPDATE newcomers target SET
           key = {_WHOSE},
           hold = CASE {" ".join(f"WHEN {hold.condition} THEN '{hold.name}'" for hold in _FIRST_ASKED)} ELSE '' END
      FROM (SELECT n.*,
                   row_number() OVER (PARTITION BY ltrim(n.code, '0')
                                      ORDER BY n.is_active DESC, n.updated_on DESC NULLS LAST, n.cco) AS code_place,
                   n.cpf <> '' AND (min(n.birth_date) OVER cpf <> max(n.birth_date) OVER cpf
                                    OR min(n.named) OVER cpf <> max(n.named) OVER cpf) AS cpf_is_of_several
              FROM (SELECT n.*, CASE WHEN {_named("n")} THEN name_without_particles(n.name_key) END AS named
                      FROM newcomers n) AS n
            WINDOW cpf AS (PARTITION BY n.cpf)) AS n
     WHERE target.cco = n.cco
"""
"""One person: the same CPF; else each a person of its own, until JOIN."""

NEWBORNS = f"""
    UPDATE newcomers target SET hold = '{HoldReason.CPF_CONTRADICTS.name}'
      FROM (SELECT DISTINCT n.cpf
              FROM newcomers n JOIN newcomers other ON other.cpf = n.cpf AND other.cco <> n.cco
             WHERE n.cpf <> '' AND NOT {_named("n")}
               AND ({_told_apart("dn", other="other")} OR {_told_apart("sex", other="other")}
                    OR {_are_siblings("n", "other")})) AS several
     WHERE target.cpf = several.cpf AND target.hold = ''
"""
"""Newborns are written with their mother's CPF: with a name unknown it proves less."""

_TOLD_ONCE = " AND ".join(
    f"max(n.{told}) = coalesce(min(nullif(n.{told}, '')), '')" for told in ("cpf", "sex", "dn", "pis_pasep", "cns")
)
_SAME_RECORD = "(name_key, birth_date, mother_key)"

JOIN = f"""
    WITH alike AS MATERIALIZED (
        SELECT n.name_key, n.birth_date, n.mother_key, max(n.cpf) AS cpf, {_TOLD_ONCE} AS nothing_contradicts
          FROM newcomers n
         WHERE n.hold = '' AND {_named("n")} AND {_named("n", "mother_key")}
         GROUP BY n.name_key, n.birth_date, n.mother_key
        HAVING count(*) > 1 AND bool_or(n.cpf = '')
    ), siblings AS MATERIALIZED (
        SELECT DISTINCT name_key, birth_date, mother_key
          FROM alike JOIN newcomers one USING {_SAME_RECORD} JOIN newcomers other USING {_SAME_RECORD}
         WHERE one.hold = '' AND other.hold = '' AND one.cco < other.cco AND {_are_siblings("one", "other")}
    ), judged AS (
        SELECT alike.*, alike.nothing_contradicts AND siblings.name_key IS NULL AS are_one
          FROM alike LEFT JOIN siblings USING {_SAME_RECORD}
    )
    UPDATE newcomers n
       SET is_doubtful = NOT are_one,
           key = CASE WHEN NOT are_one THEN n.key
                      WHEN judged.cpf <> '' THEN 'cpf ' || judged.cpf
                      ELSE 'name ' || n.birth_date || ' ' || n.name_key || ' ' || n.mother_key END
      FROM judged
     WHERE n.hold = '' AND n.name_key = judged.name_key AND n.birth_date = judged.birth_date
       AND n.mother_key = judged.mother_key
"""
"""Records of which one lacks a CPF: one person where real name, birth and real mother are equal and nothing says no."""

KNOWN_BY_CPF = """
    UPDATE newcomers n SET person_id = person.id, is_known = true
      FROM beneficiaries_person person
     WHERE n.hold = '' AND n.cpf <> '' AND person.operator_id = %(operator)s AND person.cpf = n.cpf
"""
"""Whoever has the CPF under another name or birth is held by now."""

KNOWN_BY_NAME = f"""
    UPDATE newcomers n SET person_id = proven.person_id, is_known = true
      FROM (SELECT n.cco, min(person.id) AS person_id
              FROM newcomers n
              JOIN beneficiaries_person person
                ON person.operator_id = %(operator)s AND person.name_key = n.name_key
               AND person.birth_date = n.birth_date AND (n.cpf = '' OR person.cpf IS NULL)
              LEFT JOIN beneficiaries_cnsnumber number ON number.person_id = person.id AND number.ended_at IS NULL
             WHERE n.hold = '' AND n.person_id IS NULL AND NOT n.is_doubtful
               AND {_named("n")} AND {_named("n", "mother_key")}
               AND name_without_particles(fold_name(person.mother_name)) = n.mother_key
               AND NOT ({" OR ".join(_told_apart(told) for told in ("sex", "dn", "pis_pasep"))}
                        OR n.cns <> '' AND coalesce(number.number, n.cns) <> n.cns)
             GROUP BY n.cco
            HAVING count(*) = 1) AS proven
     WHERE n.cco = proven.cco
"""
NAMESAKES = f"""
    UPDATE newcomers n SET hold = '{HoldReason.NAMESAKE.name}' WHERE n.hold = '' AND {HoldReason.NAMESAKE.condition}
"""
NUMBERED = """
    UPDATE newcomers n SET person_id = fresh.id
      FROM (SELECT key, nextval(pg_get_serial_sequence('beneficiaries_person', 'id')) AS id
              FROM (SELECT DISTINCT key FROM newcomers WHERE hold = '' AND person_id IS NULL) AS keys) AS fresh
     WHERE n.key = fresh.key AND n.hold = '' AND n.person_id IS NULL
"""
PEOPLE = f"""
    INSERT INTO beneficiaries_person
           (id, operator_id, cpf, name, name_key, social_name, sex, birth_date, mother_name, pis_pasep, dn, email,
            phone, street, number, complement, district, city_code, postal_code, created_at, updated_at)
    SELECT DISTINCT ON (person_id)
           person_id, %(operator)s, nullif(max(cpf) OVER (PARTITION BY person_id), ''), left(name, 150),
           left(name_key, 150), '', sex, birth_date,
           left(mother_name, 150), left(pis_pasep, 11), left(dn, 11), '', '', left(street, 100), left(number, 10),
           left(complement, 50), left(district, 60), left(city_code, 6), left(postal_code, 8), now(), now()
      FROM newcomers WHERE hold = '' AND NOT is_known
     ORDER BY person_id, {_named("newcomers")} DESC, is_active DESC, updated_on DESC NULLS LAST, cco
"""
"""Of several records of one person the active and newest that names her describes her."""

LINKS = """
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
"""
HOLDERS = """
    UPDATE beneficiaries_beneficiary link SET holder_id = holder.id
      FROM newcomers n JOIN beneficiaries_beneficiary holder
        ON holder.operator_id = %(operator)s AND holder.cco = n.holder_cco AND holder.relationship = '1'
     WHERE n.hold = '' AND n.relationship <> '1' AND n.holder_cco <> ''
       AND link.operator_id = %(operator)s AND link.cco = n.cco
"""
NUMBERS = """
    SELECT DISTINCT ON (person_id) person_id, cns AS number, 'A' AS tier,
           jsonb_build_object('tier', 'A', 'reason', %(reason)s::text, 'cco', cco, 'file', %(file)s::bigint,
                              'comparison', '[]'::jsonb) AS evidence
      FROM (SELECT n.*, min(cns) OVER whom <> max(cns) OVER whom AS has_several
              FROM newcomers n WHERE hold = '' AND is_active AND cns <> ''
            WINDOW whom AS (PARTITION BY person_id)) AS n
     WHERE NOT has_several
     ORDER BY person_id, cco
"""
"""Active records alone prove a number, and only where all of one person say the same."""

COUNTS = """
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
"""
