"""Plans, companies and contracts that a file names; unknown ones are kept, incomplete, until somebody mends them."""

from collections.abc import Iterable

from beneficiaries.models import Company, Contract, ContractKind, Plan
from operators.context import current_operator_id

PlanKey = tuple[str, str]  # registry number at ANS, the operator's own code: one of the two


def plan_ids(keys: Iterable[PlanKey]) -> dict[PlanKey, int]:
    """The plan of each key, made where it is new; as many statements for one as for many."""
    wanted = set(keys)
    operator_id = current_operator_id()
    plans = [Plan(operator_id=operator_id, ans_number=ans, operator_code="" if ans else code) for ans, code in wanted]
    Plan.objects.bulk_create(plans, ignore_conflicts=True)
    by_number = {plan.number: plan.pk for plan in Plan.objects.all()}
    return {(ans, code): by_number[ans or code] for ans, code in wanted}


def contract_ids(cnpjs: Iterable[str]) -> dict[str, int]:
    """The unnumbered contract of each company, made with its company where they are new."""
    wanted = set(cnpjs)
    operator_id = current_operator_id()
    Company.objects.bulk_create([Company(operator_id=operator_id, cnpj=cnpj) for cnpj in wanted], ignore_conflicts=True)
    companies = Company.objects.filter(cnpj__in=wanted)
    contracts = [Contract(operator_id=operator_id, company=company, kind=ContractKind.COMPANY) for company in companies]
    Contract.objects.bulk_create(contracts, ignore_conflicts=True)
    found = Contract.objects.filter(company__cnpj__in=wanted).order_by("-pk")
    return dict(found.values_list("company__cnpj", "pk"))
