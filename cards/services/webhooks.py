"""Webhooks: events pushed in order with a webhook signature (HMAC), repeated until they are accepted.

What is delivered twice has the same numbers; what is not taken waits in the outbox, and the cursor returns it as well.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from cards.models import CardEvent, Delivery, Webhook
from cards.services.events import EventPage, events_after, last_position
from cnsportal.security.envelope_encryption import (
    DecryptionError,
    Envelope,
    Keyring,
    RewrapResult,
    associated_data,
    decrypt,
    encrypt,
    rewrap,
)
from cnsportal.security.safe_http import FetchError, post
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

SECRET_BYTES = 32
EVENTS_A_NOTICE = 100
NOTICES_A_RUN = 50
TIMEOUT_SECONDS = 10.0  # seconds for one notice
GIVEN_UP_FOR = timedelta(seconds=2 * TIMEOUT_SECONDS)
RETRY_DELAYS_SECONDS = (10, 30, 120, 600, 3600, 6 * 3600)
"""Seconds until the next try after so many failures in a row; the last one from then on."""

EVENT_RETENTION = timedelta(days=30)
UNOPENABLE = "o segredo não abre com as chaves deste servidor: gere outro"


@sensitive_variables("secret")
@transaction.atomic
def set_webhook(url: str, *, actor: User) -> str:
    """The address from now on, and its new secret, which nothing shows again. A first one begins with what comes."""
    secret, owner = token_urlsafe(SECRET_BYTES), current_operator_id()
    hook = Webhook.objects.select_for_update().first() or Webhook(operator_id=owner, position=last_position())
    _store_sealed(hook, encrypt(_keys(), secret.encode(), _place(hook)))
    hook.url, hook.changed_by, hook.changed_at, hook.paused = url, actor, timezone.now(), False
    hook.failures, hook.next_attempt_at = 0, timezone.now()
    hook.save()
    _record(hook, EventKind.WEBHOOK_SET, actor)
    return secret


@transaction.atomic
def pause_webhook(*, paused: bool, actor: User) -> bool:
    """False where it was so already."""
    changed = Webhook.objects.filter(paused=not paused)
    hook = changed.first()
    if hook is None or not changed.update(paused=paused, failures=0, next_attempt_at=timezone.now()):
        return False
    _record(hook, EventKind.WEBHOOK_PAUSED if paused else EventKind.WEBHOOK_RESUMED, actor)
    return True


def try_webhook(hook: Webhook, *, actor: User) -> Delivery:
    """A notice without events, now; nothing that waits is touched."""
    _record(hook, EventKind.WEBHOOK_TESTED, actor)
    return _attempt(hook, EventPage([], hook.position, more=False), test=True)


def wake_webhook() -> None:
    """Send a worker where something waits and the pause is over."""
    hook = _due().first()
    if hook and _waits(hook):
        message = {"operator_id": current_operator_id()}
        current_app.send_task("cards.deliver_events", kwargs=message, queue="interactive")


def deliver_events() -> None:
    """Push what waits, until nothing does, the other side refuses, or enough was done for one turn."""
    with _claimed_webhook() as hook:
        if hook is None:
            return
        for _ in range(NOTICES_A_RUN):
            page = events_after(hook.position, EVENTS_A_NOTICE)
            if not page.events or not _pushed(hook, page):
                break
    Delivery.objects.filter(at__lt=timezone.now() - EVENT_RETENTION).delete()


def sign(secret: bytes, moment: int, body: bytes) -> str:
    """``t=<seconds since 1970>,v1=<hex>``: HMAC-SHA256 of ``<t>.<body>`` under the secret (docs/api.md)."""
    digest = hmac.new(secret, b"%d.%b" % (moment, body), hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@transaction.atomic
def rewrap_webhook() -> RewrapResult:
    """Put the secret under the current key-encryption key, if it opens. Idempotent."""
    hook = Webhook.objects.select_for_update().first()
    if hook is None:
        return RewrapResult.nothing()
    was, old = hook.key_id, hook.key_id != _keys().current
    try:
        _secret(hook)
    except DecryptionError:
        return RewrapResult(rewrapped=0, kept=0, unopenable=1, wrapped_by=frozenset({was}))
    if old:
        _store_sealed(hook, rewrap(_keys(), _sealed(hook)))
        hook.save(update_fields=["key_id", "wrapped_key", "sealed_secret"])
    return RewrapResult(rewrapped=int(old), kept=int(not old), unopenable=0, wrapped_by=frozenset({hook.key_id}))


def _due() -> Any:
    now = timezone.now()
    idle = Q(busy_until=None) | Q(busy_until__lt=now)
    return Webhook.objects.filter(idle, paused=False, next_attempt_at__lte=now)


def _waits(hook: Webhook) -> bool:
    """Whether there are events without a number yet, or with a later one than was delivered."""
    events = CardEvent.objects
    return events.filter(position=None).exists() or events.filter(position__gt=hook.position).exists()


@contextmanager
def _claimed_webhook() -> Iterator[Webhook | None]:
    """The webhook, for this worker alone; None where there is nothing to do."""
    if not _due().update(busy_until=timezone.now() + GIVEN_UP_FOR):
        yield None
        return
    hook = Webhook.objects.get()
    try:
        yield hook
    finally:
        Webhook.objects.filter(pk=hook.pk).update(busy_until=None)


def _pushed(hook: Webhook, page: EventPage) -> bool:
    """Whether the page was taken, and it is still ours to go on."""
    taken = _attempt(hook, page).is_accepted
    row = Webhook.objects.filter(pk=hook.pk, position=hook.position, changed_at=hook.changed_at, paused=False)
    if not taken:
        pause = RETRY_DELAYS_SECONDS[min(hook.failures, len(RETRY_DELAYS_SECONDS) - 1)]
        row.update(failures=hook.failures + 1, next_attempt_at=timezone.now() + timedelta(seconds=pause))
        return False
    hook.position = page.last
    return bool(row.update(position=page.last, failures=0, busy_until=timezone.now() + GIVEN_UP_FOR))


def _attempt(hook: Webhook, page: EventPage, *, test: bool = False) -> Delivery:
    begin = time.monotonic()
    status, reason = _deliver(hook, _body(hook, page, test=test))
    numbers = [event["numero"] for event in page.events] or [None]
    return Delivery.objects.create(
        operator_id=hook.operator_id, first=numbers[0], last=numbers[-1], status=status, reason=reason,
        milliseconds=int((time.monotonic() - begin) * 1000),
    )  # fmt: skip


@sensitive_variables("secret")
def _deliver(hook: Webhook, body: bytes) -> tuple[int | None, str]:
    """The status, or why there is none."""
    try:
        secret = _secret(hook)
    except DecryptionError:
        return None, UNOPENABLE
    signature = sign(secret, int(time.time()), body)
    headers = {"Content-Type": "application/json", "User-Agent": "cnsportal", "Portal-Assinatura": signature}
    try:
        return post(hook.url, body, headers, allow_private=settings.DEVELOPMENT, timeout=TIMEOUT_SECONDS), ""
    except FetchError as reason:
        return None, str(reason)


def _body(hook: Webhook, page: EventPage, *, test: bool) -> bytes:
    told = {"operadora": hook.operator.registration, "teste": test, "eventos": page.events, "ultimo": page.last}
    return json.dumps(told, ensure_ascii=False).encode()


def _keys() -> Keyring:
    return Keyring(settings.CADSUS_KEKS)


def _place(hook: Webhook) -> bytes:
    return associated_data("webhook", hook.operator_id, hook.record)


def _sealed(hook: Webhook) -> Envelope:
    return Envelope(hook.key_id, bytes(hook.wrapped_key), bytes(hook.sealed_secret))


def _secret(hook: Webhook) -> bytes:
    return decrypt(_keys(), _sealed(hook), _place(hook))


def _store_sealed(hook: Webhook, sealed: Envelope) -> None:
    hook.key_id, hook.wrapped_key, hook.sealed_secret = sealed.key_id, sealed.wrapped_key, sealed.ciphertext


def _record(hook: Webhook, kind: EventKind, actor: User) -> None:
    record([Event(kind, "webhook", hook.pk, actor=actor, data={"url": hook.url})])
