"""Why a person has no CNS: computed from recorded facts and never stored, so that no answer hides a better reason.

The facts are the open and the dismissed cases (Review), what a person lacks to be asked about, and four columns of
Person: what DATASUS last answered, how the question to it stands, and which offered number was refused and by whom.
``pending_reason`` is the one function that weighs them: for page, list, count, API and report alike.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When

from cnsportal.db.status_choices import StatusChoices


class StepKind(Enum):
    ASK = auto()  # DATASUS
    EDIT = auto()  # what we know of the person
    SEE_QUEUE = auto()
    SEE_HOLDER = auto()  # of the number
    DECIDE = auto()  # an open case


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do about a reason: where its button leads, and the button's words.

    Of an EDIT, the fields that it leads to: all of them, or of those to complete the ones that are blank.
    """

    kind: StepKind
    label: str
    fields: tuple[str, ...] = ()
    completes: bool = False


_ASK = NextStep(StepKind.ASK, "Consultar agora")
_ASK_AGAIN = NextStep(StepKind.ASK, "Consultar de novo")
_WAIT = NextStep(StepKind.SEE_QUEUE, "Ver a fila")
_DECIDE = NextStep(StepKind.DECIDE, "Decidir agora")
_SEE_HOLDER = NextStep(StepKind.SEE_HOLDER, "Ver a outra pessoa")
_CHECK_CPF = NextStep(StepKind.EDIT, "Conferir o CPF", ("cpf",))
_CHECK_DATA = NextStep(StepKind.EDIT, "Conferir os dados", ("cpf", "name", "birth_date"))
_COMPLETE = NextStep(StepKind.EDIT, "Completar o cadastro", ("cpf", "mother_name"), completes=True)
_COMPLETE_ALL = NextStep(
    StepKind.EDIT, "Completar o cadastro", ("cpf", "mother_name", "sex", "city_code"), completes=True
)


class PendingReason(StatusChoices):
    """Why a person has no CNS yet, or not one that may be trusted: value, tone and text of its chip, what to do about
    it, whether ANS may still attach a number by itself, and the sentence that the person's page shows. Filters offer
    them in this order.
    """

    chip: str
    next_step: NextStep
    left_to_ans: bool

    def __new__(
        cls, value: str, tone: str = "", chip: str = "", next_step: NextStep = _ASK, left_to_ans: bool = False
    ) -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.tone = tone
        reason.chip = chip
        reason.next_step = next_step
        reason.left_to_ans = left_to_ans
        return reason

    NEVER_ASKED = (
        "NEVER_ASKED",
        "neutral",
        "ainda não consultado",
        _ASK,
        True,
        "Ainda não consultamos o DATASUS com estes dados.",
    )
    QUEUED = (
        "QUEUED",
        "info",
        "consulta na fila",
        _WAIT,
        True,
        "A consulta ao DATASUS está na fila.",
    )
    NOT_FOUND = (
        "NOT_FOUND",
        "warn",
        "não encontrado",
        _CHECK_DATA,
        True,
        "O DATASUS não encontrou esta pessoa. Confira CPF, nome e nascimento.",
    )
    SEVERAL = (
        "SEVERAL",
        "warn",
        "mais de uma pessoa",
        _COMPLETE_ALL,
        True,
        "O DATASUS encontrou mais de uma pessoa. Complete o cadastro.",
    )
    REVIEW = (
        "REVIEW",
        "review",
        "precisa de decisão",
        _DECIDE,
        False,
        "Há um número que precisa de uma decisão.",
    )
    CHECK_CPF = (
        "CHECK_CPF",
        "bad",
        "conferir o CPF",
        _CHECK_CPF,
        False,
        "O CPF pertence a outra pessoa no DATASUS ou na ANS. Confira o CPF.",
    )
    PROVISIONAL_ONLY = (
        "PROVISIONAL_ONLY",
        "warn",
        "só provisório",
        _ASK_AGAIN,
        True,
        (
            "O DATASUS só tem um número provisório. A pessoa completa o cadastro em uma unidade de saúde; depois, "
            "consulte de novo."
        ),
    )
    RECORD_INACTIVE = (
        "RECORD_INACTIVE",
        "warn",
        "registro inativo",
        _ASK_AGAIN,
        False,
        (
            "O registro desta pessoa no DATASUS está inativo ou consta óbito. Uma unidade de saúde o corrige; depois, "
            "consulte de novo."
        ),
    )
    UNSURE = (
        "UNSURE",
        "warn",
        "dados não bastam",
        _COMPLETE_ALL,
        True,
        "O DATASUS ou a ANS tem um registro parecido, mas os dados não bastam. Complete o cadastro.",
    )
    COULD_NOT_ASK = (
        "COULD_NOT_ASK",
        "info",
        "aguarda o DATASUS",
        _WAIT,
        True,
        "Não conseguimos consultar o DATASUS. Uma nova tentativa está marcada.",
    )
    REFUSED = (
        "REFUSED",
        "bad",
        "consulta recusada",
        _CHECK_DATA,
        True,
        "O DATASUS recusou a consulta. Confira os dados.",
    )
    TAKEN = (
        "TAKEN",
        "bad",
        "número de outra pessoa",
        _SEE_HOLDER,
        False,
        "O número encontrado já é de outra pessoa do cadastro. Confira as duas.",
    )
    OTHER_PERSON = (
        "OTHER_PERSON",
        "bad",
        "CCO de outra pessoa",
        _CHECK_CPF,
        False,
        "O CCO aponta para outra pessoa na conferência da ANS. Confira o CPF.",
    )
    REPEATED = (
        "REPEATED",
        "bad",
        "número repetido na ANS",
        _CHECK_DATA,
        False,
        "A ANS traz o mesmo número em outra pessoa. Confira os dados.",
    )
    WRONG_NUMBER = (
        "WRONG_NUMBER",
        "warn",
        "número retirado",
        _ASK,
        False,
        "O número que estava aqui não é desta pessoa e foi retirado. Consulte o DATASUS.",
    )
    ASK_FAILED = (
        "ASK_FAILED",
        "bad",
        "consulta falhou",
        _ASK_AGAIN,
        True,
        "A consulta ao DATASUS falhou e não se repete sozinha. Consulte de novo.",
    )
    INVALID = (
        "INVALID",
        "bad",
        "número inválido",
        _ASK_AGAIN,
        False,
        "O número recebido não passa nos dígitos de conferência. Consulte de novo.",
    )
    TOO_LITTLE = (
        "TOO_LITTLE",
        "warn",
        "faltam dados",
        _COMPLETE,
        False,
        "Faltam dados para consultar: informe CPF, ou nome da mãe e data de nascimento.",
    )


def pending_reason() -> Case:
    """Of a queryset of people. An open case comes first, then a refused number, a provisional one, the last answer."""
    from beneficiaries.models.cns import CnsNumber, Review

    of_person = Review.objects.filter(person=OuterRef("pk"))
    dismissed = of_person.filter(status=Review.Status.DISMISSED)
    holders = CnsNumber.objects.current().filter(number=OuterRef("cns_refused_number"))
    is_held = Exists(holders.exclude(person=OuterRef("pk")))
    return Case(
        When(Exists(of_person.filter(status=Review.Status.OPEN)), then=_as_value(PendingReason.REVIEW)),
        When(
            Q(cns_refusal__in=[PendingReason.TAKEN, PendingReason.REPEATED]) & is_held,
            then=_as_value(PendingReason.TAKEN),
        ),
        When(~Q(cns_refusal__in=["", PendingReason.TAKEN]), then=F("cns_refusal")),
        When(cns_answer__in=[PendingReason.INVALID, PendingReason.PROVISIONAL_ONLY], then=F("cns_answer")),
        When(cns_question=PendingReason.QUEUED, then=_as_value(PendingReason.QUEUED)),
        When(~Q(cns_answer=""), then=F("cns_answer")),
        When(Exists(dismissed.exclude(tier__in=["D", "E"])), then=_as_value(PendingReason.CHECK_CPF)),
        When(Exists(dismissed), then=_as_value(PendingReason.UNSURE)),
        When(~Q(cns_question=""), then=F("cns_question")),
        When(cpf=None, mother_name="", pis_pasep="", then=_as_value(PendingReason.TOO_LITTLE)),
        default=_as_value(PendingReason.NEVER_ASKED),
        output_field=CharField(),
    )


def may_have(*reasons: PendingReason) -> Q:
    """What is so of everybody whose ``pending`` is one of these, and is asked of indexes: few people are left for
    ``pending_reason`` to weigh.
    """
    from beneficiaries.models.cns import Review
    from beneficiaries.models.people import Person

    if PendingReason.NEVER_ASKED in reasons:
        return Q()
    told = Q(cns_refusal__in=reasons) | Q(cns_answer__in=reasons) | Q(cns_question__in=reasons)
    if PendingReason.TOO_LITTLE in reasons:
        told |= Q(cpf=None, mother_name="", pis_pasep="")
    if PendingReason.TAKEN in reasons:
        told |= Q(cns_refusal=PendingReason.REPEATED)
    statuses = [status for reason, status in _STATUS_OF.items() if reason in reasons]
    if not statuses:
        return told
    # In one condition with the columns the cases would be looked for row by row.
    cases = Review.objects.filter(status__in=statuses).values("person")
    return Q(pk__in=Person.objects.filter(told).values("pk").union(cases))


_STATUS_OF = {
    PendingReason.REVIEW: "OPEN",
    PendingReason.CHECK_CPF: "DISMISSED",
    PendingReason.UNSURE: "DISMISSED",
}
"""Of the cases that reasons come from (Review.Status)."""


def _as_value(reason: PendingReason) -> Value:
    return Value(reason.value)
