"""One fix away: who stands where, how much it may bring, and the list behind it."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.queries.fixes import Fix, count_fixes, needs_fix
from beneficiaries.services import CnsOffer, attach_cns
from operators.permissions import Role
from tests.beneficiaries.reasons import give_reason
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of

COMPLETE = {"cpf": "11144477735", "mother_name": "Ana Exemplo", "sex": "3", "city_code": "355030"}


def somebody(reason, **fields):
    """With an active link, asked about and answered so."""
    link = BeneficiaryFactory(**{f"person__{name}": value for name, value in {**COMPLETE, **fields}.items()})
    give_reason(link.person, reason)
    return link.person


@pytest.mark.parametrize(
    ("reason", "fields", "fix"),
    [
        (PendingReason.UNSURE, {"mother_name": ""}, Fix.FILL_MOTHER),
        (PendingReason.UNSURE, {"sex": ""}, Fix.FILL_SEX),
        (PendingReason.SEVERAL, {"city_code": ""}, Fix.FILL_CITY),
        (PendingReason.UNSURE, {"cpf": None}, Fix.FILL_CPF),
        (PendingReason.UNSURE, {"sex": "", "city_code": ""}, Fix.FILL_MORE),
        (PendingReason.TOO_LITTLE, {"cpf": None, "mother_name": ""}, Fix.FILL_MORE),
        (PendingReason.UNSURE, {}, None),  # nothing is left to complete
        (PendingReason.CHECK_CPF, {}, Fix.CHECK_CPF),
        (PendingReason.NOT_FOUND, {"sex": ""}, Fix.CHECK_DATA),
        (PendingReason.NEVER_ASKED, {"sex": ""}, None),  # a question comes first
    ],
)
def test_each_stands_behind_the_one_fix_that_is_left(operator, reason, fields, fix):
    person = somebody(reason, **fields)

    found = {each for each in Fix if Person.objects.with_pending().filter(needs_fix(each), pk=person.pk).exists()}

    assert found == ({fix} if fix else set())


def test_fixes_are_counted_by_a_statement_each_among_people_without_cns(operator, django_assert_num_queries):
    somebody(PendingReason.CHECK_CPF)
    numbered = somebody(PendingReason.CHECK_CPF, cpf="52998224725")
    attach_cns([CnsOffer(numbered.pk, cns(1), CnsSource.CADSUS)])
    gone = somebody(PendingReason.CHECK_CPF, cpf=None)
    gone.links.update(cancelled_on="2020-01-01")

    with django_assert_num_queries(len(Fix)):
        counts = count_fixes()

    assert counts == {**dict.fromkeys(Fix, 0), Fix.CHECK_CPF: 1}


def test_the_page_puts_first_what_may_bring_most_and_leads_to_whom(operator):
    mothers = [somebody(PendingReason.UNSURE, cpf=cpf, mother_name="") for cpf in ("11144477735", "52998224725")]
    somebody(PendingReason.CHECK_CPF, cpf="39053344705")
    BeneficiaryFactory()
    clerk = signed_in(operator, Role.CADASTRO)

    page = clerk.get(reverse("beneficiaries:worklists", args=[operator.registration]))
    people = clerk.get(page.context["fixes"][0].href)

    assert [(line.fix, line.count, line.gain) for line in page.context["fixes"]] == [
        (Fix.FILL_MOTHER, 2, 50.0),
        (Fix.CHECK_CPF, 1, 25.0),
    ]
    assert "Completar o nome da mãe 2 até 50,0 pontos" in text_of(page)
    assert {person.pk for person in people.context["page"].rows} == {person.pk for person in mothers}
    assert [facet.label for facet in people.context["worklists"]] == ["Todas as pessoas", "Completar o nome da mãe"]
