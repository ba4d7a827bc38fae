"""What RN 509/2022 (formerly RN 389/2015) has an operator tell a beneficiary, as data that changes by date.

Labels 1-14 are those of ANS's consumer page. From 15 on the content is well known and its legal wording is not, so
nothing else in the portal may repeat a label, a rule of applicability or a norm: they are read from here.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, unique


@unique
class Case(Enum):
    """Circumstances of a link that decide which items it needs; a link is in several at once."""

    INDIVIDUAL = "individual ou familiar"
    COMPANY = "coletivo empresarial"
    ADHESION = "coletivo por adesão"
    PRE_LAW = "anterior à Lei 9.656/1998, não adaptado"
    ADAPTED = "adaptado à Lei 9.656/1998"
    DENTAL = "só odontológico"
    OUTPATIENT = "sem cobertura hospitalar"


COLLECTIVE = frozenset({Case.COMPANY, Case.ADHESION})
WITHOUT_BED = frozenset({Case.DENTAL, Case.OUTPATIENT})


@unique
class Side(Enum):
    FRONT = "frente"
    BACK = "verso"


@unique
class Sensitivity(Enum):
    """PUBLIC says nothing of the person, PERSONAL identifies one, HEALTH lets a condition be inferred."""

    PUBLIC = "público"
    PERSONAL = "pessoal"
    HEALTH = "saúde"


@dataclass(frozen=True, slots=True)
class Item:
    key: str
    label: str  # as the norm puts it
    caption: str  # as it stands on the card, where 85.6 mm must hold everything
    number: int  # in the list of the componente cadastral; one number may take two entries
    side: Side
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    only: frozenset[Case] = frozenset()  # empty: everywhere
    never: frozenset[Case] = frozenset()
    required: bool = False  # no card without it; the others are printed when known
    mend: str = ""  # where the clerk gives it
    effective_from: date = date(2016, 1, 1)
    effective_until: date | None = None

    @property
    def norm(self) -> str:
        return f"RN 509/2022 (ex RN 389/2015), componente cadastral, item {self.number}"

    def applies(self, cases: frozenset[Case]) -> bool:
        return (not self.only or bool(self.only & cases)) and not self.never & cases

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_until is None or on < self.effective_until)


_PERSON = "no cadastro da pessoa"
_LINK = "no vínculo do beneficiário"
_PLAN = "no cadastro do plano"
_OPERATOR = "nos dados da operadora"
_COMPANY = "no cadastro da empresa contratante"
_FRONT, _BACK = Side.FRONT, Side.BACK
_PERSONAL, _HEALTH = Sensitivity.PERSONAL, Sensitivity.HEALTH

CATALOGUE: tuple[Item, ...] = (
    Item("name", "Nome do beneficiário", "Nome", 1, _FRONT, _PERSONAL, required=True, mend=_PERSON),
    Item("social_name", "Nome social do beneficiário", "Nome social", 1, _FRONT, _PERSONAL, mend=_PERSON),
    Item(
        "birth_date",
        "Data de nascimento do beneficiário",
        "Nascimento",
        2,
        _FRONT,
        _PERSONAL,
        required=True,
        mend=_PERSON,
    ),
    Item(
        "cns",
        "Número do Cartão Nacional de Saúde (CNS) do beneficiário",
        "Cartão Nacional de Saúde (CNS)",
        3,
        _FRONT,
        _PERSONAL,
        required=True,
        mend="na página da pessoa, consultando o DATASUS",
    ),
    Item(
        "code",
        "Número da matrícula do beneficiário no plano privado de assistência à saúde",
        "Matrícula",
        4,
        _FRONT,
        _PERSONAL,
        required=True,
        mend=_LINK,
    ),
    Item(
        "registration",
        "Código do registro da operadora na ANS",
        "ANS nº",
        5,
        _FRONT,
        required=True,
        mend=_OPERATOR,
    ),
    Item(
        "trade_name",
        "Nome fantasia da operadora",
        "Operadora",
        6,
        _FRONT,
        required=True,
        mend=_OPERATOR,
    ),
    Item(
        "legal_name",
        "Razão social da operadora",
        "Razão social",
        6,
        _FRONT,
        required=True,
        mend=_OPERATOR,
    ),
    Item(
        "administrator",
        "Razão social e nome fantasia da administradora de benefícios",
        "Administradora de benefícios",
        7,
        _BACK,
        only=COLLECTIVE,
        mend="no contrato",
    ),
    Item(
        "company",
        "Razão social e nome fantasia da pessoa jurídica contratante",
        "Contratante",
        8,
        _BACK,
        only=COLLECTIVE,
        mend=_COMPANY,
    ),
    Item(
        "plan_number",
        "Número do registro do plano de saúde na ANS",
        "Registro do plano na ANS",
        9,
        _FRONT,
        never=frozenset({Case.PRE_LAW}),
        required=True,
        mend=_PLAN,
    ),
    Item(
        "plan_scpa",
        "Número do cadastro do plano de saúde na ANS (SCPA)",
        "Cadastro na ANS (SCPA)",
        9,
        _FRONT,
        only=frozenset({Case.PRE_LAW}),
        required=True,
        mend=_PLAN,
    ),
    Item("plan_name", "Nome do plano de saúde", "Plano", 10, _FRONT, mend=_PLAN),
    Item("contract", "Número do contrato ou da apólice", "Contrato", 11, _BACK, mend="no contrato"),
    Item(
        "contracting",
        "Informação sobre o tipo de contratação",
        "Contratação",
        12,
        _BACK,
        required=True,
        mend="no contrato",
    ),
    Item("regulation", "Informação sobre a regulamentação do plano", "Regulamentação", 13, _BACK, mend=_PLAN),
    Item("contracted_on", "Data da contratação do plano", "Contratado em", 14, _BACK, mend=_LINK),
    Item(
        "cover_from",
        "Data de início da cobertura contratual do beneficiário",
        "Cobertura desde",
        15,
        _BACK,
        mend=_LINK,
    ),
    Item("waiting", "Prazo máximo de carência previsto no contrato", "Carências", 16, _BACK, mend=_LINK),
    Item(
        "cpt_until",
        "Data de término da Cobertura Parcial Temporária (CPT)",
        "CPT até",
        17,
        _BACK,
        _HEALTH,
        mend=_LINK,
    ),
    Item("segmentation", "Segmentação assistencial do plano", "Segmentação", 18, _FRONT, mend=_PLAN),
    Item("accommodation", "Padrão de acomodação", "Acomodação", 19, _FRONT, never=WITHOUT_BED, mend=_PLAN),
    Item("coverage_area", "Área de abrangência geográfica do plano", "Abrangência", 20, _FRONT, mend=_PLAN),
    Item("contact", "Informação de contato da operadora", "Atendimento", 21, _BACK, mend=_OPERATOR),
    Item("ans_contact", "Informação de contato da ANS", "Disque ANS", 22, _BACK, required=True, mend=_OPERATOR),
    Item("notice", "Informações", "Informações", 23, _BACK, mend=_OPERATOR),
    Item(
        "sole_trader",
        "Plano coletivo empresarial contratado por empresário individual",
        "Empresário individual",
        24,
        _BACK,
        only=frozenset({Case.COMPANY}),
        mend="no contrato",
    ),
)


def in_force(on: date) -> tuple[Item, ...]:
    """The items that a card composed on this day shows, in the order of the norm."""
    return tuple(item for item in CATALOGUE if item.is_in_force(on))


def item(key: str) -> Item:
    return next(item for item in CATALOGUE if item.key == key)
