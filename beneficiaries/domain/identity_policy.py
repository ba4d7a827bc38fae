"""The identity policy: does a number from outside belong to this person? Pure; reads and writes nothing.

Used by CadSUS answers, CNX rows and numbers informed by beneficiaries alike. Tiers are those of the product's rules:

A  CPF and birth date equal, name equal after normalising, one definitive number of an active, living person
B  as A, but the name is abbreviated, lacks middle names, or changed its surname while the mother's name is equal
C  CPF equal with another birth date or name, or another CPF: never attached, the CPF must be checked
D  no CPF to compare: name, birth date and mother's name equal, nothing contradicting, one candidate, no twin here;
   or CPF equal, nothing different, and what A and B ask for unknown on one side
E  everything else: several, name alone, provisional only, inactive, deceased: nothing is attached

The CPF of a twin or a namesake may have been typed in here, so that A and B alone are no proof. They wait for review,
whatever the operator allows, where the two mothers are plainly two women, and B also where a twin is kept here or the
difference may lie in a given name: those are all in which twins differ. A CNX row is distinguished by its CCO instead.

Unknown is never different: a blank, an unreadable date, a name that is only begun lead to a person who looks (D).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, StrEnum, unique

from beneficiaries.domain.field_comparison import (
    Agreement,
    FieldComparison,
    compare_names,
    compare_values,
    is_another,
    share_given_names,
)
from beneficiaries.domain.identifiers import cns_is_valid

DEFINITIVE = "D"


class Tier(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Action(StrEnum):
    ATTACH = "ATTACH"
    REVIEW = "REVIEW"
    CHECK_CPF = "CHECK_CPF"
    NOTHING = "NOTHING"


@unique
class VerdictReason(Enum):
    """Why the verdict is what it is; the sentence that screens and receipts show."""

    SAME_PERSON = "CPF, nascimento e nome são iguais."
    NAME_ABBREVIATED = "CPF e nascimento são iguais; o nome está abreviado ou incompleto."
    SURNAME_CHANGED = "CPF, nascimento e nome da mãe são iguais; o sobrenome mudou."
    GIVEN_NAME = "CPF e nascimento são iguais, mas a diferença pode estar no nome próprio, como entre gêmeos."
    OTHER_MOTHER = "CPF, nascimento e nome combinam, mas o nome da mãe é outro: pode ser um homônimo."
    OTHER_BIRTH_DATE = "O CPF é igual, mas a data de nascimento não."
    OTHER_NAME = "CPF e nascimento são iguais, mas o nome não."
    OTHER_CPF = "O CPF é de outra pessoa."
    BIRTH_UNKNOWN = "CPF e nome não se contradizem, mas falta a data de nascimento para comparar."
    NAME_UNKNOWN = "CPF e nascimento são iguais, mas falta um nome inteiro para comparar."
    CPF_ALONE = "O CPF é igual, mas faltam o nome inteiro e a data de nascimento para comparar."
    MOTHER_UNKNOWN = "CPF e nascimento são iguais e o sobrenome mudou, mas falta o nome da mãe para comparar."
    WITHOUT_CPF = "Não há CPF para comparar; nome, nascimento e nome da mãe são iguais."
    NAME_ALONE = "Não há CPF para comparar, e os outros dados não bastam."
    CONTRADICTED = "Nome, nascimento e mãe são iguais, mas sexo ou município não."
    TOO_YOUNG = "Criança com menos de um ano e sem CPF: o cadastro nacional ainda muda."
    TWIN = "Há outra pessoa aqui com o mesmo nascimento e a mesma mãe."
    NOT_FOUND = "Ninguém foi encontrado."
    SEVERAL = "Mais de uma pessoa foi encontrada."
    DECEASED = "Consta óbito no registro encontrado."
    INACTIVE = "O registro encontrado está inativo."
    NO_NUMBER = "O registro encontrado não traz CNS."
    PROVISIONAL_ONLY = "O registro encontrado só tem número provisório."
    TWO_DEFINITIVES = "O registro encontrado tem mais de um número definitivo."
    INVALID_NUMBER = "O número recebido não passa nos dígitos de conferência."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the registry says the person is; empty where it does not know."""

    cpf: str
    name: str
    birth_date: date | None
    mother_name: str = ""
    sex: str = ""
    city_code: str = ""


@dataclass(frozen=True, slots=True)
class CnsCandidate:
    number: str
    kind: str = ""  # "D", "P", or unknown


@dataclass(frozen=True, slots=True)
class Candidate(Identity):
    """Who somebody else says it is, and the numbers they give."""

    social_name: str = ""
    numbers: tuple[CnsCandidate, ...] = ()
    active: bool = True
    deceased: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    tier: Tier
    action: Action
    reason: VerdictReason
    number: str = ""
    kind: str = ""
    comparison: tuple[FieldComparison, ...] = ()

    def evidence(self) -> dict[str, object]:
        """As it is kept with the number."""
        fields = [field.as_json() for field in self.comparison]
        return {"tier": str(self.tier), "reason": self.reason.name, "comparison": fields}


def decide_identity(
    ours: Identity, candidates: Sequence[Candidate], *, auto_tier: str, today: date, has_twin: bool = False
) -> Verdict:
    """The verdict on the people of a CadSUS answer. ``auto_tier`` is how far the operator lets it go: NONE, A or B."""
    if not candidates:
        return Verdict(Tier.E, Action.NOTHING, VerdictReason.NOT_FOUND)
    chosen = _single_candidate(ours, candidates)
    if chosen is None:
        return Verdict(Tier.E, Action.NOTHING, VerdictReason.SEVERAL)
    comparison = compare(ours, chosen)
    tier, reason = _tier(comparison)
    if reason is VerdictReason.WITHOUT_CPF and (doubt := _objection(ours, comparison, today, has_twin)):
        tier, reason = Tier.E, doubt
    if tier in {Tier.C, Tier.E}:
        return Verdict(tier, _action(tier, auto_tier), reason, comparison=comparison)
    if defect := _defect(chosen):
        return Verdict(Tier.E, Action.NOTHING, defect, comparison=comparison)
    (number,) = _definitive(chosen)
    verdict = Verdict(tier, _action(tier, auto_tier), reason, number.number, number.kind, comparison)
    return verdict if reason is VerdictReason.WITHOUT_CPF else _downgrade_if_ambiguous(verdict, has_twin=has_twin)


def decide_self_reported(
    ours: Identity, candidates: Sequence[Candidate], *, auto_tier: str, today: date, has_twin: bool = False
) -> Verdict:
    """The verdict on the reply to a lookup by the CNS that the person gave.

    What the person says counts for what the operator requires of a name (tier B): with an equal CPF and birth date the
    number attaches automatically, unless the operator allows no automatic attachment. A different name goes to review.
    """
    auto_tier = "NONE" if auto_tier == "NONE" else "B"
    verdict = decide_identity(ours, candidates, auto_tier=auto_tier, today=today, has_twin=has_twin)
    chosen = _single_candidate(ours, candidates)
    if verdict.reason is not VerdictReason.OTHER_NAME or chosen is None or _defect(chosen):
        return verdict
    (number,) = _definitive(chosen)
    return replace(verdict, action=Action.REVIEW, number=number.number, kind=number.kind)


def decide_cnx_record(ours: Identity, theirs: Candidate, *, auto_tier: str) -> Verdict:
    """The verdict on a CNX row whose CCO is our link's; its number has no flag, and ANS guarantees its kind."""
    comparison = compare(ours, theirs)
    tier, reason = _tier(comparison)
    number = theirs.numbers[0].number if theirs.numbers else ""
    if tier in {Tier.C, Tier.E}:
        return Verdict(tier, _action(tier, auto_tier), reason, number, comparison=comparison)
    if not number:
        return Verdict(tier, Action.NOTHING, VerdictReason.NO_NUMBER, comparison=comparison)
    if not cns_is_valid(number):
        return Verdict(Tier.E, Action.NOTHING, VerdictReason.INVALID_NUMBER, number, comparison=comparison)
    return Verdict(tier, _action(tier, auto_tier), reason, number, comparison=comparison)


def compare(ours: Identity, theirs: Candidate) -> tuple[FieldComparison, ...]:
    """Field by field; a social name that equals the name kept here counts as the name."""
    name = compare_names("nome", ours.name, theirs.name)
    if name.agreement is not Agreement.EQUAL and theirs.social_name:
        social = compare_names("nome", ours.name, theirs.social_name)
        name = social if social.agreement is Agreement.EQUAL else name
    return (
        compare_values("cpf", ours.cpf, theirs.cpf),
        compare_values("nascimento", ours.birth_date, theirs.birth_date),
        name,
        compare_names("mae", ours.mother_name, theirs.mother_name),
        compare_values("sexo", ours.sex, theirs.sex),
        compare_values("municipio", ours.city_code, theirs.city_code),
    )


def _single_candidate(ours: Identity, candidates: Sequence[Candidate]) -> Candidate | None:
    """The one candidate to look at: the only one, or the only one with our CPF."""
    if len(candidates) == 1:
        return candidates[0]
    same_cpf = [candidate for candidate in candidates if ours.cpf and candidate.cpf == ours.cpf]
    return same_cpf[0] if len(same_cpf) == 1 else None


def _tier(comparison: Sequence[FieldComparison]) -> tuple[Tier, VerdictReason]:
    """How sure it is that the two are one person, before numbers and records are looked at."""
    cpf, birth, name, mother = (field.agreement for field in comparison[:4])
    if cpf is Agreement.DIFFERENT:
        return Tier.C, VerdictReason.OTHER_CPF
    if cpf is Agreement.UNKNOWN:
        return _tier_without_cpf(birth, name, mother)
    if birth is Agreement.DIFFERENT:
        return Tier.C, VerdictReason.OTHER_BIRTH_DATE
    of_name = _tier_of_name(name, mother)
    if birth is Agreement.EQUAL or of_name[0] is Tier.C:
        return of_name
    return Tier.D, VerdictReason.CPF_ALONE if name is Agreement.UNKNOWN else VerdictReason.BIRTH_UNKNOWN


def _tier_of_name(name: Agreement, mother: Agreement) -> tuple[Tier, VerdictReason]:
    """Under an equal CPF and birth date."""
    of_mother = {
        Agreement.EQUAL: (Tier.B, VerdictReason.SURNAME_CHANGED),
        Agreement.UNKNOWN: (Tier.D, VerdictReason.MOTHER_UNKNOWN),
    }
    return {
        Agreement.EQUAL: (Tier.A, VerdictReason.SAME_PERSON),
        Agreement.ABBREVIATED: (Tier.B, VerdictReason.NAME_ABBREVIATED),
        Agreement.SURNAME_CHANGED: of_mother.get(mother, (Tier.C, VerdictReason.OTHER_NAME)),
        Agreement.UNKNOWN: (Tier.D, VerdictReason.NAME_UNKNOWN),
        Agreement.DIFFERENT: (Tier.C, VerdictReason.OTHER_NAME),
    }[name]


def _tier_without_cpf(birth: Agreement, name: Agreement, mother: Agreement) -> tuple[Tier, VerdictReason]:
    if birth is Agreement.DIFFERENT:
        return Tier.E, VerdictReason.NAME_ALONE
    all_equal = {birth, name, mother} == {Agreement.EQUAL}
    return (Tier.D, VerdictReason.WITHOUT_CPF) if all_equal else (Tier.E, VerdictReason.NAME_ALONE)


def _objection(
    ours: Identity, comparison: Sequence[FieldComparison], today: date, has_twin: bool
) -> VerdictReason | None:
    """What keeps a match without CPF from the review desk."""
    if has_twin:
        return VerdictReason.TWIN
    if any(field.agreement is Agreement.DIFFERENT for field in comparison[4:]):
        return VerdictReason.CONTRADICTED
    assert ours.birth_date  # noqa: S101  (equal to theirs, or the tier would not be D)
    return VerdictReason.TOO_YOUNG if _age(ours.birth_date, today) < 1 else None


def _downgrade_if_ambiguous(verdict: Verdict, *, has_twin: bool) -> Verdict:
    """A match with CPF, kept from acting by itself where it may be a twin's or a namesake's."""
    doubt = _ambiguity(verdict, has_twin=has_twin)
    return replace(verdict, action=Action.REVIEW, reason=doubt) if doubt else verdict


def _ambiguity(verdict: Verdict, *, has_twin: bool) -> VerdictReason | None:
    name, mother = verdict.comparison[2:4]
    if mother.agreement is not Agreement.EQUAL and is_another(mother.ours, mother.theirs):
        return VerdictReason.OTHER_MOTHER
    if verdict.tier is Tier.A:
        return None
    if has_twin:
        return VerdictReason.TWIN
    if verdict.tier is Tier.D:
        return None
    return None if share_given_names(name.ours, name.theirs) else VerdictReason.GIVEN_NAME


def _defect(candidate: Candidate) -> VerdictReason | None:
    """What is wrong with the record or its numbers, whoever it belongs to."""
    if candidate.deceased:
        return VerdictReason.DECEASED
    if not candidate.active:
        return VerdictReason.INACTIVE
    definitive = _definitive(candidate)
    if len(definitive) == 1:
        return None if cns_is_valid(definitive[0].number) else VerdictReason.INVALID_NUMBER
    if definitive:
        return VerdictReason.TWO_DEFINITIVES
    return VerdictReason.PROVISIONAL_ONLY if candidate.numbers else VerdictReason.NO_NUMBER


def _definitive(candidate: Candidate) -> list[CnsCandidate]:
    """The different numbers flagged definitive; the flag decides, never the first digit."""
    return list({number.number: number for number in candidate.numbers if number.kind == DEFINITIVE}.values())


def _action(tier: Tier, auto_tier: str) -> Action:
    if tier is Tier.C:
        return Action.CHECK_CPF
    if tier is Tier.E:
        return Action.NOTHING
    alone = {"NONE": set[Tier](), "A": {Tier.A}, "B": {Tier.A, Tier.B}}[auto_tier]
    return Action.ATTACH if tier in alone else Action.REVIEW


def _age(birth_date: date, today: date) -> int:
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
