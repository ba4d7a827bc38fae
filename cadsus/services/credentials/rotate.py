"""Activates a certificate, goes back to the former one, destroys a key. Running lookups finish with the old one."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cadsus.models import Credential, CredentialState
from cadsus.pki.errors import RefusedRotation, RotationRefusal
from cadsus.queries.credentials import can_decrypt
from cadsus.services.credentials.store import lock_credentials, mark_active
from cadsus.services.lookups.worker import wake_if_pending
from cnsportal.formats.br import format_date
from operators.audit import Event, EventKind, record
from operators.models import User


@transaction.atomic
def activate_credential(credential_id: int, *, actor: User | None = None) -> Credential:
    """Use this certificate in its environment from now on; the one used until now stays, to go back to. Idempotent.

    Raises RefusedRotation.
    """
    lock_credentials()
    credential = Credential.objects.get(pk=credential_id)
    if credential.state != CredentialState.ACTIVE:
        _refuse_unusable(credential)
        mark_active(credential, actor)
        _wake(credential)
    return credential


@transaction.atomic
def roll_back(credential_id: int, *, actor: User | None = None) -> Credential:
    """Take this certificate out of use and the one before it back in; which that is. Raises RefusedRotation.

    The one taken out waits for its turn again.
    """
    lock_credentials()
    credential = Credential.objects.get(pk=credential_id)
    if credential.state != CredentialState.ACTIVE:
        raise RefusedRotation(RotationRefusal.NOT_IN_USE)
    before = Credential.objects.before(credential)
    if before is None:
        raise RefusedRotation(RotationRefusal.NONE_BEFORE)
    _refuse_unusable(before)
    mark_active(before, actor)
    Credential.objects.filter(pk=credential.pk).update(state=CredentialState.STAGED)
    _wake(before)
    return before


@transaction.atomic
def destroy_key(credential_id: int, *, actor: User | None = None) -> Credential:
    """Forget the key of a certificate that is not in use; what it was stays. Idempotent. Raises RefusedRotation."""
    lock_credentials()
    credential = Credential.objects.get(pk=credential_id)
    if credential.state == CredentialState.ACTIVE:
        raise RefusedRotation(RotationRefusal.IN_USE)
    if credential.has_key:
        credential.state = CredentialState.RETIRED
        credential.key_id, credential.wrapped_key, credential.sealed_key = "", b"", b""
        credential.save(update_fields=["state", "key_id", "wrapped_key", "sealed_key"])
        data = {"environment": credential.environment, "fingerprint": credential.fingerprint}
        record([Event(EventKind.CREDENTIAL_DESTROYED, "credential", credential.pk, actor=actor, data=data)])
    return credential


def _refuse_unusable(credential: Credential) -> None:
    if not credential.has_key:
        raise RefusedRotation(RotationRefusal.WITHOUT_KEY)
    if credential.not_after < timezone.now():
        until = format_date(timezone.localtime(credential.not_after))
        raise RefusedRotation(RotationRefusal.ENDED, until=until)
    if not can_decrypt(credential):
        raise RefusedRotation(RotationRefusal.LOCKED)


def _wake(credential: Credential) -> None:
    """What stood still for want of a good certificate need not wait for the scheduler."""
    if credential.environment == settings.CADSUS_ENVIRONMENT:
        wake_if_pending()
