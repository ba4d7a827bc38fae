"""Invented beneficiaries as rows of the import file, whose columns are named as in the SIB."""

import csv
from collections.abc import Iterable
from datetime import date
from typing import TextIO

from beneficiaries.domain.csv_columns import COLUMNS
from demo.synthetic.families import InventedLink
from demo.synthetic.plan_details import described

CSV_COLUMNS = (
    "codigoBeneficiario", "cco", "cpf", "dn", "pisPasep", "cns", "nome", "nomeSocial", "sexo", "dataNascimento",
    "nomeMae", "logradouro", "numero", "complemento", "bairro", "codigoMunicipio", "cep", "codigoBeneficiarioTitular",
    "relacaoDependencia", "dataContratacao", "dataCancelamento", "motivoCancelamento", "numeroPlanoANS",
    "numeroPlanoOperadora", "cnpjEmpresaContratante", "email", "telefone",
)  # fmt: skip


def as_csv_row(link: InventedLink) -> dict[str, str]:
    """What the operator's registry knows of the link."""
    person = link.person
    values = (
        link.code, link.cco, person.cpf, person.dn, person.pis_pasep, link.known_cns, person.name, person.social_name,
        person.sex, person.birth_date.isoformat(), person.mother_name, person.street, person.number,
        person.complement, person.district, person.city_code, person.postal_code, link.holder_code,
        link.relationship, link.contracted_on.isoformat(), _iso(link.cancelled_on), link.cancellation_reason,
        link.plan_ans_number, link.plan_operator_code, link.company_cnpj, person.email, person.phone,
    )  # fmt: skip
    return dict(zip(CSV_COLUMNS, values, strict=True))


def write_csv(links: Iterable[InventedLink], stream: TextIO) -> None:
    writer = csv.DictWriter(stream, CSV_COLUMNS)
    writer.writeheader()
    writer.writerows(map(as_csv_row, links))


def write_described(links: Iterable[InventedLink], stream: TextIO) -> None:
    """With all that a card needs: every column that the import reads."""
    writer = csv.DictWriter(stream, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({**as_csv_row(link), **described(link)} for link in links)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
