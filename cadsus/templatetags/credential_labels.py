"""Labels and tones of certificates and of their connection tests."""

from django import template
from django.utils import timezone

from beneficiaries.domain.identifiers import format_cnpj
from cadsus.client.connection_check import CheckStep
from cadsus.models import Credential, CredentialState, Revocation
from cadsus.pki.expiry_policy import AHEAD, URGENT_DAYS
from cnsportal.formats.br import format_date, format_datetime
from operators.templatetags.portal import tone_of

register = template.Library()

register.filter("cnpj", format_cnpj)
register.filter("state_tone", tone_of(CredentialState))
register.filter("revocation_tone", tone_of(Revocation))


@register.filter
def validity(credential: Credential) -> str:
    day = format_date(timezone.localtime(credential.not_after))
    if credential.not_after < timezone.now():
        return f"venceu em {day}"
    days = credential.days_left
    left = {0: "só hoje", 1: "mais 1 dia"}.get(days, f"mais {days} dias")
    return f"vale até {day} ({left})"


@register.filter
def validity_tone(credential: Credential) -> str:
    if credential.not_after < timezone.now() or credential.days_left <= URGENT_DAYS:
        return "bad"
    return "warn" if credential.days_left <= max(AHEAD) else "good"


@register.filter
def test_summary(credential: Credential) -> str:
    """How the last live test ended, or what was found wrong without one."""
    when = f" em {format_datetime(timezone.localtime(credential.tested_at))}" if credential.tested_at else ""
    if credential.failed_step:
        return f"falhou{when}: {CheckStep[credential.failed_step].value}"
    return f"passou{when}" if when else "nunca testado"


@register.filter
def test_tone(credential: Credential) -> str:
    if credential.failed_step:
        return "bad"
    return "good" if credential.tested_at else "neutral"


@register.filter
def groups_of_four(fingerprint: str) -> str:
    """In fours, to be read aloud."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
