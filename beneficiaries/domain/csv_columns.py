"""The columns of the registry's CSV file, named as in the SIB, and how the text of each becomes a value.

Dates ISO or dd/mm/aaaa, numbers punctuated or not. Spreadsheets eat leading zeros: CPF, CNPJ, CEP and CCO get them
back in files, and in files alone (TYPED); a CNS never does, since none begins with zero.
"""

from collections.abc import Callable
from datetime import date

from beneficiaries.domain.ans_vocabularies import (
    ACCOMMODATIONS,
    CANCELLATION_REASONS,
    CONTRACTINGS,
    COVERAGE_AREAS,
    FORMER_CANCELLATION_REASONS,
    REGULATIONS,
    SEGMENTATIONS,
    YES_OR_NO,
)
from beneficiaries.domain.identifiers import caepf_is_valid, cei_is_valid, cpf_is_valid, digits
from beneficiaries.domain.names import fold
from beneficiaries.domain.number_cells import cnpj, municipality, number_of
from beneficiaries.domain.placeholders import is_zeros, without_placeholder
from beneficiaries.domain.text_cells import (
    NO_WAITING,
    code_text,
    day,
    email,
    name,
    one_of,
    or_blank,
    plain_text,
    term,
    title,
)
from beneficiaries.formats.cell_text import is_scientific, whole_part

REQUIRED = ("codigoBeneficiario", "nome", "dataNascimento", "relacaoDependencia", "dataContratacao")
COLUMNS = (
    "codigoBeneficiario",
    "cco",
    "cpf",
    "dn",
    "pisPasep",
    "cns",
    "nome",
    "nomeSocial",
    "sexo",
    "dataNascimento",
    "nomeMae",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "codigoMunicipio",
    "cep",
    "codigoBeneficiarioTitular",
    "relacaoDependencia",
    "dataContratacao",
    "dataReativacao",
    "dataCancelamento",
    "motivoCancelamento",
    "numeroPlanoANS",
    "numeroPlanoOperadora",
    "cnpjEmpresaContratante",
    "caepfEmpresaContratante",
    "ceiEmpresaContratante",
    "email",
    "telefone",
    "dataInicioCobertura",
    "dataFimCPT",
    "carenciaAmbulatorial",
    "fimCarenciaAmbulatorial",
    "carenciaHospitalar",
    "fimCarenciaHospitalar",
    "carenciaParto",
    "fimCarenciaParto",
    "carenciaOdontologica",
    "fimCarenciaOdontologica",
    "nomePlano",
    "segmentacao",
    "acomodacao",
    "abrangencia",
    "contratacao",
    "regulamentacao",
    "numeroContrato",
    "dataAssinaturaContrato",
    "empresarioIndividual",
    "razaoSocialContratante",
    "nomeFantasiaContratante",
    "cnpjAdministradora",
    "razaoSocialAdministradora",
    "nomeFantasiaAdministradora",
)
WAITING = {
    "carenciaAmbulatorial": ("A", "fimCarenciaAmbulatorial"),
    "carenciaHospitalar": ("H", "fimCarenciaHospitalar"),
    "carenciaParto": ("P", "fimCarenciaParto"),
    "carenciaOdontologica": ("O", "fimCarenciaOdontologica"),
}
"""Column of the term → group of procedures, column of the day on which it ends."""
PARTY_COLUMNS = {
    "cnpjEmpresaContratante": "cnpj",
    "caepfEmpresaContratante": "caepf",
    "ceiEmpresaContratante": "cei",
}
"""Column of the contracting party → the field of a company that it is."""
RELATIONSHIPS = frozenset({"1", "3", "4", "6", "8", "10"})
Values = dict[str, str | date | None]


CLEANERS: dict[str, Callable[[str], str | date | None]] = {  # of text that is stripped and not blank
    "codigoBeneficiario": code_text(30),
    "cco": number_of(12, pad=True),
    "cpf": number_of(11, pad=True, is_valid=cpf_is_valid),
    "dn": or_blank(number_of(11)),
    "pisPasep": or_blank(number_of(11)),
    "cns": lambda text: text if is_scientific(text) else digits(whole_part(text)) or text,  # attach_cns judges it
    "nome": name,
    "nomeSocial": name,
    "sexo": one_of({"1": ("M",), "3": ("F",)}, "1 (masculino) ou 3 (feminino)"),
    "dataNascimento": day,
    "nomeMae": name,
    "logradouro": plain_text(100),
    "numero": code_text(10),
    "complemento": plain_text(50),
    "bairro": plain_text(60),
    "codigoMunicipio": municipality,
    "cep": or_blank(number_of(8, pad=True)),
    "codigoBeneficiarioTitular": code_text(30),
    "relacaoDependencia": one_of(dict.fromkeys(RELATIONSHIPS, ()), "1, 3, 4, 6, 8 ou 10"),
    "dataContratacao": day,
    "dataReativacao": day,
    "dataCancelamento": day,
    "motivoCancelamento": one_of(
        CANCELLATION_REASONS | FORMER_CANCELLATION_REASONS,
        "41 (iniciativa do beneficiário), 42 (desligamento da empresa), 43 (inadimplência), 44 (óbito), "
        "46 (inclusão indevida), 47 (fraude) ou 48 (portabilidade)",
    ),
    "numeroPlanoANS": or_blank(number_of(9)),
    "numeroPlanoOperadora": code_text(20),
    "cnpjEmpresaContratante": cnpj(pad=True),
    "caepfEmpresaContratante": or_blank(number_of(14, pad=True, is_valid=caepf_is_valid)),
    "ceiEmpresaContratante": or_blank(number_of(12, pad=True, is_valid=cei_is_valid)),
    "email": email,
    "telefone": code_text(20),
    "dataInicioCobertura": day,
    "dataFimCPT": day,
    **dict.fromkeys(WAITING, term),
    **{end: day for _, end in WAITING.values()},
    "nomePlano": title(100),
    "segmentacao": one_of(
        SEGMENTATIONS, "o código da ANS (01 a 15) ou o nome, como “Ambulatorial + Hospitalar com obstetrícia”"
    ),
    "acomodacao": one_of(ACCOMMODATIONS, "coletiva (enfermaria), individual (apartamento) ou sem acomodação"),
    "abrangencia": one_of(
        COVERAGE_AREAS,
        "1 (nacional), 2 (grupo de estados), 3 (estadual), 4 (grupo de municípios), 5 (municipal) ou 6 (outras)",
    ),
    "contratacao": one_of(
        CONTRACTINGS, "1 (individual ou familiar), 2 (coletivo empresarial) ou 3 (coletivo por adesão)"
    ),
    "regulamentacao": one_of(REGULATIONS, "regulamentado, não-regulamentado ou adaptado"),
    "numeroContrato": code_text(20),
    "dataAssinaturaContrato": day,
    "empresarioIndividual": one_of(YES_OR_NO, "S (sim) ou N (não)"),
    "razaoSocialContratante": title(150),
    "nomeFantasiaContratante": title(100),
    "cnpjAdministradora": cnpj(pad=True),
    "razaoSocialAdministradora": title(150),
    "nomeFantasiaAdministradora": title(100),
}
TYPED: dict[str, Callable[[str], str | date | None]] = {
    **CLEANERS,
    "cco": number_of(12),
    "cpf": number_of(11, is_valid=cpf_is_valid),
    "cep": or_blank(number_of(8)),
    "cnpjEmpresaContratante": cnpj(),
    "caepfEmpresaContratante": or_blank(number_of(14, is_valid=caepf_is_valid)),
    "ceiEmpresaContratante": or_blank(number_of(12, is_valid=cei_is_valid)),
    "cnpjAdministradora": cnpj(),
}
"""Of what people write on a screen: no leading zero is ever put in front."""
DAYS = frozenset(column for column, clean in CLEANERS.items() if clean is day)
NULLABLE = frozenset({"cco", "cpf", "cns", *DAYS})
BLANKS: Values = {column: None if column in NULLABLE else "" for column in COLUMNS}
"""What a blank cell means; no cleaner is asked."""

_CODES = frozenset({"codigoBeneficiario", "codigoBeneficiarioTitular", "numeroPlanoOperadora", "numeroContrato"})
_NOT_ZERO = frozenset("123456789")
_NEVER_ZERO = DAYS | {
    *("cco", "cpf", "dn", "pisPasep", "cns", "nome", "nomeSocial", "nomeMae", "codigoMunicipio", "cep", "telefone"),
    *("motivoCancelamento", "numeroPlanoANS", *PARTY_COLUMNS, "cnpjAdministradora"),
}


def clean_cell(column: str, text: str) -> str:
    """The text of a cell; "" where it only says that there is nothing, as NULL does, or zeros in place of a number."""
    if text[:1] in _NOT_ZERO:
        return text
    if column in WAITING and fold(text) in NO_WAITING:
        return text
    if column in _NEVER_ZERO and is_zeros(text):
        return ""
    return without_placeholder(text, is_code=column in _CODES)
