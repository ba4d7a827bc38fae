"""A registry of any size by COPY, equal to what the import makes of the same rows; a test holds the two together.

The rows must be good ones: nothing is checked but what the database checks.
"""

import re
from pathlib import Path

from django.db import connection, transaction

from bench.files import COLUMNS


@transaction.atomic
def fill(operator_id: int, table: Path) -> None:
    """Take in the rows of ``bench.files.registry_file``; the registry is empty before."""
    told = ", ".join(f'"{column}"' for column in COLUMNS)
    with connection.cursor() as cursor, table.open("rb") as rows:
        cursor.execute(_TOLD.format(told.replace(",", " text,")))
        cursor.copy_expert(f"COPY told ({told}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({told}))", rows)
        cursor.execute("ANALYZE told")
        for statement in _STATEMENTS:
            cursor.execute(statement, {"operator": operator_id})
            if cursor.rowcount:  # else the next one would be planned for tables as empty as those of the run before
                cursor.execute(f"ANALYZE {_table(statement)}")


def _table(statement: str) -> str:
    found = _TABLE.search(statement)
    assert found  # noqa: S101  (each writes to one)
    return found[1]


def settle() -> None:
    """What a database does by itself once it is left alone for a minute."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_TABLE = re.compile(r"(?:INTO|UPDATE) (\w+)")
_TOLD = """
    CREATE TEMP TABLE told (
        row bigint GENERATED ALWAYS AS IDENTITY,
        person text GENERATED ALWAYS AS (
            CASE WHEN cpf <> '' THEN cpf ELSE name_key || '|' || "dataNascimento" || '|' || "nomeMae" END) STORED,
        {} text
    ) ON COMMIT DROP
"""
_PLANS = """
    INSERT INTO beneficiaries_plan (operator_id, ans_number, operator_code, name, segmentation, accommodation,
                                    coverage_area, contracting, regulation)
    SELECT DISTINCT %(operator)s, "numeroPlanoANS",
           CASE WHEN "numeroPlanoANS" = '' THEN "numeroPlanoOperadora" ELSE '' END,
           "nomePlano", segmentacao, acomodacao, abrangencia, '', regulamentacao
      FROM told
"""
_COMPANIES = """
    INSERT INTO beneficiaries_company (operator_id, cnpj, legal_name, trade_name)
    SELECT DISTINCT %(operator)s, "cnpjEmpresaContratante", "razaoSocialContratante", "nomeFantasiaContratante"
      FROM told WHERE "cnpjEmpresaContratante" <> ''
"""
_ADMINISTRATORS = """
    INSERT INTO beneficiaries_administrator (operator_id, cnpj, legal_name, trade_name)
    SELECT DISTINCT %(operator)s, "cnpjAdministradora", "razaoSocialAdministradora", "nomeFantasiaAdministradora"
      FROM told WHERE "cnpjAdministradora" <> ''
"""
_CONTRACTS = """
    INSERT INTO beneficiaries_contract (operator_id, number, company_id, administrator_id, kind, sole_trader,
           signed_on)
    SELECT DISTINCT %(operator)s, "numeroContrato", company.id, administrator.id, contratacao,
           "empresarioIndividual" = 'S', "dataAssinaturaContrato"::date
      FROM told
      LEFT JOIN beneficiaries_company company
        ON company.operator_id = %(operator)s AND company.cnpj = "cnpjEmpresaContratante"
      LEFT JOIN beneficiaries_administrator administrator
        ON administrator.operator_id = %(operator)s AND administrator.cnpj = "cnpjAdministradora"
"""
_PEOPLE = """
    INSERT INTO beneficiaries_person (operator_id, cpf, name, name_key, social_name, sex, birth_date, mother_name,
           pis_pasep, dn, email, phone, street, number, complement, district, city_code, postal_code, created_at,
           updated_at)
    SELECT %(operator)s, NULLIF(cpf, ''), nome, name_key, "nomeSocial", sexo, "dataNascimento"::date, "nomeMae",
           "pisPasep", dn, email, telefone, logradouro, numero, complemento, bairro, "codigoMunicipio", cep,
           now(), now()
      FROM (SELECT DISTINCT ON (person) * FROM told ORDER BY person, row) AS first
     ORDER BY row
"""
_LINKS = """
    INSERT INTO beneficiaries_beneficiary (operator_id, person_id, code, cco, plan_id, contract_id, relationship,
           contracted_on, cover_from, cpt_until, cancelled_on, cancellation_reason, created_at, updated_at)
    SELECT %(operator)s, person.id, told."codigoBeneficiario", told.cco, plan.id, contract.id,
           told."relacaoDependencia", told."dataContratacao"::date, told."dataInicioCobertura"::date,
           NULLIF(told."dataFimCPT", '')::date, NULLIF(told."dataCancelamento", '')::date,
           told."motivoCancelamento", now(), now()
      FROM told
      JOIN (SELECT id, COALESCE(cpf, name_key || '|' || birth_date || '|' || mother_name) AS key
              FROM beneficiaries_person WHERE operator_id = %(operator)s) AS person ON person.key = told.person
      JOIN beneficiaries_plan plan
        ON plan.operator_id = %(operator)s AND plan.ans_number = told."numeroPlanoANS"
       AND (plan.ans_number <> '' OR plan.operator_code = told."numeroPlanoOperadora")
      JOIN beneficiaries_contract contract
        ON contract.operator_id = %(operator)s AND contract.number = told."numeroContrato"
     ORDER BY told.row
"""
_HOLDERS = """
    UPDATE beneficiaries_beneficiary dependant
       SET holder_id = holder.id
      FROM told
      JOIN beneficiaries_beneficiary holder
        ON holder.operator_id = %(operator)s AND holder.code = told."codigoBeneficiarioTitular"
     WHERE dependant.operator_id = %(operator)s AND dependant.code = told."codigoBeneficiario"
       AND told."codigoBeneficiarioTitular" NOT IN ('', told."codigoBeneficiario")
"""
_WAITING = """
    INSERT INTO beneficiaries_waitingperiod (operator_id, beneficiary_id, "group", amount, unit, ends_on)
    SELECT %(operator)s, link.id, "group", split_part(term, ' ', 1)::smallint, split_part(term, ' ', 2), ends_on::date
      FROM told
     CROSS JOIN LATERAL (VALUES ('A', "carenciaAmbulatorial", "fimCarenciaAmbulatorial"),
                                ('H', "carenciaHospitalar", "fimCarenciaHospitalar"),
                                ('P', "carenciaParto", "fimCarenciaParto"),
                                ('O', "carenciaOdontologica", "fimCarenciaOdontologica")
                        ) AS period ("group", term, ends_on)
      JOIN beneficiaries_beneficiary link
        ON link.operator_id = %(operator)s AND link.code = told."codigoBeneficiario"
     WHERE term <> ''
     ORDER BY told.row
"""
_EVENTS = """
    INSERT INTO operators_auditevent (operator_id, at, kind, actor_label, source, request_id, subject, subject_id,
           person_id, data, personal)
    SELECT operator_id, now(), 'person.created', 'sistema', 'import', '', 'person', id, id, '{}', '{}'
      FROM beneficiaries_person WHERE operator_id = %(operator)s ORDER BY id
"""
_STATEMENTS = (
    _PLANS, _COMPANIES, _ADMINISTRATORS, _CONTRACTS, _PEOPLE, _LINKS, _HOLDERS, _WAITING, _EVENTS,
)  # fmt: skip
