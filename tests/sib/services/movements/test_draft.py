"""Movements drafted from what ANS has and the registry says otherwise, composed into files, led to ANS."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from lxml import etree

from beneficiaries.models import Beneficiary, CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from sib.formats.sbx.writer import MAX_MOVEMENTS, as_sent
from sib.models import Movement, MovementState, SbxFile, SbxKind, SbxState
from sib.services.movements import update_files
from sib.services.movements.draft import draft_movements
from sib.services.movements.update_files import (
    NotAllowed,
    approve_file,
    compose_files,
    confirm_cancellation,
    discard_file,
    mark_sent,
    restore_movements,
    set_movements_aside,
)
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, PlanFactory, UserFactory, cns
from tests.sib.cns_numbers import hold
from tests.sib.files import record
from tests.sib.sbx_schema import faults

NAME = "Maria Aparecida Exemplo Z"
MONTH = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "saída"
    return settings.OUTBOX_DIR


@pytest.fixture
def link(operator):
    """A holder whom ANS has, with a number here."""
    link = BeneficiaryFactory(cco="000000000191", person__name=NAME)
    hold(link, cns(1))
    return link


def told():
    rows = Movement.objects.order_by("type", "cco", "code", "pk")
    return [(each.type, each.cco, each.fields, each.state) for each in rows]


def test_a_link_that_ans_was_never_told_of_is_included_whole(operator):
    link = BeneficiaryFactory(cco=None, code="77", person__name="José D'Ávila Exemplo")
    hold(link, cns(1))

    counts = draft_movements()

    [(kind, cco, fields, state)] = told()
    assert (kind, cco, state, counts["inclusão"]) == ("1", "", "READY", 1)
    assert (fields["nome"], fields["cns"], fields["cpf"]) == ("JOSE D'AVILA EXEMPLO", cns(1), link.person.cpf)
    assert (fields["codigoBeneficiario"], fields["numeroPlanoANS"]) == ("77", link.plan.ans_number)
    assert "dataCancelamento" not in fields


def test_an_inclusion_with_a_fault_is_held_and_says_why(operator):
    BeneficiaryFactory(cco=None)

    draft_movements()

    movement = Movement.objects.get()
    assert (movement.state, [each["field"] for each in movement.problems]) == ("HELD", ["cns"])


def test_an_inclusion_goes_without_a_number_where_ans_is_to_give_it(operator, settings):
    settings.SIB_INCLUDE_WITHOUT_CNS = True
    BeneficiaryFactory(cco=None)

    draft_movements()

    [(kind, _, fields, state)] = told()
    assert (kind, state, "cns" in fields) == ("1", "READY", False)


def test_a_number_that_ans_lacks_is_told_by_itself(bring, link):
    bring(record(link, cns=None))

    draft_movements()

    assert told() == [("2", link.cco, {"cns": cns(1)}, "READY")]


def test_an_unverified_number_is_not_told(bring, operator):
    link = BeneficiaryFactory(cco="000000000191", person__name=NAME)
    hold(link, cns(1), verified=False)
    bring(record(link, cns=None))

    draft_movements()

    assert told() == []


def test_only_what_differs_is_rectified(bring, link):
    link.person.street, link.person.city_code = "Rua das Acácias, 10", "355030"
    link.person.save()
    bring(record(link, cns=cns(1), nomeMae="OUTRA MAE EXEMPLO"))

    draft_movements()

    [(kind, _, fields, _)] = told()
    assert (kind, set(fields)) == ("2", {"nomeMae", "logradouro", "codigoMunicipio"})
    assert fields["logradouro"] == "RUA DAS ACACIAS, 10"


def test_a_holder_whom_ans_has_otherwise_is_told_by_code(bring, link):
    child = BeneficiaryFactory(relationship="3", holder=link)
    bring(record(link, cns=cns(1)), record(child, ccoBeneficiarioTitular="000000000999"))

    draft_movements()

    assert [fields for _, cco, fields, _ in told() if cco == child.cco] == [{"codigoBeneficiarioTitular": link.code}]


def test_what_is_blank_here_or_spelled_with_accents_is_not_rectified(bring, link):
    link.person.mother_name = "Íris Exemplo"
    link.person.save()
    bring(record(link, cns=cns(1), nomeMae="IRIS EXEMPLO", pisPasep="12345678919"))

    draft_movements()

    assert told() == []


def test_the_plan_changes_by_a_contract_change_and_never_by_a_rectification(bring, link):
    bring(record(link, cns=cns(1), numeroPlanoANS="123456789", dataContratacao="2019-01-01"))

    draft_movements()

    [(kind, cco, fields, state)] = told()
    assert (kind, cco, state) == ("3", link.cco, "READY")
    assert fields == {
        "relacaoDependencia": "1",
        "dataContratacao": link.contracted_on.isoformat(),
        "numeroPlanoANS": link.plan.ans_number,
    }


def test_who_is_cancelled_here_and_active_there_is_cancelled(bring, link):
    day = timezone.localdate() - timedelta(days=3)
    bring(record(link, cns=cns(1)))
    Beneficiary.objects.filter(pk=link.pk).update(cancelled_on=day, cancellation_reason="41")

    draft_movements()

    assert told() == [
        ("4", link.cco, {"dataCancelamento": day.isoformat(), "motivoCancelamento": "41"}, "READY"),
    ]


def test_who_is_active_here_and_cancelled_there_is_reactivated_with_a_day(bring, link):
    bring(record(link, cns=cns(1), situacao="INATIVO"))
    draft_movements()
    held = told()
    Beneficiary.objects.filter(pk=link.pk).update(reactivated_on=date(2026, 11, 2))

    draft_movements()

    assert held == [("5", link.cco, {}, "HELD")]
    assert told() == [("5", link.cco, {"dataReativacao": "2026-11-02"}, "READY")]


def test_who_is_only_there_is_cancelled_only_where_somebody_says_so(bring, link):
    stranger = BeneficiaryFactory.build(person=link.person, plan=link.plan, cco="000000000999", code="999")
    bring(record(link, cns=cns(1)), record(stranger, nome="SO NA ANS EXEMPLO", cpf=None))
    draft_movements()
    [movement] = Movement.objects.all()
    proposed = told()

    confirm_cancellation(movement, date(2026, 11, 3), "46", actor=UserFactory())
    draft_movements()

    assert proposed == [("4", "000000000999", {}, "DRAFT")]
    assert told() == [
        ("4", "000000000999", {"dataCancelamento": "2026-11-03", "motivoCancelamento": "46"}, "READY"),
    ]


def test_who_came_into_the_registry_since_the_conference_is_not_cancelled(bring, link):
    stranger = BeneficiaryFactory.build(person=link.person, plan=link.plan, cco="000000000999", code="999")
    bring(record(link, cns=cns(1)), record(stranger, nome="SO NA ANS EXEMPLO", cpf=None))
    draft_movements()
    proposed = told()
    BeneficiaryFactory(cco="000000000999")

    draft_movements()

    assert (proposed, told()) == ([("4", "000000000999", {}, "DRAFT")], [])


def test_a_cco_that_the_last_conference_lacks_is_a_question_to_somebody(bring, link):
    unknown = BeneficiaryFactory(cco="000000000787")
    included_since = BeneficiaryFactory(cco=None)
    hold(included_since, cns(2))
    bring(record(link, cns=cns(1)))
    Beneficiary.objects.filter(pk=included_since.pk).update(cco="000000000868")

    draft_movements()

    [movement] = Movement.objects.all()
    assert (movement.beneficiary_id, movement.type, movement.state) == (unknown.pk, "1", MovementState.HELD)
    assert [(each["field"], each["sentence"]) for each in movement.problems] == [
        ("cco", "A última conferência da ANS não traz este CCO.")
    ]


def test_a_day_before_the_contract_is_held(bring, link):
    bring(record(link, cns=cns(1)))
    before = link.contracted_on - timedelta(days=1)
    Beneficiary.objects.filter(pk=link.pk).update(cancelled_on=before, cancellation_reason="41")

    draft_movements()

    [movement] = Movement.objects.all()
    assert [(each["field"], each["sentence"]) for each in movement.problems] == [
        ("dataCancelamento", "O cancelamento é anterior à contratação.")
    ]


@pytest.mark.parametrize(
    ("situacao", "ours"),
    [
        ("ATIVO", {}),
        ("ATIVO", {"cancelled_on": date(2026, 11, 2), "cancellation_reason": "41"}),
        ("INATIVO", {"reactivated_on": date(2026, 11, 2)}),
    ],
    ids=["both active", "cancelled here", "cancelled there"],
)
def test_nothing_is_told_about_a_record_that_may_be_somebody_elses(bring, link, situacao, ours):
    bring(record(link, cns=cns(2), nome="OUTRA PESSOA QUALQUER", nomeMae="OUTRA MAE", situacao=situacao))
    Beneficiary.objects.filter(pk=link.pk).update(**ours)

    draft_movements()

    assert told() == []


def test_a_number_that_ans_changed_is_not_told_back_before_somebody_decided(bring, link):
    file = bring(record(link, cns=cns(2), nomeMae="OUTRA MAE EXEMPLO"), apply=False)
    draft_movements()
    waiting = told()

    attach_cns([CnsOffer(link.person_id, cns(3), CnsSource.CADSUS, kind="D", tier="A")])
    draft_movements()

    assert file.outcomes == {"CNS_CHANGED": 1}
    assert [fields for _, _, fields, _ in waiting] == [{"nomeMae": as_sent("nomeMae", link.person.mother_name)}]
    assert [fields["cns"] for _, _, fields, _ in told()] == [cns(3)]


# ---- drafted again --------------------------------------------------------------------------------------------------


def test_drafting_again_changes_nothing(bring, link):
    BeneficiaryFactory(cco=None)
    bring(record(link, cns=None))
    draft_movements()
    before = list(Movement.objects.order_by("pk").values())

    draft_movements()

    assert list(Movement.objects.order_by("pk").values()) == before


def test_a_draft_follows_the_registry_and_goes_when_it_is_settled(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    hold(link, cns(2))
    draft_movements()
    followed = told()
    bring(record(link, cns=cns(2)), sequence=2)

    draft_movements()

    assert followed == [("2", link.cco, {"cns": cns(2)}, "READY")]
    assert told() == []


def test_what_somebody_set_aside_stays_aside_while_it_says_the_same(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    set_movements_aside(Movement.objects.get(), actor=UserFactory())
    draft_movements()
    aside = told()
    hold(link, cns(2))

    draft_movements()

    assert aside == [("2", link.cco, {"cns": cns(1)}, "DISCARDED")]
    assert [(fields, state) for *_, fields, state in told()] == [
        ({"cns": cns(1)}, "DISCARDED"), ({"cns": cns(2)}, "READY"),
    ]  # fmt: skip


def test_a_confirmed_cancellation_that_is_set_aside_stays_aside(bring, link):
    bring(record(link), record(link, cco="000000000353", cpf="33344455508", cns=None, codigoBeneficiario="999",
                               nome="OUTRA PESSOA", nomeMae="MAE DE OUTRA", dataNascimento="1951-12-31"))  # fmt: skip
    draft_movements()
    confirm_cancellation(Movement.objects.get(type="4"), date(2026, 1, 1), "41", actor=UserFactory())
    set_movements_aside(Movement.objects.get(type="4"), actor=UserFactory())

    draft_movements()

    assert [(cco, state) for kind, cco, _, state in told() if kind == "4"] == [("000000000353", "DISCARDED")]


def test_what_was_set_aside_by_mistake_is_drafted_again(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    actor = UserFactory()
    set_movements_aside(Movement.objects.get(), actor=actor)

    restore_movements(Movement.objects.get(), actor=actor)
    draft_movements()

    assert [state for *_, state in told()] == ["READY"]


def test_what_ans_refused_is_held_until_something_changes(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    Movement.objects.update(state=MovementState.REJECTED)
    draft_movements()
    held = Movement.objects.get(state=MovementState.HELD)
    hold(link, cns(2))

    draft_movements()

    assert held.problems[0]["sentence"] == "A ANS recusou esta mesma movimentação, e nada mudou desde então."
    assert [(fields, state) for *_, fields, state in told()] == [
        ({"cns": cns(1)}, "REJECTED"), ({"cns": cns(2)}, "READY"),
    ]  # fmt: skip


def _accept(**changes):
    Movement.objects.update(state=MovementState.ACCEPTED, settled_at=timezone.now(), **changes)


def test_what_ans_accepted_is_not_told_again_before_its_next_conference(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    _accept()

    draft_movements()

    assert told() == [("2", "000000000191", {"cns": cns(1)}, MovementState.ACCEPTED)]


def test_what_changed_since_ans_accepted_it_is_told(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    _accept(fields={"cns": cns(9)})

    draft_movements()

    assert told()[-1] == ("2", "000000000191", {"cns": cns(1)}, MovementState.READY)


def test_what_ans_accepted_and_its_next_conference_lacks_is_told_again(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    _accept()
    bring(record(link, cns=None), sequence=2)

    draft_movements()

    assert [state for *_, state in told()] == [MovementState.ACCEPTED, MovementState.READY]


# ---- composed -------------------------------------------------------------------------------------------------------


def content(file):
    return Path(file.path).read_bytes()


def test_movements_go_into_one_file_in_the_order_of_ans_holders_first(bring, link, operator):
    bring(record(link, cns=None, numeroPlanoANS="123456789"))
    child = BeneficiaryFactory(cco=None, code="09", relationship="4", plan=PlanFactory())
    holder = BeneficiaryFactory(cco=None, code="10")
    Beneficiary.objects.filter(pk=child.pk).update(holder=holder)
    for number, each in enumerate((child, holder), 5):
        hold(each, cns(number))
    draft_movements()

    [file] = compose_files(MONTH)

    document = content(file)
    elements = list(etree.fromstring(document).find(".//beneficiarios"))
    assert faults(document) == []
    assert [(each.tag, each.findtext(".//codigoBeneficiario")) for each in elements] == [
        ("inclusao", "10"), ("inclusao", "09"), ("retificacao", None), ("mudancaContratual", None),
    ]  # fmt: skip
    assert etree.fromstring(document).findtext(".//hash") == file.sib_hash
    assert (file.name[:6], file.count, file.competence, file.state) == (operator.registration, 4, MONTH, "DRAFT")
    assert set(Movement.objects.values_list("file", flat=True)) == {file.pk}


def test_more_than_a_file_takes_go_into_the_next(operator, monkeypatch):
    monkeypatch.setattr(update_files, "MAX_MOVEMENTS", 2)
    for number in range(5):
        hold(BeneficiaryFactory(cco=None, code=str(number)), cns(number))
    draft_movements()

    files = compose_files(MONTH)

    assert [file.count for file in files] == [2, 2, 1]
    assert len({file.name for file in files}) == 3
    assert MAX_MOVEMENTS == 100_000


@pytest.mark.parametrize(("people", "reason"), [(1, "62"), (0, "61")])
def test_a_month_in_which_nothing_changed_is_told_too(bring, operator, people, reason):
    for number in range(people):
        link = BeneficiaryFactory(cco=f"{number + 1:012d}")
        bring(record(link))
    draft_movements()

    [file] = compose_files(MONTH)

    assert (file.kind, file.reason, file.count) == (SbxKind.NO_MOVEMENT, reason, 0)
    assert etree.fromstring(content(file)).findtext(".//motivoNaoEnvioBeneficiarios") == reason
    with pytest.raises(NotAllowed, match="a competência 11/2026 já tem arquivo"):
        compose_files(MONTH)


@pytest.mark.django_db(transaction=True)
def test_what_is_set_aside_while_a_file_is_composed_is_not_in_it(monkeypatch):
    operator, actor = OperatorFactory(), UserFactory()
    with operator_context(operator.pk):
        hold(BeneficiaryFactory(cco=None), cns(1))
        draft_movements()
        movement, new_file = Movement.objects.get(), update_files._new_file
    answers = []

    def aside():
        with operator_context(operator.pk):
            try:
                answers.append(set_movements_aside(movement, actor=actor))
            except NotAllowed as refusal:
                answers.append(str(refusal))
        connection.close()

    other = threading.Thread(target=aside)

    def when_chosen(operator, month, actor):
        other.start()
        other.join(1)  # done at once, or waiting for the file to be composed
        return new_file(operator, month, actor)

    monkeypatch.setattr(update_files, "_new_file", when_chosen)

    with operator_context(operator.pk):
        [file] = compose_files(MONTH)
    other.join()

    with operator_context(operator.pk):
        assert [(each.state, each.file_id) for each in Movement.objects.all()] == [("READY", file.pk)]
    assert answers == ["A movimentação mudou enquanto você decidia. Confira-a de novo."]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", [draft_movements, lambda: compose_files(MONTH)], ids=["drafted", "composed"])
def test_people_are_entered_while_movements_are_worked_on(operation):
    operator = OperatorFactory()
    at_work, entered = threading.Event(), threading.Event()

    def work():
        with operator_context(operator.pk), transaction.atomic():
            operation()
            at_work.set()
            entered.wait(10)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    at_work.wait(10)
    with operator_context(operator.pk), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        try:
            PersonFactory()
        finally:
            entered.set()
            worker.join()
            cursor.execute("RESET lock_timeout")
        assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_who_draft_and_compose_at_once_each_movement_is_in_one_file():
    operator, start = OperatorFactory(), threading.Barrier(4)
    with operator_context(operator.pk):
        for number in range(1, 7):
            hold(BeneficiaryFactory(cco=None), cns(number))

    def work(_):
        try:
            with operator_context(operator.pk):
                start.wait(10)
                draft_movements()
                return len(compose_files(MONTH))
        except NotAllowed:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(work, range(4)))

    with operator_context(operator.pk):
        assert (sum(files), SbxFile.objects.count()) == (1, 1)
        assert list(Movement.objects.values_list("file", flat=True)) == [SbxFile.objects.get().pk] * 6


def test_held_movements_are_in_no_file(operator):
    BeneficiaryFactory(cco=None)
    ready = BeneficiaryFactory(cco=None)
    hold(ready, cns(1))
    draft_movements()

    [file] = compose_files(MONTH)

    assert [(each.beneficiary, each.state) for each in file.movements.all()] == [(ready, MovementState.READY)]


def test_nobody_says_that_nothing_changed_while_something_is_held_or_waits(bring, operator):
    BeneficiaryFactory.create_batch(2, cco=None)
    bring(
        record(BeneficiaryFactory.build(cco="000000000999", code="99", plan=PlanFactory(), person__cpf="11144477735"))
    )
    draft_movements()

    with pytest.raises(NotAllowed) as refusal:
        compose_files(MONTH)

    assert str(refusal.value) == (
        "Em Movimentações há 2 retidas e 1 a confirmar: enquanto esperam, não se pode dizer à ANS que nada mudou. "
        "Corrija o cadastro e levante de novo, confirme ou descarte."
    )
    assert SbxFile.objects.count() == 0


def test_a_file_that_says_that_nothing_changed_is_not_approved_once_something_is_held(operator):
    [file] = compose_files(MONTH)
    BeneficiaryFactory(cco=None)
    draft_movements()

    with pytest.raises(NotAllowed, match="Em Movimentações há 1 retida: "):
        approve_file(file, actor=UserFactory())

    file.refresh_from_db()
    assert (file.kind, file.state) == (SbxKind.NO_MOVEMENT, SbxState.DRAFT)


def test_nobody_says_that_nothing_changed_of_a_registry_that_was_not_looked_through(operator):
    [file] = compose_files(MONTH)
    link = BeneficiaryFactory(cco=None)
    hold(link, cns(1))

    for said in (lambda: compose_files(date(2026, 12, 1)), lambda: approve_file(file, actor=UserFactory())):
        with pytest.raises(NotAllowed, match="O cadastro tem o que contar à ANS"):
            said()
    draft_movements()
    with pytest.raises(NotAllowed, match="Há movimentações prontas: descarte este arquivo e componha outro"):
        approve_file(file, actor=UserFactory())

    file.refresh_from_db()
    assert (file.kind, file.state, SbxFile.objects.count()) == (SbxKind.NO_MOVEMENT, SbxState.DRAFT, 1)


def test_what_was_set_aside_keeps_no_month_from_being_told(operator):
    BeneficiaryFactory(cco=None)
    draft_movements()
    set_movements_aside(Movement.objects.get(), actor=UserFactory())

    [file] = compose_files(MONTH)

    assert file.kind == SbxKind.NO_MOVEMENT


# ---- led to ANS -----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(bring, link):
    bring(record(link, cns=None))
    draft_movements()
    return compose_files(MONTH, actor=UserFactory())[0]


def state(file):
    file.refresh_from_db()
    return file.state


def test_a_file_is_approved_by_somebody_else_then_sent(file):
    approver = UserFactory()

    approve_file(file, actor=approver)
    mark_sent(file, actor=approver)

    assert (state(file), file.approved_by, file.sent_by) == (SbxState.SENT, approver, approver)
    assert Movement.objects.get().state == MovementState.SENT
    kinds = AuditEvent.objects.filter(subject="sbxfile").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["sbx.composed", "sbx.approved", "sbx.sent"]


def test_who_composed_a_file_does_not_approve_it(file):
    with pytest.raises(NotAllowed, match="Quem compôs o arquivo não o aprova"):
        approve_file(file, actor=file.created_by)

    assert state(file) == SbxState.DRAFT


def test_a_file_that_is_discarded_sets_its_movements_free(file):
    discard_file(file, actor=UserFactory())

    [again] = compose_files(MONTH)
    assert (state(file), again.count, again.name != file.name) == (SbxState.DISCARDED, 1, True)


@pytest.mark.parametrize(
    ("done", "step"),
    [
        ([], mark_sent),
        ([approve_file], approve_file),
        ([approve_file, mark_sent], discard_file),
        ([discard_file], approve_file),
    ],
)
def test_steps_are_taken_in_their_order(file, done, step):
    for each in done:
        each(file)
    before = state(file)

    with pytest.raises(NotAllowed, match="este passo não cabe mais"):
        step(file)

    assert state(file) == before


def test_what_was_sent_is_not_drafted_again_before_the_answer(file):
    approve_file(file)
    mark_sent(file)

    draft_movements()

    assert [state_ for *_, state_ in told()] == ["SENT"]


# ---- command --------------------------------------------------------------------------------------------------------


def test_command_drafts_composes_and_reports(operator, bring, link, tmp_path, capsys):
    bring(record(link, cns=None))
    BeneficiaryFactory(cco=None)

    call_command("write_sbx", operator=operator.registration, out=str(tmp_path), approve=True, json=True)

    figures = json.loads(capsys.readouterr().out)
    assert figures["movements"] == {
        "inclusao": 0, "retificacao": 1, "mudancaContratual": 0, "cancelamento": 0, "reativacao": 0,
    }  # fmt: skip
    assert (figures["held"], SbxFile.objects.get().state) == (1, SbxState.APPROVED)
    assert faults((tmp_path / figures["files"][0]).read_bytes()) == []


def test_command_that_has_nothing_to_compose_keeps_the_drafts(operator, bring, link, tmp_path):
    bring(record(link, cns=cns(1)))
    call_command("write_sbx", operator=operator.registration, out=str(tmp_path))
    BeneficiaryFactory(cco=None)

    with pytest.raises(CommandRefused, match="Não há movimentações prontas"):
        call_command("write_sbx", operator=operator.registration, out=str(tmp_path))

    assert [each.state for each in Movement.objects.all()] == [MovementState.HELD]


def test_command_refuses_a_folder_that_is_not_there(operator, tmp_path):
    with pytest.raises(CommandRefused, match="não existe"):
        call_command("write_sbx", operator=operator.registration, out=str(tmp_path / "x"))

    assert SbxFile.objects.count() == 0
