"""Lists of what to correct, and the pages that show them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Person
from beneficiaries.queries.worklists import LONG_UNVERIFIED_DAYS, NEWBORN_DAYS, Worklist, count_worklists, in_worklist
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in

TODAY = timezone.localdate


def person(**fields):
    """With an active link."""
    return BeneficiaryFactory(**{f"person__{name}": value for name, value in fields.items()}).person


def with_number(person, number, *, verified, days):
    CnsNumber.objects.create(
        operator_id=person.operator_id,
        person=person,
        number=number,
        source=CnsSource.CADSUS if verified else CnsSource.INFORMED,
        verified=verified,
        attached_at=timezone.now() - timedelta(days=days),
    )
    return person


@pytest.fixture
def lists(operator):
    """Who stands where; everybody else has all that is asked for."""
    today = TODAY()
    complete = {"cpf": "11144477735", "mother_name": "Ana Exemplo", "birth_date": "1984-02-29"}
    holder = BeneficiaryFactory(person=with_number(person(**complete), cns(1), verified=True, days=400))
    cancelled = BeneficiaryFactory(person=holder.person, cancelled_on=today - timedelta(days=1))
    child = BeneficiaryFactory(holder=cancelled, relationship="3", person__mother_name="Ana Exemplo").person
    refused = person(mother_name="Ana Exemplo")
    Person.objects.filter(pk=refused.pk).update(cns_refusal="TAKEN")
    BeneficiaryFactory(person__cpf=None, cancelled_on=today)  # nothing to correct: no active link
    return {
        Worklist.WITHOUT_CPF: [person(cpf=None, mother_name="Ana Exemplo")],
        Worklist.WITHOUT_MOTHER: [person(mother_name="")],
        Worklist.NEWBORN: [person(mother_name="Ana Exemplo", birth_date=today - timedelta(days=NEWBORN_DAYS - 1))],
        Worklist.OF_CANCELLED_HOLDER: [child],
        Worklist.NUMBER_OF_SOMEBODY: [refused],
        Worklist.LONG_UNVERIFIED: [
            with_number(person(mother_name="Ana Exemplo"), cns(2), verified=False, days=LONG_UNVERIFIED_DAYS + 1)
        ],
    }


@pytest.mark.parametrize("worklist", Worklist)
def test_each_list_holds_whom_its_correction_helps(lists, worklist):
    found = Person.objects.filter(in_worklist(worklist, today=TODAY()))

    assert list(found) == lists[worklist]


def test_lists_are_counted_by_a_statement_each(lists, django_assert_num_queries):
    with django_assert_num_queries(len(Worklist)):
        counts = count_worklists()

    assert counts == dict.fromkeys(Worklist, 1)


def test_page_leads_to_the_people_of_a_list(operator, lists):
    staff = signed_in(operator, Role.CONSULTA)

    page = staff.get(reverse("beneficiaries:worklists", args=[operator.registration]))
    address = next(line.href for line in page.context["lists"] if line.label == Worklist.WITHOUT_CPF.label)
    people = staff.get(address)

    assert list(people.context["page"].rows) == lists[Worklist.WITHOUT_CPF]
    assert [facet.label for facet in people.context["worklists"]] == ["Todas as pessoas", "Sem CPF e sem CNS"]
