"""What accepting a case of the review desk would do, and what makes it risky; in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from beneficiaries.domain.decision_risk import Risk, data_differ
from beneficiaries.models import CnsNumber, Review
from beneficiaries.models.cns import EndReason


@dataclass(frozen=True, slots=True)
class DecisionEffect:
    """The number that the person has today, and who else has the one in question."""

    number: str
    current: CnsNumber | None
    holder: CnsNumber | None
    risks: Sequence[Risk]

    @property
    def sentence(self) -> str:
        if self.holder:
            return "Este número é hoje de outra pessoa do cadastro: não pode ser aceito."
        if self.current is None:
            return "Aceitar vincula este número."
        if self.current.number == self.number:
            return "Aceitar confirma o mesmo número."
        return "Aceitar substitui."

    @property
    def is_risky(self) -> bool:
        """A number that somebody else has cannot be accepted at all, by one or by two."""
        return bool(self.risks) and self.holder is None

    @classmethod
    def of(cls, case: Review) -> Self:
        found = CnsNumber.objects.filter(Q(person=case.person_id) | Q(number=case.number)).select_related("person")
        numbers = list(found)  # ended ones too: a plain OR of two indexes, and a history is short
        own = next((each for each in numbers if each.is_current and each.person_id == case.person_id), None)
        holder = next((each for each in numbers if each.is_current and each.person_id != case.person_id), None)
        risks = {
            Risk.DATA_DIFFER: data_differ(case.tier, case.reason, case.comparison),
            Risk.REPLACES_VERIFIED: own is not None and own.verified and own.number != case.number,
            Risk.TAKEN_AWAY: any(_is_taken_away(each, case) for each in numbers),
        }
        return cls(case.number, own, holder, [risk for risk, there in risks.items() if there])


def _is_taken_away(number: CnsNumber, case: Review) -> bool:
    told = (number.person_id, number.number, number.end_reason)
    return told == (case.person_id, case.number, EndReason.NOT_THEIRS)
