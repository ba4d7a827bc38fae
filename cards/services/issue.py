"""Issues, replaces and voids cards, with their audit events in the same transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.domain.check_code import generate
from cards.domain.face import WITHOUT_CNS, CardFace, Defect, Incomplete, compose
from cards.domain.lifecycle import CardState, Reason, end_of_former, reason_after
from cards.domain.theme import Theme
from cards.models import Card, CardEventKind, verification_code
from cards.queries.eligibility import (
    CardSnapshot,
    IssueBlocker,
    card_snapshots,
    current_theme,
    existing_codes,
    subject_of,
)
from cards.render.documents import misfits
from cards.services.events import publish
from cnsportal.formats.br import format_date
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
    (reading,) = card_snapshots(Beneficiary.objects.filter(pk=beneficiary.pk))
    return _faces([reading], on or timezone.localdate())[beneficiary.pk]


def no_objection(_face: CardFace) -> str:
    return ""


@transaction.atomic
def issue_cards(
    beneficiary_ids: Collection[int],
    *,
    actor: User | None = None,
    reason: Reason | None = None,
    objection: Callable[[CardFace], str] = no_objection,
) -> Issuance:
    """A card for each of these links that may have one; a former card of the link ends.

    With a reason, second copies: a current card that says the same is no blocker then. ``objection`` is a sentence
    where a face cannot be made what it is wanted for. The set is one transaction of a constant number of statements.
    Links that another operator owns are not found.
    """
    drawn = _drawn(_locked(beneficiary_ids), objection, second_copy=reason is not None)
    return Issuance(_issue(drawn.readings, drawn.faces, actor, reason), drawn.refused)


def rehearse_cards(
    beneficiary_ids: Collection[int], *, objection: Callable[[CardFace], str] = no_objection
) -> Mapping[int, str]:
    """What ``issue_cards`` would refuse now, by link; nothing is written or locked."""
    return _drawn(
        card_snapshots(Beneficiary.objects.filter(pk__in=beneficiary_ids)), objection, second_copy=False
    ).refused


def _locked(beneficiary_ids: Collection[int]) -> list[CardSnapshot]:
    """The links, read only after they are ours."""
    links = Beneficiary.objects.filter(pk__in=beneficiary_ids)
    list(links.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return card_snapshots(links)


@dataclass(frozen=True, slots=True)
class _Drawn:
    readings: Sequence[CardSnapshot]  # of the links that may have a card
    faces: Mapping[int, CardFace]
    refused: Mapping[int, str]


def _drawn(found: Sequence[CardSnapshot], objection: Callable[[CardFace], str], *, second_copy: bool) -> _Drawn:
    spared = (
        "",
        IssueBlocker.INCOMPLETE,
        IssueBlocker.SAME_CARD if second_copy else "",
    )  # composing says what is missing
    refused = {
        reading.link_id: str(IssueBlocker(reading.blocker).label) for reading in found if reading.blocker not in spared
    }
    made = _faces([reading for reading in found if reading.link_id not in refused], timezone.localdate())
    faces = {link_id: face for link_id, face in made.items() if isinstance(face, CardFace)}
    refused |= {link_id: _sentences(face) for link_id, face in made.items() if not isinstance(face, CardFace)}
    refused |= {link_id: sentence for link_id, face in faces.items() if (sentence := objection(face))}
    return _Drawn([reading for reading in found if reading.link_id not in refused], faces, refused)


def _faces(found: Sequence[CardSnapshot], on: date) -> dict[int, Composed]:
    """What each link makes: a face that fits its card, or the defects that keep it from being one."""
    theme = current_theme()
    made = {reading.link_id: _composed(reading, on, theme) for reading in found}
    faces = {link_id: face for link_id, face in made.items() if isinstance(face, CardFace)}
    too_long = misfits(list(faces.values()))
    return made | {link_id: too_long[position] for position, link_id in enumerate(faces) if position in too_long}


def _composed(reading: CardSnapshot, on: date, theme: Theme) -> Composed:
    subject = subject_of(reading.source)
    if not subject.cns and reading.blocker != IssueBlocker.NO_CNS:  # the operator's policy spares it
        subject = replace(subject, cns=WITHOUT_CNS)
    try:
        return compose(subject, on=on, theme=theme)
    except Incomplete as incomplete:
        return incomplete.defects


def _sentences(defects: Sequence[Defect]) -> str:
    return " ".join(defect.sentence for defect in defects)


def _issue(
    found: Sequence[CardSnapshot], faces: Mapping[int, CardFace], actor: User | None, reason: Reason | None
) -> tuple[Card, ...]:
    lasts = _last_vias([reading.link_id for reading in found])
    _end([last for last in lasts.values() if last.is_current], actor, end_of_former(reason or Reason.CHANGED))
    cards = [_card(reading, faces[reading.link_id], lasts.get(reading.link_id), actor, reason) for reading in found]
    _give_check_codes(cards)
    new = Card.objects.bulk_create(cards)
    publish(CardEventKind.READY, [card.pk for card in new])
    people = {reading.link_id: reading.person_id for reading in found}
    record(_issued(card, people[card.beneficiary_id], actor) for card in new)
    return tuple(new)


def _last_vias(link_ids: Collection[int]) -> dict[int, Card]:
    vias = Card.objects.filter(beneficiary__in=link_ids).order_by("beneficiary", "-via").distinct("beneficiary")
    return {card.beneficiary_id: card for card in vias.defer("face_data", "source").select_related("beneficiary")}


def _end(cards: Sequence[Card], actor: User | None, state: CardState) -> None:
    Card.objects.filter(pk__in=[card.pk for card in cards]).update(status=state, status_at=timezone.now())
    publish(CardEventKind.SUPERSEDED, [card.pk for card in cards])
    record(_of(card, _ENDED[state], actor, via=card.via) for card in cards)


_ENDED = {CardState.SUPERSEDED: EventKind.CARD_SUPERSEDED, CardState.LOST: EventKind.CARD_LOST}


def _card(reading: CardSnapshot, face: CardFace, last: Card | None, actor: User | None, reason: Reason | None) -> Card:
    code, now, via = verification_code(), timezone.now(), last.via + 1 if last else 1
    confirmed = timezone.localdate(reading.confirmed_at) if reading.confirmed_at else None
    marked = format_date(confirmed) if confirmed and last else ""
    address = f"{settings.PUBLIC_URL}/v/{code}"
    return Card(
        operator_id=current_operator_id(),
        beneficiary_id=reading.link_id,
        via=via,
        reason=(reason if last else None) or reason_after(CardState(last.status) if last else None),
        cns=reading.source["cns"] or "",
        confirmed_on=confirmed,
        layout=face.layout,
        face_data=replace(face, via=via, verification=address, confirmed=marked).as_json(),
        source=reading.source,
        verification=code,
        issued_at=now,
        status_at=now,
        issued_by=actor,
    )


def _give_check_codes(cards: Sequence[Card]) -> None:
    """Codes that no card of any operator has; of two processes that draw the same one, the second fails whole."""
    drawn: set[str] = set()
    while missing := len(cards) - len(drawn):
        fresh = {generate() for _ in range(missing)}
        drawn |= fresh - existing_codes(fresh)
    for card, code in zip(cards, drawn, strict=True):
        card.check_code = code
        card.face_data["check_code"] = code


def _of(card: Card, kind: EventKind, actor: User | None, **data: Any) -> Event:
    return _event(kind, card.pk, card.beneficiary_id, card.beneficiary.person_id, actor, **data)


def _issued(card: Card, person_id: int, actor: User | None) -> Event:
    kind = EventKind.CARD_ISSUED
    data = {"via": card.via, "layout": card.layout, "reason": card.reason}
    return _event(kind, card.pk, card.beneficiary_id, person_id, actor, **data)


def _event(kind: EventKind, card_id: int, link_id: int, person_id: int, actor: User | None, **data: Any) -> Event:
    return Event(kind, "card", card_id, person_id, actor, f"beneficiaries.beneficiary:{link_id}", data)
