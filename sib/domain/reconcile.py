"""Reconciles a CNX record with a link of the registry. Pure: two sides in, one outcome and one action out."""

from dataclasses import dataclass, replace
from enum import Enum, StrEnum, unique
from typing import Self

from beneficiaries.domain.field_comparison import Agreement
from beneficiaries.domain.identifiers import cns_is_valid
from beneficiaries.domain.identity_policy import Action, Candidate, Identity, Tier, Verdict, decide_cnx_record

ADULT_AGE_YEARS = 18  # years, from which a dependant needs a CPF too; a holder always does (docs/reference/sib.md §5)
SECOND_NUMBER = "A conferência traz outro CNS em outro vínculo desta pessoa."
CCO_MISSING = "O vínculo foi achado pelo código; faltava o CCO."


@unique
class Outcome(Enum):
    """One for each record; kept by name, shown by value and in its tone."""

    tone: str

    def __new__(cls, sentence: str, tone: str) -> Self:
        outcome = object.__new__(cls)
        outcome._value_ = sentence
        outcome.tone = tone
        return outcome

    EQUAL = "igual", "good"
    CNS_NEW = "CNS novo", "accent"
    CNS_CONFIRMED = "CNS confirmado", "good"  # ours was only informed; ANS has the same
    CNS_CHANGED = "CNS mudou", "accent"
    CNS_LOST = "CNS sumiu na ANS", "warn"  # theirs had one at the last conference; ours stays
    CNS_BLANK = "CNS só aqui", "info"  # ours filled, theirs empty: ours stays
    CNS_INVALID = "CNS inválido", "bad"
    CNS_REPEATED = "CNS de outra pessoa", "bad"  # the number stands with somebody else, here or in the file
    REVIEW = "precisa de decisão", "review"
    OTHER_PERSON = "CCO aponta para outra pessoa", "bad"
    HOLDER_WITHOUT_CNS = "titular sem CNS", "warn"  # this and the next two: on both sides
    CNS_ABSENT_WITH_CPF = (
        "sem CNS apesar do CPF",
        "warn",
    )  # name, CPF or birth date may not be as the Receita Federal has them
    WITHOUT_CNS = "sem CNS nos dois lados", "warn"
    CPF_MISSING = "falta o CPF", "warn"  # of a holder, or of anybody of age
    DIVERGENT = "dados diferentes", "warn"  # same person and number
    CANCELLED_AT_ANS = "cancelado na ANS, ativo aqui", "warn"
    ACTIVE_AT_ANS = "ativo na ANS, cancelado aqui", "warn"
    ONLY_AT_ANS = "só na ANS", "info"
    ONLY_AT_ANS_INACTIVE = "só na ANS, cancelado lá", "info"
    ONLY_HERE = "só aqui", "info"  # an active link of ours that the file does not name
    REPEATED = "CCO repetido no arquivo", "warn"


class DifferenceAction(StrEnum):
    """What applying the record does."""

    NOTHING = ""
    ATTACH = "ATTACH"
    REVIEW = "REVIEW"
    QUARANTINE = "QUARANTINE"  # say on the person that the CCO points to somebody else
    GIVE_CCO = "GIVE_CCO"  # nothing but the CCO, which comes with the other actions too


@dataclass(frozen=True, slots=True)
class RegistryLink:
    """The link and its person as the registry has them."""

    identity: Identity
    is_active: bool
    number: str = ""
    is_verified: bool = False
    is_numbered: bool = True  # has its CCO; else it was found by its code
    is_holder: bool = False
    is_of_age: bool = False


@dataclass(frozen=True, slots=True)
class ConferenceRecord:
    """The record of the file."""

    candidate: Candidate
    is_active: bool
    is_superseded: bool = False  # a later record of the file has the same CCO
    number_is_elsewhere: bool = False  # with another person, here or in the file
    has_second_number: bool = False  # the same person has another number on another active record of the file
    had_number: bool = False  # at the last conference, and has none any more
    diverges: bool = False  # in a field other than the number

    @property
    def number(self) -> str:
        return self.candidate.numbers[0].number if self.candidate.numbers else ""


@dataclass(frozen=True, slots=True)
class Finding:
    outcome: Outcome
    action: DifferenceAction = DifferenceAction.NOTHING
    verdict: Verdict | None = None
    note: str = ""  # what the identity policy does not know
    gives_cco: bool = False

    @property
    def tier(self) -> str:
        return str(self.verdict.tier) if self.verdict else ""

    @property
    def reason(self) -> str:
        return self.note or (self.verdict.reason.value if self.verdict else "")


def decide(ours: RegistryLink | None, theirs: ConferenceRecord, *, auto_tier: str) -> Finding:
    """One record against our link with its CCO; None where there is no such link.

    A record that ANS has as cancelled attaches nothing: only an active record proves a number (tier A).
    """
    if theirs.is_superseded:
        return Finding(Outcome.REPEATED)
    if ours is None:
        return Finding(Outcome.ONLY_AT_ANS if theirs.is_active else Outcome.ONLY_AT_ANS_INACTIVE)
    verdict = decide_cnx_record(ours.identity, theirs.candidate, auto_tier=auto_tier)
    if _is_stranger(verdict):
        return Finding(Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE, verdict)
    finding = _about_number(ours, theirs, verdict)
    return finding if ours.is_numbered or not _is_proven(verdict) else _with_cco(finding)


def _about_number(ours: RegistryLink, theirs: ConferenceRecord, verdict: Verdict) -> Finding:
    if ours.is_active != theirs.is_active:
        return Finding(Outcome.CANCELLED_AT_ANS if ours.is_active else Outcome.ACTIVE_AT_ANS, verdict=verdict)
    if theirs.number == ours.number:
        return _with_same_number(ours, theirs, verdict) if ours.number else _without_number(ours, verdict)
    if not theirs.number:
        return Finding(Outcome.CNS_LOST if theirs.had_number else Outcome.CNS_BLANK, verdict=verdict)
    if not cns_is_valid(theirs.number):
        return Finding(Outcome.CNS_INVALID, verdict=verdict)
    if theirs.number_is_elsewhere:
        return Finding(Outcome.CNS_REPEATED, verdict=verdict)
    return _with_new_number(ours, theirs, verdict)


def _is_proven(verdict: Verdict) -> bool:
    """Whether a record found by its code alone is about our person: the birth date agrees, and CPF or name."""
    cpf, birth, name = (field.agreement is Agreement.EQUAL for field in verdict.comparison[:3])
    return birth and (cpf or name)


def _with_cco(finding: Finding) -> Finding:
    if finding.outcome is Outcome.EQUAL:
        return replace(
            finding, outcome=Outcome.DIVERGENT, action=DifferenceAction.GIVE_CCO, note=CCO_MISSING, gives_cco=True
        )
    return replace(finding, action=finding.action or DifferenceAction.GIVE_CCO, gives_cco=True)


def _is_stranger(verdict: Verdict) -> bool:
    """Another CPF, birth date or name than ours; an unknown value, or a bad number alone, makes no other person."""
    name = verdict.comparison[2].agreement
    return (
        verdict.tier is Tier.C or name is Agreement.DIFFERENT or verdict.comparison[1].agreement is Agreement.DIFFERENT
    )


def _without_number(ours: RegistryLink, verdict: Verdict) -> Finding:
    """On both sides. Only who has an active link is owed a number."""
    if not ours.is_active:
        return Finding(Outcome.WITHOUT_CNS, verdict=verdict)
    if ours.is_holder:
        return Finding(Outcome.HOLDER_WITHOUT_CNS, verdict=verdict)
    has_cpf = verdict.comparison[0].agreement is Agreement.EQUAL
    return Finding(Outcome.CNS_ABSENT_WITH_CPF if has_cpf else Outcome.WITHOUT_CNS, verdict=verdict)


def _with_same_number(ours: RegistryLink, theirs: ConferenceRecord, verdict: Verdict) -> Finding:
    if not ours.is_verified and verdict.action is Action.ATTACH:
        return Finding(Outcome.CNS_CONFIRMED, DifferenceAction.ATTACH, verdict)
    cpf, birth, name = verdict.comparison[:3]
    same = cpf.ours == cpf.theirs and birth.agreement is name.agreement is Agreement.EQUAL
    if theirs.diverges or not same:
        return Finding(Outcome.DIVERGENT, verdict=verdict)
    lacks_cpf = not ours.identity.cpf and ours.is_active and (ours.is_holder or ours.is_of_age)
    return Finding(Outcome.CPF_MISSING if lacks_cpf else Outcome.EQUAL, verdict=verdict)


def _with_new_number(ours: RegistryLink, theirs: ConferenceRecord, verdict: Verdict) -> Finding:
    if not theirs.is_active:
        return Finding(Outcome.DIVERGENT, verdict=verdict)
    if theirs.has_second_number:
        return Finding(Outcome.REVIEW, DifferenceAction.REVIEW, verdict, SECOND_NUMBER)
    if verdict.action is Action.ATTACH:
        return Finding(Outcome.CNS_CHANGED if ours.number else Outcome.CNS_NEW, DifferenceAction.ATTACH, verdict)
    return Finding(Outcome.REVIEW, DifferenceAction.REVIEW, verdict)
