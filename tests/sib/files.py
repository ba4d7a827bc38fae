"""CNX files written by hand for the tests of the services; the reader has samples of its own in tests/data/cnx."""

from datetime import timedelta
from xml.sax.saxutils import escape

from django.utils import timezone

MADE = f"{timezone.localdate() - timedelta(days=1)}T03:12:45"
"""When ANS made a file, unless a test says otherwise: in the night before the suite began, whatever day that is."""

HEAD = """<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>
<mensagemSIB xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><cabecalho>
<identificacaoTransacao><tipoTransacao>CONFERENCIA CADASTRAL</tipoTransacao>
<sequencialTransacao>{sequence}</sequencialTransacao>
<dataHoraRegistroTransacao>{made}</dataHoraRegistroTransacao></identificacaoTransacao>
<origem><cnpj>03589068000146</cnpj></origem><destino><registroANS>{registration}</registroANS></destino>
<versaoPadrao>1.1</versaoPadrao></cabecalho><mensagem><ansParaOperadora><conferencia>
"""
TAIL = "</conferencia></ansParaOperadora></mensagem><epilogo><hash>0</hash></epilogo></mensagemSIB>\n"


def record(link, **changes):
    """The record of a link as ANS would have it: our own data, but for the changes; None leaves a leaf out."""
    person = link.person
    values = {
        "cpf": person.cpf,
        "cns": None,
        "nome": person.name.upper(),
        "sexo": person.sex,
        "dataNascimento": person.birth_date.isoformat(),
        "nomeMae": person.mother_name.upper() or None,
        "codigoBeneficiario": link.code,
        "relacaoDependencia": link.relationship,
        "dataContratacao": link.contracted_on.isoformat(),
        "numeroPlanoANS": link.plan.ans_number,
    }
    attributes = {"cco": link.cco or "000000000000", "situacao": "ATIVO", "dataAtualizacao": "2026-11-01"}
    attributes.update({name: changes.pop(name) for name in list(changes) if name in attributes})
    values.update(changes)
    blocks = [("cpf", "cns", "nome", "sexo", "dataNascimento", "nomeMae"), (), tuple(values)[6:]]
    body = "".join(
        f"<{block}>{''.join(_leaf(name, values[name]) for name in names)}</{block}>"
        for block, names in zip(("identificacao", "endereco", "vinculo"), blocks, strict=True)
    )
    text = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<beneficiario {text}>{body}</beneficiario>\n"


def _leaf(name, value):
    return "" if value is None else f"<{name}>{escape(value)}</{name}>"


def conference(path, *records: str, registration, sequence=1, made=MADE):
    """Write the file; its path."""
    text = HEAD.format(registration=registration, sequence=sequence, made=made) + "".join(records) + TAIL
    path.write_bytes(text.encode("iso-8859-1"))
    return path
