"""What keeps a movement from being sent, each with the field, a sentence and the way to mend it."""

from datetime import date

import pytest

from beneficiaries.domain.identifiers import cpf_from_base
from sib.domain.sbx_rules import pis_is_valid, problems
from sib.formats.sbx.writer import CANCELLATION, CONTRACT_CHANGE, INCLUSION, REACTIVATION, RECTIFICATION
from tests.factories import cns

TODAY = date(2026, 11, 23)
CCO = "000000000191"
HOLDER = {
    "cpf": cpf_from_base("111444777"), "cns": cns(1), "nome": "MARIA EXEMPLO", "nomeMae": "ANA EXEMPLO", "sexo": "3",
    "dataNascimento": "1984-02-29", "codigoBeneficiario": "1", "relacaoDependencia": "1",
    "dataContratacao": "2020-01-01", "numeroPlanoANS": "999999990",
}  # fmt: skip
CHILD = HOLDER | {
    "relacaoDependencia": "4", "codigoBeneficiarioTitular": "1", "codigoBeneficiario": "2",
    "dataNascimento": "2015-03-01", "cpf": "", "nomeMae": "MARIA EXEMPLO",
}  # fmt: skip


def fields_in_trouble(movement_type, fields, cco=CCO, **how):
    return [problem.field for problem in problems(movement_type, cco, fields, today=TODAY, **how)]


@pytest.mark.parametrize("fields", [HOLDER, CHILD])
def test_a_whole_inclusion_may_go(fields):
    assert fields_in_trouble(INCLUSION, fields, cco="") == []


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        (HOLDER | {"cpf": ""}, ["cpf"]),
        (CHILD | {"dataNascimento": "2008-11-23"}, ["cpf"]),  # eighteen today
        (CHILD | {"dataNascimento": "2008-11-24"}, []),  # tomorrow
        (HOLDER | {"cns": ""}, ["cns"]),
        (HOLDER | {"nomeMae": ""}, ["nomeMae"]),
        (HOLDER | {"nomeMae": "", "pisPasep": "12345678919"}, []),
        (CHILD | {"nomeMae": "", "cpf": HOLDER["cpf"]}, []),
        (HOLDER | {"codigoBeneficiarioTitular": "9"}, ["codigoBeneficiarioTitular"]),
        (CHILD | {"codigoBeneficiarioTitular": ""}, ["codigoBeneficiarioTitular"]),
        (HOLDER | {"numeroPlanoANS": ""}, ["numeroPlanoANS"]),
        (HOLDER | {"numeroPlanoANS": "", "numeroPlanoOperadora": "X1"}, []),
        (HOLDER | {"numeroPlanoOperadora": "X1"}, ["numeroPlanoOperadora"]),
        (HOLDER | {"cnpjEmpresaContratante": "11222333000181", "ceiEmpresaContratante": "115830024985"},
         ["cnpjEmpresaContratante"]),
        (HOLDER | {"cnpjEmpresaContratante": "11222333000180"}, ["cnpjEmpresaContratante"]),
        (HOLDER | {"logradouro": "RUA A"}, ["codigoMunicipio"]),
        (HOLDER | {"logradouro": "RUA A", "codigoMunicipio": "355030"}, []),
        (HOLDER | {"codigoMunicipio": "3550308"}, ["codigoMunicipio"]),
        (HOLDER | {"dn": "30000000000"}, ["dn"]),
        (CHILD | {"dn": "30000000000"}, []),
        (HOLDER | {"nome": "MARIA"}, ["nome"]),
        (HOLDER | {"nome": "AB"}, ["nome"]),
        (HOLDER | {"nome": "MARIA " + "X" * 65}, ["nome"]),
        (HOLDER | {"nome": "MARIA @ EXEMPLO"}, ["nome"]),
        (HOLDER | {"dataNascimento": "2026-11-24", "dataContratacao": "2026-11-24"},
         ["dataNascimento", "dataContratacao"]),
        (HOLDER | {"dataNascimento": "1889-12-31"}, ["dataNascimento"]),
        (HOLDER | {"dataContratacao": "1980-01-01"}, ["dataContratacao"]),
        (HOLDER | {"dataNascimento": "1984-02-30"}, ["dataNascimento"]),
        (HOLDER | {"cpf": "11111111111"}, ["cpf"]),
        (HOLDER | {"cns": "123456789012345"}, ["cns"]),
        (HOLDER | {"pisPasep": "12345678901"}, ["pisPasep"]),
        (HOLDER | {"relacaoDependencia": "2"}, ["codigoBeneficiarioTitular", "relacaoDependencia"]),
        (HOLDER | {"sexo": "2"}, ["sexo"]),
        (HOLDER | {"codigoBeneficiario": "A\x02B"}, ["codigoBeneficiario"]),
        (HOLDER | {"numeroPlanoANS": "", "numeroPlanoOperadora": "☂"}, ["numeroPlanoOperadora"]),
        (HOLDER | {"bairro": "CENTRO \x7f", "codigoMunicipio": "355030"}, ["bairro"]),
        ({}, ["nome", "sexo", "dataNascimento", "codigoBeneficiario", "relacaoDependencia", "dataContratacao",
              "numeroPlanoANS", "nomeMae", "cns"]),
    ],
)  # fmt: skip
def test_an_inclusion_with_a_fault_is_held_with_its_field(fields, trouble):
    assert fields_in_trouble(INCLUSION, fields, cco="") == trouble


def test_a_plan_older_than_the_law_takes_no_new_holder_of_its_own():
    assert fields_in_trouble(INCLUSION, HOLDER, cco="", is_pre_law=True) == ["numeroPlanoOperadora"]
    assert fields_in_trouble(INCLUSION, CHILD, cco="", is_pre_law=True) == []


_OF_CONTRACT = ("relacaoDependencia", "dataContratacao", "numeroPlanoANS")


@pytest.mark.parametrize(
    ("movement_type", "fields", "trouble"),
    [
        (RECTIFICATION, {"cns": cns(1)}, []),
        (RECTIFICATION, {}, ["cco"]),
        (RECTIFICATION, {"numeroPlanoANS": "999999990"}, ["numeroPlanoANS"]),
        (RECTIFICATION, {"nome": "MARIA"}, ["nome"]),
        (CONTRACT_CHANGE, {key: HOLDER[key] for key in _OF_CONTRACT}, []),
        (CONTRACT_CHANGE, {"relacaoDependencia": "1"}, ["dataContratacao", "numeroPlanoANS"]),
        (CANCELLATION, {"dataCancelamento": "2026-11-01", "motivoCancelamento": "41"}, []),
        (CANCELLATION, {"dataCancelamento": "2026-11-01", "motivoCancelamento": "45"}, ["motivoCancelamento"]),
        (CANCELLATION, {}, ["dataCancelamento", "motivoCancelamento"]),
        (REACTIVATION, {"dataReativacao": "2026-11-01"}, []),
        (REACTIVATION, {"dataReativacao": "2026-12-01"}, ["dataReativacao"]),
        (REACTIVATION, {}, ["dataReativacao"]),
    ],
)  # fmt: skip
def test_each_kind_of_movement_has_its_own_rules(movement_type, fields, trouble):
    assert fields_in_trouble(movement_type, fields) == trouble


@pytest.mark.parametrize("cco", ["", "123"])
def test_only_an_inclusion_goes_without_a_cco(cco):
    assert fields_in_trouble(RECTIFICATION, {"cns": cns(1)}, cco=cco) == ["cco"]


def test_each_problem_says_what_and_how_to_mend_it():
    [problem] = problems(INCLUSION, "", HOLDER | {"cns": ""}, today=TODAY)

    assert problem.as_json() == {
        "field": "cns",
        "sentence": "A ANS pede o CNS de todo beneficiário ativo.",
        "mend": "Consulte o DATASUS ou peça o número.",
    }


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [
        ("12345678919", True),
        ("12345678918", False),
        ("00000000000", False),
        ("1234567891", False),
        ("1234567891a", False),
    ],
)
def test_check_digit_of_the_pis(number, is_valid):
    assert pis_is_valid(number) == is_valid


@pytest.mark.parametrize("letter", "ÏïÙùÌÎÒÛìîòûŁ")
def test_a_letter_that_the_schema_of_names_lacks_is_held(letter):
    assert fields_in_trouble(INCLUSION, HOLDER | {"nome": f"MARIA {letter}A SILVA"}, cco="") == ["nome"]
