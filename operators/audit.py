"""The audit trail: services record what they did, in the transaction in which they did it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any

import structlog
from django.db import connection

from cnsportal.db.sql_files import read_statements
from cnsportal.web.stale_cache import note_own_change
from operators.context import current_operator_id
from operators.models import AuditEvent, User

_SQL = read_statements("operators/sql/audit.sql")

SYSTEM = "sistema"
BATCH_SIZE = 5000


@unique
class EventKind(Enum):
    """The closed vocabulary: code kept for ever, sentence for the screen, and which keys are personal data.

    Personal keys go to ``AuditEvent.personal``; shredding a person empties that column and the event stays.
    """

    def __init__(self, code: str, label: str, *personal: str) -> None:
        self.code = code
        self.label = label
        self.personal = frozenset(personal)

    OPERATOR_CREATED = "operator.created", "Operadora cadastrada"
    OPERATOR_CHANGED = "operator.changed", "Operadora alterada"
    POLICY_CHANGED = "operator.policy_changed", "Política da operadora alterada"
    CARD_THEME_CHANGED = "operator.card_theme_changed", "Aparência do cartão alterada"
    NIGHT_REPORTED = "night.reported", "Relatório da noite enviado"
    MOVEMENTS_DRAFTED = "sbx.drafted", "Movimentações do SIB levantadas"
    MOVEMENT_DECIDED = "sbx.movement_decided", "Movimentação do SIB decidida"
    SBX_COMPOSED = "sbx.composed", "Arquivo SBX composto"
    SBX_APPROVED = "sbx.approved", "Arquivo SBX aprovado"
    SBX_SENT = "sbx.sent", "Arquivo SBX marcado como enviado"
    SBX_DISCARDED = "sbx.discarded", "Arquivo SBX descartado"
    SBX_DOWNLOADED = "sbx.downloaded", "Arquivo SBX baixado"
    STAFF_ADMITTED = "staff.admitted", "Acesso concedido"
    PERSON_CREATED = "person.created", "Pessoa cadastrada"
    PERSON_CHANGED = "person.changed", "Cadastro alterado", "before", "after"
    LINK_CREATED = "link.created", "Vínculo incluído"
    LINK_CHANGED = "link.changed", "Vínculo alterado", "before", "after"
    PLAN_CHANGED = "plan.changed", "Plano alterado", "before", "after"
    CONTRACT_CHANGED = "contract.changed", "Contrato alterado", "before", "after"
    COMPANY_CHANGED = "company.changed", "Empresa contratante alterada", "before", "after"
    ADMINISTRATOR_CHANGED = "administrator.changed", "Administradora de benefícios alterada", "before", "after"
    PEOPLE_MERGED = "people.merged", "Cadastros juntados em um", "reason", "before", "after"
    PEOPLE_MERGE_UNDONE = "people.merge_undone", "Junção de cadastros desfeita"
    PERSON_SPLIT = "person.split", "Cadastro separado em dois", "reason", "before", "after"
    PERSON_SPLIT_UNDONE = "person.split_undone", "Separação de cadastro desfeita"
    PAIR_DECIDED = "people.distinct", "Decidido que são duas pessoas", "reason"
    PERSON_UNMASKED = "person.unmasked", "Dados completos vistos"
    PEOPLE_IMPORTED = "people.imported", "Cadastro importado"
    IMPORT_RECEIPT_DOWNLOADED = "people.import_receipt", "Recibo da importação baixado"
    PEOPLE_FOUNDED = "people.founded", "Cadastro trazido da conferência"
    PEOPLE_EXPORTED = "people.exported", "Cadastro exportado"
    LIST_EXPORTED = "list.exported", "Lista exportada"
    COMPANY_PACK_MADE = "company_pack.made", "Planilha para a empresa gerada"
    COMPANY_PACK_APPLIED = "company_pack.applied", "Planilha da empresa aplicada"
    VIEW_SAVED = "view.saved", "Vista gravada"
    VIEW_DELETED = "view.deleted", "Vista apagada"
    LIST_DOWNLOADED = "list.downloaded", "Lista exportada baixada"
    CNS_ATTACHED = "cns.attached", "CNS vinculado", "number"
    CNS_CONFIRMED = "cns.confirmed", "CNS confirmado", "number"
    CNS_SUPERSEDED = "cns.superseded", "CNS substituído", "number", "previous"
    CNS_REFUSED = "cns.refused", "CNS recusado", "number"
    REVIEW_OPENED = "review.opened", "Conferência de identidade aberta"
    REVIEW_ACCEPTED = "review.accepted", "Conferência de identidade aceita", "note"
    REVIEW_DISMISSED = "review.dismissed", "Conferência de identidade descartada", "note"
    REVIEW_REOPENED = "review.reopened", "Decisão da revisão desfeita", "note"
    REVIEW_PROPOSED = "review.proposed", "Aceitação proposta: espera a segunda pessoa", "note"
    REVIEW_PROPOSAL_TAKEN_BACK = "review.proposal_taken_back", "Proposta de aceitação retirada", "note"
    REVIEWS_DECIDED = "review.batch_decided", "Casos iguais decididos em conjunto"
    REVIEWS_REOPENED = "review.batch_reopened", "Decisão em conjunto desfeita"
    CNX_RECEIVED = "cnx.received", "Conferência da ANS recebida"
    CNX_APPLIED = "cnx.applied", "Conferência da ANS aplicada"
    CNX_CLOSED = "cnx.closed", "Conferência da ANS encerrada"
    CNX_REVERTED = "cnx.reverted", "Conferência da ANS desfeita"
    CNX_EXPORTED = "cnx.exported", "Recibo da conferência baixado"
    RPX_RECEIVED = "rpx.received", "Resultado da ANS recebido"
    RPX_SETTLED = "rpx.settled", "Resultado da ANS aplicado"
    RPX_EXPORTED = "rpx.exported", "Recusas da ANS baixadas"
    MOVEMENT_ACCEPTED = "movement.accepted", "Movimentação aceita pela ANS"
    MOVEMENT_REJECTED = "movement.rejected", "Movimentação recusada pela ANS"
    CCO_GIVEN = "cco.given", "CCO dado pela ANS"
    REJECTION_RESOLVED = "rejection.resolved", "Recusa da ANS dada por resolvida"
    CRITICA_EXPLAINED = "critica.explained", "Crítica da ANS explicada"
    CNS_WITHDRAWN = "cns.withdrawn", "CNS desfeito", "number", "previous"
    CNS_DISOWNED = "cns.disowned", "CNS retirado: não é desta pessoa", "number", "note"
    CCO_WITHDRAWN = "cco.withdrawn", "CCO desfeito"
    REVIEW_WITHDRAWN = "review.withdrawn", "Conferência de identidade retirada"
    CREDENTIAL_SEALED = "credential.sealed", "Certificado guardado"
    CREDENTIAL_REFUSED = "credential.refused", "Certificado recusado"
    CREDENTIAL_ACTIVATED = "credential.activated", "Certificado posto em uso"
    CREDENTIAL_TESTED = "credential.tested", "Ligação com o DATASUS testada"
    CREDENTIAL_DESTROYED = "credential.destroyed", "Chave do certificado apagada"
    CREDENTIAL_WARNED = "credential.warned", "Aviso de vencimento do certificado"
    CREDENTIAL_REVOKED = "credential.revoked", "Certificado revogado pelo emissor"
    CREDENTIALS_REWRAPPED = "credentials.rewrapped", "Certificados postos sob outra chave"
    QUEUE_PAUSED = "queue.paused", "Consultas ao DATASUS pausadas"
    QUEUE_RESUMED = "queue.resumed", "Consultas ao DATASUS retomadas"
    LOOKUPS_CANCELLED = "lookups.cancelled", "Consultas da fila canceladas"
    LOOKUPS_REPEATED = "lookups.repeated", "Consultas que falharam pedidas de novo"
    LOOKUPS_HURRIED = "lookups.hurried", "Consultas que esperavam tentadas de novo"
    MISSING_ASKED = "lookups.missing_asked", "Consulta pedida por todos sem CNS"
    ACCREDITATION_CHANGED = "accreditation.changed", "Habilitação no DATASUS atualizada", "was", "became"
    OWN_CNS_ASKED = "accreditation.cns_asked", "CNS de pessoa da equipe perguntado ao DATASUS"
    OWN_CNS_ANSWERED = "accreditation.cns_answered", "Resposta do DATASUS sobre CNS de pessoa da equipe"
    CREDENTIAL_USED = "credential.used", "Certificado usado"
    CNS_ASKED = "cns.asked", "Consulta ao DATASUS pedida"
    CNS_ANSWERED = "cns.answered", "Consulta ao DATASUS respondida"
    CARD_ISSUED = "card.issued", "Cartão emitido"
    CARD_SUPERSEDED = "card.superseded", "Cartão substituído"
    CARD_VOIDED = "card.voided", "Cartão anulado"
    CARD_DOWNLOADED = "card.downloaded", "Cartão baixado"
    CARD_OPENED = "card.opened", "Cartão digital aberto"
    WEBHOOK_SET = "webhook.set", "Webhook de eventos definido"
    WEBHOOK_PAUSED = "webhook.paused", "Webhook de eventos pausado"
    WEBHOOK_RESUMED = "webhook.resumed", "Webhook de eventos retomado"
    WEBHOOK_TESTED = "webhook.tested", "Webhook de eventos testado"
    CARD_LINK_MADE = "card.link_made", "Link do cartão criado"
    CARD_LINK_SENT = "card.link_sent", "Link do cartão enviado por e-mail"
    CARD_LINK_REVOKED = "card.link_revoked", "Link do cartão revogado"
    CARD_LINK_CONFIRMED = "card.link_confirmed", "Data de nascimento confirmada no link do cartão"
    CARD_LINK_REFUSED = "card.link_refused", "Data de nascimento errada no link do cartão"
    CARD_PRINTED = "card.printed", "Cartão impresso"
    CARD_DELIVERED = "card.delivered", "Cartão entregue"
    CARD_LOST = "card.lost", "Cartão perdido"
    CARD_BATCH_STARTED = "card_batch.started", "Lote de cartões pedido"
    CARD_BATCH_CANCELLED = "card_batch.cancelled", "Lote de cartões cancelado"
    CARD_BATCH_DOWNLOADED = "card_batch.downloaded", "Lote de cartões baixado"
    CARD_BATCH_DELETED = "card_batch.deleted", "Arquivo do lote apagado"

    @classmethod
    def of(cls, code: str) -> "EventKind":
        return next(kind for kind in cls if kind.code == code)


@dataclass(frozen=True, slots=True)
class Event:
    kind: EventKind
    subject: str
    subject_id: int
    person_id: int | None = None
    actor: User | None = None
    source: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    label: str = ""  # of somebody without an account


def record(events: Iterable[Event]) -> None:
    """Write the events; inside the caller's transaction, so that the change and its trace stand or fall together."""
    operator_id = current_operator_id()
    request_id = _request_id()
    rows = AuditEvent.objects.bulk_create(
        (_row(event, operator_id, request_id) for event in events), batch_size=BATCH_SIZE
    )
    looked = EventKind.PERSON_UNMASKED.code
    for actor_id in {row.actor_id for row in rows if row.actor_id and row.kind != looked}:
        note_own_change(operator_id, actor_id)


def _row(event: Event, operator_id: int, request_id: str) -> AuditEvent:
    personal = event.kind.personal
    return AuditEvent(
        operator_id=operator_id,
        kind=event.kind.code,
        actor=event.actor,
        actor_label=str(event.actor) if event.actor else event.label or SYSTEM,
        source=event.source,
        request_id=request_id,
        subject=event.subject,
        subject_id=event.subject_id,
        person_id=event.person_id,
        data={key: value for key, value in event.data.items() if key not in personal},
        personal={key: value for key, value in event.data.items() if key in personal},
    )


def record_set(
    kind: EventKind,
    subject: str,
    select: str,
    parameters: Mapping[str, Any],
    *,
    actor: User | None = None,
    source: str = "",
) -> int:
    """One event for each row of ``select``, which is SQL over a set too great to be carried here and back.

    It gives subject_id, person_id (or NULL) and data (jsonb, personal keys among the others); how many there were.
    """
    own: dict[str, Any] = {
        "_operator": current_operator_id(),
        "_kind": kind.code,
        "_actor": actor.pk if actor else None,
        "_label": str(actor) if actor else SYSTEM,
        "_source": source,
        "_request": _request_id(),
        "_subject": subject,
        "_personal": sorted(kind.personal),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["record_set"].format(select=select), {**parameters, **own})
        return int(cursor.rowcount)


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
