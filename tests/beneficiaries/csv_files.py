"""Beneficiary files as operators send them: made, read, imported; and what the portal writes, read again."""

import csv
import io
from datetime import date

from beneficiaries.domain.csv_reader import read
from beneficiaries.services.csv_import.import_file import import_file

TODAY = date(2026, 11, 22)
CPFS = ["11144477735", "52998224725", "12345678909", "98765432100"]
GOOD_ROW = {
    "codigoBeneficiario": "0001",
    "cpf": "111.444.777-35",
    "nome": "Conceição D'Ávila",
    "sexo": "3",
    "dataNascimento": "1984-02-29",
    "relacaoDependencia": "1",
    "dataContratacao": "01/07/2021",
    "numeroPlanoANS": "400000001",
}


def csv_file(*rows: dict[str, str], delimiter=";", encoding="utf-8", columns=None):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def read_row(**changes):
    (row,) = read(csv_file({**GOOD_ROW, **changes}), today=TODAY)
    return row


def problems_of(**changes):
    return [str(problem) for problem in read_row(**changes).problems]


def row(code, **changes):
    return {
        **dict.fromkeys(
            [
                "cns",
                "nomeMae",
                "codigoBeneficiarioTitular",
                "cnpjEmpresaContratante",
                "numeroPlanoOperadora",
                "nomeSocial",
                "cco",
            ],
            "",
        ),
        **GOOD_ROW,
        "codigoBeneficiario": code,
        **changes,
    }


def read_table(path):
    """The rows of a CSV that the portal wrote."""
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def import_rows(*rows: dict[str, str]):
    """Import these rows; the figures without zeros, and the notes of the receipt."""
    lines = []
    figures = import_file(csv_file(*rows), keep=lines.append)
    return {name: count for name, count in figures.items() if count}, [note for line in lines if (note := line.note)]
