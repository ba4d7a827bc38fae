"""Why a person has no CNS: computed from open facts, never kept, so that no answer can hide a better reason.

The facts are the open and the dismissed cases (Review), what a person lacks to be asked about, and four columns of
Person: what DATASUS last answered, how the question to it stands, and which offered number was refused and by whom.
``pending_reason`` is the one function that weighs them: for page, list, count, API and report alike.
"""

from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When


class PendingReason(models.TextChoices):
    """Why a person has no CNS yet, or not one that may be trusted; the sentence that the person's page shows."""

    REVIEW = "REVIEW", "Há um número que precisa de uma decisão."
    TAKEN = "TAKEN", "O número encontrado já é de outra pessoa do cadastro. Confira as duas."
    OTHER_PERSON = "OTHER_PERSON", "O CCO aponta para outra pessoa na conferência da ANS. Confira o CPF."
    REPEATED = "REPEATED", "A ANS traz o mesmo número em outra pessoa. Confira os dados."
    INVALID = "INVALID", "O número recebido não passa nos dígitos de conferência. Consulte de novo."
    PROVISIONAL_ONLY = (
        "PROVISIONAL_ONLY",
        (
            "O DATASUS só tem um número provisório. A pessoa completa o cadastro em uma unidade de saúde; depois, "
            "consulte de novo."
        ),
    )
    QUEUED = "QUEUED", "A consulta ao DATASUS está na fila."
    NOT_FOUND = "NOT_FOUND", "O DATASUS não encontrou esta pessoa. Confira CPF, nome e nascimento."
    SEVERAL = "SEVERAL", "O DATASUS encontrou mais de uma pessoa. Complete o cadastro."
    CHECK_CPF = "CHECK_CPF", "O CPF pertence a outra pessoa no DATASUS ou na ANS. Confira o CPF."
    RECORD_INACTIVE = (
        "RECORD_INACTIVE",
        (
            "O registro desta pessoa no DATASUS está inativo ou consta óbito. Uma unidade de saúde o corrige; depois, "
            "consulte de novo."
        ),
    )
    UNSURE = "UNSURE", "O DATASUS ou a ANS tem um registro parecido, mas os dados não bastam. Complete o cadastro."
    WRONG_NUMBER = "WRONG_NUMBER", "O número que estava aqui não é desta pessoa e foi retirado. Consulte o DATASUS."
    COULD_NOT_ASK = "COULD_NOT_ASK", "Não conseguimos consultar o DATASUS. Uma nova tentativa está marcada."
    ASK_FAILED = "ASK_FAILED", "A consulta ao DATASUS falhou e não se repete sozinha. Consulte de novo."
    REFUSED = "REFUSED", "O DATASUS recusou a consulta. Confira os dados."
    TOO_LITTLE = "TOO_LITTLE", "Faltam dados para consultar: informe CPF, ou nome da mãe e data de nascimento."
    NEVER_ASKED = "NEVER_ASKED", "Ainda não consultamos o DATASUS com estes dados."


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
