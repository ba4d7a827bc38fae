"""Stores certificates encrypted and opens them for use; never shown. An advisory lock serialises changes."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from cadsus.models import Credential, EnvironmentName
from cadsus.models import CredentialState as State
from cadsus.pki.chain import UNKNOWN, Authorities
from cadsus.pki.errors import RefusedCertificate
from cadsus.pki.icp_brasil import ClientCertificate, read_certificate
from cadsus.queries.credentials import can_decrypt, keyring, place_of
from cadsus.services.credentials.check_revocation import enqueue_revocation_checks
from cnsportal.db.locks import AdvisoryLock, lock_until_commit
from cnsportal.security.envelope_encryption import Envelope, encrypt
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator, User

_SHOWN = ("holder", "cnpj", "kind", "policy", "issuer", "serial", "not_before", "not_after", "chain")


def authorities(environment: str) -> Authorities:
    """Whose certificates are taken; the simulator's have authorities of their own."""
    path = settings.CADSUS_CLIENT_ROOTS
    return UNKNOWN if path is None or environment == EnvironmentName.SIMULATOR else _authorities(path)


@lru_cache(1)
def _authorities(path: Path) -> Authorities:
    return Authorities.read(path.read_bytes())


@sensitive_variables("data", "password", "certificate")
def receive_credential(
    data: bytes, password: str, environment: EnvironmentName, *, actor: User | None = None, activate: bool | None = None
) -> Credential:
    """Read, check and seal a PKCS#12 file. Raises RefusedCertificate; of that one the reason is kept, and no more."""
    operator = Operator.objects.get(pk=current_operator_id())
    now, known = timezone.localtime(), authorities(environment)
    try:
        certificate = read_certificate(data, password, cnpj=operator.cnpj, now=now, known=known)
    except RefusedCertificate as refused:
        facts = {"environment": str(environment), "reason": refused.refusal.name}
        record([Event(EventKind.CREDENTIAL_REFUSED, "operator", operator.pk, actor=actor, data=facts)])
        raise
    return seal_credential(certificate, environment, actor=actor, activate=activate)


@transaction.atomic
def seal_credential(
    certificate: ClientCertificate,
    environment: EnvironmentName,
    *,
    actor: User | None = None,
    activate: bool | None = None,
) -> Credential:
    """Keep the certificate, and use it from now on where ``activate`` says so or no good one is in use. Idempotent.

    One that is known already is sealed again where its key was destroyed, or does not open any more.
    """
    lock_credentials()
    known = Credential.objects.filter(environment=environment)
    kept = known.filter(fingerprint=certificate.fingerprint).first()
    in_use = known.active().usable().exclude(fingerprint=certificate.fingerprint)
    at_once = not in_use.exists() if activate is None else activate
    if kept and can_decrypt(kept) and (kept.state == State.ACTIVE or (kept.state == State.STAGED and not at_once)):
        return kept
    credential = _sealed(certificate, environment, actor, kept)
    data = {"environment": str(environment), "fingerprint": credential.fingerprint}
    record([Event(EventKind.CREDENTIAL_SEALED, "credential", credential.pk, actor=actor, data=data)])
    enqueue_revocation_checks()
    if at_once and credential.state != State.ACTIVE:
        mark_active(credential, actor)
    return credential


def _sealed(
    certificate: ClientCertificate, environment: EnvironmentName, actor: User | None, kept: Credential | None
) -> Credential:
    """A row of its own, or the one that keeps this certificate already."""
    credential = kept or Credential(
        operator_id=current_operator_id(), environment=environment, fingerprint=certificate.fingerprint
    )
    if credential.state != State.ACTIVE:
        credential.state = State.STAGED
    for name in _SHOWN:
        setattr(credential, name, getattr(certificate, name))
    credential.sealed_by, credential.sealed_at, credential.failed_step = actor, timezone.now(), ""
    store_sealed(credential, encrypt(keyring(), certificate.key, place_of(credential)))
    credential.save()
    return credential


def mark_active(credential: Credential, actor: User | None) -> None:
    """In the place of the one in use until now. The caller holds the lock (lock_credentials)."""
    others = Credential.objects.active().filter(environment=credential.environment).exclude(pk=credential.pk)
    others.update(state=State.RETIRED)
    credential.state, credential.activated_at, credential.failed_step = State.ACTIVE, timezone.now(), ""
    credential.save(update_fields=["state", "activated_at", "failed_step"])
    data = {"environment": credential.environment, "fingerprint": credential.fingerprint}
    record([Event(EventKind.CREDENTIAL_ACTIVATED, "credential", credential.pk, actor=actor, data=data)])


def lock_credentials() -> None:
    """Until the transaction ends, nobody else changes which of the operator's certificates is in use."""
    lock_until_commit(AdvisoryLock.CREDENTIALS, current_operator_id())


def store_sealed(credential: Credential, sealed: Envelope) -> None:
    credential.key_id, credential.wrapped_key, credential.sealed_key = (
        sealed.key_id,
        sealed.wrapped_key,
        sealed.ciphertext,
    )
