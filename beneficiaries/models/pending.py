"""Why a person has no CNS: computed from open facts, never kept, so that no answer can hide a better reason.

The facts are the open and the dismissed cases (Review), what a person lacks to be asked about, and four columns of
Person: what DATASUS last answered, how the question to it stands, and which offered number was refused and by whom.
``pending_reason`` is the one function that weighs them: for page, list, count, API and report alike.
"""

from typing import Self

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When

from cnsportal.db.status_choices import StatusChoices


class PendingReason(StatusChoices):
    """Why a person has no CNS yet, or not one that may be trusted: value, tone and text of its chip, and the sentence
    that the person's page shows. Filters offer them in this order; beneficiaries.views.next_step says what to do.
    """

    chip: str

    def __new__(cls, value: str, tone: str = "", chip: str = "") -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.tone = tone
        reason.chip = chip
        return reason

    NEVER_ASKED = "NEVER_ASKED", "neutral", "ainda não consultado", "Ainda não consultamos o DATASUS com estes dados."
    QUEUED = "QUEUED", "info", "consulta na fila", "A consulta ao DATASUS está na fila."
    NOT_FOUND = (
        "NOT_FOUND",
        "warn",
        "não encontrado",
        "O DATASUS não encontrou esta pessoa. Confira CPF, nome e nascimento.",
    )
    SEVERAL = "SEVERAL", "warn", "mais de uma pessoa", "O DATASUS encontrou mais de uma pessoa. Complete o cadastro."
    REVIEW = "REVIEW", "review", "precisa de decisão", "Há um número que precisa de uma decisão."
    CHECK_CPF = (
        "CHECK_CPF",
        "bad",
        "conferir o CPF",
        "O CPF pertence a outra pessoa no DATASUS ou na ANS. Confira o CPF.",
    )
    PROVISIONAL_ONLY = (
        "PROVISIONAL_ONLY",
        "warn",
        "só provisório",
        (
            "O DATASUS só tem um número provisório. A pessoa completa o cadastro em uma unidade de saúde; depois, "
            "consulte de novo."
        ),
    )
    RECORD_INACTIVE = (
        "RECORD_INACTIVE",
        "warn",
        "registro inativo",
        (
            "O registro desta pessoa no DATASUS está inativo ou consta óbito. Uma unidade de saúde o corrige; depois, "
            "consulte de novo."
        ),
    )
    UNSURE = (
        "UNSURE",
        "warn",
        "dados não bastam",
        "O DATASUS ou a ANS tem um registro parecido, mas os dados não bastam. Complete o cadastro.",
    )
    COULD_NOT_ASK = (
        "COULD_NOT_ASK",
        "info",
        "aguarda o DATASUS",
        "Não conseguimos consultar o DATASUS. Uma nova tentativa está marcada.",
    )
    REFUSED = "REFUSED", "bad", "consulta recusada", "O DATASUS recusou a consulta. Confira os dados."
    TAKEN = (
        "TAKEN",
        "bad",
        "número de outra pessoa",
        "O número encontrado já é de outra pessoa do cadastro. Confira as duas.",
    )
    OTHER_PERSON = (
        "OTHER_PERSON",
        "bad",
        "CCO de outra pessoa",
        "O CCO aponta para outra pessoa na conferência da ANS. Confira o CPF.",
    )
    REPEATED = (
        "REPEATED",
        "bad",
        "número repetido na ANS",
        "A ANS traz o mesmo número em outra pessoa. Confira os dados.",
    )
    WRONG_NUMBER = (
        "WRONG_NUMBER",
        "warn",
        "número retirado",
        "O número que estava aqui não é desta pessoa e foi retirado. Consulte o DATASUS.",
    )
    ASK_FAILED = (
        "ASK_FAILED",
        "bad",
        "consulta falhou",
        "A consulta ao DATASUS falhou e não se repete sozinha. Consulte de novo.",
    )
    INVALID = (
        "INVALID",
        "bad",
        "número inválido",
        "O número recebido não passa nos dígitos de conferência. Consulte de novo.",
    )
    TOO_LITTLE = (
        "TOO_LITTLE",
        "warn",
        "faltam dados",
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
        When(Exists(of_person.filter(status=Review.Status.OPEN)), then=_told(PendingReason.REVIEW)),
        When(
            Q(cns_refusal__in=[PendingReason.TAKEN, PendingReason.REPEATED]) & is_held, then=_told(PendingReason.TAKEN)
        ),
        When(~Q(cns_refusal__in=["", PendingReason.TAKEN]), then=F("cns_refusal")),
        When(cns_answer__in=[PendingReason.INVALID, PendingReason.PROVISIONAL_ONLY], then=F("cns_answer")),
        When(cns_question=PendingReason.QUEUED, then=_told(PendingReason.QUEUED)),
        When(~Q(cns_answer=""), then=F("cns_answer")),
        When(Exists(dismissed.exclude(tier__in=["D", "E"])), then=_told(PendingReason.CHECK_CPF)),
        When(Exists(dismissed), then=_told(PendingReason.UNSURE)),
        When(~Q(cns_question=""), then=F("cns_question")),
        When(cpf=None, mother_name="", pis_pasep="", then=_told(PendingReason.TOO_LITTLE)),
        default=_told(PendingReason.NEVER_ASKED),
        output_field=CharField(),
    )


def _told(reason: PendingReason) -> Value:
    return Value(reason.value)
