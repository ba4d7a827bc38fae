"""Which open cases ask the same question, and which are never put together."""

import pytest

from beneficiaries.domain.field_comparison import Agreement, FieldComparison
from beneficiaries.domain.identity_policy import VerdictReason
from beneficiaries.models import CnsSource, Review
from beneficiaries.queries.review_groups import cases_of, find_group, list_groups, still_equal
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.remove_wrong_cns import remove_wrong_cns
from operators.context import operator_context
from tests.beneficiaries.equal_cases import WITHOUT_CPF, open_case, open_cases
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns


def test_cases_with_the_same_answers_and_effect_are_one_group(operator):
    cases = open_cases(3)

    (group,) = list_groups()

    assert (group.count, group.tier, group.reason, group.effect) == (3, "D", WITHOUT_CPF, "ATTACH")
    assert group.fields == [
        ("cpf", Agreement.UNKNOWN),
        ("nascimento", Agreement.EQUAL),
        ("nome", Agreement.EQUAL),
        ("mae", Agreement.EQUAL),
        ("sexo", Agreement.EQUAL),
        ("municipio", Agreement.UNKNOWN),
    ]
    assert (group.oldest, group.last) == (cases[0].opened_at, cases[2].pk)
    assert find_group(group.key) == group
    assert sorted(cases_of(group.key, limit=10)) == [case.pk for case in cases]


def test_the_pattern_is_read_as_python_reads_it(operator):
    open_cases(2)

    (group,) = list_groups()

    kept = Review.objects.first().comparison
    assert group.fields == [(each.field, each.agreement) for each in map(FieldComparison.from_json, kept)]


def test_another_answer_reason_source_or_effect_is_another_question(operator):
    alike = open_cases(2)
    open_case(3, sex="")
    open_case(4, reason=VerdictReason.SAME_PERSON.value, tier="A")
    replaced = PersonFactory()
    attach_cns([CnsOffer(replaced.pk, cns(50), CnsSource.IMPORT, verified=False)])
    open_case(5, person=replaced)

    (group,) = list_groups()

    assert sorted(cases_of(group.key, limit=10)) == [case.pk for case in alike]


def somebody_has_the_number(case):
    attach_cns([CnsOffer(PersonFactory().pk, case.number, CnsSource.CADSUS)])


def a_verified_number_would_go(case):
    attach_cns([CnsOffer(case.person_id, cns(50), CnsSource.CADSUS)])


def the_person_has_another_case(case):
    open_case(51, person=case.person)


def another_person_has_a_case_for_the_number(case):
    open_case(1)


def the_number_was_taken_from_the_person(case):
    Review.objects.filter(pk=case.pk).update(status="WITHDRAWN")
    attach_cns([CnsOffer(case.person_id, case.number, CnsSource.CADSUS)])
    remove_wrong_cns(case.person.cns_numbers.get().pk, reason="x", actor=UserFactory())
    Review.objects.filter(pk=case.pk).update(status="OPEN")


def the_number_is_none(case):
    Review.objects.filter(pk=case.pk).update(number="700000000000000")


def a_twin_is_kept_here(case):
    PersonFactory(birth_date=case.person.birth_date, mother_name=case.person.mother_name.upper())


@pytest.mark.parametrize(
    "doubt",
    [
        a_twin_is_kept_here,
        the_number_is_none,
        somebody_has_the_number,
        a_verified_number_would_go,
        the_person_has_another_case,
        another_person_has_a_case_for_the_number,
        the_number_was_taken_from_the_person,
    ],
)
def test_a_doubt_keeps_a_case_out_of_its_group(operator, doubt):
    first, *others = open_cases(3)

    doubt(first)

    (group,) = list_groups()
    assert sorted(cases_of(group.key, limit=10)) == [case.pk for case in others]


@pytest.mark.parametrize(
    "changes",
    [{"sex": "1"}, {"birth_date": None}, {"name": "Outra Pessoa Qualquer"}, {"mother_name": "Outra Mulher"}],
)
def test_a_field_that_differs_keeps_cases_apart(operator, changes):
    differing = "birth_date" not in changes
    open_case(1, **changes), open_case(2, **changes)

    assert len(list_groups()) == (0 if differing else 1)


@pytest.mark.parametrize("reason", sorted(set(VerdictReason) - {VerdictReason.WITHOUT_CPF}, key=lambda each: each.name))
def test_reasons_that_are_doubts_form_no_group(operator, reason):
    open_case(1, reason=reason.value), open_case(2, reason=reason.value)

    assert len(list_groups()) == (reason in {VerdictReason.SAME_PERSON, VerdictReason.NAME_ABBREVIATED})


def test_a_case_that_was_decided_or_came_later_is_no_member(operator):
    first, second, third = open_cases(3)
    (group,) = list_groups()
    fourth = open_case(4)

    Review.objects.filter(pk=first.pk).update(status="DISMISSED")

    assert set(cases_of(group.key, limit=10, last=third.pk)) == {second.pk, third.pk}
    assert still_equal(group.key, [first.pk, second.pk, fourth.pk]) == {second.pk, fourth.pk}


def test_the_sample_stays_the_same(operator):
    open_cases(9)
    (group,) = list_groups()

    assert cases_of(group.key, limit=3) == cases_of(group.key, limit=9)[:3]


def test_cases_of_another_operator_are_none_of_ours(operator):
    other = OperatorFactory()
    with outside_operator_context(), operator_context(other.pk):
        open_cases(2)

    assert list_groups() == []
