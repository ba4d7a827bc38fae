from datetime import date

import pytest

from sib.domain.field_differences import field_differences

OURS = {
    "our_cpf": "11144477735",
    "our_name": "Maria Aparecida Exemplo",
    "our_birth_date": date(1984, 2, 29),
    "our_mother_name": "Joana da Conceição",
    "our_sex": "3",
    "our_pis_pasep": "",
    "our_dn": "",
    "our_street": "Rua das Acácias",
    "our_house": "778",
    "our_complement": "",
    "our_district": "",
    "our_city_code": "355030",
    "our_postal_code": "",
    "our_code": "10001",
    "relationship": "3",
    "our_holder": "000000000191",
    "contracted_on": date(2021, 7, 1),
    "reactivated_on": date(2024, 5, 2),
    "cancelled_on": date(2025, 1, 31),
    "cancellation_reason": "41",
    "our_plan": "400081014",
    "our_plan_code": "",
    "our_cnpj": "11222333000181",
    "our_caepf": "",
    "our_cei": "",
}
THEIRS = {
    "cpf": "11144477735",
    "nome": "MARIA APARECIDA EXEMPLO",
    "data_nascimento": date(1984, 2, 29),
    "nome_mae": "JOANA DA CONCEICAO",
    "sexo": "3",
    "pis_pasep": "",
    "dn": "",
    "logradouro": "RUA DAS ACACIAS",
    "numero": "778",
    "complemento": "",
    "bairro": "",
    "codigo_municipio": "355030",
    "cep": "",
    "codigo_beneficiario": "0010001",
    "relacao_dependencia": "3",
    "cco_beneficiario_titular": "000000000191",
    "data_contratacao": date(2021, 7, 1),
    "data_reativacao": date(2024, 5, 2),
    "data_cancelamento": date(2025, 1, 31),
    "motivo_cancelamento": "41",
    "numero_plano_ans": "400081014",
    "numero_plano_operadora": "",
    "cnpj_empresa_contratante": "11222333000181",
    "caepf_empresa_contratante": "",
    "cei_empresa_contratante": "",
}


def found(**changes):
    return [(each.field, str(each.kind), each.counts) for each in field_differences({**OURS, **THEIRS, **changes})]


def test_accents_case_and_particles_of_spelling_are_no_divergence():
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "divergence"),
    [
        ({"nome": "MARIA A EXEMPLO"}, ("nome", "SPELLING", True)),
        ({"nome": "MARIA"}, ("nome", "SPELLING", True)),
        ({"nome_mae": "NAO INFORMADA"}, ("nomeMae", "BLANK_THERE", True)),
        ({"nome": "MARTA APARECIDA EXEMPLO"}, ("nome", "DIFFERENT", True)),
        ({"nome_mae": "JOANA CONCEICAO SILVA"}, ("nomeMae", "DIFFERENT", True)),
        ({"nome_mae": ""}, ("nomeMae", "BLANK_THERE", True)),
        ({"our_mother_name": ""}, ("nomeMae", "BLANK_HERE", False)),
        ({"our_cpf": None}, ("cpf", "BLANK_HERE", False)),
        ({"cpf": ""}, ("cpf", "BLANK_THERE", True)),
        ({"data_nascimento": date(1984, 2, 28)}, ("dataNascimento", "DIFFERENT", True)),
        ({"sexo": "1"}, ("sexo", "DIFFERENT", True)),
        ({"logradouro": "RUA DOS IPES"}, ("logradouro", "DIFFERENT", True)),
        ({"logradouro": ""}, ("logradouro", "BLANK_THERE", False)),
        ({"cep": "01000000"}, ("cep", "BLANK_HERE", False)),
        ({"relacao_dependencia": "4"}, ("relacaoDependencia", "DIFFERENT", True)),
        ({"codigo_beneficiario": "10002"}, ("codigoBeneficiario", "DIFFERENT", True)),
        ({"cco_beneficiario_titular": "000000000272"}, ("ccoBeneficiarioTitular", "DIFFERENT", True)),
        ({"our_holder": None}, ("ccoBeneficiarioTitular", "BLANK_HERE", False)),
        ({"data_reativacao": date(2024, 5, 3)}, ("dataReativacao", "DIFFERENT", True)),
        ({"data_reativacao": None}, ("dataReativacao", "BLANK_THERE", False)),
        ({"data_cancelamento": date(2025, 2, 1)}, ("dataCancelamento", "DIFFERENT", True)),
        ({"motivo_cancelamento": "44"}, ("motivoCancelamento", "DIFFERENT", True)),
        ({"data_contratacao": date(2021, 7, 2)}, ("dataContratacao", "DIFFERENT", True)),
        ({"numero_plano_ans": "400081015"}, ("numeroPlanoANS", "DIFFERENT", True)),
        ({"cnpj_empresa_contratante": "11444777000161"}, ("cnpjEmpresaContratante", "DIFFERENT", True)),
        ({"cnpj_empresa_contratante": ""}, ("cnpjEmpresaContratante", "BLANK_THERE", True)),
        ({"our_cnpj": None}, ("cnpjEmpresaContratante", "BLANK_HERE", True)),
        ({"cei_empresa_contratante": "115830024985"}, ("ceiEmpresaContratante", "BLANK_HERE", True)),
    ],
)
def test_a_field_that_the_two_sides_tell_differently(changes, divergence):
    assert found(**changes) == [divergence]


def test_what_the_sib_has_no_room_for_is_no_divergence():
    street = "Avenida Engenheiro Luiz Carlos Berrini da Conceição e Silva"

    assert found(our_street=street, logradouro=street[:50].upper()) == []
