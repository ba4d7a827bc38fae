"""Why people have no CNS: read as the portal reads it, and brought about by the facts that each reason stands for."""

from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.services import CnsOffer, attach_cns, note_answers, note_questions
from beneficiaries.services.pending_facts import CnsRefusal, note_refusals
from beneficiaries.services.reviews import ReviewCase, open_reviews
from tests.factories import PersonFactory, cns

QUESTIONS = {
    PendingReason.QUEUED,
    PendingReason.COULD_NOT_ASK,
    PendingReason.ASK_FAILED,
    PendingReason.REFUSED,
}
TAKEN = cns(90_001)


def reason_of(person):
    return Person.objects.with_pending().get(pk=person.pk).pending


def give_reason(person, reason):
    if reason == PendingReason.REVIEW:
        open_reviews([ReviewCase(person.pk, cns(90_002), CnsSource.CNX, "B", "O nome está abreviado.")])
    elif reason == PendingReason.TAKEN:
        attach_cns([CnsOffer(PersonFactory().pk, TAKEN, CnsSource.CADSUS)])
        attach_cns([CnsOffer(person.pk, TAKEN, CnsSource.CADSUS)])
    elif reason in {PendingReason.OTHER_PERSON, PendingReason.REPEATED}:
        note_refusals([CnsRefusal(person.pk, reason, CnsSource.CNX)])
    elif reason in QUESTIONS:
        note_questions([person.pk], reason)
    elif reason == PendingReason.TOO_LITTLE:
        Person.objects.filter(pk=person.pk).update(cpf=None, mother_name="", pis_pasep="")
    elif reason != PendingReason.NEVER_ASKED:
        note_answers({person.pk: reason})
