from datetime import timedelta

import pytest
from django.utils import timezone

from beneficiaries.models import CnsNumber
from cadsus.models import Lookup, LookupOutcome, LookupReason, Priority
from cadsus.services import ask_missing, recheck
from tests.factories import BeneficiaryFactory, PersonFactory, cns

NOW = timezone.now()


def ago(days):
    return NOW - timedelta(days=days)


def person_with_link(**facts):
    return BeneficiaryFactory(person=PersonFactory(**facts)).person


def answered(person, days, outcome=LookupOutcome.NOT_FOUND, status="DONE"):
    return Lookup.objects.create(
        operator_id=person.operator_id,
        person=person,
        environment="simulator",
        reason=LookupReason.WITHOUT_CNS,
        priority=Priority.BACKLOG,
        status=status,
        outcome=outcome,
        finished_at=ago(days),
    )


def numbered(person, days, kind="D", *, verified=True):
    CnsNumber.objects.create(
        operator_id=person.operator_id,
        person=person,
        number=cns(person.pk),
        kind=kind,
        source="CADSUS",
        verified=verified,
        attached_at=ago(days),
    )


def asked():
    return dict(Lookup.objects.open().values_list("person_id", "reason"))


def test_ask_missing_asks_about_whoever_has_no_cns(operator):
    person = person_with_link()

    assert ask_missing() == 1
    assert asked() == {person.pk: LookupReason.WITHOUT_CNS}


def test_ask_missing_asks_nobody_twice(operator):
    person_with_link()
    ask_missing()

    assert (ask_missing(), Lookup.objects.count()) == (0, 1)


def test_ask_missing_leaves_out_whose_links_have_ended(operator):
    BeneficiaryFactory(cancelled_on=timezone.localdate())

    assert ask_missing() == 0


@pytest.mark.parametrize("outcome", [LookupOutcome.NOT_FOUND, LookupOutcome.FOUND, LookupOutcome.SEVERAL])
@pytest.mark.parametrize(("days", "again"), [(29, 0), (31, 1)])
def test_ask_missing_lets_an_answer_rest_for_thirty_days(operator, days, again, outcome):
    answered(person_with_link(), days, outcome)

    assert ask_missing() == again


def test_ask_missing_does_not_take_could_not_ask_for_an_answer(operator):
    answered(person_with_link(), 1, LookupOutcome.COULD_NOT_ASK, status="FAILED")

    assert ask_missing() == 1


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ([6], 0),
        ([7], 1),
        ([10, 3], 0),
        ([29, 22], 0),
        ([30, 23], 1),
        ([59, 52, 29], 0),
        ([60, 53, 30], 1),
        ([80, 20], 0),
    ],
    ids=str,
)
def test_ask_missing_asks_about_newborns_seven_thirty_and_sixty_days_after_the_first_answer(operator, answers, again):
    baby = person_with_link(birth_date=ago(90).date())
    for days in answers:
        answered(baby, days)

    assert ask_missing() == again


def test_ask_missing_does_not_hurry_for_whoever_is_a_year_old(operator):
    answered(person_with_link(birth_date=ago(370).date()), 8)

    assert ask_missing() == 0


@pytest.mark.parametrize(
    ("kind", "verified", "days", "again"),
    [
        ("D", True, 179, 0),
        ("D", True, 181, 1),
        ("", True, 31, 0),
        ("P", True, 29, 0),
        ("P", True, 31, 1),
        ("D", False, 31, 1),
    ],
)
def test_recheck_asks_again_about_numbers_by_their_age_and_kind(operator, kind, verified, days, again):
    numbered(person_with_link(), days, kind, verified=verified)

    assert recheck() == again


def test_recheck_counts_from_the_last_answer(operator):
    person = person_with_link()
    numbered(person, 400)
    answered(person, 20, LookupOutcome.FOUND)

    assert recheck() == 0


def test_recheck_takes_the_oldest_first_and_no_more_than_a_night_holds(operator, settings):
    settings.CADSUS_RECHECKS_A_NIGHT = 1
    younger, older = person_with_link(), person_with_link()
    numbered(younger, 300)
    numbered(older, 400)

    assert recheck() == 1
    assert asked() == {older.pk: LookupReason.RECHECK}
