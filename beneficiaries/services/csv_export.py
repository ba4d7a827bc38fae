"""Exports the registry as CSV: the columns of the import, and what is known of the CNS."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from beneficiaries.domain.ans_vocabularies import WAITING_UNITS
from beneficiaries.domain.csv_columns import COLUMNS, PARTY_COLUMNS, WAITING
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, WaitingPeriod
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id, operator_context
from operators.models import User

EXPORTED = (*COLUMNS, "cnsSituacao", "cnsOrigem")
ORIGINS = {
    CnsSource.CADSUS: "cadsus",
    CnsSource.CNX: "cnx",
    CnsSource.REVIEW: "revisao",
    CnsSource.INFORMED: "informado",
    CnsSource.IMPORT: "importacao",
}
_FIELDS: dict[str, Combinable] = {
    "codigoBeneficiario": F("code"),
    "cco_": F("cco"),
    "cpf": F("person__cpf"),
    "dn": F("person__dn"),
    "pisPasep": F("person__pis_pasep"),
    "nome": F("person__name"),
    "nomeSocial": F("person__social_name"),
    "sexo": F("person__sex"),
    "dataNascimento": F("person__birth_date"),
    "nomeMae": F("person__mother_name"),
    "logradouro": F("person__street"),
    "numero": F("person__number"),
    "complemento": F("person__complement"),
    "bairro": F("person__district"),
    "codigoMunicipio": F("person__city_code"),
    "cep": F("person__postal_code"),
    "codigoBeneficiarioTitular": F("holder__code"),
    "relacaoDependencia": F("relationship"),
    "dataContratacao": F("contracted_on"),
    "dataReativacao": F("reactivated_on"),
    "dataCancelamento": F("cancelled_on"),
    "motivoCancelamento": F("cancellation_reason"),
    "numeroPlanoANS": F("plan__ans_number"),
    "numeroPlanoOperadora": F("plan__operator_code"),
    **{column: F(f"contract__company__{kind}") for column, kind in PARTY_COLUMNS.items()},
    "email": F("person__email"),
    "telefone": F("person__phone"),
    "dataInicioCobertura": F("cover_from"),
    "dataFimCPT": F("cpt_until"),
    "nomePlano": F("plan__name"),
    "segmentacao": F("plan__segmentation"),
    "acomodacao": F("plan__accommodation"),
    "abrangencia": F("plan__coverage_area"),
    "contratacao": Case(When(contract=None, then="plan__contracting"), default="contract__kind"),
    "regulamentacao": F("plan__regulation"),
    "numeroContrato": F("contract__number"),
    "dataAssinaturaContrato": F("contract__signed_on"),
    "empresarioIndividual": Case(When(contract__sole_trader=True, then=Value("S")), default=Value("")),
    "razaoSocialContratante": F("contract__company__legal_name"),
    "nomeFantasiaContratante": F("contract__company__trade_name"),
    "cnpjAdministradora": F("contract__administrator__cnpj"),
    "razaoSocialAdministradora": F("contract__administrator__legal_name"),
    "nomeFantasiaAdministradora": F("contract__administrator__trade_name"),
}


def export_rows(*, actor: User | None = None) -> Iterator[dict[str, Any]]:
    """One row a link, by code, read through a cursor of the server.

    The audit event says how many went out; it is written at the end, also where whoever reads stops before.
    """
    operator_id = current_operator_id()
    exported = 0
    try:
        for row in _links().iterator(chunk_size=5000):
            exported += 1
            yield _row(row)
    finally:
        with operator_context(operator_id):
            record([Event(EventKind.PEOPLE_EXPORTED, "operator", operator_id, actor=actor, data={"links": exported})])


def _links() -> QuerySet[Beneficiary, dict[str, Any]]:
    current = CnsNumber.objects.current().filter(person=OuterRef("person"))
    number = {name: Subquery(current.values(name)[:1]) for name in ("kind", "source", "verified")}
    numbers = {f"cns_{name}": value for name, value in number.items()}
    periods = WaitingPeriod.objects.filter(beneficiary=OuterRef("pk"))
    waiting = ArraySubquery(
        periods.values_list(JSONObject(group="group", amount="amount", unit="unit", ends="ends_on"))
    )
    links = Beneficiary.objects.annotate(cns=Subquery(current.values("number")[:1]), waiting=waiting, **numbers)
    rows: QuerySet[Beneficiary, dict[str, Any]] = links.order_by("code").values("cns", "waiting", *numbers, **_FIELDS)
    return rows


def _waiting(periods: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The columns of the carências, as the import reads them."""
    known = {period["group"]: period for period in periods}
    found = {}
    for column, (group, end) in WAITING.items():
        if period := known.get(group):
            found[column] = f"{period['amount']} {WAITING_UNITS[period['unit']][0]}"
            found[end] = period["ends"]
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    known = {
        **_waiting(row["waiting"]),
        "cco": row["cco_"],
        "cnsSituacao": state_of(row["cns"], row["cns_kind"], verified=row["cns_verified"]),
        "cnsOrigem": ORIGINS.get(row["cns_source"], ""),
    }
    return {column: known.get(column, row.get(column)) for column in EXPORTED}


def state_of(number: str | None, kind: str, *, verified: bool) -> str:
    """How sure the number is, in the words that files and the API use."""
    if not number:
        return "ausente"
    if not verified:
        return "nao_verificado"
    return "provisorio" if kind == "P" else "definitivo"
