"""Plans, companies and contracts that a file names; unknown ones are kept, incomplete, until somebody mends them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from beneficiaries.models import Administrator, Company, Contract, ContractKind, Plan
from operators.context import current_operator_id

PlanKey = tuple[str, str]  # registry number at ANS, the operator's own code; the second only where the first is blank


def plan_ids(keys: Iterable[PlanKey]) -> dict[PlanKey, int]:
    """The plan of each key, made where it is new; as many statements for one as for many."""
    wanted = sorted(set(keys))
    operator_id = current_operator_id()
    plans = [Plan(operator_id=operator_id, ans_number=ans, operator_code=code) for ans, code in wanted]
    Plan.objects.bulk_create(plans, ignore_conflicts=True)
    by_ans, by_code = {}, {}
    for pk, ans, code in Plan.objects.values_list("pk", "ans_number", "operator_code"):
        by_ans[ans] = by_code[code] = pk
    return {(ans, code): by_ans[ans] if ans else by_code[code] for ans, code in wanted}


def company_ids(model: type[Company] | type[Administrator], cnpjs: Iterable[str]) -> dict[str, int]:
    """The company of each CNPJ, made where it is new."""
    wanted = sorted(set(cnpjs))
    operator_id = current_operator_id()
    rows: list[Any] = [model(operator_id=operator_id, cnpj=cnpj) for cnpj in wanted]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(model.objects.filter(cnpj__in=wanted).values_list("cnpj", "pk"))


def contract_ids(cnpjs: Iterable[str]) -> dict[str, int]:
    """The oldest contract of each company, made with its company where there is none."""
    wanted = sorted(set(cnpjs))
    operator_id = current_operator_id()
    Company.objects.bulk_create([Company(operator_id=operator_id, cnpj=cnpj) for cnpj in wanted], ignore_conflicts=True)
    bare = Company.objects.filter(cnpj__in=wanted, contracts=None).order_by("pk")
    contracts = [Contract(operator_id=operator_id, company=company, kind=ContractKind.COMPANY) for company in bare]
    Contract.objects.bulk_create(contracts, ignore_conflicts=True)
    found = Contract.objects.filter(company__cnpj__in=wanted).order_by("-pk")
    return dict(found.values_list("company__cnpj", "pk"))


@dataclass(frozen=True, slots=True)
class Numbered:
    """A contract that a file names by its number, and whose it is; blank where nobody said."""

    pk: int
    cnpj: str


def numbered_contracts(wanted: Mapping[str, str]) -> dict[str, Numbered]:
    """The contract of each number, given the CNPJ of its company (blank for none); made where it is new.

    A company's only contract, if it has no number yet, is the one meant where a single new number is told of it.
    """
    known = _numbered(wanted)
    fresh = {number: cnpj for number, cnpj in wanted.items() if number not in known}
    companies = company_ids(Company, set(wanted.values()) - {""})
    told = Counter(fresh.values())
    waiting = _unnumbered(cnpj for cnpj in companies if told[cnpj] == 1)
    meant = {number: Numbered(waiting[cnpj], cnpj) for number, cnpj in fresh.items() if cnpj in waiting}
    _make({number: companies.get(cnpj) for number, cnpj in fresh.items() if number not in meant})
    return {**_numbered(fresh), **known, **meant}


def _numbered(numbers: Iterable[str]) -> dict[str, Numbered]:
    rows = Contract.objects.filter(number__in=list(numbers)).values_list("number", "pk", "company__cnpj")
    return {number: Numbered(pk, cnpj or "") for number, pk, cnpj in rows}


def _unnumbered(cnpjs: Iterable[str]) -> dict[str, int]:
    """The contract without a number of each company that has no other."""
    alone = Company.objects.filter(cnpj__in=list(cnpjs)).annotate(Count("contracts")).filter(contracts__count=1)
    rows = Contract.objects.filter(company__in=alone, number="").values_list("company__cnpj", "pk")
    return {str(cnpj): pk for cnpj, pk in rows}


def _make(contracts: Mapping[str, int | None]) -> None:
    """By number, of this company; without one it is a person's own."""
    operator_id = current_operator_id()
    Contract.objects.bulk_create(
        [
            Contract(
                operator_id=operator_id,
                number=number,
                company_id=company_id,
                kind=ContractKind.COMPANY if company_id else ContractKind.INDIVIDUAL,
            )
            for number, company_id in contracts.items()
        ],
        ignore_conflicts=True,
    )
