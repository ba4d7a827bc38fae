import pytest
from django.core.exceptions import ValidationError

from beneficiaries.domain.csv_columns import CLEANERS
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.forms.fields import CellField

SCIENTIFIC = "veio em notação científica; formate a coluna como texto e exporte de novo."
OTHER_LENGTH = "deve ter 11 algarismos."


def answer(column, text):
    """What the reader of files makes of the cell, or the sentence with which it refuses it."""
    try:
        return CLEANERS[column](text)
    except InvalidValue as refusal:
        return str(refusal)


def on_screen(column, text):
    """The same of what somebody types."""
    field = CellField(column, "Campo")
    try:
        return field.clean(text)
    except ValidationError as error:
        return error.messages[0]


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("cpf", "191", "00000000191"),
        ("cpf", "123000122.0", "00123000122"),
        ("cpf", "123000122,0", "00123000122"),
        ("cpf", "001.230.001-22", "00123000122"),
        ("cpf", "234.567.058-4", OTHER_LENGTH),  # 023.456.705-84 is a valid CPF of somebody else
        ("cpf", "23456705-84", OTHER_LENGTH),
        ("cpf", "1,23E+10", SCIENTIFIC),
        ("cpf", "123,000,122,00", OTHER_LENGTH),
        ("cep", "1310100.0", "01310100"),
        ("cep", "1310100", "01310100"),
        ("cep", "1310-100", "deve ter 8 algarismos."),
        ("cco", "191", "000000000191"),
        ("cco", "12.000", "deve ter 12 algarismos."),
        ("cco", "191.0", "000000000191"),
        ("dn", "30111111111.0", "30111111111"),
        ("numeroPlanoANS", "400000001.0", "400000001"),
        ("cnpjEmpresaContratante", "191", "00000000000191"),
        ("cnpjEmpresaContratante", "11222333000181.0", "11222333000181"),
        ("cnpjEmpresaContratante", "12.abc.345/01DE-35", "12ABC34501DE35"),
        ("cnpjEmpresaContratante", "1,1222E+13", SCIENTIFIC),
        ("cns", "700000001234573.0", "700000001234573"),
        ("codigoBeneficiario", "1,23457E+16", SCIENTIFIC),
        ("codigoBeneficiarioTitular", "1.23457E+15", SCIENTIFIC),
        ("numeroContrato", "1.2E+15", SCIENTIFIC),
        ("telefone", "5.51199E+12", SCIENTIFIC),
        ("codigoBeneficiario", "12E3", "12E3"),
        ("codigoMunicipio", "355030", "355030"),
        ("codigoMunicipio", "3550308", "355030"),
        ("codigoMunicipio", "355030-8", "355030"),
        ("codigoMunicipio", "355030.0", "355030"),
        ("codigoMunicipio", "3550301", "o de São Paulo (SP) é 3550308."),
        ("codigoMunicipio", "999999", "não é código de nenhum município do IBGE."),
        ("codigoMunicipio", "35503", "deve ter 6 ou 7 algarismos."),
        ("codigoMunicipio", "São Paulo", "deve ter só algarismos."),
    ],
)
def test_files_number_is_read_whole_or_refused(column, text, meant):
    assert answer(column, text) == meant


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("cpf", "001.230.001-22", "00123000122"),
        ("cpf", "234.567.058-4", "Deve ter 11 algarismos."),
        ("cpf", "2345670584", "Deve ter 11 algarismos."),
        ("cep", "1310100", "Deve ter 8 algarismos."),
        ("cco", "191", "Deve ter 12 algarismos."),
        ("cnpjEmpresaContratante", "191", "Não passa nos dígitos de conferência."),
        ("codigoMunicipio", "3550308", "355030"),
    ],
)
def test_typed_number_is_never_padded(column, text, meant):
    assert on_screen(column, text) == meant
