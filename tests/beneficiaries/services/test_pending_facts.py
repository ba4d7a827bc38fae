"""Why a person has no CNS: every combination of open facts against the order that the product promises."""

from datetime import date
from itertools import product

import pytest

from beneficiaries.models import CnsSource, PendingReason, Person, Review
from beneficiaries.services import CnsOffer, attach_cns, note_answers, note_questions
from beneficiaries.services.pending_facts import CnsRefusal, note_refusals
from operators.context import operator_context
from tests.beneficiaries.reasons import TAKEN, give_reason, reason_of
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, cns

R = PendingReason
CASES = ("", "OPEN", "DISMISSED B", "DISMISSED D", "WITHDRAWN")
REFUSALS = ("", R.TAKEN, "TAKEN, free by now", R.OTHER_PERSON, R.REPEATED, "REPEATED, free by now")
ANSWERS = ("", R.NOT_FOUND, R.PROVISIONAL_ONLY, R.INVALID)
QUESTIONS = ("", R.QUEUED, R.COULD_NOT_ASK)
KNOWN = (True, False)


def expected(case, refusal, answer, question, knows_enough):
    """In words: an open case, a refused number, a provisional one, what goes on, the last word, data that lacks."""
    if case == "OPEN":
        return R.REVIEW
    if refusal in {R.TAKEN, R.REPEATED}:
        return R.TAKEN
    if refusal in {R.OTHER_PERSON, "REPEATED, free by now"}:
        return refusal.partition(",")[0]
    if answer in {R.INVALID, R.PROVISIONAL_ONLY}:
        return answer
    if question == R.QUEUED:
        return R.QUEUED
    dismissed = {"DISMISSED B": R.CHECK_CPF, "DISMISSED D": R.UNSURE}.get(case, "")
    return answer or dismissed or question or (R.NEVER_ASKED if knows_enough else R.TOO_LITTLE)


def person_with(case, refusal, answer, question, knows_enough):
    data = {} if knows_enough else {"cpf": None, "mother_name": ""}
    number = TAKEN if refusal in {R.TAKEN, R.REPEATED} else cns(7)
    facts = {"cns_answer": answer, "cns_question": question}
    if refusal:
        refused = str(refusal).partition(",")[0]
        facts |= {"cns_refusal": refused, "cns_refusal_source": "CADSUS", "cns_refused_number": number}
    person = PersonFactory(**data, **facts)
    if case:
        status, _, tier = case.partition(" ")
        Review.objects.create(
            operator_id=person.operator_id, person=person, number=cns(8), source="CNX", tier=tier or "B", status=status
        )
    return person


def test_the_reason_follows_from_the_open_facts(operator):
    attach_cns([CnsOffer(PersonFactory().pk, TAKEN, CnsSource.CADSUS)])
    cells = list(product(CASES, REFUSALS, ANSWERS, QUESTIONS, KNOWN))
    people = {cell: person_with(*cell).pk for cell in cells}

    found = dict(Person.objects.with_pending().values_list("pk", "pending"))

    assert {cell: found[pk] for cell, pk in people.items()} == {cell: expected(*cell) for cell in cells}


@pytest.mark.parametrize("reason", list(PendingReason))
def test_every_reason_can_be_brought_about(operator, reason):
    person = PersonFactory()

    give_reason(person, reason)

    assert reason_of(person) == reason


@pytest.mark.parametrize("better", [R.REVIEW, R.TAKEN, R.OTHER_PERSON, R.REPEATED])
def test_no_answer_hides_a_better_reason(operator, better):
    person = PersonFactory()
    give_reason(person, better)

    note_answers({person.pk: R.NOT_FOUND})
    note_questions([person.pk], R.QUEUED)

    assert reason_of(person) == (R.QUEUED if better == R.TAKEN else better)


def test_what_datasus_had_refused_ends_with_its_next_answer(operator):
    person = PersonFactory()
    note_refusals([CnsRefusal(person.pk, R.INVALID, CnsSource.CADSUS, cns(1))])

    note_answers({person.pk: R.NOT_FOUND})

    assert reason_of(person) == R.NOT_FOUND


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"cpf": "11144477735"}, R.NEVER_ASKED),
        ({"name": "Outro Nome Exemplo"}, R.NEVER_ASKED),
        ({"birth_date": date(1990, 1, 1)}, R.NEVER_ASKED),
        ({"mother_name": "Outra Mãe"}, R.NEVER_ASKED),
        ({"sex": "1"}, R.NEVER_ASKED),
        ({"phone": "11 5555-0000"}, R.NOT_FOUND),
        ({"name_key": "OUTRA DOBRA"}, R.NOT_FOUND),
    ],
)
def test_whoever_changes_who_the_person_is_ends_what_was_answered_of_the_old_data(operator, change, after):
    person = PersonFactory()
    give_reason(person, R.NOT_FOUND)

    Person.objects.filter(pk=person.pk).update(**change)

    assert reason_of(person) == after


def test_facts_of_another_operator_are_not_written(operator):
    person = PersonFactory()
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        note_answers({person.pk: R.NOT_FOUND})
        note_refusals([CnsRefusal(person.pk, R.INVALID, CnsSource.CADSUS)])

    assert reason_of(person) == R.NEVER_ASKED
