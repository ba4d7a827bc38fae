from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beneficiaries.models import Administrator, Beneficiary, Company, Plan
from cards.domain.card_data import texts_of
from cards.domain.face import CardFace
from cards.models import Card, CardStatus
from cards.queries.eligibility import IssueBlocker, card_snapshots, incomplete, issuable, subject_of
from cards.services import issue_cards, preview
from operators.context import current_operator_id, operator_context
from operators.models import Operator
from tests.cards.factories import as_an_earlier_version, give_cns, ready_link
from tests.factories import BeneficiaryFactory, ContractFactory, OperatorFactory, PersonFactory, PlanFactory

TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


def issuable_ids():
    return list(issuable(Beneficiary.objects.all()).order_by("pk").values_list("pk", flat=True))


def blocker(link):
    (reading,) = card_snapshots(Beneficiary.objects.filter(pk=link.pk))
    return reading.blocker


def subject(link):
    (reading,) = card_snapshots(Beneficiary.objects.filter(pk=link.pk))
    return subject_of(reading.source)


def company_contract(operator, **fields):
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Exemplo Ltda.")
    return ContractFactory(operator=operator, company=company, kind="2", **fields)


def test_issuable_is_an_active_link_with_a_cns(operator):
    link = ready_link()
    BeneficiaryFactory()

    assert issuable_ids() == [link.pk]


def test_issuable_leaves_out_a_link_that_is_cancelled_today_and_keeps_one_that_will_be(operator):
    ready_link(cancelled_on=date(2026, 11, 22))
    later = ready_link(cancelled_on=date(2026, 11, 23))

    assert issuable_ids() == [later.pk]


def test_each_link_of_one_person_may_have_its_card(operator):
    first = ready_link()
    second = BeneficiaryFactory(whole=True, person=first.person)

    assert issuable_ids() == [first.pk, second.pk]


def test_issuable_leaves_out_a_link_whose_card_shows_the_same(operator):
    link = ready_link()
    issue_cards([link.pk])

    assert issuable_ids() == []


def _rename_person(link):
    link.person.name = "Maria Exemplo Nova"
    link.person.save()


def _name_plan(link):
    link.plan.name = "Plano Novo"
    link.plan.save()


def _rename_operator(link):
    link.operator.trade_name = "Saúde Nova"
    link.operator.save()


def _supersede_cns(link):
    give_cns(link.person)


def _join_company(link):
    link.contract = company_contract(link.operator, number="2021/9")
    link.save()


@pytest.mark.parametrize("change", [_rename_person, _name_plan, _rename_operator, _supersede_cns, _join_company])
def test_a_change_of_anything_printed_makes_a_link_issuable_again(operator, change):
    link = ready_link()
    issue_cards([link.pk])

    change(link)

    assert issuable_ids() == [link.pk]


def test_a_change_of_what_is_not_printed_does_not(operator):
    link = ready_link()
    issue_cards([link.pk])

    link.person.phone = "11 99999-0000"
    link.person.save()

    assert issuable_ids() == []


def test_a_card_of_an_older_layout_does_not_hold_a_new_one_back(operator):
    link = ready_link()
    issue_cards([link.pk])
    as_an_earlier_version("layout = 0")

    assert issuable_ids() == [link.pk]


def test_a_void_card_does_not_hold_a_new_one_back(operator):
    link = ready_link()
    issue_cards([link.pk])
    Card.objects.update(status=CardStatus.VOID)

    assert issuable_ids() == [link.pk]


def test_blocker_says_why_not(operator):
    free, carded = ready_link(), ready_link()
    cancelled = ready_link(cancelled_on=date(2026, 1, 1))
    issue_cards([carded.pk])

    assert [blocker(link) for link in (free, BeneficiaryFactory(), cancelled, carded)] == [
        "",
        IssueBlocker.NO_CNS,
        IssueBlocker.CANCELLED,
        IssueBlocker.SAME_CARD,
    ]


def individual(**contract):
    return lambda: ready_link(contract=ContractFactory(**contract))


def planned(signed=date(2021, 7, 1), **plan):
    return lambda: ready_link(plan=PlanFactory(whole=True, **plan), contract=ContractFactory(signed_on=signed))


def contracted(company="Exemplo Ltda.", administrator=None, kind="2", trade_name=""):
    def made():
        names = {"operator_id": current_operator_id(), "trade_name": trade_name}
        party = Company.objects.create(cnpj="11222333000181", legal_name=company, **names)
        other = administrator is not None and Administrator.objects.create(
            cnpj="33000167000101", legal_name=administrator, **names
        )
        return ready_link(contract=ContractFactory(kind=kind, company=party, administrator=other or None))

    return made


def without_contacts():
    Operator.objects.filter(pk=current_operator_id()).update(phone="", email="", website="")
    return ready_link()


@pytest.mark.parametrize(
    ("make", "lacking"),
    [
        (individual(), False),
        (individual(number=""), True),
        (individual(signed_on=None), True),
        (individual(kind="2"), True),
        (individual(kind="3"), True),
        (lambda: ready_link(contract=None), True),
        (contracted(), False),
        (contracted(""), True),
        (contracted("", trade_name="Exemplo"), True),
        (contracted(administrator="Aurora S.A.", kind="3"), False),
        (contracted(administrator="", kind="3"), True),
        (planned(name=""), True),
        (planned(segmentation=""), True),
        (planned(coverage_area=""), True),
        (planned(regulation=""), True),
        (planned(accommodation=""), True),
        (planned(accommodation="", segmentation="01"), False),
        (planned(accommodation="", segmentation="04"), False),
        (planned(ans_number="", operator_code="77"), True),
        (planned(ans_number="", operator_code="77", regulation="N", signed=date(1999, 1, 1)), False),
        (planned(ans_number="", operator_code="77", regulation="N"), True),
        (planned(regulation="N", signed=date(1999, 1, 1)), True),
        (planned(regulation="A", signed=date(1999, 1, 1)), False),
        (planned(regulation="A", signed=date(1999, 1, 2)), True),
        (planned(signed=date(1990, 1, 1)), False),
        (without_contacts, True),
    ],
)
def test_a_link_is_incomplete_where_composing_would_miss_something(operator, make, lacking):
    link = make()

    assert (blocker(link), issuable_ids()) == ((IssueBlocker.INCOMPLETE, []) if lacking else ("", [link.pk]))
    assert isinstance(preview(link), CardFace) is not lacking
    assert list(incomplete(Beneficiary.objects.all())) == ([link] if lacking else [])


def test_a_card_that_still_says_what_is_so_hinders_before_what_is_missing(operator):
    link = ready_link()
    issue_cards([link.pk])
    as_an_earlier_version("source = jsonb_set(source, '{plan_name}', '\"\"')")
    Plan.objects.update(name="")

    assert blocker(link) == IssueBlocker.SAME_CARD


def test_every_blocker_is_a_sentence():
    assert [member for member in IssueBlocker if not member.label.endswith(".")] == []


def test_subject_reads_the_registry(operator):
    person = PersonFactory(name="João Exemplo", social_name="Joana Exemplo", birth_date=date(1990, 5, 31))
    plan = PlanFactory(
        ans_number="412345678",
        name="Essencial",
        segmentation="06",
        accommodation="C",
        coverage_area="1",
        regulation="A",
    )
    contract = company_contract(operator, number="2021/7", signed_on=date(2020, 1, 2))
    link = ready_link(person=person, plan=plan, contract=contract, code="123", reactivated_on=date(2024, 3, 4))

    read = subject(link)

    assert (read.name, read.social_name, read.birth_date, read.code) == (
        "João Exemplo",
        "Joana Exemplo",
        "1990-05-31",
        "123",
    )
    assert (read.registration, read.trade_name, read.legal_name) == (
        operator.registration,
        operator.trade_name,
        operator.legal_name,
    )
    assert (read.plan_ans_number, read.plan_name, read.regulation) == ("412345678", "Essencial", "A")
    assert (read.segmentation, read.segmentation_label) == ("06", "Ambulatorial + Hospitalar com obstetrícia")
    assert (read.accommodation, read.coverage_area) == ("Coletiva", "Nacional")
    assert (read.contract, read.contracting, read.company_cnpj) == ("2021/7", "2", "11222333000181")
    assert (read.company_legal_name, read.company_trade_name) == ("Exemplo Ltda.", "")
    assert (read.contracted_on, read.cover_from) == ("2020-01-02", "2024-03-04")


@pytest.mark.parametrize("number", [{"caepf": "29311861000184"}, {"cei": "115830024985"}])
def test_a_card_names_the_person_who_contracts(operator, number):
    company = Company.objects.create(operator=operator, legal_name="Ana Exemplo, produtora rural", **number)
    contract = ContractFactory(company=company, kind="2")

    read = subject(ready_link(contract=contract))

    assert (read.company_legal_name, texts_of(read)["company"]) == ("Ana Exemplo, produtora rural",) * 2


def test_subject_of_a_link_without_contract_and_with_a_bare_plan(operator):
    link = ready_link(plan=PlanFactory(ans_number="", operator_code="77", name=""), contract=None)

    read = subject(link)

    assert (read.plan_ans_number, read.plan_operator_code, read.plan_name) == ("", "77", "")
    assert (read.contract, read.contracting, read.company_cnpj, read.segmentation_label) == ("", "", "", "")
    assert (read.contracted_on, read.cover_from) == ("", "2021-07-01")


def test_the_members_own_date_is_never_told_for_the_contracts(operator):
    link = ready_link(contract=ContractFactory(signed_on=None), contracted_on=date(2024, 5, 6))

    read = subject(link)

    assert (read.contracted_on, read.cover_from) == ("", "2024-05-06")
    assert [found.pk for found in incomplete(Beneficiary.objects.all())] == [link.pk]
    assert list(issuable(Beneficiary.objects.all())) == []


def test_contracting_is_the_contracts_before_the_plans(operator):
    plan = PlanFactory(contracting="3")
    alone = ready_link(plan=plan, contract=None)
    employed = ready_link(plan=plan, contract=company_contract(operator))

    assert [subject(link).contracting for link in (alone, employed)] == ["3", "2"]


def test_links_of_another_operator_are_not_found(db):
    ours, theirs = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        ready_link()

    with operator_context(ours.pk):
        assert issuable_ids() == []


@pytest.mark.parametrize("count", [1, 3])
def test_readings_take_one_statement(operator, count):
    for _ in range(count):
        ready_link()

    with CaptureQueriesContext(connection) as statements:
        card_snapshots(Beneficiary.objects.all())

    assert len(statements) == 1
