"""Writing on the accreditation board: traced, and by several administrators at once without loss."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from cadsus.domain.accreditation_steps import Step
from cadsus.models import AccreditationStep, SgopMachine, SgopPerson
from cadsus.services.accreditation import add_to_sgop, change_in_sgop, change_step, remove_from_sgop
from cnsportal.db.optimistic_lock import EditConflict
from operators.context import operator_context
from operators.models import AuditEvent, Operator
from tests.factories import OperatorFactory, UserFactory

DAY = date(2026, 11, 10)
SENT = {"step_state": "WAITING", "step_since": DAY, "protocol": "2026/123", "responsible": "Ana Prado"}


@pytest.fixture
def actor(operator):
    return UserFactory(first_name="Ana", last_name="Prado")


def _person(actor, **changes):
    values = {"name": "Bruno Reis", "role": "OPERADOR", **changes}
    person = SgopPerson()
    add_to_sgop(person, values, actor=actor)
    return person


def _last_event():
    event = AuditEvent.objects.filter(kind="accreditation.changed").latest("pk")
    return event.subject, event.data, event.personal


def test_step_is_written_with_who_and_which_version(actor):
    changed = change_step(Step.REQUEST, SENT, version=0, actor=actor)

    row = AccreditationStep.objects.get()
    assert (changed, row.step, row.step_state, row.step_since) == (True, "pedido", "WAITING", DAY)
    assert (row.version, row.changed_by, row.protocol, row.responsible) == (1, actor, "2026/123", "Ana Prado")


def test_trail_tells_states_before_and_after_and_keeps_names_apart(actor):
    change_step(Step.REQUEST, SENT, version=0, actor=actor)

    assert _last_event() == (
        "accreditationstep",
        {
            "what": "pedido",
            "before": {"step_state": "TODO", "step_since": None},
            "after": {"step_state": "WAITING", "step_since": "2026-11-10"},
        },
        {
            "was": {"protocol": "", "responsible": ""},
            "became": {"protocol": "2026/123", "responsible": "Ana Prado"},
        },
    )


def test_step_that_is_as_it_was_leaves_no_trace(actor):
    change_step(Step.REQUEST, SENT, version=0, actor=actor)

    again = change_step(Step.REQUEST, SENT, version=0, actor=actor)

    assert (again, AccreditationStep.objects.get().version, AuditEvent.objects.count()) == (False, 1, 1)


def test_step_read_before_somebody_else_wrote_is_not_overwritten(actor):
    change_step(Step.REQUEST, SENT, version=0, actor=actor)

    with pytest.raises(EditConflict):
        change_step(Step.REQUEST, {"note": "Escrito sem ver o outro."}, version=0, actor=actor)

    row = AccreditationStep.objects.get()
    assert (row.note, row.protocol, AuditEvent.objects.count()) == ("", "2026/123", 1)


def test_first_step_keeps_the_number_with_the_operator(operator, actor):
    Operator.objects.filter(pk=operator.pk).update(cnes="")

    changed = change_step(Step.CNES, {"step_state": "DOING", "step_since": DAY}, version=0, actor=actor, cnes="7654321")

    assert (changed, Operator.objects.get(pk=operator.pk).cnes) == (True, "7654321")
    assert _last_event()[1] == {
        "what": "cnes",
        "before": {"step_state": "TODO", "step_since": None, "cnes": ""},
        "after": {"step_state": "DOING", "step_since": "2026-11-10", "cnes": "7654321"},
    }


def test_number_alone_is_a_change_too_and_a_stale_one_changes_nothing(operator, actor):
    change_step(Step.CNES, {}, version=0, actor=actor, cnes="7654321")

    with pytest.raises(EditConflict):
        change_step(Step.CNES, {}, version=0, actor=actor, cnes="7654322")

    assert (Operator.objects.get(pk=operator.pk).cnes, AccreditationStep.objects.get().version) == ("7654321", 1)


@pytest.mark.parametrize("state", ["DOING", "WAITING", "DONE", "REFUSED"])
def test_state_without_its_day_cannot_exist(actor, state):
    with pytest.raises(IntegrityError, match="accreditation_step_dated"), transaction.atomic():
        change_step(Step.GOVBR, {"step_state": state}, version=0, actor=actor)

    assert AccreditationStep.objects.count() == 0


def test_person_is_listed_with_a_trace_that_keeps_the_name_apart(actor):
    person = _person(actor)

    assert (person.version, person.changed_by, SgopPerson.objects.get().name) == (1, actor, "Bruno Reis")
    assert _last_event() == (
        "sgopperson",
        {"what": "sgopperson", "before": {}, "after": {"role": "OPERADOR"}},
        {"was": {}, "became": {"name": "Bruno Reis"}},
    )


def test_person_read_before_somebody_else_wrote_is_not_overwritten(actor):
    person = _person(actor)
    change_in_sgop(SgopPerson, person.pk, {"cns_state": "DONE", "cns_since": DAY}, version=1, actor=actor)

    with pytest.raises(EditConflict):
        change_in_sgop(SgopPerson, person.pk, {"cns_state": "REFUSED", "cns_since": DAY}, version=1, actor=actor)

    assert SgopPerson.objects.values_list("cns_state", "version").get() == ("DONE", 2)


def test_person_goes_with_the_machines_and_the_trail_stays(actor):
    person = _person(actor)
    add_to_sgop(SgopMachine(person=person), {"name": "REC-01", "warsaw_on": DAY}, actor=actor)

    remove_from_sgop(SgopPerson, person.pk, version=1, actor=actor)

    assert (SgopPerson.objects.count(), SgopMachine.objects.count()) == (0, 0)
    subject, data, personal = _last_event()
    was = {"name": "Bruno Reis", "protocol": "", "responsible": ""}
    assert (subject, data["after"], personal) == ("sgopperson", {}, {"was": was, "became": {}})


def test_person_that_changed_meanwhile_is_not_removed(actor):
    person = _person(actor)
    change_in_sgop(SgopPerson, person.pk, {"role": "ADMINISTRADOR"}, version=1, actor=actor)

    with pytest.raises(EditConflict):
        remove_from_sgop(SgopPerson, person.pk, version=1, actor=actor)

    assert SgopPerson.objects.count() == 1


def test_boards_of_two_operators_do_not_know_each_other(db):
    first, second, actor = OperatorFactory(), OperatorFactory(), UserFactory()
    with operator_context(first.pk):
        change_step(Step.REQUEST, SENT, version=0, actor=actor)
        person = _person(actor)

    with operator_context(second.pk):
        change_step(Step.REQUEST, {"note": "Outra operadora"}, version=0, actor=actor)
        with pytest.raises(SgopPerson.DoesNotExist):
            change_in_sgop(SgopPerson, person.pk, {"name": "Intruso"}, version=1, actor=actor)

    with operator_context(first.pk):
        assert AccreditationStep.objects.values_list("note", "protocol").get() == ("", "2026/123")


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_lose_nothing():
    operator, actor = OperatorFactory(), UserFactory()
    barrier, outcomes = threading.Barrier(4), []

    def write(number):
        try:
            with operator_context(operator.pk):
                barrier.wait(10)
                change_step(Step.REQUEST, {"protocol": str(number)}, version=0, actor=actor)
            outcomes.append(str(number))
        except EditConflict:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    with operator_context(operator.pk):
        row = AccreditationStep.objects.get()
    assert (outcomes.count("stale"), row.version) == (3, 1)
    assert [outcome for outcome in outcomes if outcome != "stale"] == [row.protocol]
