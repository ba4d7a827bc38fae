"""The registry's values of links, as texts by their names in the schema of ANS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from beneficiaries.domain.csv_columns import PARTY_COLUMNS
from beneficiaries.models import Beneficiary, CnsNumber
from beneficiaries.models.plans import Regulation

_WHERE = {
    "cpf": "person__cpf",
    "dn": "person__dn",
    "pisPasep": "person__pis_pasep",
    "cns": "number",
    "nome": "person__name",
    "sexo": "person__sex",
    "dataNascimento": "person__birth_date",
    "nomeMae": "person__mother_name",
    "logradouro": "person__street",
    "numero": "person__number",
    "complemento": "person__complement",
    "bairro": "person__district",
    "codigoMunicipio": "person__city_code",
    "cep": "person__postal_code",
    "codigoBeneficiario": "code",
    "relacaoDependencia": "relationship",
    "codigoBeneficiarioTitular": "holder__code",
    "ccoBeneficiarioTitular": "holder__cco",
    "dataContratacao": "contracted_on",
    "dataReativacao": "reactivated_on",
    "dataCancelamento": "cancelled_on",
    "motivoCancelamento": "cancellation_reason",
    "numeroPlanoANS": "plan__ans_number",
    "numeroPlanoOperadora": "plan__operator_code",
    **{column: f"contract__company__{kind}" for column, kind in PARTY_COLUMNS.items()},
}
_MORE = ("pk", "person_id", "cco", "plan__regulation")


@dataclass(frozen=True, slots=True)
class LinkValues:
    link_id: int
    person_id: int
    cco: str
    code: str
    is_pre_law: bool
    texts: dict[str, str]


def link_values_of(links: Sequence[int]) -> Iterator[LinkValues]:
    """By ascending key, in one query."""
    number = CnsNumber.objects.current().filter(person=OuterRef("person"), verified=True).values("number")[:1]
    rows = Beneficiary.objects.filter(pk__in=links).annotate(number=Subquery(number)).order_by("pk")
    for row in rows.values(*_MORE, *_WHERE.values()):
        texts = {name: as_text(row[place]) for name, place in _WHERE.items()}
        is_pre_law = row["plan__regulation"] == Regulation.UNREGULATED
        yield LinkValues(row["pk"], row["person_id"], row["cco"] or "", row["code"], is_pre_law, texts)


def as_text(value: Any) -> str:
    """A column's value as the files of the SIB write it."""
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
