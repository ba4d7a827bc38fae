"""Plans, companies and contracts named in a file; unknown ones are created and stay incomplete until completed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from beneficiaries.domain.contracting_party import KINDS, ContractingParty, by_kind
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


def administrator_ids(cnpjs: Iterable[str]) -> dict[str, int]:
    """The administradora of each CNPJ, made where it is new."""
    wanted = sorted(set(cnpjs))
    operator_id = current_operator_id()
    rows = [Administrator(operator_id=operator_id, cnpj=cnpj) for cnpj in wanted]
    Administrator.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Administrator.objects.filter(cnpj__in=wanted).values_list("cnpj", "pk"))


def companies_of(parties: Iterable[ContractingParty]) -> dict[ContractingParty, Company]:
    """The companies of these numbers that the registry has."""
    found = Company.objects.filter(_named(parties))
    return {company.party: company for company in found if company.party}


def company_ids(parties: Iterable[ContractingParty]) -> dict[ContractingParty, int]:
    """The company of each number, made where it is new."""
    wanted = set(parties)
    _make_companies(wanted)
    return {party: company.pk for party, company in companies_of(wanted).items()}


def _make_companies(parties: Iterable[ContractingParty]) -> None:
    operator_id = current_operator_id()
    rows = [Company(operator_id=operator_id, **{party.kind: party.number}) for party in sorted(parties)]
    Company.objects.bulk_create(rows, ignore_conflicts=True)


def _named(parties: Iterable[ContractingParty], prefix: str = "") -> Q:
    """That a company has one of these numbers."""
    wanted = by_kind(parties)
    found = Q(pk__in=[])
    for kind, numbers in wanted.items():
        found |= Q(**{f"{prefix}{kind}__in": numbers})
    return found


_PARTY = tuple(f"company__{kind}" for kind in KINDS)


def contract_ids(parties: Iterable[ContractingParty]) -> dict[ContractingParty, int]:
    """The oldest contract of each company, made with its company where there is none."""
    wanted = set(parties)
    operator_id = current_operator_id()
    _make_companies(wanted)
    bare = Company.objects.filter(_named(wanted), contracts=None).order_by("pk")
    contracts = [Contract(operator_id=operator_id, company=company, kind=ContractKind.COMPANY) for company in bare]
    Contract.objects.bulk_create(contracts, ignore_conflicts=True)
    found = Contract.objects.filter(_named(wanted, "company__")).order_by("-pk")
    return _by_party(found.values_list(*_PARTY, "pk"))


def _by_party(rows: Iterable[tuple[Any, ...]]) -> dict[ContractingParty, int]:
    """The last of each, by its company; rows as ``_PARTY`` and what is wanted of it."""
    told = ((ContractingParty.of(*numbers), wanted) for *numbers, wanted in rows)
    return {party: wanted for party, wanted in told if party}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A contract that a file names by its number, and whose it is; blank where nobody said."""

    pk: int
    party: ContractingParty | None


def numbered_contracts(
    wanted: Mapping[str, ContractingParty | None], claimed: Mapping[str, Numbered]
) -> dict[str, Numbered]:
    """The contract of each number, given who contracts it, where somebody said; made where it is new.

    A company's only contract, if it has no number yet, is the one meant where a single new number is told of it.
    ``claimed`` are those that earlier rows of the file named: such a contract does not bear its number yet.
    """
    known = _numbered(wanted) | {number: claimed[number] for number in wanted if number in claimed}
    taken = {contract.pk for contract in claimed.values()}
    fresh = {number: party for number, party in wanted.items() if number not in known}
    companies = company_ids(party for party in wanted.values() if party)
    told = Counter(fresh.values())
    waiting = _unnumbered(party for party in companies if told[party] == 1)
    free = {party: pk for party, pk in waiting.items() if pk not in taken}
    meant = {number: Numbered(free[party], party) for number, party in fresh.items() if party in free}
    _make({number: companies.get(party) if party else None for number, party in fresh.items() if number not in meant})
    return {**_numbered(fresh), **known, **meant}


def _numbered(numbers: Iterable[str]) -> dict[str, Numbered]:
    rows = Contract.objects.filter(number__in=list(numbers)).values_list("number", "pk", *_PARTY)
    return {number: Numbered(pk, ContractingParty.of(*numbers)) for number, pk, *numbers in rows}


def _unnumbered(parties: Iterable[ContractingParty]) -> dict[ContractingParty, int]:
    """The contract without a number of each company that has no other."""
    alone = Company.objects.filter(_named(parties)).annotate(Count("contracts")).filter(contracts__count=1)
    return _by_party(Contract.objects.filter(company__in=alone, number="").values_list(*_PARTY, "pk"))


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
