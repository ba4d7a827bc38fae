"""People and links that the registry does not know yet, brought as rows of a table: what must wait, and why. Pure text.

The table ``newcomers`` has the columns of ``COLUMNS``; ``WEIGH`` fills ``hold`` with the name of a Hold where the row
must wait, ``key`` with whom it is about, and leaves the rest to beneficiaries.services.founding.
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
    "relationship": "text",
    "holder_cco": "text",
    "contracted_on": "date",
    "first_contracted_on": "date",
    "reactivated_on": "date",
    "cancelled_on": "date",
    "cancellation_reason": "text",
}
"""Name and type of each."""


def _check_digit(weights: range, at: int) -> str:
    digits = " + ".join(
        f"{weight} * (ascii(substr(n.cpf, {place}, 1)) - 48)" for place, weight in enumerate(weights, 1)
    )
    return f"({digits}) * 10 % 11 % 10 = ascii(substr(n.cpf, {at}, 1)) - 48"


_VALID_CPF = (
    f"n.cpf ~ '^[0-9]{{11}}$' AND n.cpf <> repeat(left(n.cpf, 1), 11) "
    f"AND {_check_digit(range(10, 1, -1), 10)} AND {_check_digit(range(11, 1, -1), 11)}"
).replace("%", "%%")


@unique
class Hold(Enum):
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
        f"n.cpf <> '' AND NOT ({_VALID_CPF})",
    )
    CPF_CONTRADICTS = (
        "O mesmo CPF está em registros de pessoas diferentes na conferência. Descubra de quem é o CPF.",
        "n.cpf_is_of_several",
    )
    CPF_OF_ANOTHER = (
        "O CPF já é, no cadastro, de alguém com outro nome ou nascimento. Confira o CPF.",
        """n.cpf <> '' AND EXISTS (SELECT FROM beneficiaries_person person
                    WHERE person.operator_id = %(operator)s AND person.cpf = n.cpf
                      AND (person.birth_date <> n.birth_date OR person.name_key <> n.name_key))""",
    )
    NAMESAKE = (
        "Já há no cadastro alguém de mesmo nome e nascimento, com outro CPF ou sem ele. Confira se é a mesma pessoa.",
        """EXISTS (SELECT FROM beneficiaries_person person
                    WHERE person.operator_id = %(operator)s AND person.name_key = n.name_key
                      AND person.birth_date = n.birth_date AND person.cpf IS DISTINCT FROM nullif(n.cpf, ''))""",
    )

    def __init__(self, sentence: str, condition: str) -> None:
        self.sentence = sentence
        self.condition = condition


CREATE = f"""
    DROP TABLE IF EXISTS newcomers;
    CREATE TEMP TABLE newcomers ON COMMIT DROP AS
    SELECT {", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items())},
           ''::text AS hold, ''::text AS key, NULL::bigint AS person_id, false AS is_known
      FROM ({{rows}}) AS row
"""
"""``rows`` is SQL that gives the columns."""

_WHOSE = """
    CASE WHEN n.cpf <> '' THEN 'cpf ' || n.cpf
         WHEN n.mother_key <> '' THEN 'name ' || n.birth_date || ' ' || n.name_key || ' ' || n.mother_key
         ELSE 'cco ' || n.cco END
"""
"""One person: the same CPF; without one the same name, birth and mother; else a person of its own."""

WEIGH = f"""
    UPDATE newcomers target SET
           key = {_WHOSE},
           hold = CASE {" ".join(f"WHEN {hold.condition} THEN '{hold.name}'" for hold in Hold)} ELSE '' END
      FROM (SELECT n.*,
                   row_number() OVER (PARTITION BY ltrim(n.code, '0')
                                      ORDER BY n.is_active DESC, n.updated_on DESC NULLS LAST, n.cco) AS code_place,
                   n.cpf <> '' AND (min(n.birth_date) OVER cpf <> max(n.birth_date) OVER cpf
                                    OR min(n.name_key) OVER cpf <> max(n.name_key) OVER cpf) AS cpf_is_of_several
              FROM newcomers n WINDOW cpf AS (PARTITION BY n.cpf)) AS n
     WHERE target.cco = n.cco
"""

KNOWN = """
    UPDATE newcomers n SET person_id = person.id, is_known = true
      FROM beneficiaries_person person
     WHERE n.hold = '' AND person.operator_id = %(operator)s AND person.name_key = n.name_key
       AND person.birth_date = n.birth_date
       AND (n.cpf <> '' AND person.cpf = n.cpf
            OR n.cpf = '' AND person.cpf IS NULL AND n.mother_key <> ''
               AND upper(translate(person.mother_name, '{accented}', '{plain}')) = n.mother_key)
"""
NUMBERED = """
    UPDATE newcomers n SET person_id = fresh.id
      FROM (SELECT key, nextval(pg_get_serial_sequence('beneficiaries_person', 'id')) AS id
              FROM (SELECT DISTINCT key FROM newcomers WHERE hold = '' AND person_id IS NULL) AS keys) AS fresh
     WHERE n.key = fresh.key AND n.hold = '' AND n.person_id IS NULL
"""
PEOPLE = """
    INSERT INTO beneficiaries_person
           (id, operator_id, cpf, name, name_key, social_name, sex, birth_date, mother_name, pis_pasep, dn, email,
            phone, street, number, complement, district, city_code, postal_code, cns_pending, created_at, updated_at)
    SELECT DISTINCT ON (person_id)
           person_id, %(operator)s, nullif(cpf, ''), left(name, 150), left(name_key, 150), '', sex, birth_date,
           left(mother_name, 150), left(pis_pasep, 11), left(dn, 11), '', '', left(street, 100), left(number, 10),
           left(complement, 50), left(district, 60), left(city_code, 6), left(postal_code, 8), 'NEVER_ASKED',
           now(), now()
      FROM newcomers WHERE hold = '' AND NOT is_known
     ORDER BY person_id, is_active DESC, updated_on DESC NULLS LAST, cco
"""
"""Of several records of one person the active and newest describes her."""

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
                          WHERE contract.operator_id = %(operator)s AND company.cnpj = n.cnpj AND n.cnpj <> ''
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
           count(DISTINCT cnpj) FILTER (WHERE hold = '' AND cnpj <> ''),
           count(DISTINCT coalesce(nullif(plan_ans, ''), plan_code)) FILTER (WHERE hold = ''),
           count(DISTINCT key || cns) FILTER (WHERE hold = '' AND is_active AND cns <> ''),
           count(*) FILTER (WHERE hold = '' AND relationship <> '1' AND holder.cco IS NULL)
      FROM newcomers
      LEFT JOIN (SELECT cco FROM newcomers WHERE hold = ''
                  UNION
                 SELECT cco FROM beneficiaries_beneficiary WHERE operator_id = %(operator)s) AS holder
        ON holder.cco = newcomers.holder_cco
"""
