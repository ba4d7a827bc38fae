"""Answers of ANS brought home: rejections on their people, numbers on their links, files set free."""

import threading

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from sib.models import Critica, Movement, MovementState, Rejection, Result, RpxFile, SbxState
from sib.services.results import settle_sql
from sib.services.results.receive import receive_rpx, resolve_rejections, settle_rpx
from tests.factories import BeneficiaryFactory, OperatorFactory, UserFactory
from tests.sib.rpx_answers import PROTOCOL, included, processed, refused, rejected, sent_file, sent_movement, settled


@pytest.fixture
def sbx(operator):
    return sent_file(operator)


@pytest.fixture
def rpx(tmp_path):
    return tmp_path / "resposta.RPX"


def states(*movements: Movement):
    return [Movement.objects.get(pk=movement.pk).state for movement in movements]


def kinds():
    return sorted(AuditEvent.objects.values_list("kind", flat=True))


def test_what_was_sent_and_not_rejected_is_accepted(sbx, rpx):
    bad, good = (sent_movement(sbx, BeneficiaryFactory()) for _ in range(2))

    file = settled(processed(rpx, sbx, rejections=[rejected(bad)]))

    sbx.refresh_from_db()
    assert states(bad, good) == [MovementState.REJECTED, MovementState.ACCEPTED]
    assert (file.status, file.result, file.sbx, file.accepted, file.rejected) == (
        Status.DONE, Result.PROCESSED, sbx, 1, 1,
    )  # fmt: skip
    assert (sbx.state, sbx.protocol, sbx.answered_at is not None) == (SbxState.ANSWERED, PROTOCOL, True)
    assert (file.warnings, file.findings) == ([], [])
    assert file.counts == {"2": {"sent": 2, "rejected": 1, "stated": [2, 1, 1]}}
    assert kinds() == ["movement.accepted", "movement.rejected", "rpx.received", "rpx.settled"]


def test_a_rejection_lands_on_its_movement_and_person(sbx, rpx):
    bad = sent_movement(sbx, BeneficiaryFactory())

    settled(processed(rpx, sbx, rejections=[rejected(bad)]))

    rejection = Rejection.objects.get()
    assert (rejection.movement, rejection.person, rejection.beneficiary) == (bad, bad.person, bad.beneficiary)
    assert (rejection.type, rejection.cco, rejection.field_code, rejection.error_code) == ("2", bad.cco, "07", "0799")
    assert (rejection.value, rejection.message) == ("200000005170004", "MENSAGEM FICTICIA SOBRE O CNS")


@pytest.mark.parametrize("shape", ["{}", "{:0>30}", "  {}", "0{}"])
def test_an_inclusion_is_found_by_its_code_however_it_is_padded(sbx, rpx, shape):
    bad = sent_movement(sbx, BeneficiaryFactory(cco=None, code="00410000000051701"), "1")

    settled(processed(rpx, sbx, rejections=[rejected(bad, code=shape.format(bad.code))]))

    assert (Rejection.objects.get().movement, states(bad)) == (bad, [MovementState.REJECTED])


def test_a_cancellation_with_a_cco_of_zeros_is_found_by_its_code(sbx, rpx):
    bad = sent_movement(sbx, BeneficiaryFactory(), "4")

    settled(processed(rpx, sbx, rejections=[rejected(bad, cco="", code=bad.code)]))

    assert Rejection.objects.get().movement == bad


def test_of_two_movements_of_one_link_the_one_of_the_field_is_rejected(sbx, rpx):
    link = BeneficiaryFactory()
    name = sent_movement(sbx, link, fields={"nome": "FULANA"})
    number = sent_movement(sbx, link, fields={"cns": "1"}, beneficiary=None)

    settled(processed(rpx, sbx, rejections=[rejected(number)]))

    assert states(name, number) == [MovementState.ACCEPTED, MovementState.REJECTED]


def test_where_a_rejected_record_fits_two_movements_none_is_taken_for_accepted(sbx, rpx):
    link = BeneficiaryFactory()
    twins = [sent_movement(sbx, link, fields={"cep": "20031170"}, beneficiary=None) for _ in range(2)]

    settled(processed(rpx, sbx, rejections=[rejected(twins[0])]))

    assert states(*twins) == [MovementState.REJECTED] * 2


def test_another_type_of_movement_of_the_same_link_is_not_rejected_with_it(sbx, rpx):
    link = BeneficiaryFactory()
    change, cancel = sent_movement(sbx, link), sent_movement(sbx, link, "4")

    settled(processed(rpx, sbx, rejections=[rejected(cancel)]))

    assert states(change, cancel) == [MovementState.ACCEPTED, MovementState.REJECTED]


def test_a_rejected_record_that_was_never_sent_is_kept_and_told(sbx, rpx):
    good, link = sent_movement(sbx, BeneficiaryFactory()), BeneficiaryFactory()
    stranger = sent_movement(sent_file(sbx.operator, sequence=2), link)

    file = settled(processed(rpx, sbx, rejections=[rejected(stranger)]))

    rejection = Rejection.objects.get()
    assert (rejection.movement, rejection.person, states(good, stranger)) == (
        None, link.person, [MovementState.ACCEPTED, MovementState.SENT],
    )  # fmt: skip
    assert [warning.partition(".")[0] for warning in file.warnings] == [
        "Registros recusados que não achamos no arquivo enviado: 1"
    ]


def test_an_accepted_inclusion_receives_its_cco(sbx, rpx):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")

    file = settled(processed(rpx, sbx, inclusions=[included(new, "000000051853")]))

    link.refresh_from_db()
    given = AuditEvent.objects.get(kind="cco.given")
    assert (link.cco, states(new), file.included, file.findings) == ("000000051853", [MovementState.ACCEPTED], 1, [])
    assert (given.subject_id, given.person_id, given.data) == (link.pk, link.person_id, {"cco": "000000051853"})


def test_a_cco_that_came_by_conference_before_is_no_finding(sbx, rpx):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")
    Beneficiary.objects.filter(pk=link.pk).update(cco="000000051853")

    file = settled(processed(rpx, sbx, inclusions=[included(new, "000000051853")]))

    assert (file.findings, AuditEvent.objects.filter(kind="cco.given").count()) == ([], 0)


def _taken(new):
    BeneficiaryFactory(cco="000000051853")


def _numbered(new):
    Beneficiary.objects.filter(pk=new.beneficiary_id).update(cco="000000051934")


def _gone(new):
    Movement.objects.filter(pk=new.pk).update(beneficiary=None, code="777")


@pytest.mark.parametrize(
    ("spoil", "cco", "code", "kind"),
    [
        (_taken, "000000051853", None, "TAKEN"),
        (_numbered, "000000051853", None, "HAS_OTHER"),
        (_gone, "000000051853", "777", "NOT_HERE"),
        (lambda _: None, "000000000000", None, "WITHOUT_CCO"),
        (lambda _: None, "000000051853", "123456", "NOT_SENT"),
    ],
    ids=["taken", "numbered", "gone", "zeros", "stranger"],
)
def test_a_cco_that_cannot_be_given_is_a_finding(sbx, rpx, spoil, cco, code, kind):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")
    spoil(new)
    before = Beneficiary.objects.get(pk=link.pk).cco

    file = settled(processed(rpx, sbx, inclusions=[included(new, cco, **({"code": code} if code else {}))]))

    assert [finding["kind"] for finding in file.findings] == [kind]
    assert (Beneficiary.objects.get(pk=link.pk).cco, file.status) == (before, Status.DONE)
    assert file.warnings == ["Inclusões cujo CCO não pôde ser gravado: 1. Veja quais e por quê nesta página."]


def test_one_cco_for_two_inclusions_goes_to_one_of_them(sbx, rpx):
    links = [BeneficiaryFactory(cco=None) for _ in range(2)]
    new = [sent_movement(sbx, link, "1") for link in links]

    file = settled(processed(rpx, sbx, inclusions=[included(each, "000000051853") for each in new]))

    ccos = [Beneficiary.objects.get(pk=link.pk).cco for link in links]
    assert (sorted(ccos, key=str), [finding["kind"] for finding in file.findings]) == (
        ["000000051853", None], ["TAKEN"],
    )  # fmt: skip


def test_a_refused_file_sets_its_movements_free(sbx, rpx):
    movements = [sent_movement(sbx, BeneficiaryFactory()) for _ in range(2)]

    file = settled(refused(rpx, sbx))

    sbx.refresh_from_db()
    assert (file.result, file.refusal_code, file.refusal_reason) == (Result.REFUSED, "20", "HASH INVALIDO")
    assert (sbx.state, states(*movements)) == (SbxState.REJECTED, [MovementState.READY] * 2)
    assert list(Movement.objects.free()) == movements
    assert file.counts == {"2": {"sent": 2, "rejected": 0, "stated": []}}


def test_a_month_without_movements_is_answered(operator, rpx):
    sbx = sent_file(operator, kind="NO_MOVEMENT", reason="62")

    file = settled(processed(rpx, sbx, sent={"6": 1}))

    sbx.refresh_from_db()
    assert (sbx.state, file.result, file.accepted) == (SbxState.ANSWERED, Result.PROCESSED, 0)


def test_the_same_answer_again_changes_nothing(sbx, rpx):
    bad = sent_movement(sbx, BeneficiaryFactory())
    first = settled(processed(rpx, sbx, rejections=[rejected(bad)]))
    events = AuditEvent.objects.count()

    again, is_new = receive_rpx(rpx, name="de novo.RPX")
    settle_rpx(again.pk)

    assert (again.pk, is_new, Rejection.objects.count(), AuditEvent.objects.count()) == (first.pk, False, 1, events)


def test_a_second_answer_to_an_answered_file_is_kept_and_settles_nothing(sbx, rpx, tmp_path):
    movement = sent_movement(sbx, BeneficiaryFactory())
    settled(processed(rpx, sbx))

    file = settled(processed(tmp_path / "outra.RPX", sbx, rejections=[rejected(movement)]))

    assert (file.result, file.sbx, states(movement)) == (Result.SUPERFLUOUS, sbx, [MovementState.ACCEPTED])
    assert (Rejection.objects.count(), Rejection.objects.pending().count()) == (1, 0)
    assert file.counts == {"2": {"sent": 0, "rejected": 1, "stated": [1, 0, 1]}}


def test_an_answer_to_an_unknown_file_is_kept_with_its_rejections(sbx, rpx):
    link = BeneficiaryFactory()
    movement = sent_movement(sbx, link)
    path = processed(rpx, sbx, rejections=[rejected(movement)])
    path.write_bytes(path.read_bytes().replace(sbx.name.encode(), f"{sbx.name[:6]}20200101000000.SBX".encode()))

    file = settled(path)

    assert (file.result, file.sbx, file.sbx_name) == (Result.UNKNOWN, None, f"{sbx.name[:6]}20200101000000.SBX")
    assert (Rejection.objects.get().person, states(movement)) == (link.person, [MovementState.SENT])


def test_an_approved_file_that_nobody_marked_as_sent_is_answered_too(operator, rpx):
    sbx = sent_file(operator, state=SbxState.APPROVED, sent_at=None)
    movement = sent_movement(sbx, BeneficiaryFactory(), state=MovementState.READY)

    settled(processed(rpx, sbx))

    sbx.refresh_from_db()
    assert (states(movement), sbx.sent_at == sbx.answered_at) == ([MovementState.ACCEPTED], True)


@pytest.mark.parametrize("state", [SbxState.DRAFT, SbxState.DISCARDED])
def test_a_file_that_was_never_approved_is_not_answered(operator, rpx, state):
    sbx = sent_file(operator, state=state)
    movement = sent_movement(sbx, BeneficiaryFactory(), state=MovementState.READY)

    file = settled(processed(rpx, sbx))

    assert (file.result, states(movement)) == (Result.SUPERFLUOUS, [MovementState.READY])


def test_the_answer_of_another_operator_is_refused(sbx, rpx):
    movement = sent_movement(sbx, BeneficiaryFactory())

    file = settled(processed(rpx, sbx, registration="111111"))

    assert (file.status, states(movement), Rejection.objects.count()) == (Status.FAILED, [MovementState.SENT], 0)
    assert file.failure == (
        f"O arquivo é da operadora 111111, e não da {sbx.operator.registration}. Confira se escolheu o arquivo certo."
    )


@pytest.mark.django_db
def test_the_update_file_of_another_operator_is_unknown(rpx):
    ours, theirs = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        movement = sent_movement(sent_file(theirs), BeneficiaryFactory())
        processed(rpx, movement.file, registration=ours.registration)

    with operator_context(ours.pk):
        file = settled(rpx)

    with operator_context(theirs.pk):
        assert (file.result, file.sbx, states(movement)) == (Result.UNKNOWN, None, [MovementState.SENT])


@pytest.mark.parametrize("cut", [0, 900, 2400])
def test_a_broken_file_fails_with_a_sentence_and_can_be_sent_again(sbx, rpx, cut):
    movement = sent_movement(sbx, BeneficiaryFactory())
    whole = processed(rpx, sbx).read_bytes()
    rpx.write_bytes(whole[:cut])

    broken = settled(rpx)
    rpx.write_bytes(whole)
    mended = settled(rpx)

    assert (broken.status, broken.failure.startswith("O arquivo está")) == (Status.FAILED, True)
    assert (mended.status, states(movement)) == (Status.DONE, [MovementState.ACCEPTED])


def test_what_failed_is_tried_again_from_where_it_lies_now(sbx, rpx, tmp_path):
    movement = sent_movement(sbx, BeneficiaryFactory())
    file, _ = receive_rpx(processed(rpx, sbx), name="a.RPX")
    RpxFile.objects.filter(pk=file.pk).update(status=Status.FAILED, failure="Erro inesperado.")
    elsewhere = rpx.rename(tmp_path / "b.RPX")

    again, is_new = receive_rpx(elsewhere, name="b.RPX")
    settle_rpx(again.pk)

    assert (again.pk, is_new, states(movement)) == (file.pk, True, [MovementState.ACCEPTED])


def test_counts_that_disagree_are_told(sbx, rpx):
    bad = sent_movement(sbx, BeneficiaryFactory())
    path = processed(rpx, sbx, rejections=[rejected(bad)], sent={"2": 5})
    text = path.read_bytes().replace(b"<quantidadeOcorrenciaErro>1<", b"<quantidadeOcorrenciaErro>3<")
    path.write_bytes(text.replace(b"<quantidadeRejeitados>1<", b"<quantidadeRejeitados>2<"))

    assert settled(path).warnings == [
        "O hash no fim do arquivo não confere com o conteúdo: o arquivo pode ter sido alterado no caminho.",
        "retificação: enviamos 1, e o resumo da ANS fala de 5.",
        "retificação: o resumo da ANS fala de 2 recusas, e o arquivo traz 1.",
        "Erro 0799: o resumo da ANS fala de 3, e o arquivo traz 1.",
    ]


def test_reasons_are_learned_once(sbx, rpx, tmp_path):
    movements = [sent_movement(sbx, BeneficiaryFactory()) for _ in range(2)]
    settled(processed(rpx, sbx, rejections=[rejected(each, place) for place, each in enumerate(movements, 1)]))
    other = sent_file(sbx.operator, sequence=2)

    settled(processed(tmp_path / "b.RPX", other, rejections=[rejected(sent_movement(other, BeneficiaryFactory()))]))

    critica = Critica.objects.get()
    assert (critica.field_code, critica.error_code, critica.message) == ("07", "0799", "MENSAGEM FICTICIA SOBRE O CNS")
    assert not critica.is_explained


@pytest.mark.parametrize(
    ("kind", "fields", "is_resolved"),
    [("2", {"cns": "2"}, True), ("2", {"cep": "20031170"}, False), ("4", {}, True), ("5", {}, False)],
    ids=["mended", "another field", "cancelled", "another movement"],
)
def test_a_rejection_is_resolved_by_a_later_acceptance(sbx, rpx, tmp_path, kind, fields, is_resolved):
    link = BeneficiaryFactory()
    settled(processed(rpx, sbx, rejections=[rejected(sent_movement(sbx, link))]))
    later = sent_file(sbx.operator, sequence=2)
    sent_movement(later, link, kind, fields=fields)

    settled(processed(tmp_path / "b.RPX", later))

    assert Rejection.objects.pending().exists() is not is_resolved


def test_somebody_may_say_that_a_record_is_mended(sbx, rpx):
    bad, user = sent_movement(sbx, BeneficiaryFactory()), UserFactory()
    errors = [rejected(bad), rejected(bad, error_code="0798"), rejected(bad, record=2)]
    settled(processed(rpx, sbx, rejections=errors))
    first, *_, other = Rejection.objects.order_by("pk")

    answers = [resolve_rejections(first, actor=user), resolve_rejections(first, actor=user)]

    event = AuditEvent.objects.get(kind="rejection.resolved")
    assert (answers, list(Rejection.objects.pending())) == ([True, False], [other])
    assert (event.actor_label, event.person_id) == (str(user), bad.person_id)


class Killed(BaseException):
    """What a SIGKILL looks like to the code: no handler of ours sees it."""


def _die(*_: object, **__: object):
    raise Killed


@pytest.mark.parametrize(
    "place",
    [
        "load_rows",
        "match_movements",
        "store_rejections",
        "answer_movements",
        "give_ccos",
        "count_sent",
        "count_strangers",
    ],
)
def test_nothing_stays_of_an_answer_whose_worker_dies_on_the_way(sbx, rpx, monkeypatch, place):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")
    bad = sent_movement(sbx, BeneficiaryFactory())
    path = processed(rpx, sbx, rejections=[rejected(bad)], inclusions=[included(new, "000000051853")])
    file, _ = receive_rpx(path, name=path.name)
    with monkeypatch.context() as patch:
        patch.setattr(settle_sql, place, _die)
        with pytest.raises(Killed):
            settle_rpx(file.pk)
    after_the_fall = (states(new, bad), Rejection.objects.count(), Beneficiary.objects.get(pk=link.pk).cco)
    RpxFile.objects.filter(pk=file.pk).update(status=Status.QUEUED, queued_at=timezone.now())

    settle_rpx(file.pk)

    link.refresh_from_db()
    assert after_the_fall == ([MovementState.SENT] * 2, 0, None)
    assert (states(new, bad), Rejection.objects.count(), link.cco) == (
        [MovementState.ACCEPTED, MovementState.REJECTED], 1, "000000051853",
    )  # fmt: skip


def test_a_worker_whose_attempt_is_over_writes_nothing(sbx, rpx, monkeypatch):
    movement = sent_movement(sbx, BeneficiaryFactory())
    file, _ = receive_rpx(processed(rpx, sbx), name="a.RPX")
    monkeypatch.setattr(RpxFile, "finish", lambda *_: False)

    settle_rpx(file.pk)

    assert states(movement) == [MovementState.SENT]


def test_a_cco_given_out_meanwhile_is_seen_at_the_next_try(sbx, rpx, monkeypatch):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")
    file, _ = receive_rpx(processed(rpx, sbx, inclusions=[included(new, "000000051853")]), name="a.RPX")
    give, tries = settle_sql.give_ccos, []

    def overtaken(file):
        if not tries:
            tries.append(1)
            raise IntegrityError("beneficiary_cco_once")
        return give(file)

    monkeypatch.setattr(settle_sql, "give_ccos", overtaken)
    settle_rpx(file.pk)

    link.refresh_from_db()
    assert (link.cco, Rejection.objects.count(), states(new)) == ("000000051853", 0, [MovementState.ACCEPTED])


@pytest.mark.django_db(transaction=True)
def test_two_answers_to_one_file_at_once_settle_it_once(tmp_path):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        sbx = sent_file(operator)
        movements = [sent_movement(sbx, BeneficiaryFactory()) for _ in range(20)]
        paths = [
            processed(tmp_path / f"{place}.RPX", sbx, rejections=[rejected(movements[place])]) for place in range(2)
        ]
    gate = threading.Barrier(2)

    def work(path):
        with operator_context(operator.pk):
            file, _ = receive_rpx(path, name=path.name)
            gate.wait()
            settle_rpx(file.pk)
        connection.close()

    threads = [threading.Thread(target=work, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        results = sorted(RpxFile.objects.values_list("result", flat=True))
        found = Movement.objects.filter(state=MovementState.REJECTED).count()
    assert (results, found) == (["PROCESSED", "SUPERFLUOUS"], 1)
