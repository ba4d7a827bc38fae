"""Certificates that expire soon or were revoked, for the dashboard and for e-mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cadsus.models import Credential, CredentialState, EnvironmentName, Revocation
from cadsus.pki.expiry_policy import ExpiryNotice, successor


@dataclass(frozen=True, slots=True)
class CertificateWarning:
    """A certificate that somebody must do something about."""

    credential: Credential
    tone: str
    headline: str
    advice: str


def current() -> list[Credential]:
    """In use or waiting for their turn, without their keys."""
    kept = Credential.objects.with_key().exclude(state=CredentialState.RETIRED)
    return list(kept.defer("chain", "wrapped_key", "sealed_key").order_by("environment", "pk"))


def endings(kept: Sequence[Credential]) -> list[tuple[Credential, ExpiryNotice]]:
    """Those in use, each with the one that may follow it."""
    return [(each, _ending(each, kept)) for each in kept if each.state == CredentialState.ACTIVE]


def certificate_warnings(now: datetime) -> list[CertificateWarning]:
    """Revoked ones first; then those that end within the days in which it is spoken of."""
    kept = current()
    near = [(each, end) for each, end in endings(kept) if end.threshold(now) is not None]
    return [_revoked(each) for each in kept if each.revocation == Revocation.REVOKED] + [
        CertificateWarning(each, "bad" if end.is_urgent(now) else "warn", end.headline(now), end.advice(now))
        for each, end in near
    ]


def _ending(credential: Credential, kept: Sequence[Credential]) -> ExpiryNotice:
    waiting = [
        timezone.localtime(each.not_after)
        for each in kept
        if each.state == CredentialState.STAGED
        and each.environment == credential.environment
        and each.revocation != Revocation.REVOKED
    ]
    until = timezone.localtime(credential.not_after)
    return ExpiryNotice(_of(credential), credential.holder, until, successor(until, waiting))


def _revoked(credential: Credential) -> CertificateWarning:
    if credential.state == CredentialState.ACTIVE:
        advice = "O DATASUS deve recusá-lo. Envie outro certificado, teste-o e ponha-o em uso."
        return CertificateWarning(
            credential, "bad", f"O emissor revogou o certificado {_of(credential)} em uso", advice
        )
    advice = "Não o ponha em uso: descarte-o e envie outro."
    return CertificateWarning(
        credential, "bad", f"O emissor revogou o certificado {_of(credential)} que espera a vez", advice
    )


def _of(credential: Credential) -> str:
    """As it follows the word *certificado*: de produção, do simulador."""
    if credential.environment == EnvironmentName.SIMULATOR:
        return "do simulador"
    return f"de {EnvironmentName(credential.environment).label}"
