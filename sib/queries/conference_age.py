"""The age of the last conference, and what to do about it."""

from dataclasses import dataclass

from django.utils import timezone

from sib.models import ConferenceFile

FRESH, AGEING = 35, 65  # days: ANS answers a monthly movement; two months without a conference is too long


@dataclass(frozen=True, slots=True)
class Age:
    """Days since ANS made the last conference that was read; None where there is none."""

    last: ConferenceFile | None
    days: int | None
    limit: int = FRESH

    @property
    def is_old(self) -> bool:
        return self.days is None or self.days > self.limit

    @property
    def tone(self) -> str:
        if self.days is None or self.days > AGEING:
            return "bad"
        return "warn" if self.is_old else "good"

    @property
    def text(self) -> str:
        if self.days is None:
            return "nenhuma conferência"
        return "de hoje" if self.days <= 0 else f"há {self.days} {'dia' if self.days == 1 else 'dias'}"

    @property
    def advice(self) -> str:
        if self.days is None:
            return "Nenhuma conferência foi lida ainda. Peça o arquivo CNX à ANS."
        return f"A última conferência é de {self.days} dias atrás. Peça a próxima à ANS."


def age_of_last() -> Age:
    """Of the newest conference that was read, whatever older one came after it."""
    last = ConferenceFile.objects.latest_mirrored()
    return Age(last, (timezone.localdate() - last.made_at.date()).days if last else None)
