"""E-mails the operator's administrators before a certificate expires: once for each threshold."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cadsus.models import Credential
from cadsus.pki.expiry_policy import ExpiryNotice, is_due
from cadsus.queries.expiring_credentials import current, endings
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator, User
from operators.services.email import MAIL_ERRORS, administrators, send_admin_mail

logger = structlog.get_logger(__name__)


def warn_of_expiry() -> int:
    """Send what is due for the operator; how many e-mails went out. What cannot be sent is tried again next time."""
    now = timezone.localtime()
    due = [
        (credential, ending, threshold)
        for credential, ending in endings(current())
        if (threshold := ending.threshold(now)) is not None and is_due(threshold, credential.warned_days)
    ]
    return sum(_warn(credential, ending, threshold) for credential, ending, threshold in due)


def _warn(credential: Credential, ending: ExpiryNotice, threshold: int) -> bool:
    people = administrators()
    if not people:
        logger.warning("nobody_to_warn", credential_id=credential.pk)
        return False
    if not _claim(credential, threshold):
        return False
    try:
        _send(ending, people)
    except MAIL_ERRORS as error:
        _release(credential, threshold)
        logger.warning("warning_not_sent", credential_id=credential.pk, error=type(error).__name__)
        return False
    data = {"environment": credential.environment, "days": threshold, "recipients": len(people)}
    record([Event(EventKind.CREDENTIAL_WARNED, "credential", credential.pk, data=data)])
    return True


def _claim(credential: Credential, threshold: int) -> bool:
    """One conditional UPDATE: of two schedulers one sends. It comes first, since two e-mails are worse than none."""
    unwarned = Q(warned_days=None) | Q(warned_days__gt=threshold)
    return bool(Credential.objects.filter(unwarned, pk=credential.pk).update(warned_days=threshold))


def _release(credential: Credential, threshold: int) -> None:
    kept = Credential.objects.filter(pk=credential.pk, warned_days=threshold)
    kept.update(warned_days=credential.warned_days)


def _send(ending: ExpiryNotice, people: Sequence[User]) -> None:
    operator, now = Operator.objects.get(pk=current_operator_id()), timezone.localtime()
    address = settings.PUBLIC_URL + reverse("cadsus:credentials", args=[operator.registration])
    words: dict[str, Any] = {"operator": operator, "address": address, "holder": ending.holder}
    words |= {"headline": ending.headline(now), "advice": ending.advice(now), "urgent": ending.is_urgent(now)}
    send_admin_mail(f"{operator.trade_name}: {ending.headline(now)}", "cadsus/mail/expiry", words, people)
