"""Invented subjects of cards, one for each row of the decision table."""

from dataclasses import replace
from datetime import date

from beneficiaries.domain.identifiers import cns_from_base
from cards.domain.card_data import CardData, CardWaitingPeriod
from cards.domain.face import CardFace, compose

ON = date(2026, 11, 22)

INDIVIDUAL = CardData(
    name="Maria Aparecida da Conceição Exemplo",
    birth_date="1984-02-29",
    cns=cns_from_base("10000000001"),
    code="00012345678901234",
    registration="999999",
    trade_name="Exemplo Saúde",
    legal_name="Exemplo Saúde Assistência Médica S.A.",
    phone="0800 123 4567",
    email="atendimento@exemplo.invalid",
    plan_ans_number="412345678",
    plan_name="Essencial Enfermaria",
    segmentation="06",
    segmentation_label="Ambulatorial + Hospitalar com obstetrícia",
    accommodation="Coletiva",
    coverage_area="Grupo de municípios",
    regulation="R",
    contract="2021/0004567",
    contracting="1",
    contracted_on="2021-07-01",
    cover_from="2021-08-01",
)
COMPANY = replace(
    INDIVIDUAL,
    contracting="2",
    company_cnpj="11222333000181",
    company_legal_name="Metalúrgica Exemplo Indústria Ltda.",
    company_trade_name="Metalúrgica Exemplo",
)
ADHESION = replace(COMPANY, contracting="3", administrator_legal_name="Administradora Exemplo Ltda.")
BEFORE_THE_LAW = replace(INDIVIDUAL, contracted_on="1995-03-10")
PRE_LAW = replace(BEFORE_THE_LAW, plan_ans_number="", plan_operator_code="AB-1234", regulation="N")
ADAPTED = replace(BEFORE_THE_LAW, regulation="A")
DENTAL = replace(INDIVIDUAL, segmentation="04", segmentation_label="Odontológico", plan_name="Sorriso Exemplo")
LEAST = CardData(
    name="José Exemplo",
    birth_date="2026-11-01",
    cns=cns_from_base("10000000002"),
    code="7",
    registration="999999",
    trade_name="Exemplo Saúde",
    legal_name="Exemplo Saúde S.A.",
    phone="0800 123 4567",
    plan_ans_number="412345678",
    plan_name="Consultas",
    segmentation="01",
    segmentation_label="Ambulatorial",
    coverage_area="Municipal",
    regulation="R",
    contract="9",
    contracting="1",
    contracted_on="2026-11-01",
    cover_from="2026-11-01",
)
"""The least that a card may say: without a bed in a hospital, no accommodation is asked for."""

FULL = replace(
    ADHESION,
    name="Maria Aparecida da Conceição Albuquerque Cavalcanti de Vasconcelos Sá",
    social_name="Luana Exemplo Cavalcanti",
    code="01234567890123456789",
    trade_name="Exemplo Saúde Cooperativa do Nordeste Brasileiro",
    legal_name="Cooperativa de Trabalho Médico e Assistência à Saúde Exemplo do Nordeste Brasileiro Ltda.",
    plan_name="Exemplo Premium Ouro Nacional Apartamento Coparticipação 30% Rede A",
    segmentation="13",
    segmentation_label="Ambulatorial + Hospitalar com obstetrícia + Odontológico",
    company_legal_name="Associação Beneficente dos Servidores Públicos do Vale do Rio Exemplo Grande e Região",
    company_trade_name="Associação dos Servidores do Vale",
    administrator_trade_name="Benefícios Exemplo",
    waiting=(
        CardWaitingPeriod("A", "30 dias", "2021-08-31"),
        CardWaitingPeriod("H", "180 dias", "2022-01-28"),
        CardWaitingPeriod("P", "300 dias", "2022-05-28"),
        CardWaitingPeriod("O", "60 dias"),
    ),
    cpt_until="2027-01-01",
    notice="Apresente este cartão com um documento de identidade.",
)
"""Every item that can stand together, each long."""

EVERY_CASE = {
    "individual": INDIVIDUAL,
    "company": COMPANY,
    "adhesion": ADHESION,
    "pre-law": PRE_LAW,
    "adapted": ADAPTED,
    "dental": DENTAL,
    "sole-trader": replace(COMPANY, sole_trader=True),
    "outpatient": LEAST,
    "full": FULL,
}
VERIFICATION = "https://portal.exemplo.invalid/v/0123456789abcdefABCDEF"
CHECK_CODE = "7K3MN2QXW4"


def issued(subject: CardData) -> CardFace:
    """The face of the subject's first card."""
    return replace(compose(subject, on=ON), via=1, verification=VERIFICATION, check_code=CHECK_CODE)
