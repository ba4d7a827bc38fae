import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import format_cns
from cards.domain.card_data import CardData, CardWaitingPeriod, cases_of
from cards.domain.catalogue import CATALOGUE, Circumstance, FixPage, Side, item
from cards.domain.face import LAYOUT_VERSION, CardFace, Incomplete, compose
from tests.cards.subjects import (
    ADAPTED,
    ADHESION,
    COMPANY,
    DENTAL,
    EVERY_CASE,
    FULL,
    INDIVIDUAL,
    ON,
    PRE_LAW,
    issued,
)


def shown(subject):
    return {field.key: field.value for field in compose(subject, on=ON).fields}


def sentences(subject):
    with pytest.raises(Incomplete) as refusal:
        compose(subject, on=ON)
    return [(defect.key, defect.sentence) for defect in refusal.value.defects]


def test_compose_shows_an_individual_contract():
    assert shown(INDIVIDUAL) == {
        "name": "Maria Aparecida da Conceição Exemplo",
        "birth_date": "29/02/1984",
        "cns": format_cns(INDIVIDUAL.cns),
        "code": "00012345678901234",
        "registration": "999999",
        "trade_name": "Exemplo Saúde",
        "legal_name": "Exemplo Saúde Assistência Médica S.A.",
        "plan_number": "412345678",
        "plan_name": "Essencial Enfermaria",
        "contract": "2021/0004567",
        "contracting": "Individual ou Familiar",
        "regulation": "Plano Regulamentado",
        "contracted_on": "01/07/2021",
        "cover_from": "01/08/2021",
        "segmentation": "Ambulatorial + Hospitalar com obstetrícia",
        "accommodation": "Coletiva",
        "coverage_area": "Grupo de municípios",
        "contact": "0800 123 4567 · atendimento@exemplo.invalid",
        "ans_contact": "0800 701 9656 · www.gov.br/ans",
    }


ALWAYS = {
    "name": "nome",
    "birth_date": "nascimento",
    "cns": "CNS",
    "code": "matrícula",
    "registration": "registro da operadora",
    "trade_name": "nome fantasia",
    "legal_name": "razão social",
    "plan_number": "registro do plano",
    "plan_name": "nome do plano",
    "contract": "contrato",
    "contracting": "tipo de contratação",
    "regulation": "regulamentação",
    "contracted_on": "data da contratação",
    "cover_from": "início da cobertura",
    "segmentation": "segmentação",
    "coverage_area": "abrangência",
    "contact": "contato da operadora",
}
"""What every card carries beside the contact of ANS; an older plan carries its SCPA code as its number."""
NOTHING = CardData(name="", birth_date="", cns="", code="", registration="", trade_name="", legal_name="")


@pytest.mark.parametrize(
    ("told", "besides", "instead"),
    [
        ({"contracting": "1"}, {"accommodation"}, {}),
        ({"contracting": "2"}, {"accommodation", "company"}, {}),
        ({"contracting": "3"}, {"accommodation", "company"}, {}),
        ({"contracting": "3", "administrator_cnpj": "1"}, {"accommodation", "company", "administrator"}, {}),
        ({"contracting": "1", "regulation": "N"}, {"accommodation"}, {"plan_number": "plan_scpa"}),
        ({"contracting": "2", "regulation": "N"}, {"accommodation", "company"}, {"plan_number": "plan_scpa"}),
        ({"contracting": "1", "regulation": "A"}, {"accommodation"}, {}),
        ({"contracting": "1", "segmentation": "04", "segmentation_label": "Odontológico"}, set(), {}),
        ({"contracting": "2", "segmentation": "01", "segmentation_label": "Ambulatorial"}, {"company"}, {}),
    ],
)
def test_a_card_of_each_row_of_the_decision_table_is_refused_without_what_that_row_carries(told, besides, instead):
    asked = {instead.get(key, key) for key in ALWAYS} | besides

    keys = [key for key, _ in sentences(replace(NOTHING, **{"regulation": "R", **told}))]

    assert sorted(keys) == sorted(asked - {"regulation", *told})


@pytest.mark.parametrize("missing", ["waiting", "cpt_until", "social_name", "notice", "administrator_trade_name"])
def test_what_exists_only_for_some_is_asked_of_nobody(missing):
    blank = () if missing == "waiting" else ""

    assert isinstance(compose(replace(FULL, **{missing: blank}), on=ON), CardFace)


@pytest.mark.parametrize(
    ("subject", "key", "value"),
    [
        (COMPANY, "company", "Metalúrgica Exemplo Indústria Ltda. · Metalúrgica Exemplo"),
        (COMPANY, "contracting", "Coletivo Empresarial"),
        (replace(COMPANY, company_trade_name=""), "company", "Metalúrgica Exemplo Indústria Ltda."),
        (
            replace(
                INDIVIDUAL,
                waiting=(CardWaitingPeriod("P", "300 dias", "2022-05-28"), CardWaitingPeriod("A", "24 horas")),
            ),
            "waiting",
            "Ambulatorial 24 horas · Parto a termo 300 dias, até 28/05/2022",
        ),
        (replace(DENTAL, waiting=FULL.waiting), "waiting", "Odontológico 60 dias"),
        (replace(COMPANY, sole_trader=True), "sole_trader", "Plano contratado por empresário individual"),
        (ADHESION, "contracting", "Coletivo por Adesão"),
        (ADHESION, "administrator", "Administradora Exemplo Ltda."),
        (PRE_LAW, "plan_scpa", "AB-1234"),
        (PRE_LAW, "regulation", "Plano Não-regulamentado"),
        (ADAPTED, "regulation", "Plano Adaptado"),
        (DENTAL, "segmentation", "Odontológico"),
        (FULL, "social_name", "Luana Exemplo Cavalcanti"),
        (FULL, "cpt_until", "01/01/2027"),
        (replace(INDIVIDUAL, name="  Ana   de Exemplo "), "name", "Ana de Exemplo"),
        (replace(INDIVIDUAL, name="Joa\u0303o Exemplo"), "name", "João Exemplo"),
        (
            replace(INDIVIDUAL, email="", website="www.exemplo.invalid"),
            "contact",
            "0800 123 4567 · www.exemplo.invalid",
        ),
    ],
)
def test_compose_shows(subject, key, value):
    assert shown(subject)[key] == value


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        (replace(COMPANY, contracting="1"), "company"),
        (DENTAL, "accommodation"),
        (replace(INDIVIDUAL, segmentation="01"), "accommodation"),
        (PRE_LAW, "plan_number"),
        (ADAPTED, "plan_scpa"),
        (replace(INDIVIDUAL, sole_trader=True), "sole_trader"),
        (INDIVIDUAL, "cpt_until"),
        (replace(DENTAL, cpt_until="2027-01-01"), "cpt_until"),
    ],
)
def test_compose_leaves_out(subject, key):
    assert key not in shown(subject)


@pytest.mark.parametrize(
    ("field", "key", "sentence"),
    [
        ("name", "name", "Falta “Nome do beneficiário”: informe no cadastro da pessoa."),
        ("birth_date", "birth_date", "Falta “Data de nascimento do beneficiário”: informe no cadastro da pessoa."),
        ("cns", "cns", f"Falta “{item('cns').label}”: informe na página da pessoa, consultando o DATASUS."),
        ("code", "code", f"Falta “{item('code').label}”: informe no vínculo do beneficiário."),
        (
            "registration",
            "registration",
            "Falta “Código do registro da operadora na ANS”: informe nos nomes da operadora.",
        ),
        ("trade_name", "trade_name", "Falta “Nome fantasia da operadora”: informe nos nomes da operadora."),
        ("legal_name", "legal_name", "Falta “Razão social da operadora”: informe nos nomes da operadora."),
        (
            "plan_ans_number",
            "plan_number",
            "Falta “Número do registro do plano de saúde na ANS”: informe no cadastro do plano.",
        ),
        ("plan_name", "plan_name", "Falta “Nome do plano de saúde”: informe no cadastro do plano."),
        ("contract", "contract", "Falta “Número do contrato ou da apólice”: informe no contrato."),
        ("contracting", "contracting", "Falta “Informação sobre o tipo de contratação”: informe no contrato."),
        (
            "regulation",
            "regulation",
            "Falta “Informação sobre a regulamentação do plano”: informe no cadastro do plano.",
        ),
        ("contracted_on", "contracted_on", "Falta “Data da contratação do plano”: informe no contrato."),
        ("cover_from", "cover_from", f"Falta “{item('cover_from').label}”: informe no vínculo do beneficiário."),
        (
            "segmentation_label",
            "segmentation",
            "Falta “Segmentação assistencial do plano”: informe no cadastro do plano.",
        ),
        ("accommodation", "accommodation", "Falta “Padrão de acomodação”: informe no cadastro do plano."),
        (
            "coverage_area",
            "coverage_area",
            "Falta “Área de abrangência geográfica do plano”: informe no cadastro do plano.",
        ),
    ],
)
def test_compose_refuses_without(field, key, sentence):
    assert sentences(replace(INDIVIDUAL, **{field: ""})) == [(key, sentence)]


def test_compose_refuses_without_any_contact_of_the_operator():
    assert sentences(replace(INDIVIDUAL, phone="", email="", website="")) == [
        ("contact", "Falta “Informação de contato da operadora”: informe na aparência do cartão.")
    ]


def test_a_defect_says_where_it_is_mended():
    with pytest.raises(Incomplete) as refusal:
        compose(replace(INDIVIDUAL, coverage_area=""), on=ON)

    (defect,) = refusal.value.defects
    assert (defect.place, defect.field) == (FixPage.PLAN, "coverage_area")


def test_compose_names_everything_that_is_missing_at_once():
    refused = sentences(replace(INDIVIDUAL, name=" ", cns="", code=""))

    assert [key for key, _ in refused] == ["name", "cns", "code"]


def test_compose_refuses_a_pre_law_plan_without_its_scpa_code():
    assert sentences(replace(PRE_LAW, plan_operator_code="")) == [
        ("plan_scpa", "Falta “Número do cadastro do plano de saúde na ANS (SCPA)”: informe no cadastro do plano.")
    ]


def test_compose_refuses_a_code_longer_than_tiss_takes():
    assert sentences(replace(INDIVIDUAL, code="1" * 21)) == [
        ("code", "A matrícula tem 21 caracteres e o padrão TISS aceita 20: corrija no vínculo do beneficiário.")
    ]


def test_compose_refuses_a_cns_with_wrong_check_digits():
    assert sentences(replace(INDIVIDUAL, cns="100000000010008")) == [
        (
            "cns",
            "O CNS não passa nos dígitos de conferência: corrija na página da pessoa, consultando o DATASUS.",
        )
    ]


@pytest.mark.parametrize(("character", "code"), [("漢", "U+6F22"), ("\u200b", "U+200B"), ("😀", "U+1F600")])
def test_compose_refuses_what_the_font_cannot_print(character, code):
    assert sentences(replace(INDIVIDUAL, name=f"Ana {character} Exemplo")) == [
        (
            "name",
            f"“Nome do beneficiário” tem caracteres que o cartão não imprime ({code}): corrija no cadastro da pessoa.",
        )
    ]


def test_a_refusal_holds_nothing_of_the_person():
    with pytest.raises(Incomplete) as refusal:
        compose(replace(FULL, code=FULL.code * 2, plan_ans_number=""), on=ON)

    assert [value for value in (FULL.name, FULL.cns, FULL.code) if value in str(refusal.value)] == []


@pytest.mark.parametrize(
    ("subject", "cases"),
    [
        (INDIVIDUAL, {Circumstance.INDIVIDUAL}),
        (COMPANY, {Circumstance.COMPANY}),
        (ADHESION, {Circumstance.ADHESION, Circumstance.ADMINISTERED}),
        (replace(COMPANY, administrator_cnpj="11222333000181"), {Circumstance.COMPANY, Circumstance.ADMINISTERED}),
        (replace(COMPANY, contracting=""), set()),
        (replace(INDIVIDUAL, contracting="7"), set()),
        (PRE_LAW, {Circumstance.INDIVIDUAL, Circumstance.PRE_LAW}),
        (
            replace(INDIVIDUAL, regulation="", plan_ans_number="", plan_operator_code="77"),
            {Circumstance.INDIVIDUAL, Circumstance.PRE_LAW},
        ),
        (replace(PRE_LAW, regulation="A"), {Circumstance.INDIVIDUAL, Circumstance.ADAPTED}),
        (DENTAL, {Circumstance.INDIVIDUAL, Circumstance.DENTAL}),
        (replace(INDIVIDUAL, segmentation="08"), {Circumstance.INDIVIDUAL, Circumstance.OUTPATIENT}),
    ],
)
def test_cases_of(subject, cases):
    assert cases_of(subject) == cases


@pytest.mark.parametrize("subject", EVERY_CASE.values(), ids=EVERY_CASE)
def test_face_survives_the_database(subject):
    face = issued(subject)

    assert CardFace.from_json(json.loads(json.dumps(face.as_json()))) == face


def test_face_is_frozen_and_knows_its_layout():
    face = compose(INDIVIDUAL, on=ON)

    with pytest.raises(FrozenInstanceError):
        face.via = 2
    assert (face.layout, face.via, face.verification) == (LAYOUT_VERSION, 0, "")


def test_face_answers_by_key_and_by_side():
    face = compose(INDIVIDUAL, on=ON)

    assert (face["name"], face["company"]) == ("Maria Aparecida da Conceição Exemplo", "")
    assert [field.key for field in face.on(Side.BACK)] == [
        "legal_name",
        "contract",
        "contracting",
        "regulation",
        "contracted_on",
        "cover_from",
        "contact",
        "ans_contact",
    ]


@pytest.mark.parametrize("subject", [PRE_LAW, ADAPTED])
@pytest.mark.parametrize(("signed", "agrees"), [("1999-01-01", True), ("1999-01-02", False), ("2026-01-01", False)])
def test_plan_older_than_the_law_has_a_contract_older_than_the_law(subject, signed, agrees):
    made = made_of(replace(subject, contracted_on=signed))

    if agrees:
        assert made["contracted_on"] == "01/01/1999"
    else:
        assert [(defect.key, defect.place, defect.field) for defect in made] == [
            ("contracted_on", FixPage.CONTRACT, "signed_on")
        ]
        assert "o contrato é de depois de 01/01/1999" in made[0].sentence


def test_regulated_plan_may_have_a_contract_of_any_day():
    assert made_of(replace(INDIVIDUAL, contracted_on="1990-01-02"))["contracted_on"] == "02/01/1990"


TEXTS = {field.name: st.text(max_size=40) for field in fields(CardData) if field.type is str or field.type == "str"}
DATES = {
    name: st.one_of(st.just(""), st.dates().map(str))
    for name in ("birth_date", "contracted_on", "cover_from", "cpt_until")
}


def made_of(subject):
    """The face, or the defects."""
    try:
        return compose(subject, on=ON)
    except Incomplete as incomplete:
        return incomplete.defects


PERIODS = st.builds(CardWaitingPeriod, st.sampled_from("AHPO"), st.text(max_size=10), DATES["cpt_until"])


@given(st.builds(CardData, **{**TEXTS, **DATES}, waiting=st.lists(PERIODS, max_size=4).map(tuple)))
def test_compose_answers_for_any_registry_with_a_whole_face_or_sentences(subject):
    made = made_of(subject)

    if isinstance(made, CardFace):
        applying = [item for item in CATALOGUE if item.required and item.applies(cases_of(subject))]
        assert [item.key for item in applying if not made[item.key]] == []
    else:
        assert {defect.key for defect in made} <= {item.key for item in CATALOGUE}
        assert {defect.sentence[-1] for defect in made} == {"."}


@given(st.builds(replace, st.just(INDIVIDUAL), name=st.text("AÁÃÇaáãçéõúüÿ'-. ", min_size=1).filter(str.strip)))
def test_compose_prints_any_latin_name_as_it_is_registered(subject):
    assert shown(subject)["name"] == " ".join(subject.name.split())
