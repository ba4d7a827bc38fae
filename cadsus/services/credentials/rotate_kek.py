"""Key rotation of the key-encryption key (KEK): data keys are wrapped again, what they encrypt stays as it is."""

from django.conf import settings
from django.db import transaction

from cadsus.models import Credential
from cadsus.queries.credentials import can_decrypt, keyring, sealed_of
from cadsus.services.credentials.store import lock_credentials, store_sealed
from cnsportal.security.envelope_encryption import RewrapResult, rewrap
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.registry import KEK_OWNERS


def rewrap_all() -> list[RewrapResult]:
    """Everything that the operator has under key-encryption keys, put under the current one."""
    return [rewrap_credentials(), *(rewrap_owned() for rewrap_owned in KEK_OWNERS)]


@transaction.atomic
def rewrap_credentials() -> RewrapResult:
    """Put the operator's certificates under the current key-encryption key, all of those that open. Idempotent.

    Whoever changes certificates meanwhile waits; whoever reads them does not.
    """
    lock_credentials()
    credentials = list(Credential.objects.with_key().order_by("pk"))
    open_ones = [credential for credential in credentials if can_decrypt(credential)]
    old = [credential for credential in open_ones if credential.key_id != keyring().current]
    for credential in old:
        store_sealed(credential, rewrap(keyring(), sealed_of(credential)))
        credential.save(update_fields=["key_id", "wrapped_key"])
    if old:
        data = {"count": len(old), "key_id": keyring().current}
        record([Event(EventKind.CREDENTIALS_REWRAPPED, "operator", current_operator_id(), data=data)])
    return RewrapResult(
        rewrapped=len(old),
        kept=len(open_ones) - len(old),
        unopenable=len(credentials) - len(open_ones),
        wrapped_by=frozenset(credential.key_id for credential in credentials),
    )


def idle_keys(wrapped_by: frozenset[str]) -> list[str]:
    """The retired keys of this server that nothing is wrapped by any more: they may be taken out of the settings."""
    return [key_id for key_id in list(settings.CADSUS_KEKS)[1:] if key_id not in wrapped_by]
