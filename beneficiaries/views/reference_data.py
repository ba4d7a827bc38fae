"""Lists and forms of plans, contracts, companies and administradoras; incomplete ones come first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import BooleanField, Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.identifiers import digits
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.forms.people import RegistryForm
from beneficiaries.forms.plans import AdministratorForm, CompanyForm, ContractForm, PlanForm
from beneficiaries.models import Administrator, Beneficiary, Company, Contract, Plan
from beneficiaries.services.edit import ReferenceRecord, add_reference, change_reference
from beneficiaries.views.editing import RegistryView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import Facet, facets
from operators.views.pagination import Order, Page, keyset_page

LACKING = (("falta", "Falta algo para o cartão"),)
INCOMPLETE_FIRST = Order("is_whole", "-pk")


@dataclass(frozen=True, slots=True)
class ReferenceType:
    """One kind of them: how it is called, found and shown."""

    model: type[ReferenceRecord]
    form: type[RegistryForm]
    name: str  # of the addresses: …_list, …_edit, …_add
    title: str
    lead: str
    noun: str  # one and several, for the pager
    new: str
    rows: str  # template of the table
    hanging: str  # foreign key to it, of those that are counted
    searched: tuple[str, ...]


PLANS = ReferenceType(
    Plan, PlanForm, "plan", "Planos", "O que o cartão diz do plano. Os que ainda não estão completos vêm primeiro.",
    "plano,planos", "Novo plano", "beneficiaries/_plans.html", "plan",
    ("name__icontains", "ans_number", "operator_code__iexact"),
)  # fmt: skip
CONTRACTS = ReferenceType(
    Contract, ContractForm, "contract", "Contratos", "Número, empresa contratante e administradora de cada contrato.",
    "contrato,contratos", "Novo contrato", "beneficiaries/_contracts.html", "contract",
    ("number__iexact", "company__legal_name__icontains", "company__trade_name__icontains", "company__cnpj",
     "company__cei"),
)  # fmt: skip
COMPANIES = ReferenceType(
    Company, CompanyForm, "company", "Empresas", "Quem contrata planos: empresas, e pessoas com CAEPF ou CEI.",
    "empresa,empresas", "Nova empresa", "beneficiaries/_companies.html", "company",
    ("legal_name__icontains", "trade_name__icontains", "cnpj", "cei"),
)  # fmt: skip
ADMINISTRATORS = ReferenceType(
    Administrator, AdministratorForm, "administrator", "Administradoras", "Quem administra os contratos coletivos.",
    "administradora,administradoras", "Nova administradora", "beneficiaries/_companies.html", "administrator",
    ("legal_name__icontains", "trade_name__icontains", "cnpj"),
)  # fmt: skip
REFERENCE_TYPES = (PLANS, CONTRACTS, COMPANIES, ADMINISTRATORS)


class ReferenceList(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/reference_list.html"
    reference_type: ClassVar[ReferenceType] = PLANS

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(
            reference_type=self.reference_type,
            page=self._page(request),
            reference_types=[self._facet(reference_type) for reference_type in REFERENCE_TYPES],
            lacking=facets(request, "cartao", LACKING, every="Todos"),
            query=request.GET.get("q", ""),
            edit=f"beneficiaries:{self.reference_type.name}_edit",
            add=f"beneficiaries:{self.reference_type.name}_add",
        )

    def _facet(self, reference_type: ReferenceType) -> Facet:
        href = reverse(f"beneficiaries:{reference_type.name}_list", args=[self.request.operator.registration])
        return Facet(reference_type.title, href, reference_type is self.reference_type)

    def _page(self, request: PortalRequest) -> Page:
        rows = with_counts(self.reference_type, found(self.reference_type, request.GET))
        return keyset_page(request, rows, INCOMPLETE_FIRST, places=_ordered(self.reference_type))


def _ordered(reference_type: ReferenceType) -> QuerySet[Any]:
    model: Any = reference_type.model
    whole = Case(When(model.LACKING, then=Value(False)), default=Value(True), output_field=BooleanField())
    rows: QuerySet[Any] = model.objects.annotate(is_whole=whole).order_by("is_whole", "-pk")
    return rows


def found(reference_type: ReferenceType, query: Mapping[str, str]) -> QuerySet[Any]:
    """By words of the name, or by the number however punctuated; narrowed to what lacks something if asked."""
    rows, text = _ordered(reference_type), query.get("q", "").strip()
    if text:
        number = _number(text)
        terms = [Q(**{field: text if "__i" in field else number}) for field in reference_type.searched]
        rows = rows.filter(Q(*terms, _connector=Q.OR))
    return rows.filter(is_whole=False) if query.get("cartao") == "falta" else rows


def with_counts(reference_type: ReferenceType, rows: QuerySet[Any]) -> QuerySet[Any]:
    """With how many links or contracts hang on each, counted for the rows of the page alone."""
    if reference_type.model is Contract:
        rows = rows.select_related("company", "administrator")
    counted_model: Any = Beneficiary if reference_type.model in {Plan, Contract} else Contract
    key = reference_type.hanging
    hanging: QuerySet[Any] = counted_model.objects.filter(**{key: OuterRef("pk")}).order_by().values(key)
    count = Subquery(hanging.annotate(count=Count("pk")).values("count"))
    counted: QuerySet[Any] = rows.annotate(hanging=Coalesce(count, 0))
    return counted


def _number(text: str) -> str:
    """Of whatever number it is, without its mask; a text that is none as it stands."""
    try:
        return ContractingParty.read(text).number
    except InvalidValue:
        return text if any(map(str.isalpha, text)) else digits(text)


class EditReference(RegistryView):
    """Of one row, or of a new one where the address has none."""

    template = "beneficiaries/edit_reference.html"
    reference_type: ClassVar[ReferenceType] = PLANS

    def form(self, pk: int | None, data: QueryDict | None = None) -> RegistryForm:
        model: Any = self.reference_type.model
        row: ReferenceRecord = get_object_or_404(model, pk=pk) if pk else model()
        return self.reference_type.form(data, row=row)

    def write(self, form: RegistryForm) -> bool:
        pk, actor = form.row.pk, self.request.user
        if pk is None:
            add_reference(self.reference_type.model, form.values, actor=actor)
            return True
        return change_reference(self.reference_type.model, pk, form.values, read=form.cleaned_data["read"], actor=actor)

    def leave(self, form: RegistryForm) -> HttpResponse:  # noqa: ARG002
        return redirect(f"beneficiaries:{self.reference_type.name}_list", self.request.operator.registration)

    def show(self, form: RegistryForm, status: int = 200, **context: Any) -> HttpResponse:
        back = reverse(f"beneficiaries:{self.reference_type.name}_list", args=[self.request.operator.registration])
        return super().show(form, status, reference_type=self.reference_type, row=form.row, back=back, **context)
