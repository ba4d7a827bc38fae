"""The audit trail: services record what they did, in the transaction in which they did it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any

import structlog

from operators.context import current_operator_id
from operators.models import AuditEvent, User

SYSTEM = "sistema"
BATCH = 5000


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
    STAFF_ADMITTED = "staff.admitted", "Acesso concedido"
    PERSON_CREATED = "person.created", "Pessoa cadastrada"
    PERSON_CHANGED = "person.changed", "Cadastro alterado", "before", "after"
    PERSON_UNMASKED = "person.unmasked", "Dados completos vistos"
    PEOPLE_IMPORTED = "people.imported", "Cadastro importado"
    PEOPLE_EXPORTED = "people.exported", "Cadastro exportado"
    CNS_ATTACHED = "cns.attached", "CNS vinculado", "number"
    CNS_CONFIRMED = "cns.confirmed", "CNS confirmado", "number"
    CNS_SUPERSEDED = "cns.superseded", "CNS substituído", "number", "previous"
    CNS_REFUSED = "cns.refused", "CNS recusado", "number"
    REVIEW_OPENED = "review.opened", "Conferência de identidade aberta"
    REVIEW_ACCEPTED = "review.accepted", "Conferência de identidade aceita", "note"
    REVIEW_DISMISSED = "review.dismissed", "Conferência de identidade descartada", "note"
    CNX_RECEIVED = "cnx.received", "Conferência da ANS recebida"
    CNX_APPLIED = "cnx.applied", "Conferência da ANS aplicada"
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
    CREDENTIAL_USED = "credential.used", "Certificado usado"
    CNS_ASKED = "cns.asked", "Consulta ao DATASUS pedida"
    CNS_ANSWERED = "cns.answered", "Consulta ao DATASUS respondida"
    CARD_ISSUED = "card.issued", "Cartão emitido"
    CARD_SUPERSEDED = "card.superseded", "Cartão substituído"
    CARD_VOIDED = "card.voided", "Cartão anulado"
    CARD_DOWNLOADED = "card.downloaded", "Cartão baixado"

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


def record(events: Iterable[Event]) -> None:
    """Write the events; inside the caller's transaction, so that the deed and its trace stand or fall together."""
    operator_id = current_operator_id()
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    AuditEvent.objects.bulk_create((_row(event, operator_id, request_id) for event in events), batch_size=BATCH)


def _row(event: Event, operator_id: int, request_id: str) -> AuditEvent:
    personal = event.kind.personal
    return AuditEvent(
        operator_id=operator_id,
        kind=event.kind.code,
        actor=event.actor,
        actor_label=str(event.actor) if event.actor else SYSTEM,
        source=event.source,
        request_id=request_id,
        subject=event.subject,
        subject_id=event.subject_id,
        person_id=event.person_id,
        data={key: value for key, value in event.data.items() if key not in personal},
        personal={key: value for key, value in event.data.items() if key in personal},
    )
