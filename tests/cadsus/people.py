"""One person twice: as the operator enrolled them, and as the simulator knows them."""

from beneficiaries.domain.identifiers import cns_from_base, cpf_from_base

CNPJ = "11222333000181"
COLUMNS = "codigoBeneficiario,cpf,nome,sexo,dataNascimento,nomeMae,relacaoDependencia,dataContratacao,numeroPlanoANS"


def cpf(index):
    return cpf_from_base(f"{200000000 + index:09d}")


def cns(index):
    return cns_from_base(f"2{index:010d}")


def known(index, **cells):
    """A person as the simulator knows it, equal to ``enrolled(index)``."""
    return {
        "person": str(index),
        "cpf": cpf(index),
        "cns": cns(index),
        "cns_kind": "D",
        "name": name(index),
        "mother_name": "JOANA EXEMPLO",
        "birth_date": "1984-02-29",
        "sex": "F",
        **cells,
    }


def name(index):
    return f"Maria Exemplo {'ABCDEFGHIJ'[index]}lves"


def enrolled(index):
    return f"{index:017d},{cpf(index)},{name(index)},3,1984-02-29,Joana Exemplo,1,2021-07-01,400000001"
