"""The items that RN 509/2022 (formerly RN 389/2015) requires on a card, as data that changes by date.

Labels 1-14 are those of ANS's consumer page. From 15 on the content is well known and its legal wording is not, so
nothing else in the portal may repeat a label, a rule of applicability or a norm: they are read from here
(docs/reference/card.md §2).
A key names one entry for ever: a new wording, or another rule, is a new entry that ``replaces`` the old one from a day
on. One that is only ``proposed`` may be looked at (a preview "como em") and is never printed.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from functools import lru_cache


@unique
class Circumstance(Enum):
    """Circumstances of a link that decide which items it needs; a link is in several at once."""

    INDIVIDUAL = "individual ou familiar"
    COMPANY = "coletivo empresarial"
    ADHESION = "coletivo por adesão"
    ADMINISTERED = "com administradora de benefícios"
    PRE_LAW = "anterior à Lei 9.656/1998, não adaptado"
    ADAPTED = "adaptado à Lei 9.656/1998"
    DENTAL = "só odontológico"
    OUTPATIENT = "sem cobertura hospitalar"


COLLECTIVE = frozenset({Circumstance.COMPANY, Circumstance.ADHESION})
WITHOUT_BED = frozenset({Circumstance.DENTAL, Circumstance.OUTPATIENT})


@unique
class Side(Enum):
    FRONT = "frente"
    BACK = "verso"


@unique
class Section(Enum):
    """Where an item stands on the A4 sheet."""

    PERSON = "Beneficiário"
    PARTIES = "Operadora, administradora e contratante"
    PLAN = "Plano e contrato"
    WAITING = "Carências e cobertura parcial temporária"
    COVER = "Cobertura"
    CONTACT = "Atendimento"


@unique
class FixPage(Enum):
    """The page on which an item is corrected, as a sentence says it."""

    PERSON = "no cadastro da pessoa"
    CNS = "na página da pessoa, consultando o DATASUS"
    LINK = "no vínculo do beneficiário"
    PLAN = "no cadastro do plano"
    CONTRACT = "no contrato"
    COMPANY = "no cadastro da empresa contratante"
    ADMINISTRATOR = "no cadastro da administradora"
    OPERATOR = "nos nomes da operadora"
    LOOK = "na aparência do cartão"
    NORM = "no catálogo do portal"


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
    section: Section
    side: Side
    place: FixPage
    field: str = ""  # of the form of that place
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    only: frozenset[Circumstance] = frozenset()  # empty: everywhere
    never: frozenset[Circumstance] = frozenset()
    required: bool = False  # where it applies, no card without it
    absent: str = ""  # what the A4 sheet says where there is none
    effective_from: date = date(2016, 1, 1)
    effective_until: date | None = None
    replaces: str = ""  # the key that ends when this one begins
    proposed: bool = False

    @property
    def norm(self) -> str:
        return f"RN 509/2022 (ex RN 389/2015), componente cadastral, item {self.number}"

    @property
    def correction(self) -> str:
        return self.place.value

    def applies(self, cases: frozenset[Circumstance]) -> bool:
        return (not self.only or bool(self.only & cases)) and not self.never & cases

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_until is None or on < self.effective_until)


_FRONT, _BACK = Side.FRONT, Side.BACK
_PERSONAL, _HEALTH = Sensitivity.PERSONAL, Sensitivity.HEALTH
_PRE_LAW, _COMPANY = frozenset({Circumstance.PRE_LAW}), frozenset({Circumstance.COMPANY})
_ADMINISTERED = frozenset({Circumstance.ADMINISTERED})
_WHO, _PARTIES, _PLAN = Section.PERSON, Section.PARTIES, Section.PLAN
_WAITING, _COVER, _CONTACT = Section.WAITING, Section.COVER, Section.CONTACT

# fmt: off
CATALOGUE: tuple[Item, ...] = (
    Item("name", "Nome do beneficiário", "Nome", 1,
         _WHO, _FRONT, FixPage.PERSON, "name", _PERSONAL, required=True),
    Item("social_name", "Nome social do beneficiário", "Nome social", 1,
         _WHO, _FRONT, FixPage.PERSON, "social_name", _PERSONAL),
    Item("birth_date", "Data de nascimento do beneficiário", "Nascimento", 2,
         _WHO, _FRONT, FixPage.PERSON, "birth_date", _PERSONAL, required=True),
    Item("cns", "Número do Cartão Nacional de Saúde (CNS) do beneficiário", "Cartão Nacional de Saúde (CNS)", 3,
         _WHO, _FRONT, FixPage.CNS, "", _PERSONAL, required=True),
    Item("cpf", "Número do CPF do beneficiário, em lugar do CNS", "CPF – Cartão Nacional de Saúde", 3,
         _WHO, _FRONT, FixPage.PERSON, "cpf", _PERSONAL, required=True,
         effective_from=date(2027, 1, 1), replaces="cns", proposed=True),
    Item("code", "Número da matrícula do beneficiário no plano privado de assistência à saúde", "Matrícula", 4,
         _WHO, _FRONT, FixPage.LINK, "code", _PERSONAL, required=True),
    Item("registration", "Código do registro da operadora na ANS", "ANS nº", 5,
         _PARTIES, _FRONT, FixPage.OPERATOR, required=True),
    Item("trade_name", "Nome fantasia da operadora", "Operadora", 6,
         _PARTIES, _FRONT, FixPage.OPERATOR, "trade_name", required=True),
    Item("legal_name", "Razão social da operadora", "Razão social", 6,
         _PARTIES, _BACK, FixPage.OPERATOR, "legal_name", required=True),
    Item("administrator", "Razão social e nome fantasia da administradora de benefícios", "Administradora", 7,
         _PARTIES, _BACK, FixPage.ADMINISTRATOR, "legal_name", only=_ADMINISTERED, required=True, absent="Não há"),
    Item("company", "Razão social e nome fantasia da pessoa jurídica contratante", "Contratante", 8,
         _PARTIES, _BACK, FixPage.COMPANY, "legal_name", only=COLLECTIVE, required=True, absent="Não há"),
    Item("plan_number", "Número do registro do plano de saúde na ANS", "Registro do plano na ANS", 9,
         _PLAN, _FRONT, FixPage.PLAN, "ans_number", never=_PRE_LAW, required=True),
    Item("plan_scpa", "Número do cadastro do plano de saúde na ANS (SCPA)", "Cadastro na ANS (SCPA)", 9,
         _PLAN, _FRONT, FixPage.PLAN, "operator_code", only=_PRE_LAW, required=True),
    Item("plan_name", "Nome do plano de saúde", "Plano", 10,
         _PLAN, _FRONT, FixPage.PLAN, "name", required=True),
    Item("contract", "Número do contrato ou da apólice", "Contrato", 11,
         _PLAN, _BACK, FixPage.CONTRACT, "number", required=True),
    Item("contracting", "Informação sobre o tipo de contratação", "Contratação", 12,
         _PLAN, _BACK, FixPage.CONTRACT, "kind", required=True),
    Item("regulation", "Informação sobre a regulamentação do plano", "Regulamentação", 13,
         _PLAN, _BACK, FixPage.PLAN, "regulation", required=True),
    Item("contracted_on", "Data da contratação do plano", "Contratado em", 14,
         _PLAN, _BACK, FixPage.CONTRACT, "signed_on", required=True),
    Item("cover_from", "Data de início da cobertura contratual do beneficiário", "Cobertura desde", 15,
         _PLAN, _BACK, FixPage.LINK, "cover_from", required=True),
    Item("waiting", "Prazo máximo de carência previsto no contrato", "Carências", 16,
         _WAITING, _BACK, FixPage.LINK, absent="Não há"),
    Item("cpt_until", "Data de término da Cobertura Parcial Temporária (CPT)", "CPT até", 17,
         _WAITING, _BACK, FixPage.LINK, "cpt_until", _HEALTH, never=frozenset({Circumstance.DENTAL}), absent="Não há"),
    Item("segmentation", "Segmentação assistencial do plano", "Segmentação", 18,
         _COVER, _FRONT, FixPage.PLAN, "segmentation", required=True),
    Item("accommodation", "Padrão de acomodação", "Acomodação", 19,
         _COVER, _FRONT, FixPage.PLAN, "accommodation", never=WITHOUT_BED, absent="Sem acomodação", required=True),
    Item("coverage_area", "Área de abrangência geográfica do plano", "Abrangência", 20,
         _COVER, _FRONT, FixPage.PLAN, "coverage_area", required=True),
    Item("contact", "Informação de contato da operadora", "Atendimento", 21,
         _CONTACT, _BACK, FixPage.LOOK, "phone", required=True),
    Item("ans_contact", "Informação de contato da ANS", "Disque ANS", 22,
         _CONTACT, _BACK, FixPage.NORM, required=True),
    Item("notice", "Informações", "Informações", 23,
         _CONTACT, _BACK, FixPage.LOOK, "notice"),
    Item("sole_trader", "Plano coletivo empresarial contratado por empresário individual", "Empresário individual", 24,
         _PLAN, _BACK, FixPage.CONTRACT, "sole_trader", only=_COMPANY, absent="Não"),
)
# fmt: on
_BY_KEY = {entry.key: entry for entry in CATALOGUE}


@lru_cache(maxsize=64)
def in_force(on: date, *, proposals: bool = False) -> tuple[Item, ...]:
    """The items that a card composed on this day shows, in the order of the norm; with the proposals for that day too.

    What is replaced stands back from the day on which its successor counts.
    """
    found = [entry for entry in CATALOGUE if entry.is_in_force(on) and (proposals or not entry.proposed)]
    replaced = {entry.replaces for entry in found}
    return tuple(entry for entry in found if entry.key not in replaced)


def item(key: str) -> Item:
    return _BY_KEY[key]
