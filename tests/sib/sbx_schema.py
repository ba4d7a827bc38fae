"""The schema of an update file (docs/reference/sib.md §3, §8.1): what ANS would refuse, it refuses."""

from lxml import etree

NAME = "[a-zA-ZÁÀÂÃÄÉÈÊËÍÓÔÕÖÚÜÇÑáàâãäéèêëíóôõöúüçñ' ]{3,70}"
DIGITS = {
    "cpf": 11, "dn": 11, "pisPasep": 11, "cns": 15, "codigoMunicipio": 6, "codigoMunicipioResidencia": 6, "cep": 8,
    "numeroPlanoANS": 9, "numeroPlanoPortabilidade": 9, "cnpjEmpresaContratante": 14, "ceiEmpresaContratante": 12,
    "caepfEmpresaContratante": 14, "codigoProcedimentoAdministrativo": 20,
}  # fmt: skip
TEXTS = {
    "logradouro": 50, "numero": 5, "complemento": 15, "bairro": 30, "codigoBeneficiario": 30,
    "codigoBeneficiarioTitular": 30, "numeroPlanoOperadora": 20,
}  # fmt: skip
PATTERNS = {
    "nome": NAME, "nomeMae": NAME, "sexo": "[13]", "tipoEndereco": "[12]", "resideExterior": "[01]",
    "relacaoDependencia": "1|3|4|6|8|10", "motivoCancelamento": "41|42|43|44|46|47|48",
    "coberturaParcialTemporaria": "[01]", "itensExcluidosCobertura": "[01]",
}  # fmt: skip
DATES = {"dataNascimento": "1890-01-01"} | dict.fromkeys(
    ("dataContratacao", "dataReativacao", "dataCancelamento"), "1940-01-01"
)


def _element(name, least=0):
    if name in DIGITS:
        facet = f'<xs:pattern value="\\d{{{DIGITS[name]}}}"/>'
    elif name in PATTERNS:
        facet = f'<xs:pattern value="{PATTERNS[name]}"/>'
    elif name in DATES:
        return (
            f'<xs:element name="{name}" minOccurs="{least}"><xs:simpleType><xs:restriction base="xs:date">'
            f'<xs:minInclusive value="{DATES[name]}"/></xs:restriction></xs:simpleType></xs:element>'
        )
    else:
        facet = f'<xs:minLength value="1"/><xs:maxLength value="{TEXTS[name]}"/>'
    return (
        f'<xs:element name="{name}" minOccurs="{least}"><xs:simpleType><xs:restriction base="xs:string">{facet}'
        "</xs:restriction></xs:simpleType></xs:element>"
    )


def _plan(least):
    return (
        f'<xs:choice minOccurs="{least}"><xs:sequence>{_element("numeroPlanoANS", 1)}'
        f"{_element('numeroPlanoPortabilidade')}</xs:sequence>{_element('numeroPlanoOperadora', 1)}</xs:choice>"
    )


_TAIL = "".join(map(_element, ("coberturaParcialTemporaria", "itensExcluidosCobertura"))) + (
    '<xs:choice minOccurs="0">'
    + "".join(_element(f"{kind}EmpresaContratante", 1) for kind in ("cnpj", "cei", "caepf"))
    + "</xs:choice>"
)


def _blocks(required):
    """``required``: the fields that an inclusion must have; a rectification may leave out all."""

    def elements(*names: str):
        return "".join(_element(name, int(name in required)) for name in names)

    identity = elements("cpf", "dn", "pisPasep", "cns", "nome", "sexo", "dataNascimento", "nomeMae")
    address = elements(
        "logradouro", "numero", "complemento", "bairro", "codigoMunicipio", "codigoMunicipioResidencia", "cep",
        "tipoEndereco", "resideExterior",
    )  # fmt: skip
    later = () if required else ("dataReativacao", "dataCancelamento", "motivoCancelamento")
    link = elements("codigoBeneficiario", "relacaoDependencia", "codigoBeneficiarioTitular", "dataContratacao", *later)
    link += _plan(int(bool(required))) + _TAIL
    return "".join(
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>'
        for name, content in (("identificacao", identity), ("endereco", address), ("vinculo", link))
    )


_CCO = (
    '<xs:element name="cco"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="\\d{12}"/>'
    "</xs:restriction></xs:simpleType></xs:element>"
)
_MOVEMENTS = {
    "inclusao": _blocks(
        {"nome", "sexo", "dataNascimento", "codigoBeneficiario", "relacaoDependencia", "dataContratacao"}
    ),
    "retificacao": _CCO + _blocks(set()) + _element("codigoProcedimentoAdministrativo"),
    "mudancaContratual": _CCO + _element("relacaoDependencia", 1) + _element("codigoBeneficiarioTitular")
    + _element("dataContratacao", 1) + _plan(1) + _TAIL,
    "cancelamento": _CCO + _element("dataCancelamento", 1) + _element("motivoCancelamento", 1),
    "reativacao": _CCO + _element("dataReativacao", 1),
}  # fmt: skip


def _sequence(name, content, occurs=""):
    return (
        f'<xs:element name="{name}" {occurs}><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType>'
        "</xs:element>"
    )


def _leaf(name, base="xs:string"):
    return f'<xs:element name="{name}" type="{base}"/>'


_HEADING = _sequence(
    "cabecalho",
    _sequence(
        "identificacaoTransacao",
        _leaf("tipoTransacao") + _leaf("sequencialTransacao", "xs:integer")
        + _leaf("dataHoraRegistroTransacao", "xs:dateTime"),
    )
    + _sequence("origem", _leaf("registroANS")) + _sequence("destino", _leaf("cnpj")) + _leaf("versaoPadrao")
    + _sequence(
        "identificacaoSoftwareGerador",
        _leaf("nomeAplicativo") + _leaf("versaoAplicativo") + _leaf("fabricanteAplicativo"),
    ),
)  # fmt: skip
_MOVEMENT = "".join(_sequence(name, content) for name, content in _MOVEMENTS.items())
_MESSAGE = _sequence(
    "mensagem",
    _sequence(
        "operadoraParaANS",
        "<xs:choice>"
        f'<xs:element name="beneficiarios"><xs:complexType><xs:choice maxOccurs="unbounded">{_MOVEMENT}</xs:choice>'
        "</xs:complexType></xs:element>"
        + _sequence(
            "naoEnvioBeneficiarios",
            '<xs:element name="motivoNaoEnvioBeneficiarios"><xs:simpleType><xs:restriction base="xs:string">'
            '<xs:pattern value="61|62"/></xs:restriction></xs:simpleType></xs:element>',
        )
        + "</xs:choice>",
    ),
)
SCHEMA = etree.XMLSchema(
    etree.fromstring(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        + _sequence("mensagemSIB", _HEADING + _MESSAGE + _sequence("epilogo", _leaf("hash")))
        + "</xs:schema>"
    )
)


def faults(document: bytes):
    """What the schema says against the document; empty where it is valid."""
    SCHEMA.validate(etree.fromstring(document))
    return [error.message for error in SCHEMA.error_log]
