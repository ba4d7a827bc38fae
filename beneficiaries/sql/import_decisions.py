"""SQL of a file's rows while they are taken in: what each means for the registry, decided and written by sets.

``intake`` holds the rows as they were read, wide, with the names of the file's columns. ``decided`` holds what becomes
of each, narrow. Most rows are plain: ``same`` as the registry, ``new``, or of a known person of whom something is to
be ``mended``. The others are ``looked`` at one by one (ambiguous_rows); so are all rows of a
group (one person, one CPF, one name and birth) of which one has to be.
"""

from beneficiaries.domain.csv_columns import COLUMNS, DAYS, NULLABLE, PARTY_COLUMNS, WAITING
from beneficiaries.domain.person_columns import LINK_COLUMNS, PERSON_COLUMNS

TEXT_DEFAULT = "text NOT NULL DEFAULT ''"


def _type(column: str) -> str:
    return "date" if column in DAYS else "text" if column in NULLABLE else TEXT_DEFAULT


CREATE = f"""
    DROP TABLE IF EXISTS intake, decided, anchors, groups, looked;
    CREATE TEMP TABLE intake (
        line integer PRIMARY KEY, name_key {TEXT_DEFAULT}, holder_code {TEXT_DEFAULT}, anchor bigint,
        problems {TEXT_DEFAULT}, original text, {", ".join(f'"{column}" {_type(column)}' for column in COLUMNS)}
    ) ON COMMIT DROP
"""
LOOKED = f"""
    CREATE TEMP TABLE looked (
        line integer, result text, notes text, person_id bigint, link_id bigint, changes jsonb
    ) ON COMMIT DROP;
    CREATE TEMP TABLE anchors (
        anchor bigint, own_contract bigint, line integer, plan_id bigint, contract_id bigint, problem {TEXT_DEFAULT}
    ) ON COMMIT DROP
"""

CONTRACT_COLUMNS = tuple(
    column
    for column in COLUMNS
    if column not in {*PERSON_COLUMNS, *LINK_COLUMNS, *WAITING, *(end for _, end in WAITING.values())}
    and column not in {"codigoBeneficiario", "codigoBeneficiarioTitular", "cns"}
)
"""What a row tells of the plan, the contract and the companies that its link hangs on."""
KEYS = {"numeroPlanoANS", "numeroPlanoOperadora", *PARTY_COLUMNS}
"""Which say whose they are, and nothing of them."""
_OF_THE_PLAN = {"numeroPlanoANS", "numeroPlanoOperadora", "nomePlano", "segmentacao", "acomodacao", "abrangencia"}


def _is_told(column: str) -> str:
    return f's."{column}" IS NOT NULL' if column in NULLABLE else f"s.\"{column}\" <> ''"


_TELLS_OF_CONTRACT = " OR ".join(_is_told(column) for column in CONTRACT_COLUMNS if column not in _OF_THE_PLAN)

DECIDED = f"""
    CREATE TEMP TABLE decided ON COMMIT DROP AS
    SELECT s.line, s."codigoBeneficiario" AS code, s.cpf, s.cco, s.name_key, s."dataNascimento" AS birth_date,
           s.anchor, CASE WHEN {_TELLS_OF_CONTRACT} THEN link.contract_id END AS own_contract,
           link.id AS link_id, link.person_id, NULL::bigint AS plan_id, NULL::bigint AS contract_id,
           CASE WHEN s.problems = '' THEN '' ELSE 'rejected' END AS fate, false AS is_changed, false AS is_grouped,
           s.problems AS notes, NULL::jsonb AS person_changes, NULL::jsonb AS link_changes
      FROM intake s
      LEFT JOIN beneficiaries_beneficiary link
        ON link.operator_id = %(operator)s AND link.code = s."codigoBeneficiario" AND s.problems = ''
"""

KEYED = "ALTER TABLE decided ADD PRIMARY KEY (line)"

REPEATED = """
    UPDATE decided d SET fate = 'rejected', notes = 'codigoBeneficiario: repete o da linha ' || found.first || '.'
      FROM (SELECT line, min(line) OVER (PARTITION BY code) AS first FROM decided WHERE fate = '') AS found
     WHERE d.line = found.line AND found.first <> d.line
"""
OTHER_BIRTH = """
    UPDATE decided d
       SET fate = 'rejected', notes = 'cpf: está na linha ' || found.first || ' com outra data de nascimento.'
      FROM (SELECT line, birth_date, first_value(line) OVER same AS first, first_value(birth_date) OVER same AS birth
              FROM decided WHERE fate = '' AND cpf IS NOT NULL WINDOW same AS (PARTITION BY cpf ORDER BY line)
           ) AS found
     WHERE d.line = found.line AND found.birth <> found.birth_date
"""

ANCHORS = """
    SELECT min(line) FROM decided WHERE fate = '' GROUP BY anchor, own_contract ORDER BY 1
"""
"""One line for all that tell the same of plan, contract and companies."""
ANCHOR_KEYS = """
    UPDATE anchors SET anchor = d.anchor, own_contract = d.own_contract FROM decided d WHERE d.line = anchors.line
"""
ANCHORED = """
    UPDATE decided d
       SET plan_id = a.plan_id, contract_id = a.contract_id, notes = a.problem,
           fate = CASE WHEN a.problem = '' THEN d.fate ELSE 'rejected' END
      FROM anchors a
     WHERE d.fate = '' AND d.anchor = a.anchor AND d.own_contract IS NOT DISTINCT FROM a.own_contract
"""

DESCRIBED = """
    DROP TABLE IF EXISTS described;
    CREATE TEMP TABLE described (line integer, has_told boolean, notes text) ON COMMIT DROP
"""
_DESCRIBES = " OR ".join(_is_told(column) for column in CONTRACT_COLUMNS if column not in KEYS)
DESCRIPTIONS = f"""
    SELECT min(d.line) FROM decided d JOIN intake s ON s.line = d.line
     WHERE d.fate <> 'rejected' AND ({_DESCRIBES}) GROUP BY d.anchor, d.own_contract ORDER BY 1
"""
NOTE_DESCRIBED = """
    UPDATE decided d
       SET is_changed = d.is_changed OR one.has_told AND one.line = d.line,
           notes = concat_ws(' ', nullif(d.notes, ''), nullif(one.notes, ''))
      FROM described one JOIN decided said ON said.line = one.line
     WHERE d.fate <> 'rejected' AND d.anchor = said.anchor AND d.own_contract IS NOT DISTINCT FROM said.own_contract
       AND (one.has_told OR one.notes <> '')
"""

ROWS = f"""
    SELECT s.line, {", ".join(f's."{column}"' for column in COLUMNS)}
      FROM intake s WHERE s.line = ANY (%(lines)s) ORDER BY s.line
"""

GROUPED = """
    UPDATE decided d SET is_grouped = true
      FROM (SELECT line, count(*) OVER (PARTITION BY name_key, birth_date) AS of_name,
                   CASE WHEN cpf IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY cpf) END AS of_cpf,
                   CASE WHEN cco IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY cco) END AS of_cco,
                   CASE WHEN person_id IS NULL THEN 1 ELSE count(*) OVER (PARTITION BY person_id) END AS of_person
              FROM decided WHERE fate = '') AS found
     WHERE d.line = found.line AND (of_name > 1 OR of_cpf > 1 OR of_cco > 1 OR of_person > 1)
"""
"""Rows that may be about one person, or want one CCO: decided together."""


def _tells_otherwise(column: str, stored: str) -> str:
    return f'({_is_told(column)} AND s."{column}" IS DISTINCT FROM {stored})'


_PERSON_DIFFERS = " OR ".join(_tells_otherwise(column, f"p.{name}") for column, name in PERSON_COLUMNS.items())
_IS_REACTIVATED = 's."dataReativacao" IS NOT NULL AND s."dataCancelamento" IS NULL AND link.cancelled_on IS NOT NULL'
_ENDS_BEFORE_IT_CAME_BACK = '(s."dataReativacao" IS NULL AND s."dataCancelamento" < link.reactivated_on) IS TRUE'
_LINK_DIFFERS = " OR ".join(
    (
        "d.plan_id IS DISTINCT FROM link.plan_id",
        "d.contract_id IS NOT NULL AND d.contract_id IS DISTINCT FROM link.contract_id",
        _IS_REACTIVATED,
        *(_tells_otherwise(column, f"link.{name}") for column, name in LINK_COLUMNS.items()),
    )
)


def _waiting_differs(column: str, group: str, end: str) -> str:
    term, ends = f's."{column}"', f's."{end}"'
    return (
        f"({term} = '0' AND w.\"{group}\" IS NOT NULL OR {term} NOT IN ('', '0') AND "
        f'({term} IS DISTINCT FROM w."{group}" OR {ends} IS NOT NULL AND {ends} IS DISTINCT FROM w."ends_{group}"))'
    )


_WAITING_DIFFERS = " OR ".join(_waiting_differs(column, group, end) for column, (group, end) in WAITING.items())
_WAITING_BY_GROUP = ", ".join(
    f"max(amount || ' ' || unit) FILTER (WHERE \"group\" = '{group}') AS \"{group}\", "
    f'max(ends_on) FILTER (WHERE "group" = \'{group}\') AS "ends_{group}"'
    for group, _ in WAITING.values()
)
KNOWN = f"""
    FROM intake s, beneficiaries_beneficiary link
    JOIN beneficiaries_person p ON p.id = link.person_id
    LEFT JOIN (SELECT beneficiary_id, {_WAITING_BY_GROUP} FROM beneficiaries_waitingperiod
                WHERE operator_id = %(operator)s AND %(has_waiting)s
                  AND beneficiary_id IN (SELECT link_id FROM decided) GROUP BY beneficiary_id) AS w
      ON w.beneficiary_id = link.id
   WHERE d.fate = '' AND s.line = d.line AND link.id = d.link_id
"""
SAME = f"""
    UPDATE decided d SET fate = 'same' {KNOWN}
       AND NOT ({_PERSON_DIFFERS} OR {_LINK_DIFFERS} OR {_WAITING_DIFFERS})
"""

_START = 'coalesce(s."dataInicioCobertura", s."dataReativacao", s."dataContratacao")'
NEW = f"""
    UPDATE decided d
       SET fate = 'new', person_id = nextval(pg_get_serial_sequence('beneficiaries_person', 'id')),
           link_id = nextval(pg_get_serial_sequence('beneficiaries_beneficiary', 'id'))
      FROM intake s
     WHERE d.fate = '' AND s.line = d.line AND d.link_id IS NULL AND NOT d.is_grouped
       AND (s."dataFimCPT" IS NULL OR s."dataFimCPT" BETWEEN {_START} AND {_START} + interval '24 months')
       AND NOT EXISTS (SELECT FROM beneficiaries_person p
                        WHERE p.operator_id = %(operator)s AND p.cpf = d.cpf)
       AND NOT EXISTS (SELECT FROM beneficiaries_person p
                        WHERE p.operator_id = %(operator)s AND p.name_key = d.name_key AND p.birth_date = d.birth_date)
       AND NOT EXISTS (SELECT FROM beneficiaries_beneficiary other
                        WHERE other.operator_id = %(operator)s AND other.cco = d.cco)
"""

_DOUBTFUL_LINK = ("cco", "dataReativacao", "dataInicioCobertura", "dataFimCPT")


def _changes(columns: dict[str, str], stored: str, *more: str) -> str:
    values = [
        f"('{name}', to_jsonb({stored}.{name}), CASE WHEN {_is_told(column)} THEN to_jsonb(s.\"{column}\") END)"
        for column, name in columns.items()
    ]
    return f"""
        (SELECT jsonb_build_object('fields', jsonb_agg(field ORDER BY field), 'before', jsonb_object_agg(field, before),
                                   'after', jsonb_object_agg(field, after))
           FROM (VALUES {", ".join((*values, *more))}) AS change (field, before, after)
          WHERE after IS NOT NULL AND after IS DISTINCT FROM before HAVING count(*) > 0)"""


MENDED = f"""
    UPDATE decided d SET fate = 'mended',
           person_changes = {_changes(PERSON_COLUMNS, "p")},
           link_changes = {
    _changes(
        LINK_COLUMNS,
        "link",
        "('plan_id', to_jsonb(link.plan_id), to_jsonb(d.plan_id))",
        "('contract_id', to_jsonb(link.contract_id), to_jsonb(d.contract_id))",
    )
}
           {KNOWN}
       AND NOT d.is_grouped AND (s.cpf IS NULL OR s.cpf = p.cpf) AND p.birth_date = s."dataNascimento"
       AND p.name_key = s.name_key AND (s."nomeMae" IN ('', p.mother_name) OR p.mother_name = '')
       AND NOT ({" OR ".join(_tells_otherwise(column, f"link.{LINK_COLUMNS[column]}") for column in _DOUBTFUL_LINK)})
       AND NOT ({_IS_REACTIVATED}) AND NOT {_ENDS_BEFORE_IT_CAME_BACK} AND NOT ({_WAITING_DIFFERS})
"""

LOOK = "UPDATE decided SET fate = 'look' WHERE fate = ''"
LOOK_TOGETHER = """
    UPDATE decided d SET fate = 'look', person_changes = NULL, link_changes = NULL
      FROM decided other
     WHERE d.fate = 'same' AND d.is_grouped AND other.fate = 'look' AND other.is_grouped AND {same}
"""
ONE_GROUP = (
    "d.cco = other.cco",
    "d.person_id = other.person_id",
    "d.cpf = other.cpf",
    "d.name_key = other.name_key AND d.birth_date = other.birth_date",
)

LOCK_PEOPLE = """
    WITH concerned AS (
        SELECT d.person_id FROM decided d WHERE d.fate IN ('look', 'mended')
         UNION
        SELECT p.id FROM decided d
          JOIN beneficiaries_person p ON p.operator_id = %(operator)s AND p.cpf = d.cpf WHERE d.fate = 'look'
         UNION
        SELECT p.id FROM decided d
          JOIN beneficiaries_person p
            ON p.operator_id = %(operator)s AND p.name_key = d.name_key AND p.birth_date = d.birth_date
         WHERE d.fate = 'look'
         UNION
        SELECT d.person_id FROM decided d
          JOIN intake s ON s.line = d.line AND s.cns <> ''
          LEFT JOIN beneficiaries_cnsnumber held
            ON held.person_id = d.person_id AND held.number = s.cns AND held.ended_at IS NULL
         WHERE d.fate = 'same' AND held.id IS NULL
    )
    SELECT count(*)
      FROM (SELECT p.id FROM beneficiaries_person p JOIN concerned ON concerned.person_id = p.id
             ORDER BY p.id FOR NO KEY UPDATE OF p) AS locked
"""
"""All at once whom the import may write to, in the order in which everybody locks people."""
