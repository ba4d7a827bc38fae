"""People and links added by hand."""

from datetime import date

import pytest

from beneficiaries.models import Beneficiary, DistinctPair, Person, WaitingPeriod
from beneficiaries.services.add_people import PossiblyKnown, add_link, add_person
from beneficiaries.services.cancel_link import cancel_link
from beneficiaries.services.edit import DuplicateValue, edit_token
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, PlanFactory, UserFactory
from tests.races import race

CPF = "11144477735"
PERSON = {"name": "Rosa Exemplo", "birth_date": date(1990, 5, 2), "mother_name": "Joana Exemplo", "cpf": CPF}
PERIODS = {"A": "", "H": "180 D", "P": "300 D 2022-05-28", "O": ""}


def a_link(**changes):
    return {"code": "17", "plan_id": PlanFactory().pk, "relationship": "1", "contracted_on": date(2021, 7, 1)} | changes


def add(person=PERSON, distinct_from=(), **link):
    return add_person(person, a_link(**link), PERIODS, distinct_from=distinct_from, actor=UserFactory())


def test_somebody_new_has_a_link_with_waiting_periods_and_events(operator):
    link = add()

    assert (link.person.name, link.person.name_key, link.person.cpf) == ("Rosa Exemplo", "ROSA EXEMPLO", CPF)
    periods = WaitingPeriod.objects.filter(beneficiary=link).order_by("group")
    assert [(period.group, period.amount, period.ends_on) for period in periods] == [
        ("H", 180, None),
        ("P", 300, date(2022, 5, 28)),
    ]
    events = AuditEvent.objects.order_by("pk").values_list("kind", "subject_id", "person_id")
    assert list(events) == [
        ("person.created", link.person_id, link.person_id),
        ("link.created", link.pk, link.person_id),
    ]


@pytest.mark.parametrize("distinct", [False, True])
def test_nobody_is_added_under_a_cpf_that_is_known(operator, distinct):
    known = PersonFactory(**PERSON | {"name": "Outro Nome"})

    with pytest.raises(PossiblyKnown):
        add(distinct_from={known.pk} if distinct else ())

    assert (Person.objects.count(), Beneficiary.objects.count(), AuditEvent.objects.count()) == (1, 0, 0)


def test_who_is_alike_is_added_once_somebody_said_it_is_another_person(operator):
    known = PersonFactory(**PERSON | {"cpf": None})

    with pytest.raises(PossiblyKnown):
        add(PERSON | {"cpf": None})
    link = add(PERSON | {"cpf": None}, distinct_from={known.pk})

    pair = DistinctPair.objects.get()
    assert (pair.low_id, pair.high_id, pair.reason) == (known.pk, link.person_id, "Cadastrada como outra pessoa.")


def test_a_code_that_is_taken_leaves_nobody_behind(operator):
    BeneficiaryFactory(code="17")

    with pytest.raises(DuplicateValue, match="Este código já é de outro vínculo") as taken:
        add()

    assert (taken.value.field, Person.objects.filter(cpf=CPF).count()) == ("code", 0)


def test_somebody_known_gets_another_link(operator):
    person = PersonFactory()

    link = add_link(person.pk, a_link(), PERIODS, actor=UserFactory())

    assert (link.person_id, WaitingPeriod.objects.count()) == (person.pk, 2)
    assert list(AuditEvent.objects.values_list("kind", "person_id")) == [("link.created", person.pk)]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_add_one_cpf_at_once_make_one_person():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        plan, actor = PlanFactory(), UserFactory()
        codes = iter(("1", "2"))

    def deed():
        link = a_link(code=next(codes), plan_id=plan.pk)
        try:
            add_person(PERSON, link, PERIODS, distinct_from=(), actor=actor)
        except PossiblyKnown:
            return "known"
        return "added"

    assert sorted(race(operator, deed, 2)) == ["added", "known"]
    with operator_context(operator.pk):
        assert (Person.objects.count(), Beneficiary.objects.count()) == (1, 1)


def test_dependants_of_another_holder_do_not_leave(operator):
    holder, stranger = BeneficiaryFactory(), BeneficiaryFactory(relationship="4")
    values = {"cancelled_on": date(2022, 5, 31), "cancellation_reason": "41"}

    read = edit_token(holder, values)
    cancel_link(holder.pk, values, dependants=[stranger.pk], read=read, actor=UserFactory())

    stranger.refresh_from_db()
    assert (stranger.cancelled_on, AuditEvent.objects.count()) == (None, 1)
