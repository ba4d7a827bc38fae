"""A conference with a receipt of several kinds of records."""

import csv
from io import StringIO

from tests.factories import BeneficiaryFactory, cns
from tests.sib.cns_numbers import hold
from tests.sib.files import record

NAME = "Maria Aparecida Exemplo Z"


def three_links():
    """Somebody ANS gives a number, somebody whose mother has another name there, and somebody who is equal."""
    new, other, same = (BeneficiaryFactory(person__name=NAME, cco=f"{at:012d}") for at in (1, 2, 3))
    hold(other, cns(2))
    hold(same, cns(3))
    return {"new": new, "other": other, "same": same}


def records(links):
    return [
        record(links["new"], cns=cns(1)),
        record(links["other"], cns=cns(2), nomeMae="OUTRA MÃE QUALQUER"),
        record(links["same"], cns=cns(3)),
        record(links["new"], cco="000000000009", cpf="52998224725", nome="ZULMIRA PAZ", codigoBeneficiario="X9"),
    ]


def read_table(content):
    return list(csv.reader(StringIO(content.removeprefix("\ufeff")), delimiter=";"))
