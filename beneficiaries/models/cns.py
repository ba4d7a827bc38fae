"""The CNS of a person: a history of numbers, at most one of them current; and numbers that wait for a decision.

``beneficiaries.services.attach_cns`` and ``detach_cns`` are the only writers of ``CnsNumber``. The database agrees: a
number is current for one person at most, a person has one current number at most, check digits hold, and a trigger
lets nothing of a row change but its end; that comes once, and goes again only with the number that brought it. Whose a
number is changes only in the transaction of a Regrouping of the two people.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right

from beneficiaries.models.people import Person
from cnsportal.db.status_choices import StatusChoices
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet, User


class CnsSource(models.TextChoices):
    CADSUS = "CADSUS", "DATASUS (CadSUS)"
    CNX = "CNX", "ANS (conferência CNX)"
    REVIEW = "REVIEW", "decisão da revisão"
    INFORMED = "INFORMED", "informado pelo beneficiário"
    IMPORT = "IMPORT", "cadastro da operadora"

    @property
    def supersedes(self) -> bool:
        """Whether a number from here may take the place of another one of the same person."""
        return self in {CnsSource.CADSUS, CnsSource.CNX, CnsSource.REVIEW}


class CnsKind(models.TextChoices):
    """The registry's own flag; the first digit proves nothing."""

    DEFINITIVE = "D", "definitivo"
    PROVISIONAL = "P", "provisório"
    UNKNOWN = "", "a fonte não diz"


class EndReason(models.TextChoices):
    SUPERSEDED = "SUPERSEDED", "substituído por outro número"
    CONFIRMED = "CONFIRMED", "confirmado por uma fonte melhor"
    WITHDRAWN = "WITHDRAWN", "desfeito"
    MERGED = "MERGED", "deu lugar ao do outro cadastro, na junção"
    NOT_THEIRS = "NOT_THEIRS", "retirado: não é desta pessoa"


class CnsNumberQuerySet(OperatorQuerySet["CnsNumber"]):
    def current(self) -> "CnsNumberQuerySet":
        return self.filter(ended_at__isnull=True)


class CnsNumber(OperatorOwned):
    # Attached by the million. One key for both (operator_id, person_id), in migration 0005: a number never hangs on
    # a person of another operator. The indexes below serve them too.
    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="cns_numbers"
    )
    number = models.CharField("CNS", max_length=15)
    kind = models.CharField("tipo", max_length=1, choices=CnsKind.choices, blank=True)
    source = models.CharField("origem", max_length=8, choices=CnsSource.choices)
    verified = models.BooleanField("verificado")  # an identity decision stands behind it
    tier = models.CharField("nível", max_length=1, blank=True)
    evidence = models.JSONField(default=dict)  # the comparison that led to the decision, and where it came from
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)

    objects = OperatorManager.from_queryset(CnsNumberQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "CNS"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "number"], condition=Q(ended_at=None), name="cns_of_one_person"
            ),
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="person_has_one_cns"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="cns_end_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(kind__in=["D", "P", ""]), name="cns_kind_known"),
        ]
        indexes = [
            models.Index(fields=["operator", "number"], name="cns_number"),
            models.Index(fields=["person"], name="cns_person"),
            models.Index("operator", Right("number", 4), name="cns_number_end", condition=Q(ended_at=None)),
            models.Index(fields=["person", "number"], condition=Q(end_reason="NOT_THEIRS"), name="cns_not_theirs"),
        ]

    def __str__(self) -> str:
        return f"CNS {self.pk}"

    @property
    def is_current(self) -> bool:
        return self.ended_at is None


class DecisionReason(models.TextChoices):
    """Why a reviewer decided as he did; ``is_against`` those that speak for a dismissal."""

    DATA_AGREES = "DADOS", "Os dados conferem"
    CONFIRMED = "PESSOA", "Confirmado com a pessoa"
    DOCUMENT = "DOCUMENTO", "Conferido em documento"
    OTHER_PERSON = "OUTRA", "É outra pessoa"
    RELATIVE = "PARENTE", "É de um parente (gêmeo, irmão, mãe, pai)"
    NAMESAKE = "HOMONIMO", "É de um homônimo"
    WRONG_DATA = "FONTE", "Os dados de quem mandou o número estão errados"
    DOUBT = "DUVIDA", "Não dá para ter certeza"

    @property
    def is_against(self) -> bool:
        return self not in {DecisionReason.DATA_AGREES, DecisionReason.CONFIRMED, DecisionReason.DOCUMENT}


class ReviewBatch(OperatorOwned):
    """One decision on many cases that asked the same question, so that it can be undone as one."""

    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "decisão em conjunto"

    def __str__(self) -> str:
        return f"decisão em conjunto {self.pk}"


class Review(OperatorOwned):
    """A number that may be the person's, and the comparison that a reviewer decides on."""

    class Status(StatusChoices):
        OPEN = "OPEN", "review", "aberta"
        ACCEPTED = "ACCEPTED", "good", "aceita"
        DISMISSED = "DISMISSED", "bad", "descartada"
        WITHDRAWN = "WITHDRAWN", "neutral", "retirada"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    number = models.CharField("CNS", max_length=15)
    kind = models.CharField("tipo", max_length=1, choices=CnsKind.choices, blank=True)
    source = models.CharField("origem", max_length=8, choices=CnsSource.choices)
    tier = models.CharField("nível", max_length=1)
    reason = models.CharField(max_length=200)
    comparison = models.JSONField(default=list)
    origin = models.CharField(max_length=60)  # "cadsus.lookup:12", "sib.difference:7"
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision_reason = models.CharField(
        "motivo", max_length=9, choices=DecisionReason.choices, blank=True, db_default="", default=""
    )
    note = models.CharField("observação", max_length=300, blank=True)
    batch = models.ForeignKey(ReviewBatch, on_delete=models.PROTECT, null=True, related_name="reviews")
    # Accepting what is risky takes two people: the first proposes, another one decides.
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    proposal_reason = models.CharField(
        max_length=9, choices=DecisionReason.choices, blank=True, db_default="", default=""
    )
    proposal_note = models.CharField(max_length=300, blank=True, db_default="", default="")

    class Meta:
        verbose_name = "conferência de identidade"
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed_by=None)
                | ~Q(status__in=["ACCEPTED", "DISMISSED"])
                | ~Q(decided_by=F("proposed_by")),
                name="review_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None, proposed_at=None)
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="review_proposal_whole",
            ),
            models.UniqueConstraint(fields=["person", "number"], condition=Q(status="OPEN"), name="review_open_once"),
        ]
        indexes = [
            models.Index(fields=["operator", "opened_at"], condition=Q(status="OPEN"), name="review_open"),
            models.Index(fields=["operator", "-decided_at", "-id"], condition=~Q(status="OPEN"), name="review_decided"),
        ]

    def __str__(self) -> str:
        return f"revisão {self.pk}"
