"""A person of the registry. CNS and CPF are the person's, CCO the link's."""

from collections import Counter
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Right, Upper

from beneficiaries.domain.identity_policy import Identity
from beneficiaries.domain.names import fold
from beneficiaries.domain.same_person import PersonFacts
from beneficiaries.models.pending import pending_reason
from beneficiaries.models.word_index import FoldedWords
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet


class Sex(models.TextChoices):
    """Codes of the SIB."""

    MALE = "1", "masculino"
    FEMALE = "3", "feminino"


class PersonQuerySet(OperatorQuerySet["Person"]):
    def with_cns(self) -> "PersonQuerySet":
        return self.filter(_current_cns())

    def without_cns(self) -> "PersonQuerySet":
        return self.filter(~_current_cns())

    def with_active_link(self) -> "PersonQuerySet":
        from beneficiaries.models.links import Beneficiary

        return self.filter(Exists(Beneficiary.objects.active().filter(person=OuterRef("pk"))))

    def with_pending(self) -> "PersonQuerySet":
        """Each with ``pending``: why there is no CNS (a PendingReason)."""
        return self.annotate(pending=pending_reason())

    def counted_by_pending(self) -> "Counter[str]":
        people: Any = self.with_pending().order_by()
        return Counter(dict(people.values_list("pending").annotate(models.Count("pk"))))

    def search(self, text: str) -> "PersonQuerySet":
        """Whom a clerk means by this text (``beneficiaries.models.person_search``)."""
        from beneficiaries.models.person_search import found_by

        return self.filter(found_by(text))

    def search_widely(self, text: str) -> "PersonQuerySet":
        """Also by the mother's name and the contracting company's."""
        from beneficiaries.models.person_search import found_widely_by

        return self.filter(found_widely_by(text))


def _current_cns() -> Exists:
    from beneficiaries.models.cns import CnsNumber

    return Exists(CnsNumber.objects.current().filter(person=OuterRef("pk")))


_BLANK: dict[str, Any] = {"blank": True, "default": "", "db_default": "", "editable": False}


class Person(OperatorOwned):
    cpf = models.CharField("CPF", max_length=11, null=True, blank=True)
    name = models.CharField("nome", max_length=150)
    name_key = models.CharField(max_length=150, editable=False)  # names.fold(name): what search and matching compare
    social_name = models.CharField("nome social", max_length=150, blank=True)
    sex = models.CharField("sexo", max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField("data de nascimento")
    mother_name = models.CharField("nome da mãe", max_length=150, blank=True)
    pis_pasep = models.CharField("PIS/PASEP", max_length=11, blank=True)
    dn = models.CharField("declaração de nascido vivo", max_length=11, blank=True)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField("telefone", max_length=20, blank=True)
    street = models.CharField("logradouro", max_length=100, blank=True)
    number = models.CharField("número", max_length=10, blank=True)
    complement = models.CharField("complemento", max_length=50, blank=True)
    district = models.CharField("bairro", max_length=60, blank=True)
    city_code = models.CharField("código do município (IBGE)", max_length=6, blank=True)
    postal_code = models.CharField("CEP", max_length=8, blank=True)
    # What pending_reason weighs; the database forgets answer and refusal when what identifies the person changes.
    cns_answer = models.CharField(max_length=20, **_BLANK)  # a PendingReason, as the next two
    cns_question = models.CharField(max_length=20, **_BLANK)
    cns_refusal = models.CharField(max_length=20, **_BLANK)
    cns_refusal_source = models.CharField(max_length=8, **_BLANK)  # a CnsSource
    cns_refused_number = models.CharField(max_length=15, **_BLANK)
    cns_confirmed_at = models.DateTimeField(null=True, editable=False)  # DATASUS gave the current number once more
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OperatorManager.from_queryset(PersonQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "pessoa"
        constraints = [
            models.UniqueConstraint(fields=["operator", "cpf"], name="person_cpf_once"),
            models.CheckConstraint(condition=Q(cpf__isnull=True) | Q(cpf__regex=r"^\d{11}$"), name="person_cpf_digits"),
            models.CheckConstraint(condition=Q(sex__in=["", "1", "3"]), name="person_sex_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["operator", "name_key", "birth_date"], name="person_identity"),
            models.Index(fields=["operator", "birth_date"], name="person_birth"),  # brothers and sisters
            models.Index(fields=["operator"], condition=~Q(cns_refusal=""), name="person_refused"),
            models.Index(fields=["operator", "cns_answer"], condition=~Q(cns_answer=""), name="person_answer"),
            models.Index(fields=["operator", "cns_question"], condition=~Q(cns_question=""), name="person_question"),
            models.Index("operator", Upper("email"), condition=~Q(email=""), name="person_email"),
            GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="person_name_trigrams"),
            GinIndex(FoldedWords("name", "mother_name"), name="person_words"),
            models.Index("operator", Right("cpf", 4), name="person_cpf_end", condition=Q(cpf__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"pessoa {self.pk}"  # names stay out of logs and error pages

    def as_identity(self) -> Identity:
        """As the identity policy looks at the person."""
        return Identity(self.cpf or "", self.name, self.birth_date, self.mother_name, self.sex, self.city_code)

    def as_facts(self, *, cns: str = "") -> PersonFacts:
        """As the rule of who is one person looks at the person (beneficiaries.domain.same_person)."""
        return PersonFacts(
            self.cpf or "", self.name, self.birth_date, self.mother_name, self.dn, self.sex, self.pis_pasep, cns
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)
