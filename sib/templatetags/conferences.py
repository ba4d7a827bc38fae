"""Colours and words of conference files."""

from datetime import datetime

from django import template

from beneficiaries.services import Attachment
from sib.models import Step
from sib.reconcile import Outcome

register = template.Library()

OUTCOME_TONES = {
    Outcome.EQUAL: "good",
    Outcome.CNS_NEW: "accent",
    Outcome.CNS_CONFIRMED: "good",
    Outcome.CNS_CHANGED: "accent",
    Outcome.CNS_LOST: "warn",
    Outcome.CNS_BLANK: "info",
    Outcome.CNS_INVALID: "bad",
    Outcome.CNS_REPEATED: "bad",
    Outcome.REVIEW: "doubt",
    Outcome.OTHER_PERSON: "bad",
    Outcome.HOLDER_WITHOUT_CNS: "warn",
    Outcome.CNS_ABSENT_WITH_CPF: "warn",
    Outcome.WITHOUT_CNS: "warn",
    Outcome.CPF_MISSING: "warn",
    Outcome.DIVERGENT: "warn",
    Outcome.CANCELLED_AT_ANS: "warn",
    Outcome.ACTIVE_AT_ANS: "warn",
    Outcome.ONLY_AT_ANS: "info",
    Outcome.ONLY_AT_ANS_INACTIVE: "info",
    Outcome.ONLY_HERE: "info",
    Outcome.REPEATED: "warn",
}
STEP_TONES = {
    Step.RECEIVED: "info",
    Step.STAGED: "info",
    Step.REHEARSED: "doubt",
    Step.APPLYING: "accent",
    Step.APPLIED: "good",
    Step.REVERTING: "accent",
    Step.REVERTED: "warn",
    Step.REFUSED: "bad",
}


@register.filter
def outcome_tone(name: str) -> str:
    return OUTCOME_TONES[Outcome[name]]


@register.filter
def step_tone(step: str) -> str:
    return STEP_TONES[Step(step)]


@register.filter
def answer_label(name: str) -> str:
    """What attach_cns answered, kept by name; empty where it was not asked."""
    return Attachment[name].value if name in Attachment.__members__ else ""


@register.filter
def moment(text: str) -> str:
    """An xsd:dateTime as a reader expects it; as the file says it where it is none."""
    try:
        return datetime.fromisoformat(text).strftime("%d/%m/%Y %H:%M")
    except ValueError:
        return text
