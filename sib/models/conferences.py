"""Conferences of ANS (CNX), and the columns that store a record of one."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from cnsportal.db.status_choices import StatusChoices
from cnsportal.formats.br import format_count
from cnsportal.jobs import Job, JobQuerySet, Status
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User
from sib.formats.cnx.conference import HashState

MIN_RECORD_RATIO = 0.9  # of the records of the conference before: ANS keeps the cancelled ones, too
MIXED = "Os arquivos desta conferência foram gerados em dias diferentes. Confira se são todos da mesma."
SHRUNK = (
    "Registros nesta conferência: {now}; na anterior: {before}. Talvez falte um arquivo dela: confira antes de decidir."
)


class CnxStep(StatusChoices):
    """How far the file is; each step starts clean when it is started again."""

    RECEIVED = "RECEIVED", "info", "recebida"
    STAGED = "STAGED", "info", "lida"
    REHEARSED = "REHEARSED", "review", "ensaiada"
    APPLYING = "APPLYING", "accent", "sendo aplicada"
    APPLIED = "APPLIED", "good", "aplicada"
    REVERTING = "REVERTING", "accent", "sendo desfeita"
    REVERTED = "REVERTED", "warn", "desfeita"
    REFUSED = "REFUSED", "bad", "recusada"


UNDECIDED = (Status.WAITING, Status.FAILED, Status.CANCELLED)
"""In which a rehearsed conference is applied, or the rest of it, or closed; one that is done is over."""


class ConferenceFileQuerySet(OperatorQuerySet["ConferenceFile"], JobQuerySet["ConferenceFile"]):  # type: ignore[override]
    def latest_mirrored(self) -> "ConferenceFile | None":
        """The conference to which the mirror was last brought up: what ANS holds, as far as the portal knows."""
        return self.filter(mirrored_at__isnull=False).order_by("mirrored_at").last()


class ConferenceFile(OperatorOwned, Job):
    """One conference, of one file or several, from the folder to the registry."""

    task_name: ClassVar[str] = "sib.process_file"
    queue: ClassVar[str] = "bulk"

    name = models.CharField("arquivo", max_length=200)
    path = models.CharField(max_length=500)  # a plain file, .gz or .zip, or a folder of these (sib.formats.archives)
    digest = models.CharField(max_length=64)  # of the contents, unpacked
    size = models.BigIntegerField("tamanho (bytes)")
    received_at = models.DateTimeField("recebido em", default=timezone.now)  # queued_at moves with every request
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    wants_apply = models.BooleanField("aplicar ao terminar o ensaio")
    apply_scope = models.JSONField(default=dict, blank=True)  # {} everything, {"outcomes": [names]}, {"ids": [pks]}
    step = models.CharField("etapa", max_length=9, choices=CnxStep.choices, default=CnxStep.RECEIVED)
    registration = models.CharField("registro no arquivo", max_length=6, blank=True)
    sequence = models.CharField("sequencial", max_length=20, blank=True)
    generated_at = models.CharField("gerado em", max_length=40, blank=True)  # as the file says it
    hash_state = models.CharField(
        "hash", max_length=7, blank=True, choices=[(state.value, state.label) for state in HashState]
    )
    parts = models.JSONField("arquivos", default=list)  # [{"name", "records", "hash_state", "generated_at"}]
    records = models.PositiveIntegerField("registros", default=0)
    with_issues = models.PositiveIntegerField("registros com valores ilegíveis", default=0)
    outcomes = models.JSONField("resultados", default=dict)  # Outcome name → records, and ONLY_HERE → links
    coverage = models.JSONField("cobertura", default=dict)  # people: {"active": ..., "before": ..., "after": ...}
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    changes = models.JSONField("mudanças na ANS", default=dict)  # MirrorChange.Kind → how many since that one
    mirrored_at = models.DateTimeField(null=True)  # when what ANS holds was brought up to this conference
    only_here = models.PositiveIntegerField("vínculos ativos só aqui", default=0)
    applied = models.PositiveIntegerField("CNS gravados", default=0)
    standing = models.JSONField(default=list)  # why it could not be undone: [{"person": ..., "why": ..., "on": ...}]
    reverted_at = models.DateTimeField("desfeita em", null=True)
    reverted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OperatorManager.from_queryset(ConferenceFileQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "conferência"
        constraints = [models.UniqueConstraint(fields=["operator", "digest"], name="conference_content_once")]
        indexes = [models.Index(fields=["operator", "-id"], name="conference_recent")]

    def __str__(self) -> str:
        return f"conferência {self.pk}"

    @property
    def origin(self) -> str:
        return f"sib.conferencefile:{self.pk}"

    @property
    def made_at(self) -> datetime:
        """When ANS made it, local time: by its own words, zone or none; when it came where they make no sense.

        One that says it is of the future would otherwise be newer than all that follow.
        """
        came = _local(self.received_at)
        try:
            return min(_local(datetime.fromisoformat(self.generated_at.strip())), came)
        except (ValueError, OverflowError):
            return came

    @property
    def doubts(self) -> list[str]:
        """Why something of the conference may be missing, each a sentence for people."""
        found = [MIXED] if len({part.get("generated_at", "")[:10] for part in self.parts}) > 1 else []
        last = self.compared_with.records if self.compared_with else 0
        if self.records < last * MIN_RECORD_RATIO:
            found.append(SHRUNK.format(now=format_count(self.records), before=format_count(last)))
        return found


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None) if moment.tzinfo else moment


class Record(models.Model):
    """The fields of a record of the SIB as record.CnxRecord has them; a text is empty where there is no value."""

    cco = models.TextField()
    situacao = models.TextField()
    data_atualizacao = models.DateField(null=True)
    cpf = models.TextField()
    dn = models.TextField()
    pis_pasep = models.TextField()
    cns = models.TextField()
    nome = models.TextField()
    sexo = models.TextField()
    data_nascimento = models.DateField(null=True)
    nome_mae = models.TextField()
    logradouro = models.TextField()
    numero = models.TextField()
    complemento = models.TextField()
    bairro = models.TextField()
    codigo_municipio = models.TextField()
    codigo_municipio_residencia = models.TextField()
    cep = models.TextField()
    tipo_endereco = models.TextField()
    reside_exterior = models.TextField()
    codigo_beneficiario = models.TextField()
    relacao_dependencia = models.TextField()
    cco_beneficiario_titular = models.TextField()
    data_primeira_contratacao = models.DateField(null=True)
    data_contratacao = models.DateField(null=True)
    data_reativacao = models.DateField(null=True)
    data_cancelamento = models.DateField(null=True)
    motivo_cancelamento = models.TextField()
    numero_plano_ans = models.TextField()
    numero_plano_portabilidade = models.TextField()
    numero_plano_operadora = models.TextField()
    cobertura_parcial_temporaria = models.TextField()
    itens_excluidos_cobertura = models.TextField()
    cnpj_empresa_contratante = models.TextField()
    cei_empresa_contratante = models.TextField()
    caepf_empresa_contratante = models.TextField()
    outros = models.JSONField(null=True)
    name_key = models.TextField()  # names.fold(nome)
    digest = models.BigIntegerField()  # of all texts: two conferences that say the same of a CCO have the same

    class Meta:
        abstract = True


class CnxRow(Record):
    """A record as it was read. Only a pattern: each conference has an unlogged table like it (staging_tables)."""

    position = models.PositiveIntegerField(primary_key=True)  # 1 for the first record of the conference
    part = models.PositiveSmallIntegerField()  # 1 for the first file of it
    line = models.PositiveIntegerField()
    issues = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"linha {self.position}"
