"""The mirror: what ANS has of the operator by its last conference, and what changed between conferences."""

from django.db import models

from beneficiaries.domain.identity_policy import Candidate, CnsCandidate
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet
from sib.models.conferences import ConferenceFile, Record


class MirrorRecordQuerySet(OperatorQuerySet["MirrorRecord"]):
    def active(self) -> "MirrorRecordQuerySet":
        return self.filter(situacao="ATIVO")


class MirrorRecord(OperatorOwned, Record):
    """One link as ANS has it; of a CCO that stood twice in the conference, the record that counts."""

    # Filled by the million; the operator and the file of a conference stay as long as what came of it.
    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(  # in which it last changed
        ConferenceFile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    objects = OperatorManager.from_queryset(MirrorRecordQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "registro na ANS"
        constraints = [models.UniqueConstraint(fields=["operator", "cco"], name="mirror_cco_once")]
        indexes = [
            models.Index(fields=["operator", "cpf"], condition=~models.Q(cpf=""), name="mirror_cpf"),
            models.Index(fields=["operator", "cns"], condition=~models.Q(cns=""), name="mirror_cns"),
        ]

    def __str__(self) -> str:
        return f"registro {self.pk} na ANS"

    @property
    def is_active(self) -> bool:
        return self.situacao == "ATIVO"

    def as_candidate(self) -> Candidate:
        """As the identity policy looks at the record."""
        return Candidate(
            self.cpf,
            self.nome,
            self.data_nascimento,
            self.nome_mae,
            self.sexo,
            self.codigo_municipio,
            numbers=(CnsCandidate(self.cns),) if self.cns else (),
        )


class MirrorChange(OperatorOwned):
    """One record that ANS changed between two conferences."""

    class Kind(models.TextChoices):
        NEW = "NEW", "novo"
        CHANGED = "CHANGED", "mudou"
        GONE = "GONE", "saiu"

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(ConferenceFile, on_delete=models.CASCADE, db_index=False, related_name="mirror_changes")
    cco = models.CharField("CCO", max_length=12)
    kind = models.CharField("mudança", max_length=7, choices=Kind.choices)
    fields = models.JSONField("campos", default=dict)  # column of Record → [before, after]; {} unless CHANGED

    class Meta:
        verbose_name = "mudança na ANS"
        indexes = [
            models.Index(fields=["file", "kind", "id"], name="mirror_change_of_file"),
            models.Index(fields=["operator", "cco"], name="mirror_change_of_cco"),
        ]

    def __str__(self) -> str:
        return f"mudança {self.pk} na ANS"
