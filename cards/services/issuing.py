"""Cards are issued, replaced and voided here, with their trace in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.checkcode import draw
from cards.face import CardFace, Defect, Incomplete, compose, gaps
from cards.models import Card, CardEventKind, CardStatus, verification_code
from cards.queries import Hindrance, Reading, codes_taken, current_theme, readings, subject_of
from cards.rendering import misfits, render_pdf
from cards.services.events import publish
from cards.services.logos import logos_of
from cards.theme import Theme
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

Composed = CardFace | tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Issuance:
    """What came of asking for cards: the new ones, and a sentence for each link that got none."""

    cards: tuple[Card, ...]
    refused: Mapping[int, str]  # by beneficiary


def preview(beneficiary: Beneficiary, *, on: date | None = None) -> Composed:
    """The face that a card issued on this day would show, without via and QR code; or what keeps it from being made."""
    (reading,) = readings(Beneficiary.objects.filter(pk=beneficiary.pk))
    return _faces([reading], on or timezone.localdate())[beneficiary.pk]


def missing(beneficiary: Beneficiary) -> tuple[Defect, ...]:
    """What the norm wants on this card and nobody has told yet; it is issued without."""
    (reading,) = readings(Beneficiary.objects.filter(pk=beneficiary.pk))
    return gaps(subject_of(reading.source), on=timezone.localdate())


@transaction.atomic
def issue_cards(beneficiary_ids: Collection[int], *, actor: User | None = None) -> Issuance:
    """A card for each of these links that may have one; a former card of the link is superseded.

    The set is one transaction of a constant number of statements. Links that another operator owns are not found.
    """
    found = _locked(beneficiary_ids)
    free = [reading for reading in found if not reading.hindrance]
    faces = _faces(free, timezone.localdate())
    refused = {reading.link_id: Hindrance(reading.hindrance).label for reading in found if reading.hindrance}
    refused |= {link_id: _sentences(face) for link_id, face in faces.items() if not isinstance(face, CardFace)}
    return Issuance(_issue([reading for reading in free if reading.link_id not in refused], faces, actor), refused)


@transaction.atomic
def void_card(card: Card, *, reason: str, actor: User | None = None) -> bool:
    """Withdraw a current card; False when it was not current any more."""
    if not Card.objects.current().filter(pk=card.pk).update(status=CardStatus.VOID):
        return False
    record([_of(card, EventKind.CARD_VOIDED, actor, reason=reason)])
    publish(CardEventKind.VOIDED, [card.pk])
    return True


@transaction.atomic
def card_pdf(card: Card, *, actor: User | None = None) -> bytes:
    """The card as it was issued, front and back; that it left the portal is on record."""
    record([_of(card, EventKind.CARD_DOWNLOADED, actor, via=card.via)])
    return render_pdf([card.face], logos_of([card.face]))


def _locked(beneficiary_ids: Collection[int]) -> list[Reading]:
    """The links, read only after they are ours."""
    links = Beneficiary.objects.filter(pk__in=beneficiary_ids)
    list(links.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return readings(links)


def _faces(found: Sequence[Reading], on: date) -> dict[int, Composed]:
    """What each link makes: a face that fits its card, or the defects that keep it from being one."""
    theme = current_theme()
    made = {reading.link_id: _composed(reading, on, theme) for reading in found}
    faces = {link_id: face for link_id, face in made.items() if isinstance(face, CardFace)}
    too_long = misfits(list(faces.values()))
    return made | {link_id: too_long[position] for position, link_id in enumerate(faces) if position in too_long}


def _composed(reading: Reading, on: date, theme: Theme) -> Composed:
    try:
        return compose(subject_of(reading.source), on=on, theme=theme)
    except Incomplete as incomplete:
        return incomplete.defects


def _sentences(defects: Sequence[Defect]) -> str:
    return " ".join(defect.sentence for defect in defects)


def _issue(found: Sequence[Reading], faces: Mapping[int, Composed], actor: User | None) -> tuple[Card, ...]:
    former = Card.objects.filter(beneficiary__in=[reading.link_id for reading in found])
    vias = dict(former.order_by().values_list("beneficiary").annotate(last=Max("via")))
    replaced = list(former.current().values_list("pk", "beneficiary", "beneficiary__person"))
    former.current().update(status=CardStatus.SUPERSEDED)
    cards = [_card(reading, faces[reading.link_id], vias.get(reading.link_id, 0) + 1, actor) for reading in found]
    _give_check_codes(cards)
    new = Card.objects.bulk_create(cards)
    publish(CardEventKind.SUPERSEDED, [pk for pk, *_ in replaced])
    publish(CardEventKind.READY, [card.pk for card in new])
    people = {reading.link_id: reading.person_id for reading in found}
    events = (_event(EventKind.CARD_SUPERSEDED, *row, actor) for row in replaced)
    record(chain(events, (_issued(card, people[card.beneficiary_id], actor) for card in new)))
    return tuple(new)


def _card(reading: Reading, face: Any, via: int, actor: User | None) -> Card:
    code = verification_code()
    return Card(
        operator_id=current_operator_id(),
        beneficiary_id=reading.link_id,
        via=via,
        cns=reading.source["cns"],
        layout=face.layout,
        face_data=replace(face, via=via, verification=f"{settings.PUBLIC_URL}/v/{code}").as_json(),
        source=reading.source,
        verification=code,
        issued_at=timezone.now(),
        issued_by=actor,
    )


def _give_check_codes(cards: Sequence[Card]) -> None:
    """Codes that no card of any operator has; of two processes that draw the same one, the second fails whole."""
    drawn: set[str] = set()
    while missing := len(cards) - len(drawn):
        fresh = {draw() for _ in range(missing)}
        drawn |= fresh - codes_taken(fresh)
    for card, code in zip(cards, drawn, strict=True):
        card.check_code = code
        card.face_data["check_code"] = code


def _of(card: Card, kind: EventKind, actor: User | None, **data: Any) -> Event:
    return _event(kind, card.pk, card.beneficiary_id, card.beneficiary.person_id, actor, **data)


def _issued(card: Card, person_id: int, actor: User | None) -> Event:
    kind = EventKind.CARD_ISSUED
    return _event(kind, card.pk, card.beneficiary_id, person_id, actor, via=card.via, layout=card.layout)


def _event(kind: EventKind, card_id: int, link_id: int, person_id: int, actor: User | None, **data: Any) -> Event:
    return Event(kind, "card", card_id, person_id, actor, f"beneficiaries.beneficiary:{link_id}", data)
