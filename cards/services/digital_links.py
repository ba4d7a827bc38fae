"""Links to digital cards (capability URLs): created, sent and revoked by the staff; opened with the birth date."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from cards.models import Card, CardLink, Validity
from cards.models.links import MAX_WRONG_DATES
from operators.audit import Event, EventKind, record
from operators.context import operator_context
from operators.models import User
from operators.services.email import send_admin_mail

SECRET_BYTES = 16
HOLDER = "beneficiário, por link"
"""Whom the audit trail names, since nobody of the staff did it."""

_signer = signing.Signer(salt="cards.links", sep=".")


@dataclass(frozen=True, slots=True)
class CreatedLink:
    """A new link, and its address: shown once, kept nowhere."""

    link: CardLink
    address: str


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link leads to today: a card, or the sentence that says why there is none; both where it is another via."""

    card: Card | None
    notice: str


class BirthDateAnswer(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@transaction.atomic
def make_link(card: Card, validity: Validity, *, actor: User) -> CreatedLink:
    secret = token_urlsafe(SECRET_BYTES)
    ends = timezone.now() + timedelta(days=validity)
    digest, owner = _digest(secret), card.operator_id
    link = CardLink.objects.create(operator_id=owner, card=card, digest=digest, made_by=actor, expires_at=ends)
    _record(link, EventKind.CARD_LINK_MADE, actor, days=int(validity))
    return CreatedLink(link, settings.PUBLIC_URL + reverse("digital_card_link", args=[_signer.sign(secret)]))


@sensitive_variables("made")
def send_link(made: CreatedLink, *, actor: User) -> None:
    """To the address that the registry has. Raises one of operators.services.email.MAIL_ERRORS."""
    person, operator = made.link.card.beneficiary.person, made.link.operator
    words = {"operator": operator, "address": made.address, "ends": made.link.expires_at}
    send_admin_mail(f"{operator.trade_name}: o seu cartão digital", "cards/mail/digital_link", words, [person.email])
    with transaction.atomic():
        CardLink.objects.filter(pk=made.link.pk).update(sent_at=timezone.now())
        _record(made.link, EventKind.CARD_LINK_SENT, actor)


@transaction.atomic
def revoke_link(link: CardLink, *, actor: User) -> bool:
    """False where it had ended before."""
    if not CardLink.objects.standing().filter(pk=link.pk).update(revoked_at=timezone.now()):
        return False
    _record(link, EventKind.CARD_LINK_REVOKED, actor)
    return True


@contextmanager
def reached(*, token: str = "", record_id: object = None) -> Iterator[CardLink | None]:
    """The link of this address, inside its operator's context; None where it opens nothing, whatever the reason."""
    # The one look across operators: the secret is 128 random bits, and only its operator's id comes back.
    where = {"record": record_id} if record_id else {"digest": _digest_of(token)}
    owner = CardLink._base_manager.filter(**where).values_list("operator_id", flat=True).first()  # noqa: SLF001
    if owner is None:
        yield None
        return
    with operator_context(owner):
        links = CardLink.objects.standing().select_related("operator", "card__beneficiary__person")
        yield links.filter(**where).first()


@transaction.atomic
def confirm(link: CardLink, birth_date: date) -> BirthDateAnswer:
    """Whether this is the right birth date. Each try is taken from the few there are before it is judged."""
    row = CardLink.objects.standing().filter(pk=link.pk)
    if not row.filter(wrong_dates__lt=MAX_WRONG_DATES).update(wrong_dates=F("wrong_dates") + 1):
        return BirthDateAnswer.LOCKED
    if birth_date == link.card.beneficiary.person.birth_date:
        row.update(wrong_dates=0)
        _record(link, EventKind.CARD_LINK_CONFIRMED)
        return BirthDateAnswer.RIGHT
    link.refresh_from_db(fields=["wrong_dates"])
    _record(link, EventKind.CARD_LINK_REFUSED, wrong=link.wrong_dates)
    return BirthDateAnswer.LOCKED if link.is_locked else BirthDateAnswer.WRONG


@transaction.atomic
def open_card(link: CardLink) -> OpenedLink:
    """What the link shows to its holder now; that it was shown is on record."""
    opened = shown_by(link)
    CardLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
    _record(link, EventKind.CARD_OPENED, shown=opened.card.pk if opened.card else None)
    return opened


def shown_by(link: CardLink) -> OpenedLink:
    meant = link.card
    if not meant.beneficiary.is_active:
        return OpenedLink(None, "O vínculo deste cartão com o plano foi encerrado, e o cartão não vale mais.")
    current = Card.objects.current().filter(beneficiary=meant.beneficiary_id).first()
    if current is None:
        return OpenedLink(None, "Este cartão foi anulado e ainda não há outro no lugar dele. Peça um novo à operadora.")
    if current.pk == meant.pk:
        return OpenedLink(current, "")
    sentence = f"A {meant.via}ª via, para a qual este link foi feito, não vale mais. Abaixo está o seu cartão atual, a "
    return OpenedLink(current, f"{sentence}{current.via}ª via: apague as cópias da antiga.")


def _digest_of(token: str) -> str:
    """Of the secret in an address; of nothing where the portal did not sign it."""
    try:
        return _digest(_signer.unsign(token))
    except signing.BadSignature:
        return ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _record(link: CardLink, kind: EventKind, actor: User | None = None, **data: Any) -> None:
    label = "" if actor else HOLDER
    person_id = link.card.beneficiary.person_id
    event = Event(kind, "card", link.card_id, person_id, actor, f"cards.cardlink:{link.pk}", data, label)
    record([event])
