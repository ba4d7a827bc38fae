"""People and links that the registry does not know yet, brought as rows of a table: what must wait, and why. Pure text.

The table ``newcomers`` has the columns of ``COLUMNS``; the statements, and the rule, stand in onboarding.sql.
"""

from enum import Enum, unique

from cnsportal.db.sql_files import read_statements

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


@unique
class HoldReason(Enum):
    """Why a row must wait: the sentence for people. The conditions stand in onboarding.sql, in this order."""

    NO_CCO = "O registro não tem CCO. Peça a conferência de novo à ANS."
    NO_NAME = "Falta o nome. Cadastre a pessoa pela importação, com o nome certo."
    NO_BIRTH = "Falta a data de nascimento. Cadastre a pessoa pela importação."
    NO_RELATIONSHIP = "Falta a relação de dependência, ou ela não existe no SIB. Cadastre o vínculo pela importação."
    NO_CONTRACT_DATE = "Falta a data da contratação. Cadastre o vínculo pela importação."
    NO_PLAN = "Falta o número do plano na ANS e na operadora. Cadastre o vínculo pela importação."
    NO_CODE = "Falta o código do beneficiário. Cadastre o vínculo pela importação."
    CANCELLED_WITHOUT_A_DAY = "O registro está inativo, mas não diz desde quando. Cadastre o vínculo pela importação."
    CODE_TAKEN = "O código do beneficiário já é de outro vínculo do cadastro. Confira o código."
    CODE_REPEATED = "O código do beneficiário está em mais de um registro da conferência; valeu o mais recente."
    CPF_INVALID = (
        "O CPF não passa nos dígitos de conferência. Descubra o CPF certo e cadastre a pessoa pela importação."
    )
    CPF_CONTRADICTS = "O mesmo CPF está em registros de pessoas diferentes na conferência. Descubra de quem é o CPF."
    CPF_OF_ANOTHER = "O CPF já é, no cadastro, de alguém com outro nome ou nascimento. Confira o CPF."
    NAMESAKE = (
        "Já há no cadastro alguém de mesmo nome e nascimento, com outro CPF ou sem ele. Confira se é a mesma pessoa."
    )

    @property
    def sentence(self) -> str:
        return self.value


_SQL = read_statements("beneficiaries/sql/onboarding.sql")

CREATE = _SQL["create"].format(
    columns=", ".join(f"{name}::{kind} AS {name}" for name, kind in COLUMNS.items()), rows="{rows}"
)
"""``rows`` is SQL that gives the columns."""

WEIGH = _SQL["weigh"]
NEWBORNS = _SQL["newborns"]
JOIN = _SQL["join"]
KNOWN_BY_CPF = _SQL["known_by_cpf"]
KNOWN_BY_NAME = _SQL["known_by_name"]
NAMESAKES = _SQL["namesakes"]
COUNTS = _SQL["counts"]

NUMBERED = _SQL["numbered"]
PEOPLE = _SQL["people"]
CREATED = _SQL["created"]
PLANS = _SQL["plans"]
LINKS = _SQL["links"]
HOLDERS = _SQL["holders"]
NUMBERS = _SQL["numbers"]
