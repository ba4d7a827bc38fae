"""Plans, contracts and companies; one first seen in a file stays incomplete until somebody completes it."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.identifiers import format_cnpj
from beneficiaries.models.word_index import FoldedWords
from operators.models import OperatorOwned


class ContractKind(models.TextChoices):
    """Tipo de contratação (ANS vocabulary); a beneficiary has exactly one."""

    INDIVIDUAL = "1", "Individual ou Familiar"
    COMPANY = "2", "Coletivo Empresarial"
    ADHESION = "3", "Coletivo por Adesão"


class Regulation(models.TextChoices):
    """Regulamentação do plano (RN 509/2022, item 13)."""

    REGULATED = "R", "Plano Regulamentado"
    UNREGULATED = "N", "Plano Não-regulamentado"
    ADAPTED = "A", "Plano Adaptado"


class Segmentation(models.TextChoices):
    """Segmentação assistencial (ANS open-data dictionary)."""

    OUTPATIENT = "01", "Ambulatorial"
    HOSPITAL_OBSTETRICS = "02", "Hospitalar com obstetrícia"
    HOSPITAL = "03", "Hospitalar sem obstetrícia"
    DENTAL = "04", "Odontológico"
    REFERENCE = "05", "Referência"
    OUTPATIENT_HOSPITAL_OBSTETRICS = "06", "Ambulatorial + Hospitalar com obstetrícia"
    OUTPATIENT_HOSPITAL = "07", "Ambulatorial + Hospitalar sem obstetrícia"
    OUTPATIENT_DENTAL = "08", "Ambulatorial + Odontológico"
    HOSPITAL_BOTH = "09", "Hospitalar com e sem obstetrícia"
    HOSPITAL_OBSTETRICS_DENTAL = "10", "Hospitalar com obstetrícia + Odontológico"
    HOSPITAL_DENTAL = "11", "Hospitalar sem obstetrícia + Odontológico"
    OUTPATIENT_HOSPITAL_BOTH = "12", "Ambulatorial + Hospitalar com e sem obstetrícia"
    OUTPATIENT_HOSPITAL_OBSTETRICS_DENTAL = "13", "Ambulatorial + Hospitalar com obstetrícia + Odontológico"
    OUTPATIENT_HOSPITAL_DENTAL = "14", "Ambulatorial + Hospitalar sem obstetrícia + Odontológico"
    HOSPITAL_BOTH_DENTAL = "15", "Hospitalar com e sem obstetrícia + Odontológico"


class Accommodation(models.TextChoices):
    SHARED = "C", "Coletiva"
    PRIVATE = "I", "Individual"
    NONE = "S", "Sem acomodação"


class CoverageArea(models.TextChoices):
    """Área de abrangência geográfica."""

    NATIONAL = "1", "Nacional"
    STATE_GROUP = "2", "Grupo de estados"
    STATE = "3", "Estadual"
    CITY_GROUP = "4", "Grupo de municípios"
    CITY = "5", "Municipal"
    OTHER = "6", "Outras"


WITHOUT_BED = ("01", "04", "08")
"""Segmentations without hospital cover, which know no accommodation."""


class Plan(OperatorOwned):
    """A plan, known by its registry number (RPS, 9 digits) or, when older than Lei 9.656/1998, by its SCPA code."""

    ans_number = models.CharField("registro do plano na ANS", max_length=9, blank=True)
    operator_code = models.CharField("código do plano na operadora (SCPA)", max_length=20, blank=True)
    name = models.CharField("nome do plano", max_length=100, blank=True)
    segmentation = models.CharField("segmentação", max_length=2, choices=Segmentation.choices, blank=True)
    accommodation = models.CharField("acomodação", max_length=1, choices=Accommodation.choices, blank=True)
    coverage_area = models.CharField("abrangência", max_length=1, choices=CoverageArea.choices, blank=True)
    contracting = models.CharField("contratação", max_length=1, choices=ContractKind.choices, blank=True)
    regulation = models.CharField("regulamentação", max_length=1, choices=Regulation.choices, blank=True)

    LACKING: ClassVar[Q] = (
        Q(name="")
        | Q(segmentation="")
        | Q(coverage_area="")
        | Q(regulation="")
        | Q(accommodation="") & ~Q(segmentation__in=WITHOUT_BED)
        | Q(regulation=Regulation.UNREGULATED, operator_code="")
        | Q(regulation__in=(Regulation.REGULATED, Regulation.ADAPTED), ans_number="")
    )
    """``missing`` has something to say."""

    class Meta:
        verbose_name = "plano"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "ans_number"], condition=~Q(ans_number=""), name="plan_ans_once"
            ),
            models.UniqueConstraint(
                fields=["operator", "operator_code"], condition=~Q(operator_code=""), name="plan_code_once"
            ),
            models.CheckConstraint(condition=Q(ans_number__regex=r"^(\d{9})?$"), name="plan_ans_digits"),
            models.CheckConstraint(condition=~Q(ans_number="", operator_code=""), name="plan_has_a_number"),
        ]

    def __str__(self) -> str:
        return self.name or self.number

    @property
    def number(self) -> str:
        return self.ans_number or self.operator_code

    @property
    def missing(self) -> list[str]:
        """What a card needs of a plan and nobody has given yet, in words."""
        needs = {
            "nome": self.name,
            "segmentação": self.segmentation,
            "acomodação": self.accommodation or self.segmentation in WITHOUT_BED,
            "abrangência": self.coverage_area,
            "regulamentação": self.regulation,
            "código na operadora (SCPA)": self.operator_code or self.regulation != Regulation.UNREGULATED,
            "registro na ANS": self.ans_number or self.regulation in {"", Regulation.UNREGULATED},
        }
        return [name for name, told in needs.items() if not told]


class LegalPerson(OperatorOwned):
    """A company known by its number; one met in a file has no names yet."""

    cnpj = models.CharField("CNPJ", max_length=14)
    legal_name = models.CharField("razão social", max_length=150, blank=True)
    trade_name = models.CharField("nome fantasia", max_length=100, blank=True)

    LACKING: ClassVar[Q] = Q(legal_name="")

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["operator", "cnpj"], name="%(class)s_cnpj_once"),
            models.CheckConstraint(condition=Q(cnpj__regex=r"^[0-9A-Z]{12}\d{2}$"), name="%(class)s_cnpj_shape"),
        ]

    def __str__(self) -> str:
        return self.trade_name or self.legal_name or self.document

    @property
    def document(self) -> str:
        """The number that it is known by, as pages show it."""
        return f"CNPJ {format_cnpj(self.cnpj)}"

    @property
    def missing(self) -> list[str]:
        return [] if self.legal_name else ["razão social"]


class Company(LegalPerson):
    """Contracts plans for its people: a company with its CNPJ, or a person with employees, by CAEPF or CEI."""

    cnpj = models.CharField("CNPJ", max_length=14, blank=True, default="", db_default="")
    caepf = models.CharField("CAEPF", max_length=14, blank=True, default="", db_default="")
    cei = models.CharField("CEI", max_length=12, blank=True, default="", db_default="")

    class Meta:
        verbose_name = "empresa contratante"
        constraints = [
            models.UniqueConstraint(fields=["operator", "cnpj"], condition=~Q(cnpj=""), name="company_cnpj_once"),
            models.UniqueConstraint(fields=["operator", "caepf"], condition=~Q(caepf=""), name="company_caepf_once"),
            models.UniqueConstraint(fields=["operator", "cei"], condition=~Q(cei=""), name="company_cei_once"),
            models.CheckConstraint(
                condition=Q(
                    cnpj__regex=r"^([0-9A-Z]{12}\d{2})?$", caepf__regex=r"^(\d{14})?$", cei__regex=r"^(\d{12})?$"
                ),
                name="company_number_shapes",
            ),
            models.CheckConstraint(
                condition=~Q(cnpj="") & Q(caepf="", cei="")
                | ~Q(caepf="") & Q(cnpj="", cei="")
                | ~Q(cei="") & Q(cnpj="", caepf=""),
                name="company_has_one_number",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(FoldedWords("legal_name", "trade_name"), name="company_words")
        ]

    @property
    def party(self) -> ContractingParty | None:
        return ContractingParty.of(self.cnpj, self.caepf, self.cei)

    @property
    def document(self) -> str:
        return str(self.party or "")


class Administrator(LegalPerson):
    """Administradora de benefícios: stands between contracting companies and the operator."""

    class Meta(LegalPerson.Meta):
        verbose_name = "administradora de benefícios"


class Contract(OperatorOwned):
    """The contract that a link hangs on; one made for a company met in a file has no number yet."""

    number = models.CharField("número do contrato", max_length=20, blank=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="contracts", null=True, blank=True)
    administrator = models.ForeignKey(
        Administrator, on_delete=models.PROTECT, related_name="contracts", null=True, blank=True
    )
    kind = models.CharField("contratação", max_length=1, choices=ContractKind.choices)
    sole_trader = models.BooleanField("contratado por empresário individual", default=False, db_default=False)
    signed_on = models.DateField("data da assinatura", null=True, blank=True)

    LACKING: ClassVar[Q] = Q(number="") | Q(signed_on=None) | Q(company=None) & ~Q(kind=ContractKind.INDIVIDUAL)

    class Meta:
        verbose_name = "contrato"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "number"], condition=~Q(number=""), name="contract_number_once"
            ),
            models.UniqueConstraint(
                fields=["operator", "company"], condition=Q(number=""), name="contract_unnumbered_once_per_company"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"contrato {self.pk}"

    @property
    def missing(self) -> list[str]:
        has_company = self.company_id or self.kind == ContractKind.INDIVIDUAL
        told = {"número": self.number, "empresa contratante": has_company, "data da assinatura": self.signed_on}
        return [name for name, value in told.items() if not value]
