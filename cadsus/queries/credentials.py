"""Which certificate of the operator is in use; its key, encrypted as it is stored or opened for the gateway alone."""

from django.conf import settings
from django.utils import timezone

from cadsus.client import gateway
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.models import Credential
from cnsportal.security.envelope_encryption import DecryptionError, Envelope, Keyring, associated_data, decrypt


def keyring() -> Keyring:
    return Keyring(settings.CADSUS_KEKS)


def sealed_of(credential: Credential) -> Envelope:
    return Envelope(credential.key_id, bytes(credential.wrapped_key), bytes(credential.sealed_key))


def can_decrypt(credential: Credential) -> bool:
    """Whether its key is there, and this server can open it."""
    try:
        decrypt(keyring(), sealed_of(credential), place_of(credential))
    except DecryptionError:
        return False
    return True


def place_of(credential: Credential) -> bytes:
    return associated_data("credential", credential.operator_id, credential.environment, credential.record)


def credential_in_use(environment: str) -> Credential:
    """Raises GatewayError when the operator has none, or one that has ended."""
    credential = Credential.objects.active().filter(environment=environment).first()
    if credential is None:
        raise GatewayError(ErrorKind.NO_CREDENTIAL)
    if credential.not_after < timezone.now():
        raise GatewayError(ErrorKind.CERTIFICATE_EXPIRED)
    return credential


def open_credential(credential: Credential) -> gateway.ClientCredential:
    """The key in clear, for the gateway alone. Raises GatewayError."""
    try:
        key = decrypt(keyring(), sealed_of(credential), place_of(credential))
    except DecryptionError:
        raise GatewayError(ErrorKind.CERTIFICATE_LOCKED) from None
    return gateway.ClientCredential(credential.fingerprint, bytes(credential.chain), key)
