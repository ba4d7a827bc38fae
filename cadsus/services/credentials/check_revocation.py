"""Asks issuers about the operator's certificates, at upload and every day. Only a warning: it blocks nothing."""

from datetime import timedelta

import structlog
from celery import current_app
from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cadsus.models import Credential, CredentialState, EnvironmentName, Revocation
from cadsus.pki import revocation
from cadsus.pki.revocation import RevocationStatus, Unproven
from cnsportal.security.safe_http import FetchError, fetch
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id

logger = structlog.get_logger(__name__)

RESPONSE_RETENTION = timedelta(days=7)
"""For so long the last answer is shown when there is no new one; that of a revocation always."""
_WORDS = {RevocationStatus.GOOD: Revocation.GOOD, RevocationStatus.REVOKED: Revocation.REVOKED}


def enqueue_revocation_checks() -> None:
    """Once the transaction is through, by a worker."""
    message = {"operator_id": current_operator_id()}
    transaction.on_commit(lambda: current_app.send_task("cadsus.check_revocations_here", kwargs=message, queue="bulk"))


def check_revocations() -> None:
    """Ask about the operator's certificates in use, and about those that wait."""
    for credential in Credential.objects.usable().exclude(state=CredentialState.RETIRED).order_by("pk"):
        check_revocation(credential)


def check_revocation(credential: Credential) -> None:
    """Keep what the issuer says, with the moment in which it said so."""
    standing = _asked(credential)
    if standing is None:
        _forget_old_answer(credential)
    else:
        _record_result(credential, _WORDS[standing])


@transaction.atomic
def _record_result(credential: Credential, word: Revocation) -> None:
    row = Credential.objects.filter(pk=credential.pk)
    news = row.exclude(revocation=word).update(revocation=word)
    row.update(revocation_checked_at=timezone.now())
    if news and word == Revocation.REVOKED:
        data = {"environment": credential.environment, "fingerprint": credential.fingerprint}
        record([Event(EventKind.CREDENTIAL_REVOKED, "credential", credential.pk, data=data)])


def _forget_old_answer(credential: Credential) -> None:
    old = Credential.objects.filter(
        pk=credential.pk, revocation=Revocation.GOOD, revocation_checked_at__lt=timezone.now() - RESPONSE_RETENTION
    )
    old.update(revocation=Revocation.UNCHECKED, revocation_checked_at=None)


def _asked(credential: Credential) -> RevocationStatus | None:
    """The first answer that may be believed: of responders, then of lists. None where there is none."""
    leaf, issuer, *_ = x509.load_pem_x509_certificates(bytes(credential.chain))
    places, now, allow_private = revocation.sources(leaf), timezone.now(), _allow_private(credential)
    ways = [(url, revocation.ocsp_question(leaf, issuer), revocation.read_ocsp) for url in places.ocsp]
    for url, question, read in [*ways, *((url, None, revocation.read_list) for url in places.lists)]:
        try:
            return read(fetch(url, question, allow_private=allow_private), leaf, issuer, now)
        except (FetchError, Unproven) as reason:
            logger.info("revocation_unchecked", credential_id=credential.pk, reason=str(reason))
    return None


def _allow_private(credential: Credential) -> bool:
    """Certificates of the simulator, in a portal that asks nobody else, may name hosts of this machine."""
    return credential.environment == settings.CADSUS_ENVIRONMENT == EnvironmentName.SIMULATOR
