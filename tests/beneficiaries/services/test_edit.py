"""Changes made by hand: written with their events, never over what somebody else wrote unread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import product
from threading import Barrier

import pytest
from django.db import connection, transaction

from beneficiaries.models import (
    Administrator,
    Beneficiary,
    CnsSource,
    Company,
    Contract,
    PendingReason,
    Person,
    Plan,
    WaitingPeriod,
)
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.edit import (
    DuplicateValue,
    add_reference,
    change_link,
    change_person,
    change_reference,
    edit_token,
)
from cnsportal.db.optimistic_lock import EditConflict
from operators.context import operator_context
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import import_rows, row
from tests.beneficiaries.reasons import give_reason, reason_of
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, PlanFactory, UserFactory, cns

NOBODY = dict.fromkeys("AHPO", "")


def read_of(row, values):
    return edit_token(type(row).objects.get(pk=row.pk), values)


def event():
    return AuditEvent.objects.order_by("-pk").first()


def test_change_of_a_person_is_written_with_what_was_and_became(operator):
    person, actor = PersonFactory(name="Ana Exemplo", social_name=""), UserFactory()
    values = {"name": "Ana Maria Exemplo", "social_name": "", "cpf": person.cpf}

    assert change_person(person.pk, values, read=read_of(person, values), actor=actor) is True

    changed = Person.objects.get()
    assert (changed.name, changed.name_key) == ("Ana Maria Exemplo", "ANA MARIA EXEMPLO")
    assert (event().kind, event().actor, event().person_id, event().data) == (
        "person.changed",
        actor,
        person.pk,
        {"fields": ["name"]},
    )
    assert event().personal == {"before": {"name": "Ana Exemplo"}, "after": {"name": "Ana Maria Exemplo"}}


def test_change_to_what_is_there_already_changes_nothing(operator):
    person = PersonFactory(name="Ana Exemplo")

    assert change_person(person.pk, {"name": "Ana Exemplo"}, read="whatever", actor=UserFactory()) is False
    assert AuditEvent.objects.count() == 0


def test_change_over_what_somebody_else_wrote_is_stale_and_writes_nothing(operator):
    person, actor = PersonFactory(name="Ana Exemplo", phone=""), UserFactory()
    values = {"name": "Ana Lima", "phone": ""}
    read = read_of(person, values)
    Person.objects.filter(pk=person.pk).update(phone="11 5555-0000")

    with pytest.raises(EditConflict):
        change_person(person.pk, values, read=read, actor=actor)

    assert (Person.objects.get().name, Person.objects.get().phone) == ("Ana Exemplo", "11 5555-0000")


def test_change_of_what_identifies_a_person_keeps_the_number_and_says_that_there_was_one(operator):
    person = PersonFactory()
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS, kind="D")])
    values = {"cpf": "11144477735"}

    change_person(person.pk, values, read=read_of(person, values), actor=UserFactory())

    assert person.cns_numbers.get().is_current
    assert event().data == {"fields": ["cpf"], "cns_verified": True}


@pytest.mark.parametrize(
    ("reason", "values", "after"),
    [
        (PendingReason.CHECK_CPF, {"cpf": "11144477735"}, PendingReason.NEVER_ASKED),
        (PendingReason.NOT_FOUND, {"birth_date": date(1990, 1, 1)}, PendingReason.NEVER_ASKED),
        (PendingReason.TOO_LITTLE, {"mother_name": "Outra Mãe"}, PendingReason.NEVER_ASKED),
        (PendingReason.CHECK_CPF, {"phone": "11 5555-0000"}, PendingReason.CHECK_CPF),
        (PendingReason.QUEUED, {"cpf": "11144477735"}, PendingReason.QUEUED),
        (PendingReason.REVIEW, {"cpf": "11144477735"}, PendingReason.REVIEW),
    ],
)
def test_a_person_whose_identity_was_mended_may_be_asked_about_anew(operator, reason, values, after):
    person = PersonFactory()
    give_reason(person, reason)

    change_person(person.pk, values, read=read_of(person, values), actor=UserFactory())

    assert reason_of(person) == after


def test_a_cpf_of_another_person_is_refused_beside_its_field(operator):
    other, person = PersonFactory.create_batch(2)
    values = {"cpf": other.cpf}

    with pytest.raises(DuplicateValue, match="Este CPF já é de outra pessoa do cadastro") as taken:
        change_person(person.pk, values, read=read_of(person, values), actor=UserFactory())

    assert (taken.value.field, AuditEvent.objects.count()) == ("cpf", 0)


def test_change_of_a_link_writes_dates_and_waiting_periods_at_once(operator):
    link = BeneficiaryFactory()
    WaitingPeriod.objects.create(operator=operator, beneficiary=link, group="H", amount=180, unit="D")
    values = {"cover_from": date(2021, 8, 1), "cpt_until": None}
    periods = {**NOBODY, "P": "300 D 2022-05-28"}

    change_link(link.pk, values, periods, read=read_of(link, values), actor=UserFactory())

    kept = [(period.group, period.amount, period.unit, period.ends_on) for period in WaitingPeriod.objects.all()]
    assert kept == [("P", 300, "D", date(2022, 5, 28))]
    assert (event().kind, event().subject_id, event().person_id) == ("link.changed", link.pk, link.person_id)
    assert event().personal == {
        "before": {"cover_from": None, "waiting_H": "180 D", "waiting_P": ""},
        "after": {"cover_from": "2021-08-01", "waiting_H": "", "waiting_P": "300 D 2022-05-28"},
    }


def test_a_cpt_never_stands_in_the_open_part_of_an_event(operator):
    link, values = BeneficiaryFactory(), {"cpt_until": date(2022, 5, 28)}

    change_link(link.pk, values, NOBODY, read=read_of(link, values), actor=UserFactory())

    assert event().data == {"fields": ["cpt_until"]}


def test_change_of_a_link_whose_waiting_periods_were_changed_meanwhile_is_stale(operator):
    link, values = BeneficiaryFactory(), {"cover_from": date(2021, 8, 1)}
    read = read_of(link, values)
    WaitingPeriod.objects.create(operator=operator, beneficiary=link, group="H", amount=180, unit="D")

    with pytest.raises(EditConflict):
        change_link(link.pk, values, NOBODY, read=read, actor=UserFactory())

    assert (WaitingPeriod.objects.count(), Beneficiary.objects.get().cover_from) == (1, None)


@pytest.mark.parametrize("model", [Plan, Contract, Company, Administrator])
def test_what_links_hang_on_is_added_and_changed_with_an_event(operator, model):
    given = {
        Plan: {"ans_number": "400000001", "name": "Ouro"},
        Contract: {"number": "C-1", "kind": "1"},
        Company: {"cnpj": "11222333000181", "legal_name": "Exemplo"},
        Administrator: {"cnpj": "11222333000181", "legal_name": "Exemplo"},
    }[model]
    name = {Plan: "name", Contract: "number"}.get(model, "legal_name")

    row = add_reference(model, given, actor=UserFactory())
    added = event()
    change_reference(model, row.pk, {name: "Outro"}, read=edit_token(row, [name]), actor=UserFactory())

    kind = f"{model.__name__.lower()}.changed"
    assert (added.kind, added.data) == (kind, {"fields": sorted(given), "added": True})
    assert (getattr(model.objects.get(), name), event().kind, event().personal["before"]) == (
        "Outro",
        kind,
        {name: given[name]},
    )


def test_a_plan_may_not_take_the_number_of_another(operator):
    PlanFactory(ans_number="400000001")

    with pytest.raises(DuplicateValue, match="Já há um plano com este registro na ANS") as taken:
        add_reference(Plan, {"ans_number": "400000001"}, actor=UserFactory())

    assert taken.value.field == "ans_number"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_once_one_is_told():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        person, actor = PersonFactory(name="Ana Exemplo"), UserFactory()
        read = edit_token(person, ["name"])
    start = Barrier(2)

    def write(name):
        try:
            with operator_context(operator.pk):
                start.wait()
                return change_person(person.pk, {"name": name}, read=read, actor=actor)
        except EditConflict:
            return EditConflict
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(write, ["Ana Lima", "Ana Prado"]))

    with operator_context(operator.pk):
        assert sorted(map(str, ends)) == sorted(map(str, [True, EditConflict]))
        assert AuditEvent.objects.filter(kind="person.changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_writes_while_a_batch_is_imported_waits_and_loses_nothing():
    operator = OperatorFactory()
    with operator_context(operator.pk):
        import_rows(row("1"))
        person, actor = Person.objects.get(), UserFactory()
        read = edit_token(person, ["phone"])

    def write():
        try:
            with operator_context(operator.pk):
                return change_person(person.pk, {"phone": "11 5555-0000"}, read=read, actor=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, operator_context(operator.pk):
        with transaction.atomic():
            lock_registry()
            written = pool.submit(write)
            with pytest.raises(TimeoutError):
                written.result(timeout=0.5)
            import_rows(row("1", nomeSocial="Ceição"))
        assert written.result(timeout=10) is True

        kept = Person.objects.get()
        assert (kept.social_name, kept.phone) == ("Ceição", "11 5555-0000")


TOLD = {
    "name": ("", "Ouro"),
    "segmentation": ("", "01", "06"),
    "accommodation": ("", "C"),
    "coverage_area": ("", "1"),
    "regulation": ("", "R", "N", "A"),
}


def test_the_list_and_the_page_agree_on_which_plans_lack_something(operator):
    numbers = (("400000001", ""), ("", "ANTIGO"), ("400000001", "ANTIGO"))
    for index, (values, (ans, code)) in enumerate(product(product(*TOLD.values()), numbers)):
        ans_number = f"{int(ans) + index:09d}" if ans else ""
        Plan.objects.create(
            operator=operator,
            ans_number=ans_number,
            operator_code=code and f"{code}{index}",
            **dict(zip(TOLD, values, strict=True)),
        )

    lacking = set(Plan.objects.filter(Plan.LACKING).values_list("pk", flat=True))

    assert lacking == {plan.pk for plan in Plan.objects.all() if plan.missing}
    assert 0 < len(lacking) < Plan.objects.count()
