"""Forms with which the staff edit plans, contracts and companies."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast

from django import forms

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.csv_columns import Values
from beneficiaries.forms.fields import CellField, CodeField, PartyField
from beneficiaries.forms.people import RegistryForm
from beneficiaries.models import Administrator, Company, Contract, ContractKind, Regulation
from beneficiaries.models.plans import Accommodation, CoverageArea, Segmentation

_PARTY_HINT = "CAEPF ou CEI, quando quem contrata é uma pessoa."


class PlanForm(RegistryForm):
    name = CellField("nomePlano", "Nome do plano")
    ans_number = CellField(
        "numeroPlanoANS", "Registro na ANS", hint="9 algarismos. Planos anteriores à lei e não adaptados não têm."
    )
    operator_code = CellField(
        "numeroPlanoOperadora", "Código na operadora (SCPA)", hint="O cadastro na ANS dos planos anteriores à lei."
    )
    regulation = CodeField("regulamentacao", "Regulamentação", Regulation.choices)
    contracting = CodeField(
        "contratacao", "Contratação", ContractKind.choices, hint="Vale para os vínculos sem contrato."
    )
    segmentation = CodeField("segmentacao", "Segmentação assistencial", Segmentation.choices)
    accommodation = CodeField("acomodacao", "Acomodação", Accommodation.choices)
    coverage_area = CodeField("abrangencia", "Abrangência geográfica", CoverageArea.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {"ans_number", "operator_code"} & self.errors.keys() and not (
            cleaned["ans_number"] or cleaned["operator_code"]
        ):
            self.add_error("ans_number", "Informe o registro na ANS ou o código na operadora.")
        return cleaned


class ContractForm(RegistryForm):
    number = CellField("numeroContrato", "Número do contrato", required=True)
    kind = CodeField("contratacao", "Contratação", ContractKind.choices, required=True)
    signed_on = CellField(
        "dataAssinaturaContrato",
        "Data da assinatura",
        hint="Em branco, o cartão mostra a data da contratação do vínculo.",
    )
    company = PartyField("CNPJ, CAEPF ou CEI de quem contrata", hint="Só nos planos coletivos. Deve estar em Empresas.")
    administrator = forms.TypedChoiceField(
        label="Administradora de benefícios",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Escolha a administradora na lista."},
    )
    sole_trader = forms.BooleanField(label="Contratado por empresário individual", required=False)

    def __init__(self, *args: Any, row: Contract, **kwargs: Any) -> None:
        self.contract = row
        super().__init__(*args, row=row, **kwargs)
        known = [(str(one.pk), str(one)) for one in Administrator.objects.order_by("legal_name", "cnpj")]
        cast("forms.ChoiceField", self.fields["administrator"]).choices = [("", "não há"), *known]

    @property
    def names(self) -> list[str]:
        return ["number", "kind", "signed_on", "company_id", "administrator_id", "sole_trader"]

    def stored(self) -> dict[str, Any]:
        row = self.contract
        own = {name: getattr(row, name) for name in ("number", "kind", "signed_on", "sole_trader")}
        return {**own, "company": row.company.party if row.company else None, "administrator": row.administrator_id}

    @property
    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in ("number", "kind", "signed_on", "sole_trader")}
        return {**own, "company_id": self.company_id, "administrator_id": self.cleaned_data["administrator"]}

    def row_values(self, cleaned: dict[str, Any]) -> Values:
        party = cleaned.get("company")
        contractor = {party.column: party.number} if party else {}
        return {
            **super().row_values(cleaned),
            **contractor,
            "empresarioIndividual": "S" if cleaned.get("sole_trader") else "",
        }

    def clean_company(self) -> ContractingParty | None:
        party: ContractingParty | None = self.cleaned_data["company"]
        company = Company.objects.filter(**{party.kind: party.number}).first() if party else None
        if party and company is None:
            raise forms.ValidationError(
                f"Não há empresa com este {party.kind.upper()}. Cadastre-a primeiro em Empresas."
            )
        self.company_id = company.pk if company else None
        return party

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") in {"2", "3"} and not cleaned.get("company") and "company" not in self.errors:
            self.add_error("company", "Um plano coletivo tem empresa contratante. Informe o CNPJ, CAEPF ou CEI.")
        return cleaned


class _LegalPersonForm(RegistryForm):
    """The number is given once; afterwards it is what the company is known by."""

    number: ClassVar[Callable[[], forms.Field]]
    legal_name = CellField("razaoSocialContratante", "Razão social", required=True, tells=False)
    trade_name = CellField("nomeFantasiaContratante", "Nome fantasia", tells=False)

    def __init__(self, *args: Any, row: Company | Administrator, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        if row.pk is None:
            self.fields["cnpj"] = self.number()
            self.order_fields(["cnpj"])


class CompanyForm(_LegalPersonForm):
    number = staticmethod(partial(PartyField, "CNPJ, CAEPF ou CEI", required=True, hint=_PARTY_HINT))

    @property
    def values(self) -> dict[str, Any]:
        described = super().values
        party: ContractingParty | None = described.pop("cnpj", None)
        return {**described, party.kind: party.number} if party else described


class AdministratorForm(_LegalPersonForm):
    number = staticmethod(partial(CellField, "cnpjAdministradora", "CNPJ", required=True, tells=False))
