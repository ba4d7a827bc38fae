"""Broken, odd and hostile files, each made by a few lines of code, with the end that it must come to.

The base is one good file of three records. A kind says what is done to it, and what comes of it: ``refused`` (the
beginning of the sentence) or ``records`` read, with the fields that could not be understood.
"""

import gzip
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from beneficiaries.domain.identifiers import cpf_from_base

REGISTRATION = "999999"
CPF = cpf_from_base("111444777")

HEAD = """<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>
<mensagemSIB xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><cabecalho>
<identificacaoTransacao><tipoTransacao>CONFERENCIA CADASTRAL</tipoTransacao>
<sequencialTransacao>7</sequencialTransacao>
<dataHoraRegistroTransacao>2026-11-20T03:12:45</dataHoraRegistroTransacao></identificacaoTransacao>
<origem><cnpj>03589068000146</cnpj></origem><destino><registroANS>999999</registroANS></destino>
<versaoPadrao>1.1</versaoPadrao></cabecalho><mensagem><ansParaOperadora><conferencia>
"""
TAIL = "</conferencia></ansParaOperadora></mensagem><epilogo><hash>0</hash></epilogo></mensagemSIB>\n"


def record(number=1, **fields: str | None):
    texts = {
        "cpf": CPF, "nome": "MARIA APARECIDA EXEMPLO", "sexo": "3", "dataNascimento": "1984-02-29",
        "nomeMae": "ANA EXEMPLO", "codigoBeneficiario": str(number), "relacaoDependencia": "1",
        "dataContratacao": "2020-01-01", "numeroPlanoANS": "999999990",
    }  # fmt: skip
    texts |= fields
    of_link = ("codigoBeneficiario", "relacaoDependencia", "dataContratacao", "numeroPlanoANS")
    identity, link = (
        "".join(
            f"<{name}>{text}</{name}>"
            for name, text in texts.items()
            if text is not None and (name in of_link) is is_link
        )
        for is_link in (False, True)
    )
    return (
        f'<beneficiario cco="{number:012d}" situacao="ATIVO" dataAtualizacao="2026-11-01"><identificacao>{identity}'
        f"</identificacao><endereco></endereco><vinculo>{link}</vinculo></beneficiario>\n"
    )


GOOD = HEAD + record(1) + record(2) + record(3) + TAIL


@dataclass(frozen=True)
class Kind:
    name: str
    make: Callable[[], bytes]
    refused: str = ""
    records: int = 0
    issues: frozenset[str] = frozenset()
    is_heavy: bool = False


KINDS: list[Kind] = []


def _kind(name, body, *, refused="", records=0, issues=(), is_heavy=False):
    make = body if callable(body) else lambda: body.encode("iso-8859-1") if isinstance(body, str) else body
    KINDS.append(Kind(name, make, refused, records, frozenset(issues), is_heavy))


def _with(*records: str, head=HEAD, tail=TAIL):
    return head + "".join(records) + tail


# ---- cut at every structural point ----------------------------------------------------------------------------------
CUT = "O arquivo está cortado"
_place = GOOD.index
for _name, _end in {
    "before anything but the declaration": _place("<mensagemSIB"),
    "in the root's tag": _place(" xsi:schema"),
    "in an attribute of the root": _place("a b"),
    "in the header": _place("<sequencial"),
    "in a text of the header": _place("CADASTRAL"),
    "before the first record": _place("<beneficiario"),
    "in a record's tag": _place('situacao="ATIVO"'),
    "in a record's attribute": _place('ATIVO"'),
    "in a block's tag": _place("<identificacao>") + 5,
    "in a field's tag": _place("<nome>") + 3,
    "in a field's text": _place("APARECIDA"),
    "in a closing tag": _place("</nome>") + 3,
    "between two fields": _place("<sexo>"),
    "between two blocks": _place("<endereco>"),
    "between two records": _place('<beneficiario cco="000000000002"'),
    "after the last record": _place("</conferencia>"),
    "before the epilogue": _place("<epilogo>"),
    "in the hash": _place("</hash>"),
    "before the root ends": _place("</mensagemSIB>"),
    "one byte before the end": _place("</mensagemSIB>") + len("</mensagemSIB"),
}.items():
    _sentence = (
        "O arquivo está vazio." if "declaration" in _name or "root's tag" in _name or "of the root" in _name else CUT
    )
    _kind(f"cut {_name}", GOOD[:_end], refused=_sentence)
_kind("cut in an entity", GOOD.replace("ANA EXEMPLO", "ANA &am")[: _place("ANA EXEMPLO") + 7], refused=CUT)
_kind("cut in a comment", GOOD[: _place("<beneficiario")] + "<!-- x", refused=CUT)
_kind("cut in CDATA", _with(record(nome="<![CDATA[MARIA"))[:1200], refused=CUT)


def _zipped(*entries: tuple[str, bytes]):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return packed.getvalue()


# ---- not a conference at all ----------------------------------------------------------------------------------------
_kind("empty", "", refused="O arquivo está vazio.")
_kind("two letters", "oi", refused="O arquivo não é XML.")
_kind("only blanks", " \n\t ", refused="O arquivo está vazio.")
_kind("plain words", "isto não é um arquivo da ANS", refused="O arquivo não é XML.")
_kind("CSV", "cco;cpf\r\n1;2\r\n", refused="O arquivo não é XML.")
_kind("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", refused="O arquivo não é XML.")
_kind("random bytes", bytes(range(256)) * 40, refused="O arquivo não é XML.")
_kind("only NULs", bytes(5000), refused="O arquivo não é XML.")
_kind("HTML", "<html><body>Sessão expirada</body></html>", refused="O XML não é um arquivo do SIB.")
_kind("SOAP", '<s:Envelope xmlns:s="x"><s:Body/></s:Envelope>', refused="O XML não é um arquivo do SIB.")
_kind(
    "an update file", GOOD.replace("ansParaOperadora", "operadoraParaANS"), refused="É um arquivo de atualização (SBX)"
)
_kind(
    "a result",
    _with(
        head=HEAD.replace("<conferencia>", "<resultadoProcessamento>"),
        tail=TAIL.replace("</conferencia>", "</resultadoProcessamento>"),
    ),
    refused="É o resultado do processamento (RPX)",
)
_kind(
    "a transfer",
    _with(
        head=HEAD.replace("<conferencia>", "<transferencia>"), tail=TAIL.replace("</conferencia>", "</transferencia>")
    ),
    refused="É um arquivo de transferência",
)
_kind(
    "a message without a conference",
    _with(head=HEAD.replace("<conferencia>", ""), tail=TAIL.replace("</conferencia>", "")),
    refused="O arquivo não traz uma conferência.",
)
_kind(
    "another operator's",
    GOOD.replace("999999</registroANS>", "123456</registroANS>"),
    refused="O arquivo é da operadora 123456",
)
_kind(
    "without an operator",
    GOOD.replace("<registroANS>999999</registroANS>", ""),
    refused="O arquivo não diz de qual operadora é.",
)
_kind("a ZIP without files", _zipped, refused="O arquivo compactado")
_kind("a ZIP with a picture", lambda: _zipped(("a.png", b"\x89PNG\r\n\x1a\n")), refused="O arquivo não é XML.")
_kind("gzip that is cut", lambda: gzip.compress(GOOD.encode() * 9)[:-20], refused="O arquivo compactado")
_kind("gzip in gzip", lambda: gzip.compress(gzip.compress(GOOD.encode())), refused="Dentro de")


# ---- malformed ------------------------------------------------------------------------------------------------------
BAD = "O XML está malformado na linha"
_kind("a tag that is not closed", GOOD.replace("</nome>", "", 1), refused=BAD)
_kind("tags that cross", GOOD.replace("</nome><sexo>", "<sexo></nome>", 1), refused=BAD)
_kind("an attribute without quotes", GOOD.replace('situacao="ATIVO"', "situacao=ATIVO", 1), refused=BAD)
_kind("an attribute twice", GOOD.replace('situacao="ATIVO"', 'cco="1" situacao="ATIVO"', 1), refused=BAD)
_kind("a bare ampersand", GOOD.replace("ANA EXEMPLO", "ANA & EXEMPLO", 1), refused=BAD)
_kind("an entity nobody declared", GOOD.replace("ANA EXEMPLO", "&nbsp;", 1), refused=BAD)
_kind("a bare less-than", GOOD.replace("ANA EXEMPLO", "ANA < EXEMPLO", 1), refused=BAD)
_kind("a control character", GOOD.replace("ANA EXEMPLO", "ANA\x01", 1), refused=BAD)
_kind("a NUL in a text", GOOD.replace("ANA EXEMPLO", "ANA\x00", 1), refused=BAD)
_kind("a character that XML forbids", GOOD.replace("ANA EXEMPLO", "&#1;", 1), refused=BAD)
_kind("a reference beyond Unicode", GOOD.replace("ANA EXEMPLO", "&#x110000;", 1), refused=BAD)
_kind("two roots", GOOD + GOOD.partition("\n")[2], refused=BAD)
_kind("words after the end", GOOD + "fim", refused=BAD)
_kind("a second declaration", GOOD.replace("<cabecalho>", '<?xml version="1.0"?><cabecalho>', 1), refused=BAD)

# ---- hostile --------------------------------------------------------------------------------------------------------
DTD = "Linha 2: O arquivo declara um DTD"
_BOMB = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 10))


def _doctype(inside):
    return GOOD.replace("<mensagemSIB", f"<!DOCTYPE mensagemSIB {inside}><mensagemSIB", 1)


_kind("a DTD", _doctype("[]"), refused=DTD)
_kind("a DTD from elsewhere", _doctype('SYSTEM "http://192.0.2.1/x.dtd"'), refused=DTD)
_kind("a billion laughs", _doctype(f'[<!ENTITY e0 "ha">{_BOMB}]').replace("ANA EXEMPLO", "&e9;", 1), refused=DTD)
_kind("a quadratic bomb", _doctype(f'[<!ENTITY e "{"x" * 9999}">]').replace("ANA EXEMPLO", "&e;" * 999, 1), refused=DTD)
_kind("an entity that reads a file", _doctype('[<!ENTITY e SYSTEM "file:///etc/passwd">]'), refused=DTD)
_kind("a parameter entity", _doctype('[<!ENTITY % p SYSTEM "http://192.0.2.1/p"> %p;]'), refused=DTD)
_kind("elements without end inside each other", _with(record(nome="<a>" * 40 + "x" + "</a>" * 40)), refused="Linha ")
_kind(
    "a million elements inside each other", lambda: HEAD.encode() + b"<a>" * 1_000_000, refused="Linha ", is_heavy=True
)
_kind("a text of ten megabytes", lambda: _with(record(nome="A" * 10_000_000)).encode(), refused="Linha ", is_heavy=True)
_kind(
    "an attribute of ten megabytes",
    lambda: GOOD.replace("ATIVO", "A" * 10_000_000, 1).encode(),
    refused="Linha ",
    is_heavy=True,
)
_kind(
    "a comment of ten megabytes",
    lambda: _with("<!--" + "x" * 10_000_000 + "-->", record()).encode(),
    refused="Linha ",
    is_heavy=True,
)
_kind(
    "a hundred thousand attributes",
    lambda: GOOD.replace('situacao="ATIVO"', " ".join(f'a{at}="1"' for at in range(100_000)), 1).encode(),
    refused="Linha ",
    is_heavy=True,
)
_kind("a record of a thousand fields", _with(record(**{f"x{at}": "1" for at in range(1000)})), refused="Linha ")
_kind(
    "a header without end",
    lambda: HEAD.replace("<origem>", "<a>1</a>" * 500_000 + "<origem>", 1).encode() + TAIL.encode(),
    records=0,
    is_heavy=True,
)
_kind(
    "fifty thousand records in one line",
    lambda: _with(*(record(at).replace("\n", "") for at in range(1, 50_001))).encode(),
    records=50_000,
    is_heavy=True,
)
_kind("comments full of records", _with(f"<!-- {record(8)} -->", record(1)), records=1)
_kind("a record in CDATA", _with(f"<![CDATA[{record(8)}]]>", record(1)), records=1)
_kind("instructions between records", _with("<?php exit ?>", record(1)), records=1)

# ---- odd, but readable ----------------------------------------------------------------------------------------------
_kind("no records", _with(), records=0)
_kind("CRLF", GOOD.replace("\n", "\r\n"), records=3)
_kind("CR alone", GOOD.replace("\n", "\r"), records=3)
_kind("one line", GOOD.replace("?>\n", "?>").replace("\n", ""), records=3)
_kind("a thousand blank lines", GOOD.replace("<beneficiario", "\n" * 1000 + "<beneficiario"), records=3)
_kind("UTF-8 under ISO-8859-1", GOOD.replace("ANA EXEMPLO", "ANA ÇÃO").encode("utf-8"), records=3)
_kind("ISO-8859-1 under UTF-8", GOOD.replace("ISO-8859-1", "UTF-8").replace("ANA EXEMPLO", "ANA ÇÃO"), records=3)
_kind("Windows-1252 under ISO-8859-1", GOOD.replace("ANA EXEMPLO", "ANA D’ÁVILA").encode("cp1252"), records=3)
_kind("UTF-8 with a mark", b"\xef\xbb\xbf" + GOOD.encode("utf-8"), records=3)
_kind("UTF-16 with a mark", GOOD.replace("ISO-8859-1", "UTF-16").encode("utf-16"), records=3)
_kind("UTF-16 without a mark", GOOD.encode("utf-16-le"), records=3)
_kind("no declaration", GOOD.partition("\n")[2], records=3)
_kind(
    "an encoding nobody knows", GOOD.replace("ISO-8859-1", "KLINGON-8"), refused="A codificação KLINGON-8 não é aceita."
)
_kind("EBCDIC declared", GOOD.replace("ISO-8859-1", "cp500"), refused="A codificação cp500 não é aceita.")
_kind("UTF-7 declared", GOOD.replace("ISO-8859-1", "utf-7"), refused="A codificação utf-7 não é aceita.")
_kind(
    "attributes in another order",
    GOOD.replace('situacao="ATIVO" dataAtualizacao="2026-11-01"', 'dataAtualizacao="2026-11-01" situacao="ATIVO"'),
    records=3,
)
_kind("unknown attributes", GOOD.replace('situacao="ATIVO"', 'situacao="ATIVO" lote="9"'), records=3)
_kind(
    "attributes as elements",
    GOOD.replace(
        'cco="000000000001" situacao="ATIVO" dataAtualizacao="2026-11-01">',
        "><cco>000000000001</cco><situacao>ATIVO</situacao>",
        1,
    ),
    records=3,
)
_kind(
    "elements as attributes",
    GOOD.replace("<nome>MARIA APARECIDA EXEMPLO</nome>", "", 1).replace(
        "<identificacao>", '<identificacao nome="MARIA">', 1
    ),
    records=3,
)
_kind("names in capitals", GOOD.replace("<nome>", "<NOME>").replace("</nome>", "</NOME>"), records=3)
_kind("names with a prefix", GOOD.replace("<nome>", "<xsi:nome>").replace("</nome>", "</xsi:nome>"), records=3)
_kind(
    "blocks in another order",
    GOOD.replace("<endereco></endereco>", "").replace("</vinculo>", "</vinculo><endereco/>"),
    records=3,
)
_kind("a block that is missing", GOOD.replace("<endereco></endereco>", ""), records=3)
_kind(
    "an unknown block", GOOD.replace("<endereco></endereco>", "<biometria><digital>1</digital></biometria>"), records=3
)
_kind("a field twice", GOOD.replace("<sexo>", "<nome>OUTRO NOME</nome><sexo>", 1), records=3, issues=["nome"])
_kind("texts between fields", GOOD.replace("<sexo>", "solto<sexo>"), records=3)
_kind("character references", GOOD.replace("ANA EXEMPLO", "&#65;NA &#x45;XEMPLO &amp; FILHA"), records=3)
_kind("the same CCO twice", _with(record(1), record(1)), records=2)
_kind("the same CCO twice, differing", _with(record(1), record(1, nome="OUTRA")), records=2)
_kind("a CCO without its zeros", GOOD.replace('cco="000000000001"', 'cco="1"'), records=3)
_kind("a record without a CCO", GOOD.replace('cco="000000000001"', 'cco=""'), records=3, issues=["cco"])
_kind("a CCO of letters", GOOD.replace('cco="000000000001"', 'cco="ABC"'), records=3, issues=["cco"])
_kind("a state nobody knows", GOOD.replace("ATIVO", "SUSPENSO", 1), records=3)
_kind(
    "masks", _with(record(cpf=f"{CPF[:3]}.{CPF[3:6]}.{CPF[6:9]}-{CPF[9:]}", numeroPlanoANS="999.999/99-0")), records=1
)
_kind("numbers that lost their zeros", _with(record(cpf=CPF.lstrip("0"), cep="1001000")), records=1)
_kind("a number in words", _with(record(cpf="a pedir")), records=1, issues=["cpf"])
_kind("a number of zeros", _with(record(cpf="00000000000")), records=1, issues=["cpf"])
_kind("a date of 1800", _with(record(dataNascimento="1800-01-01")), records=1)
_kind("a date of 3000", _with(record(dataContratacao="3000-12-31")), records=1)
_kind("a date that does not exist", _with(record(dataNascimento="2023-02-30")), records=1, issues=["dataNascimento"])
_kind("a date the Brazilian way", _with(record(dataNascimento="29/02/1984")), records=1)
_kind("a date in words", _with(record(dataNascimento="ontem")), records=1, issues=["dataNascimento"])
_kind(
    "a code that does not exist",
    _with(record(sexo="9", relacaoDependencia="77")),
    records=1,
    issues=["sexo", "relacaoDependencia"],
)
_kind("a name of a thousand letters", _with(record(nome="A" * 1000)), records=1, issues=["nome"])
_kind("blank fields", _with(record(nomeMae="   ", cpf="")), records=1)
_kind("tabs and line ends in a name", _with(record(nome="MARIA\t\n EXEMPLO")), records=1)
_kind("what SQL would trip over", _with(record(nome="'; DROP TABLE x; --", nomeMae="\\N")), records=1)
_kind("a hash that is missing", GOOD.replace("<hash>0</hash>", ""), records=3)
_kind("a hash of another file", GOOD.replace("<hash>0<", "<hash>D41D8CD98F00B204E9800998ECF8427E<"), records=3)
_kind("an epilogue that is missing", GOOD.replace("<epilogo><hash>0</hash></epilogo>", ""), records=3)
_kind(
    "two conferences in one message",
    GOOD.replace("</conferencia>", f"</conferencia><conferencia>{record(9)}</conferencia>"),
    records=4,
)
_kind("in gzip", lambda: gzip.compress(GOOD.encode("iso-8859-1")), records=3)
_kind("in a ZIP", lambda: _zipped(("a.cnx", GOOD.encode("iso-8859-1"))), records=3)
