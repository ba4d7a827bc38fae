"""Previews a card on another day, including what is only proposed for that day."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.domain.card_data import CardData
from cards.domain.catalogue import Item, in_force
from cards.domain.face import CardFace, Incomplete, compose
from cards.queries.eligibility import card_snapshots, current_theme, subject_of
from cards.services.issue import Composed


@dataclass(frozen=True, slots=True)
class CardPreview:
    composed: Composed
    today: Composed
    proposals: tuple[Item, ...]  # that count on that day here, and are not adopted

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Caption, text today and text then, of every item that is not the same."""
        before, after = _texts(self.today), _texts(self.composed)
        changed = [pair for pair in {**before, **after} if before.get(pair) != after.get(pair)]
        return [(caption, before.get((key, caption), ""), after.get((key, caption), "")) for key, caption in changed]


def preview_card(link: Beneficiary, on: date) -> CardPreview:
    """Nothing is kept, and no card is made of it."""
    (reading,) = card_snapshots(Beneficiary.objects.filter(pk=link.pk))
    subject = replace(subject_of(reading.source), cpf=link.person.cpf or "")
    proposals = tuple(item for item in in_force(on, proposals=True) if item.proposed)
    return CardPreview(_composed(subject, on, True), _composed(subject, timezone.localdate(), False), proposals)


def _composed(subject: CardData, on: date, proposals: bool) -> Composed:
    try:
        return compose(subject, on=on, theme=current_theme(), proposals=proposals)
    except Incomplete as incomplete:
        return incomplete.defects


def _texts(composed: Composed) -> dict[tuple[str, str], str]:
    if not isinstance(composed, CardFace):
        return {}
    return {(field.key, field.caption): field.value for field in composed.fields}
