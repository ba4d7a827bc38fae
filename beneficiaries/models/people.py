"""A person of the registry, and name search by a trigram index. CNS and CPF are the person's, CCO the link's."""

import re
from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Upper
from django.utils import timezone

from beneficiaries.domain.identity_policy import Identity
from beneficiaries.domain.names import fold, spellings
from beneficiaries.domain.same_person import PersonFacts
from beneficiaries.domain.search_terms import parse_search
from beneficiaries.models.pending import pending_reason
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet

MAX_CODE_DIGITS = 30
_FOUR = re.compile("[0-9]{4}")
_YEAR = re.compile("[0-9]{1,2}|(?!0000)[0-9]{4}")


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
        """People by pieces of name, birth date or year, e-mail, or any of their numbers, however punctuated.

        Beside a name, four digits are also the last ones of a CPF or CNS, which is what lists show of them.
        """
        terms = parse_search(text, today=timezone.localdate())
        if terms.email:
            return self.filter(pk__in=_by_email(terms.email))
        if terms.code:
            return self.filter(pk__in=_by_code(terms.code))
        found = self
        if terms.birth_dates and not terms.number:
            found = found.filter(birth_date__in=terms.birth_dates)
        elif terms.number:
            found = found.filter(pk__in=_by_number(terms.number, text.strip()).union(_born(terms.birth_dates)))
        for word in terms.words:
            found = found.filter(_by_last_four(word) if terms.has_name and _FOUR.fullmatch(word) else _by_word(word))
        return found


def _current_cns() -> Exists:
    from beneficiaries.models.cns import CnsNumber

    return Exists(CnsNumber.objects.current().filter(person=OuterRef("pk")))


def _by_number(number: str, written: str) -> QuerySet[Any, Any]:
    """Each kind of number by its own index: one condition that offers them all would read the whole registry."""
    from beneficiaries.models.cns import CnsNumber
    from beneficiaries.models.links import Beneficiary

    people = Person.objects.filter(cpf=number.zfill(11)).values("pk")
    holders = CnsNumber.objects.filter(number=number).values("person")
    codes = Beneficiary.objects.filter(code__in=_with_zeros(number)).values("person")
    ccos = Beneficiary.objects.filter(cco=number.zfill(12)).values("person")
    contracts = Beneficiary.objects.filter(contract__number__in=[number, written]).values("person")
    return people.union(holders, codes, ccos, contracts)


def _by_code(written: str) -> QuerySet[Any, Any]:
    """Codes and contracts with letters."""
    from beneficiaries.models.links import Beneficiary

    codes = Beneficiary.objects.filter(code__iexact=written).values("person")
    return codes.union(Beneficiary.objects.filter(contract__number__iexact=written).values("person"))


def _with_zeros(number: str) -> list[str]:
    """All the codes that are this number, for zeros in front mean nothing: each by the index, without one more."""
    plain = number.lstrip("0")
    return [plain.zfill(length) for length in range(max(len(plain), 1), MAX_CODE_DIGITS + 1)]


def _born(days: Collection[date]) -> QuerySet[Any, Any]:
    return Person.objects.filter(birth_date__in=days).values("pk")


def _by_email(address: str) -> QuerySet[Any, Any]:
    return Person.objects.filter(email__iexact=address).exclude(email="").values("pk")


def _by_word(word: str) -> Q:
    return _by_year(word) or spelled(word)


def _by_last_four(word: str) -> Q:
    """Also the last digits of what lists show masked."""
    from beneficiaries.models.cns import CnsNumber

    number = CnsNumber.objects.current().filter(person=OuterRef("pk"), number__endswith=word)
    return _by_word(word) | Q(cpf__endswith=word) | Q(Exists(number))


def spelled(word: str) -> Q:
    """Names that have the word in them, or what it is short for; the pieces of "d avila" are in DAVILA, too."""
    found = Q()
    for spelling in sorted(spellings(word)):
        found |= Q(name_key__contains=spelling)
    return found


def _by_year(word: str) -> Q:
    """``84`` and ``1984`` mean the year of birth; nothing is said of a word that is no year."""
    if not _YEAR.fullmatch(word):
        return Q()
    return (
        Q(birth_date__year=1900 + int(word)) | Q(birth_date__year=2000 + int(word))
        if len(word) <= 2
        else Q(birth_date__year=int(word))
    )


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
            models.Index("operator", Upper("email"), condition=~Q(email=""), name="person_email"),
            GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="person_name_trigrams"),
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
