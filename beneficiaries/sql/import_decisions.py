"""Statements over a file's rows while they are taken in, made of the tables of columns and of import_decisions.sql."""

from collections.abc import Mapping

from beneficiaries.domain.csv_columns import COLUMNS, DAYS, NULLABLE, PARTY_COLUMNS, WAITING
from beneficiaries.domain.person_columns import LINK_COLUMNS, PERSON_COLUMNS
from beneficiaries.sql.intake_columns import any_differs, any_has_value, has_value, values_of
from cnsportal.db.sql_files import read_statements

_SQL = read_statements("beneficiaries/sql/import_decisions.sql")


def _type(column: str) -> str:
    return "date" if column in DAYS else "text" if column in NULLABLE else "text NOT NULL DEFAULT ''"


CREATE = _SQL["create"].format(columns=", ".join(f'"{column}" {_type(column)}' for column in COLUMNS))
LOOKED = _SQL["looked"]
HAS_WAITING = _SQL["has_waiting"].format(describes_waiting=any_has_value(WAITING))

CONTRACT_COLUMNS = tuple(
    column
    for column in COLUMNS
    if column not in {*PERSON_COLUMNS, *LINK_COLUMNS, *WAITING, *(end for _, end in WAITING.values())}
    and column not in {"codigoBeneficiario", "codigoBeneficiarioTitular", "cns"}
)
"""What a row tells of the plan, the contract and the companies that its link hangs on."""
_KEYS = {"numeroPlanoANS", "numeroPlanoOperadora", *PARTY_COLUMNS}
"""Which say whose they are, and nothing of them."""
_OF_THE_PLAN = {"numeroPlanoANS", "numeroPlanoOperadora", "nomePlano", "segmentacao", "acomodacao", "abrangencia"}

DECIDED = _SQL["decided"].format(
    describes_contract=any_has_value(column for column in CONTRACT_COLUMNS if column not in _OF_THE_PLAN)
)
KEYED = _SQL["keyed"]
REPEATED = _SQL["repeated"]
OTHER_BIRTH = _SQL["other_birth"]

ANCHORS = _SQL["anchors"]
ANCHOR_KEYS = _SQL["anchor_keys"]
ANCHORED = _SQL["anchored"]

DESCRIBED = _SQL["described"]
DESCRIPTIONS = _SQL["descriptions"].format(
    describes=any_has_value(column for column in CONTRACT_COLUMNS if column not in _KEYS)
)
NOTE_DESCRIBED = _SQL["note_described"]

ROWS = _SQL["rows"].format(values=values_of(COLUMNS))
GROUPED = _SQL["grouped"]


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
SAME = _SQL["same"].format(
    waiting_by_group=_WAITING_BY_GROUP,
    person_differs=any_differs(PERSON_COLUMNS, "p"),
    link_differs=any_differs(LINK_COLUMNS, "link"),
    waiting_differs=_WAITING_DIFFERS,
)
NEW = _SQL["new"]

_DOUBTFUL_LINK = ("cco", "dataReativacao", "dataInicioCobertura", "dataFimCPT")


def _changes(columns: Mapping[str, str], stored: str, *more: str) -> str:
    fields = (
        f"('{name}', to_jsonb({stored}.{name}), CASE WHEN {has_value(column)} THEN to_jsonb(s.\"{column}\") END)"
        for column, name in columns.items()
    )
    return _SQL["changes"].format(fields=", ".join((*fields, *more)))


MENDED = _SQL["mended"].format(
    waiting_by_group=_WAITING_BY_GROUP,
    person_changes=_changes(PERSON_COLUMNS, "p"),
    link_changes=_changes(
        LINK_COLUMNS,
        "link",
        "('plan_id', to_jsonb(link.plan_id), to_jsonb(d.plan_id))",
        "('contract_id', to_jsonb(link.contract_id), to_jsonb(d.contract_id))",
    ),
    is_doubtful=any_differs({column: LINK_COLUMNS[column] for column in _DOUBTFUL_LINK}, "link"),
    waiting_differs=_WAITING_DIFFERS,
)

LOOK = _SQL["look"]
LOOK_TOGETHER = _SQL["look_together"]
ONE_GROUP = (
    "d.cco = other.cco",
    "d.person_id = other.person_id",
    "d.cpf = other.cpf",
    "d.name_key = other.name_key AND d.birth_date = other.birth_date",
)
LOCK_PEOPLE = _SQL["lock_people"]
TAKE_OUTCOMES = _SQL["take_outcomes"]
