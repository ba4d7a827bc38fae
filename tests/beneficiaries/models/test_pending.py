"""What indexes are asked about a reason never leaves out anybody who has it."""

from itertools import product

import pytest

from beneficiaries.models import CnsSource, PendingReason, Person, Review
from beneficiaries.models.pending import may_have
from beneficiaries.services import CnsOffer, attach_cns
from tests.factories import PersonFactory, cns

REFUSALS = ("", "TAKEN", "REPEATED", "OTHER_PERSON", "WRONG_NUMBER")
ANSWERS = ("", "NOT_FOUND", "SEVERAL", "INVALID", "PROVISIONAL_ONLY", "CHECK_CPF", "UNSURE")
QUESTIONS = ("", "QUEUED", "COULD_NOT_ASK", "REFUSED")
CASES = (None, ("OPEN", "B"), ("DISMISSED", "B"), ("DISMISSED", "D"))
KNOWN = ({}, {"cpf": None, "mother_name": ""})


@pytest.fixture
def everybody(operator):
    """Each combination of facts, and somebody who holds the number that was refused."""
    attach_cns([CnsOffer(PersonFactory().pk, cns(1), CnsSource.CADSUS)])
    combinations = list(product(REFUSALS, ANSWERS, QUESTIONS, CASES, KNOWN))
    people = Person.objects.bulk_create(
        Person(
            operator=operator, name="Ana Exemplo", name_key="ANA EXEMPLO", birth_date="1984-05-02",
            cns_refusal=refusal, cns_refused_number=cns(1) if refusal in {"TAKEN", "REPEATED"} else "",
            cns_answer=answer, cns_question=question, **{"mother_name": "Marta Exemplo", **known},
        )
        for refusal, answer, question, _, known in combinations
    )  # fmt: skip
    Review.objects.bulk_create(
        Review(operator=operator, person=person, number=cns(2), source="CADSUS", status=case[0], tier=case[1])
        for person, (_, _, _, case, _) in zip(people, combinations, strict=True)
        if case
    )


@pytest.mark.usefixtures("everybody")
def test_whoever_has_a_reason_may_have_it():
    people = Person.objects.without_cns().with_pending()

    of_reason = {reason: people.filter(pending=reason) for reason in PendingReason}
    left_out = {reason: of.count() - of.filter(may_have(reason)).count() for reason, of in of_reason.items()}

    assert left_out == dict.fromkeys(PendingReason, 0)
    assert set(people.values_list("pending", flat=True)) >= {*REFUSALS[1:], *ANSWERS[1:], *QUESTIONS[1:], "REVIEW"} - {
        "REPEATED"
    }
