"""Certificates of the operator: sealed, opened for use, never shown."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cadsus import gateway
from cadsus.certificates import ClientCertificate
from cadsus.models import Credential, CredentialState, EnvironmentName
from cadsus.sealing import Keyring, Sealed, Unopenable, place, rewrap, seal, unseal
from cadsus.troubles import GatewayError, Trouble
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User


def keyring() -> Keyring:
    return Keyring(settings.CADSUS_KEKS)


@transaction.atomic
def seal_credential(
    certificate: ClientCertificate, environment: EnvironmentName, *, actor: User | None = None
) -> Credential:
    """Keep the certificate and use it from now on; the one used until now stays, inactive. Idempotent."""
    known = Credential.objects.select_for_update().filter(environment=environment)
    kept = known.filter(fingerprint=certificate.fingerprint).first()
    if kept and kept.state == CredentialState.ACTIVE:
        return kept
    known.active().update(state=CredentialState.RETIRED)
    credential = kept or _sealed(certificate, environment, actor)
    credential.state, credential.activated_at = CredentialState.ACTIVE, timezone.now()
    credential.save()
    data = {"environment": str(environment), "fingerprint": credential.fingerprint}
    record([Event(EventKind.CREDENTIAL_SEALED, "credential", credential.pk, actor=actor, data=data)])
    return credential


def _sealed(certificate: ClientCertificate, environment: EnvironmentName, actor: User | None) -> Credential:
    credential = Credential(
        operator_id=current_operator_id(),
        environment=environment,
        holder=certificate.holder,
        cnpj=certificate.cnpj,
        kind=certificate.kind,
        policy=certificate.policy,
        issuer=certificate.issuer,
        serial=certificate.serial,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        fingerprint=certificate.fingerprint,
        chain=certificate.chain,
        sealed_by=actor,
    )
    _keep(credential, seal(keyring(), certificate.key, _place(credential)))
    return credential


def _place(credential: Credential) -> bytes:
    return place("credential", credential.operator_id, credential.environment, credential.record)


def _keep(credential: Credential, sealed: Sealed) -> None:
    credential.key_id, credential.wrapped_key, credential.sealed_key = (
        sealed.key_id,
        sealed.wrapped_key,
        sealed.ciphertext,
    )


def _kept(credential: Credential) -> Sealed:
    return Sealed(credential.key_id, bytes(credential.wrapped_key), bytes(credential.sealed_key))


def credential_in_use(environment: str) -> Credential:
    """Raises GatewayError when the operator has none, or one that has ended."""
    credential = Credential.objects.active().filter(environment=environment).first()
    if credential is None:
        raise GatewayError(Trouble.NO_CREDENTIAL)
    if credential.not_after < timezone.now():
        raise GatewayError(Trouble.CERTIFICATE_EXPIRED)
    return credential


def open_credential(credential: Credential) -> gateway.Credential:
    """The key in clear, for the gateway alone. Raises GatewayError."""
    try:
        key = unseal(keyring(), _kept(credential), _place(credential))
    except Unopenable:
        raise GatewayError(Trouble.CERTIFICATE_LOCKED) from None
    return gateway.Credential(credential.fingerprint, bytes(credential.chain), key)


def rewrap_credentials() -> int:
    """Put the operator's credentials under the current key-encryption key; how many changed. Raises Unopenable."""
    keys = keyring()
    with transaction.atomic():
        old = list(Credential.objects.select_for_update().exclude(key_id=keys.current))
        for credential in old:
            _keep(credential, rewrap(keys, _kept(credential)))
            credential.save(update_fields=["key_id", "wrapped_key", "sealed_key"])
    return len(old)
