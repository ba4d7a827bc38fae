"""Update files as ANS wants them: order, encoding, hash, name; whatever the rules let pass, the schema takes."""

import io
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from lxml import etree

from beneficiaries.domain.identifiers import cpf_from_base
from sib.domain.movement_fields import inclusion, rectification
from sib.domain.sbx_rules import problems
from sib.formats.cnx.writer import Heading
from sib.formats.sbx.writer import (
    BLOCKS,
    CANCELLATION,
    CONTRACT_CHANGE,
    FLAT,
    INCLUSION,
    REACTIVATION,
    RECTIFICATION,
    MovementFields,
    as_sent,
    file_name,
    write_none,
    write_sbx,
)  # fmt: skip
from tests.factories import cns
from tests.sib.sbx_schema import faults

HEADING = Heading("999999", 42, "2026-09-04T10:15:30")
TODAY = date(2026, 11, 23)
SAMPLE = [
    MovementFields(INCLUSION, "", {
        "cpf": "22233344405", "dn": "30000000000", "nome": "SICRANO EXEMPLO DA CONCEICAO", "sexo": "1",
        "dataNascimento": "2019-11-05", "nomeMae": "FULANA EXEMPLO DA CONCEICAO", "codigoMunicipio": "355030",
        "resideExterior": "0", "codigoBeneficiario": "00010001000001002", "relacaoDependencia": "4",
        "codigoBeneficiarioTitular": "00010001000001001", "dataContratacao": "2026-08-01",
        "numeroPlanoANS": "999999990", "cnpjEmpresaContratante": "11222333000181",
    }),
    MovementFields(RECTIFICATION, "000000000191", {"cns": "100000000190000", "nome": "FULANA EXEMPLO DA CONCEICAO"}),
    MovementFields(CONTRACT_CHANGE, "000000000191", {
        "relacaoDependencia": "1", "dataContratacao": "2026-08-15", "numeroPlanoANS": "999999991",
        "cnpjEmpresaContratante": "11222333000181",
    }),
    MovementFields(CANCELLATION, "000000000353", {"dataCancelamento": "2026-08-20", "motivoCancelamento": "42"}),
    MovementFields(REACTIVATION, "000000000434", {"dataReativacao": "2026-08-25"}),
]  # fmt: skip


def written(*movements: MovementFields):
    stream = io.BytesIO()
    result = write_sbx(stream, HEADING, movements)
    return stream.getvalue(), result


def test_a_sample_of_all_movements_comes_out_with_its_hash(monkeypatch):
    monkeypatch.setattr("sib.formats.sbx.writer.PROGRAM", "SISTEMA EXEMPLO")
    monkeypatch.setattr("sib.formats.sbx.writer.MAKER", "EXEMPLO")

    document, result = written(*SAMPLE)

    assert (result.count, result.sib_hash) == (5, "E4E1096ADFDF5AC37675B060C4EE0C92")
    assert b"<hash>E4E1096ADFDF5AC37675B060C4EE0C92</hash>" in document


def test_every_kind_of_movement_is_as_the_schema_wants_it():
    document, _ = written(*SAMPLE)

    assert faults(document) == []
    assert document.startswith(b'<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>\n')


def test_blocks_of_a_rectification_are_there_even_where_they_are_empty():
    document, _ = written(MovementFields(RECTIFICATION, "000000000191", {"cns": "100000000190000"}))

    [rectified] = etree.fromstring(document).iter("retificacao")
    assert [child.tag for child in rectified] == ["cco", "identificacao", "endereco", "vinculo"]
    assert [child.tag for child in rectified.iter()][2:] == ["identificacao", "cns", "endereco", "vinculo"]


@pytest.mark.parametrize("reason", ["61", "62"])
def test_a_month_without_movements_is_told_with_its_reason(reason):
    stream = io.BytesIO()

    write_none(stream, HEADING, reason)

    document = stream.getvalue()
    assert faults(document) == []
    assert etree.fromstring(document).findtext(".//motivoNaoEnvioBeneficiarios") == reason


def test_file_name_tells_operator_and_second():
    assert file_name("999999", datetime.fromisoformat("2026-11-23T10:15:30")) == "99999920261123101530.SBX"


@pytest.mark.parametrize(
    ("field", "text", "sent"),
    [
        ("nome", "José  D’Ávila-Müller Jr.", "JOSE D'AVILA MULLER JR"),
        ("nome", "Ana Ma\u200bria D´Ávila Dʼávila", "ANA MARIA D'AVILA D'AVILA"),
        ("nomeMae", "NAO INFORMADA", ""),
        ("nomeMae", " Íris (falecida) ", "IRIS FALECIDA"),
        ("nome", "Ana 2ª", "ANA A"),
        ("logradouro", "Praça " + "x" * 60, "PCA " + "X" * 46),
        ("complemento", "Bloco B, apto. 12345", "BL B APTO 12345"),
        ("complemento", "Fundos – “B”", 'FUNDOS - "B"'),
        ("cpf", " 11144477735 ", "11144477735"),
    ],
)
def test_values_are_prepared_as_the_sib_takes_them(field, text, sent):
    assert as_sent(field, text) == sent


def test_accents_stay_where_the_operator_wants_them():
    assert as_sent("nome", "José Müller", keep_accents=True) == "JOSÉ MÜLLER"
    assert as_sent("nome", "Loïc Ùrsula Ávila", keep_accents=True) == "LOIC URSULA ÁVILA"


# ---- whatever passes the rules is taken by the schema and read back equal -------------------------------------------

words = st.text(alphabet="abcdefghijABCÁÉçãõ' -.1", min_size=1, max_size=20)
names = st.lists(words, min_size=1, max_size=5).map(" ".join)
days = st.dates(date(1880, 1, 1), date(2030, 1, 1)).map(date.isoformat)
FACTS = st.fixed_dictionaries(
    {
        "nome": names,
        "nomeMae": names,
        "sexo": st.sampled_from(["1", "3", "2", ""]),
        "dataNascimento": days,
        "cpf": st.sampled_from([cpf_from_base("111444777"), "11111111111", ""]),
        "cns": st.sampled_from([cns(1), "123", ""]),
        "pisPasep": st.sampled_from(["12345678919", "12345678901", ""]),
        "codigoBeneficiario": st.text(alphabet="0123456789AB", max_size=32),
        "codigoBeneficiarioTitular": st.sampled_from(["", "77"]),
        "relacaoDependencia": st.sampled_from(["1", "3", "10", "2", ""]),
        "dataContratacao": days,
        "numeroPlanoANS": st.sampled_from(["999999990", "12", ""]),
        "numeroPlanoOperadora": st.sampled_from(["", "PLANO ANTIGO"]),
        "cnpjEmpresaContratante": st.sampled_from(["11222333000181", "11222333000180", ""]),
        "logradouro": names,
        "numero": st.sampled_from(["", "S/N", "1234567"]),
        "codigoMunicipio": st.sampled_from(["355030", "35503", ""]),
        "cep": st.sampled_from(["01001000", "1001", ""]),
    }
)


@effort(max_examples=400)
@given(facts=FACTS)
def test_what_the_rules_let_pass_the_schema_takes(facts):
    included = inclusion(facts)
    corrected = rectification(facts, facts)
    movements = [
        told
        for told in (MovementFields(INCLUSION, "", included), MovementFields(RECTIFICATION, "000000000191", corrected))
        if not problems(told.type, told.cco, told.fields, today=TODAY)
    ]

    document, _ = written(*movements) if movements else (b"", None)

    assert not movements or faults(document) == []
    for told, element in zip(movements, _elements(document), strict=True):
        read = {leaf.tag: leaf.text for leaf in element.iter() if leaf.text and leaf.text.strip()}
        assert {name: text for name, text in read.items() if name != "cco"} == told.fields


def _elements(document):
    return list(etree.fromstring(document).find(".//beneficiarios")) if document else []


def test_fields_of_every_block_have_their_place_once():
    everywhere = [name for names_ in BLOCKS.values() for name in names_]

    assert len(everywhere) == len(set(everywhere))
    assert {name for names_ in FLAT.values() for name in names_} <= set(everywhere)
