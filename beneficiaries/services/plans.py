"""Plans, companies and contracts that a file names; unknown ones are kept, incomplete, until somebody mends them."""

from collections.abc import Iterable

from beneficiaries.models import Company, Contract, ContractKind, Plan
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
