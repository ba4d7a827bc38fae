"""A conference taken back: all of it comes to what it was, or none of it where later work stands on it."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, Person, Review
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.deduplication.merge_people import merge_people
from beneficiaries.services.deduplication.regrouping import people_token
from beneficiaries.services.reviews import settle_review
from cards.services import issue_cards, void_card
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from sib.models import CnxStep, ConferenceFile, Movement, SbxFile
from sib.queries.apply_summary import REVERTED
from sib.services import process_conference, receive_file, request_apply
from sib.services.conferences import revert as reverting
from sib.services.conferences.revert import request_revert
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, UserFactory, cns
from tests.sib.cns_numbers import hold
from tests.sib.files import conference, record
from tests.sib.reverts import NAME, links_by_kind, number_changed, records, revert


def registry():
    """What people hold and what is said of them: numbers that count, pending reasons, cases, CCOs."""
    return (
        set(CnsNumber.objects.current().values_list("person", "number", "source", "verified", "evidence__tier")),
        set(Person.objects.with_pending().values_list("pk", "pending")),
        set(Review.objects.exclude(status=Review.Status.WITHDRAWN).values_list("person", "number", "status")),
        set(Beneficiary.objects.values_list("pk", "cco")),
    )


@pytest.fixture
def people(db):
    return links_by_kind()


def test_undoing_brings_everything_back(bring, people):
    before = registry()
    file = bring(*records(people))
    assert registry() != before

    revert(file, actor := UserFactory())

    assert registry() == before
    assert (file.status, file.step, file.applied, file.standing) == (Status.DONE, CnxStep.REVERTED, 0, [])
    assert (file.reverted_by, file.reverted_at is not None) == (actor, True)
    assert set(file.differences.exclude(deed="").values_list("answer", flat=True)) == {REVERTED}
    assert AuditEvent.objects.get(kind="cnx.reverted").data == {"undone": 6, "kept": 0}


def test_undoing_erases_nothing_from_the_history(bring, people):
    file = bring(record(people["changed"], cns=cns(12)))

    revert(file)

    history = CnsNumber.objects.filter(person=people["changed"].person).order_by("attached_at")
    assert [(number.number, number.end_reason) for number in history] == [(cns(1), ""), (cns(12), "WITHDRAWN")]
    event = AuditEvent.objects.get(kind="cns.withdrawn")
    assert (event.person_id, event.personal) == (people["changed"].person_id, {"number": cns(12), "previous": cns(1)})


def test_the_same_case_may_be_asked_again_after_undoing(bring, people):
    doubtful = record(people["review"], cns=cns(14), nome="MARIA A EXEMPLO Z")
    revert(bring(doubtful))

    bring(doubtful, sequence=2)

    assert [review.status for review in Review.objects.order_by("pk")] == ["WITHDRAWN", "OPEN"]


def test_a_number_that_was_undone_may_be_attached_again(bring, people):
    new = record(people["new"], cns=cns(11))
    revert(bring(new))

    bring(new, sequence=2)

    assert CnsNumber.objects.current().get(person=people["new"].person).number == cns(11)


def test_undoing_reaches_a_number_whose_record_was_merged_meanwhile(bring, people):
    file = bring(record(people["new"], cns=cns(20)), apply=True)
    kept, other = PersonFactory(name=NAME, cpf=None), people["new"].person
    merge_people(kept.pk, other.pk, {}, reason="a mesma", read=people_token([kept, other]), actor=UserFactory())
    given = CnsNumber.objects.get(person=kept)

    revert(file)

    given.refresh_from_db()
    assert (given.person, given.end_reason) == (kept, "WITHDRAWN")


def test_what_was_applied_in_part_is_undone_in_part(bring, people):
    file = bring(*records(people), apply=False)
    before = registry()
    request_apply(file, outcomes=["CNS_NEW"])
    process_conference(file.pk)
    revert(file)

    assert registry() == before


def _number_confirmed(people):
    attach_cns([CnsOffer(people["new"].person_id, cns(11), CnsSource.CADSUS, kind="D")])
    return people["new"], "o CNS foi confirmado por outra fonte depois"


def _review_decided(people):
    case = Review.objects.get(person=people["review"].person)
    settle_review(case.pk, accept=False, actor=UserFactory())
    return people["review"], "a revisão que a conferência abriu foi descartada"


def _former_taken(people):
    other = BeneficiaryFactory()
    hold(other, cns(1))
    return people["changed"], "o CNS anterior já é de outra pessoa"


@pytest.mark.parametrize("later_work", [number_changed, _number_confirmed, _review_decided, _former_taken])
def test_undoing_is_refused_where_later_work_stands(bring, people, later_work):
    file = bring(*records(people))
    link, sentence = later_work(people)
    before = registry()

    revert(file)

    assert registry() == before
    assert (file.status, file.step, file.reverted_at) == (Status.DONE, CnxStep.APPLIED, None)
    assert [(each["person_id"], each["sentence"].startswith(sentence)) for each in file.standing] == [
        (link.person_id, True)
    ]
    assert file.failure == (
        "Nada foi desfeito: há trabalho posterior sobre 1 pessoa. Desfaça-o primeiro e tente de novo."
    )


def test_undoing_is_refused_where_a_card_shows_the_number(bring):
    link = BeneficiaryFactory(whole=True, person__name=NAME)
    file = bring(record(link, cns=cns(11)))
    issue_cards([link.pk])

    revert(file)

    assert file.step == CnxStep.APPLIED
    assert [each["page"] for each in file.standing] == ["cards:card"]


def test_a_card_that_was_voided_does_not_stand(bring):
    link = BeneficiaryFactory(whole=True, person__name=NAME)
    file = bring(record(link, cns=cns(11)))
    (card,) = issue_cards([link.pk]).cards
    void_card(card, reason="conferencia")

    revert(file)

    assert file.step == CnxStep.REVERTED


def test_undoing_is_refused_where_a_later_conference_used_the_cco(bring, people):
    coded = people["coded"]
    file = bring(record(coded, cco="000000000777", cns=None))
    coded.refresh_from_db()
    bring(record(coded, cns=cns(16)), sequence=2)

    revert(file)

    assert file.step == CnxStep.APPLIED
    assert [each["page"] for each in file.standing] == ["sib:conference"]


def movement(link, state, file_state, **values):
    sbx = SbxFile.objects.create(
        operator=link.operator, name="90000020261123101530.SBX", competence="2026-11-01", sequence=1, state=file_state,
        sent_at=timezone.now() if file_state in {"SENT", "ANSWERED"} else None,
    )  # fmt: skip
    return Movement.objects.create(
        operator=link.operator, file=sbx, type="2", person=link.person, beneficiary=link, state=state, **values
    )


@pytest.mark.parametrize(
    ("state", "file_state", "where"),
    [
        ("READY", "DRAFT", "está, ainda não enviado, no"),
        ("READY", "APPROVED", "está, ainda não enviado, no"),
        ("SENT", "SENT", "já foi à ANS no"),
        ("ACCEPTED", "ANSWERED", "já foi à ANS no"),
        ("REJECTED", "ANSWERED", ""),
        ("DISCARDED", "DISCARDED", ""),
    ],
)
@pytest.mark.parametrize("sent", ["CNS", "CCO"])
def test_undoing_is_refused_where_ans_was_told(bring, people, sent, state, file_state, where):
    kind, values = ("new", {"fields": {"cns": cns(11)}}) if sent == "CNS" else ("coded", {"cco": "000000000777"})
    file = bring(*records(people))
    movement(people[kind], state, file_state, **values)

    revert(file)

    sentences = [f"o {sent} {where} arquivo 90000020261123101530.SBX"] if where else []
    assert [each["sentence"] for each in file.standing] == sentences
    assert file.step == (CnxStep.APPLIED if where else CnxStep.REVERTED)


def test_a_movement_that_told_another_number_does_not_stand(bring, people):
    file = bring(*records(people))
    movement(people["new"], "SENT", "SENT", fields={"cns": cns(90)}, cco="000000000001")

    revert(file)

    assert file.step == CnxStep.REVERTED


def test_drafts_that_tell_what_is_undone_are_held(bring, people):
    file = bring(*records(people))
    stale = Movement.objects.create(
        operator=file.operator, type="2", person=people["new"].person, state="READY", fields={"cns": cns(11)}
    )
    other = Movement.objects.create(
        operator=file.operator, type="2", person=people["changed"].person, state="READY", fields={"nome": NAME}
    )

    revert(file)

    assert file.step == CnxStep.REVERTED
    assert dict(Movement.objects.values_list("pk", "state")) == {stale.pk: "HELD", other.pk: "READY"}
    assert Movement.objects.get(pk=stale.pk).problems == [reverting.OUTDATED]


def test_drafts_stay_where_nothing_is_undone(bring, people):
    file = bring(*records(people))
    draft = Movement.objects.create(
        operator=file.operator, type="2", person=people["new"].person, state="READY", fields={"cns": cns(11)}
    )
    _former_taken(people)

    revert(file)

    assert (file.step, Movement.objects.get(pk=draft.pk).state) == (CnxStep.APPLIED, "READY")


def test_what_slips_in_meanwhile_stays_and_is_named(bring, people, monkeypatch):
    file = bring(*records(people))
    look = reverting.lock_people

    def slip_in(people_held, reviews):
        if not CnsNumber.objects.filter(number=cns(21)).exists():
            number_changed(people)
        look(people_held, reviews)

    monkeypatch.setattr(reverting, "lock_people", slip_in)

    revert(file)

    assert file.step == CnxStep.APPLIED
    assert [each["person_id"] for each in file.standing] == [people["new"].person_id]
    assert file.failure == (
        "5 registros foram desfeitos; sobre 1 pessoa surgiu trabalho durante o processo, e ali nada mudou."
    )
    assert CnsNumber.objects.current().get(person=people["new"].person).number == cns(21)


class Killed(BaseException):
    """What a SIGKILL looks like to the code."""


@pytest.mark.parametrize("beats", range(6))
def test_a_killed_worker_leaves_what_another_undoes(bring, people, monkeypatch, beats):
    before = registry()
    file = bring(*records(people))
    monkeypatch.setattr(reverting, "CHUNK_SIZE", 2)
    assert request_revert(file)
    alive = iter(range(beats))

    def mortal(_file, heartbeat):
        def counted(done):
            if next(alive, None) is None:
                raise Killed
            return heartbeat(done)

        reverting.revert_conference(_file, counted)

    with monkeypatch.context() as patch:
        patch.setattr("sib.services.conferences.pipeline.revert_conference", mortal)
        with pytest.raises(Killed):
            process_conference(file.pk)
    ConferenceFile.objects.filter(pk=file.pk).update(status=Status.QUEUED)

    process_conference(file.pk)

    file.refresh_from_db()
    assert (registry(), file.step) == (before, CnxStep.REVERTED)
    assert AuditEvent.objects.get(kind="cnx.reverted").data == {"undone": 6, "kept": 0}


@pytest.mark.django_db(transaction=True)
def test_undoing_and_an_answer_of_datasus_at_once_leave_one_number(tmp_path):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        links = BeneficiaryFactory.create_batch(20)
        path = conference(
            tmp_path / "a.cnx", *(record(link, cns=cns(at)) for at, link in enumerate(links)),
            registration=operator.registration,
        )  # fmt: skip
        file, _ = receive_file(path, name=path.name, wants_apply=True)
        process_conference(file.pk)
        request_revert(file)
        request_twice = request_revert(file)
    barrier = threading.Barrier(3)

    def run(work):
        with operator_context(operator.pk):
            barrier.wait()
            work()
        connection.close()

    answers = [CnsOffer(link.person_id, cns(100 + at), CnsSource.CADSUS) for at, link in enumerate(links)]
    operations = [lambda: process_conference(file.pk), lambda: process_conference(file.pk), lambda: attach_cns(answers)]
    threads = [threading.Thread(target=run, args=[work]) for work in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        file.refresh_from_db()
        current = dict(CnsNumber.objects.current().values_list("person", "number"))
        assert not request_twice
        assert current == {answer.person_id: answer.number for answer in answers}
        assert file.step in {CnxStep.REVERTED, CnxStep.APPLIED}
        assert len(file.standing) == (0 if file.step == CnxStep.REVERTED else 20)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_and_one_who_undoes_at_once_each_thing_is_done_by_one(tmp_path):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        known, *links = BeneficiaryFactory.create_batch(6)
        records = [record(link, cns=cns(at)) for at, link in enumerate([known, *links])]
        path = conference(tmp_path / "a.cnx", *records, registration=operator.registration)
        file, _ = receive_file(path, name=path.name, wants_apply=False)
        process_conference(file.pk)
        request_apply(file, ids=[file.differences.get(person=known.person).pk])
        process_conference(file.pk)
    barrier, taken = threading.Barrier(3), []

    def run(name, request):
        with operator_context(operator.pk):
            barrier.wait()
            if request(file):
                taken.append(name)
                process_conference(file.pk)
        connection.close()

    operations = [("apply", request_apply), ("apply", request_apply), ("undo", request_revert)]
    threads = [threading.Thread(target=run, args=each) for each in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        file.refresh_from_db()
        kept = CnsNumber.objects.current().count()
        assert (taken, file.step, kept) in [
            (["apply"], CnxStep.APPLIED, 6),
            (["undo"], CnxStep.REVERTED, 0),
            (["apply", "undo"], CnxStep.REVERTED, 0),
        ]
        assert AuditEvent.objects.filter(kind="cnx.applied").count() == 1 + taken.count("apply")


def test_command_undoes_and_tells_how_many(operator, bring, people, capsys):
    before = registry()
    file = bring(*records(people))

    call_command("revert_cnx", file.pk, operator=operator.registration, json=True)

    assert capsys.readouterr().out == '{"reverted": 6, "applied": 0}\n'
    assert registry() == before


def test_command_says_what_stands_in_the_way(operator, bring, people):
    file = bring(*records(people))
    number_changed(people)

    with pytest.raises(CommandRefused) as refusal:
        call_command("revert_cnx", file.pk, operator=operator.registration)

    assert str(refusal.value).splitlines()[0].startswith("Nada foi desfeito: há trabalho posterior sobre 1 pessoa.")


def test_command_refuses_a_number_that_is_no_conference_of_the_operator(operator, db):
    with pytest.raises(CommandRefused, match="A conferência 999 não existe nesta operadora"):
        call_command("revert_cnx", 999, operator=operator.registration)
