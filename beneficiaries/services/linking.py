"""Which link is it: a file's rows brought to links of the registry, or to new ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from beneficiaries.columns import NotThisValue
from beneficiaries.csvfile import Row
from beneficiaries.models import Beneficiary
from beneficiaries.services.plans import PlanKey, contract_ids, plan_ids
from operators.context import current_operator_id

LINK_FIELDS = [
    "plan",
    "contract",
    "cco",
    "relationship",
    "contracted_on",
    "cancelled_on",
    "cancellation_reason",
]


def known_links(rows: Sequence[Row]) -> dict[str, Beneficiary]:
    """By code, with their people; ``cnpj`` is that of the contract's company."""
    links = Beneficiary.objects.filter(code__in=[row.text("codigoBeneficiario") for row in rows])
    found = links.select_related("person").annotate(cnpj=F("contract__company__cnpj"))
    return {link.code: link for link in found}


@dataclass
class Links:
    """The links that a batch of rows is about, and what they hang on."""

    by_code: dict[str, Beneficiary]
    ccos: dict[str, str]  # whose code has each CCO
    plans: dict[PlanKey, int]
    contracts: dict[str, int]  # by CNPJ

    @classmethod
    def for_rows(cls, rows: Sequence[Row], by_code: dict[str, Beneficiary]) -> "Links":
        numbered = Beneficiary.objects.filter(cco__in={row.text("cco") for row in rows} - {""})
        return cls(
            by_code=by_code,
            ccos={str(cco): code for cco, code in numbered.values_list("cco", "code")},
            plans=plan_ids(map(_plan_key, rows)),
            contracts=contract_ids({row.text("cnpjEmpresaContratante") for row in rows} - {""}),
        )

    def refuse_strange_cco(self, row: Row) -> None:
        code, cco = row.text("codigoBeneficiario"), row.text("cco")
        if cco and self.ccos.setdefault(cco, code) != code:
            raise NotThisValue(f"o CCO já é do código {self.ccos[cco]}.")

    def write(self, row: Row) -> tuple[Beneficiary, bool]:
        """The link brought up to the row, and whether anything changed. A blank says nothing."""
        code = row.text("codigoBeneficiario")
        link = self.by_code.get(code) or Beneficiary(operator_id=current_operator_id(), code=code)
        fields = {name: value for name, value in self._fields(row, link).items() if value}
        is_changed = any(getattr(link, name) != value for name, value in fields.items())
        for name, value in fields.items():
            setattr(link, name, value)
        return link, is_changed

    def _fields(self, row: Row, link: Beneficiary) -> dict[str, str | int | date | None]:
        return {
            "plan_id": self.plans[_plan_key(row)],
            "contract_id": self._contract_id(row, link),
            "cco": row.text("cco"),
            "relationship": row.text("relacaoDependencia"),
            "contracted_on": row.day("dataContratacao"),
            "cancelled_on": row.day("dataCancelamento"),
            "cancellation_reason": row.text("motivoCancelamento"),
        }

    def _contract_id(self, row: Row, link: Beneficiary) -> int | None:
        """Of a company with several contracts the link keeps its own."""
        cnpj = row.text("cnpjEmpresaContratante")
        return link.contract_id if cnpj and cnpj == getattr(link, "cnpj", "") else self.contracts.get(cnpj)


def _plan_key(row: Row) -> PlanKey:
    ans = row.text("numeroPlanoANS")
    return ans, "" if ans else row.text("numeroPlanoOperadora")
