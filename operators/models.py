"""Operators, their staff, and the two base models of everything that belongs to an operator."""

from typing import Any, ClassVar, TypeVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from cnsportal.db.optimistic_lock import Versioned
from cnsportal.jobs import Job, JobQuerySet, Status
from operators.context import current_operator_id
from operators.permissions import Permission, Role, permissions_of
from operators.registry import LIST_EXPORTS

M = TypeVar("M", bound=models.Model)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        """Addresses are kept in small letters, however they are typed."""
        return super().get_by_natural_key((email or "").strip().lower())

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person of the staff, who signs in with an e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc,assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Operator(models.Model):
    """A health-plan operator (operadora) and what it decided about its own night."""

    class AutoTier(models.TextChoices):
        NONE = "NONE", "nunca vincular sem revisão"
        A = "A", "vincular sozinho no nível A"
        B = "B", "vincular sozinho nos níveis A e B"

    registration = models.CharField(
        "registro na ANS", max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}$")]
    )
    cnpj = models.CharField("CNPJ", max_length=14, unique=True)
    legal_name = models.CharField("razão social", max_length=150)
    trade_name = models.CharField("nome fantasia", max_length=100)
    cnes = models.CharField("CNES", max_length=7, blank=True)
    phone = models.CharField("telefone", max_length=20, blank=True)
    email = models.EmailField("e-mail de contato", blank=True)
    website = models.URLField("site", blank=True)
    auto_tier = models.CharField("vínculo automático", max_length=4, choices=AutoTier.choices, default=AutoTier.A)
    cnx_auto_apply = models.BooleanField("aplicar conferências da ANS à noite", default=True)
    cnx_auto_outcomes = models.JSONField("resultados aplicados à noite", default=list, blank=True)  # [] = all
    cards_without_cns = models.BooleanField("emitir cartões sem CNS", default=False)
    risky_decisions_by_two = models.BooleanField("duas pessoas para decisões de risco", default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "operadora"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(registration__regex=r"^\d{6}$"), name="operator_registration_digits"
            ),
            models.CheckConstraint(condition=models.Q(cnpj__regex=r"^[0-9A-Z]{12}\d{2}$"), name="operator_cnpj_shape"),
            models.CheckConstraint(condition=models.Q(cnes__regex=r"^(\d{7})?$"), name="operator_cnes_digits"),
        ]

    def __str__(self) -> str:
        return self.trade_name


class Membership(models.Model):
    """One role of one user at one operator."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "operator", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"


def granted(user: User, operator: Operator) -> frozenset[Permission]:
    """What the user may do at this operator; nothing without a membership, superuser or not."""
    roles = Membership.objects.filter(user=user, operator=operator, user__is_active=True).values_list("role", flat=True)
    return permissions_of(frozenset(Role(role) for role in roles))


class OperatorQuerySet(models.QuerySet[M]):
    """Base of the querysets of what belongs to an operator."""

    def in_batches(self, size: int) -> "Any":
        """Primary keys in ascending lists of ``size``, read without an offset."""
        last = 0
        while batch := list(self.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]):
            yield batch
            last = batch[-1]


class OperatorManager(models.Manager[M]):
    """Answers for the operator of the current context alone, and not at all outside one."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(operator_id=current_operator_id())


class OperatorOwned(models.Model):
    """Base of everything that belongs to one operator."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")

    objects = OperatorManager.from_queryset(OperatorQuerySet)()

    class Meta:
        abstract = True


class Logo(OperatorOwned):
    """A picture as the portal re-encoded it, for ever: cards that were drawn with it are drawn with it again."""

    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()  # PNG
    ratio = models.FloatField(default=1.0)  # width by height
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "logotipo"
        constraints = [models.UniqueConstraint(fields=["operator", "sha256"], name="logo_once")]

    def __str__(self) -> str:
        return f"logotipo {self.pk}"


class CardTheme(Versioned):
    """How the operator's cards look from now on; a card that was issued keeps what it was drawn with."""

    operator = models.OneToOneField(Operator, on_delete=models.CASCADE, primary_key=True, related_name="card_theme")
    main = models.CharField("cor principal", max_length=7)
    support = models.CharField("cor de apoio", max_length=7)
    logo = models.ForeignKey(Logo, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.CharField("informações", max_length=120, blank=True)

    class Meta:
        verbose_name = "tema do cartão"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(main__regex=r"^#[0-9a-f]{6}$", support__regex=r"^#[0-9a-f]{6}$"),
                name="card_theme_colours",
            )
        ]

    def __str__(self) -> str:
        return f"tema da operadora {self.operator_id}"


class AuditEvent(OperatorOwned):
    """What happened, for ever: an append-only table (a trigger says so); operators.audit.record writes it.

    ``personal`` holds the keys that the event's kind names as personal data; shredding empties it and nothing else.
    """

    # Written by the million, and for ever: an operator stays, and the indexes below serve its events.
    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    actor = models.ForeignKey(
        User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    actor_label = models.CharField(max_length=150)  # outlives the user
    source = models.CharField(max_length=60, blank=True)  # "sib.conferencefile:12": where from
    request_id = models.CharField(max_length=36, blank=True)
    subject = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)  # whose timeline shows it
    data = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-id"], name="audit_person", condition=models.Q(person_id__isnull=False)),
            models.Index(fields=["operator", "-id"], name="audit_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}:{self.subject_id}"


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", "Planilha (XLSX)"
    CSV = "csv", "Texto (CSV), melhor para listas muito grandes"


class ExportRunQuerySet(OperatorQuerySet["ExportRun"], JobQuerySet["ExportRun"]):  # type: ignore[override]
    def expired(self) -> "ExportRunQuerySet":
        """With a file that has been kept long enough."""
        return self.filter(expires_at__lte=timezone.now()).exclude(path="")


class ExportRun(OperatorOwned, Job):
    """A list as a file: which, narrowed how, for whom; ``done`` counts its rows. The file is personal data and is
    deleted when it expires.
    """

    task_name: ClassVar[str] = "operators.export_list"
    queue: ClassVar[str] = "bulk"

    list_name = models.CharField("lista", max_length=40)  # operators.registry.ListExport
    query = models.JSONField("filtros", default=dict)  # of a search only the word under which the cache has it
    kind = models.CharField("formato", max_length=4, choices=ExportFormat.choices)
    reason = models.CharField("motivo", max_length=20, blank=True)  # of UNMASK_REASONS; blank: CPF and CNS are masked
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    path = models.CharField("arquivo", max_length=500, blank=True)
    expires_at = models.DateTimeField("arquivo guardado até", null=True)

    objects = OperatorManager.from_queryset(ExportRunQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "exportação"
        verbose_name_plural = "exportações"
        indexes = [
            models.Index(fields=["operator", "requested_by", "-id"], name="export_of_reader"),
            models.Index(fields=["expires_at"], name="export_expiry", condition=~models.Q(path="")),
        ]

    def __str__(self) -> str:
        return f"exportação {self.pk}"

    @property
    def name(self) -> str:
        """What the list is called."""
        return LIST_EXPORTS[self.list_name].label if self.list_name in LIST_EXPORTS else self.list_name

    @property
    def is_available(self) -> bool:
        return self.status == Status.DONE and bool(self.expires_at and self.expires_at > timezone.now())

    @property
    def is_expired(self) -> bool:
        return self.status == Status.DONE and not self.is_available


class SavedView(OperatorOwned):
    """A list with its filters, order and columns, under a name: its owner's, or the whole team's."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nome", max_length=60)
    list_name = models.CharField("lista", max_length=40)  # operators.registry.ListExport
    query = models.JSONField("filtros", default=dict)  # never the words of a search
    is_shared = models.BooleanField("da equipe", default=False)
    pinned_by = models.ManyToManyField(User, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "vista"
        constraints = [models.UniqueConstraint(fields=["operator", "owner", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return f"vista {self.pk}"
