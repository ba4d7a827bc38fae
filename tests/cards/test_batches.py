from io import BytesIO

import pytest
from pypdf import PdfReader

from cards.models import BatchItem, Card, CardBatch
from cards.queries import Hindrance
from cards.services import batches, issue_cards, process_batch, start_batch
from cards.tasks import render_batch
from cnsportal.runs import Status
from tests.cards.factories import ready_link
from tests.factories import BeneficiaryFactory, UserFactory


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def links(operator):
    return [ready_link() for _ in range(3)]


def started(links, **fields):
    return start_batch([link.pk for link in links], **fields)


def outcomes(batch):
    return list(batch.items.order_by("pk").values_list("beneficiary", "card__via", "refusal"))


def pages(batch):
    with batch.file.open() as file:
        return len(PdfReader(BytesIO(file.read())).pages)


def reloaded(batch):
    return CardBatch.objects.get(pk=batch.pk)


def test_start_batch_waits_with_an_item_for_each_link(links):
    actor = UserFactory()

    batch = started(links, actor=actor)

    assert (batch.status, batch.total, batch.done, batch.requested_by) == (Status.QUEUED, 3, 0, actor)
    assert outcomes(batch) == [(link.pk, None, "") for link in links]
    assert Card.objects.count() == 0


def test_start_batch_leaves_out_what_it_does_not_find(links):
    batch = start_batch([links[0].pk, 0])

    assert (batch.total, outcomes(batch)) == (1, [(links[0].pk, None, "")])


def test_start_batch_sends_its_task_after_the_commit(links, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr("cnsportal.runs.current_app.send_task", lambda name, **message: sent.append((name, message)))

    with django_capture_on_commit_callbacks(execute=True):
        batch = started(links)

    message = {"operator_id": batch.operator_id, "run_id": batch.pk}
    assert sent == [("cards.render_batch", {"kwargs": message, "queue": "bulk"})]


def test_process_batch_issues_and_prints(links):
    batch = started(links, actor=UserFactory())

    process_batch(batch.pk)

    batch = reloaded(batch)
    assert (batch.status, batch.done, batch.total) == (Status.DONE, 3, 3)
    assert outcomes(batch) == [(link.pk, 1, "") for link in links]
    assert set(Card.objects.values_list("issued_by", flat=True)) == {batch.requested_by_id}
    assert pages(batch) == 6


def test_process_batch_keeps_the_sentence_of_who_got_none(links):
    links.append(BeneficiaryFactory())
    issue_cards([links[0].pk])
    batch = started(links)

    process_batch(batch.pk)

    assert [refusal for _, _, refusal in outcomes(batch)] == [
        Hindrance.SAME_CARD.label,
        "",
        "",
        Hindrance.NO_CNS.label,
    ]
    assert pages(reloaded(batch)) == 4


def test_process_batch_without_a_card_makes_no_file(operator):
    batch = started([BeneficiaryFactory()])

    process_batch(batch.pk)

    batch = reloaded(batch)
    assert (batch.status, bool(batch.file)) == (Status.DONE, False)


def test_process_batch_twice_does_it_once(links):
    batch = started(links)
    process_batch(batch.pk)

    process_batch(batch.pk)

    assert (Card.objects.count(), reloaded(batch).attempt) == (3, 1)


def test_process_batch_goes_on_where_a_worker_was_killed(links, monkeypatch):
    monkeypatch.setattr(batches, "STEP", 1)
    batch = started(links)
    (card,) = issue_cards([links[0].pk]).cards
    BatchItem.objects.filter(batch=batch, beneficiary=links[0]).update(card=card)

    process_batch(batch.pk)

    assert outcomes(batch) == [(link.pk, 1, "") for link in links]
    assert pages(reloaded(batch)) == 6


def test_process_batch_stops_when_it_was_cancelled_between_steps(links, monkeypatch):
    monkeypatch.setattr(batches, "STEP", 1)
    batch = started(links)
    issue = batches.issue_cards

    def cancelled_meanwhile(ids, *, actor):
        CardBatch.objects.cancel(batch.pk)
        return issue(ids, actor=actor)

    monkeypatch.setattr(batches, "issue_cards", cancelled_meanwhile)
    process_batch(batch.pk)

    batch = reloaded(batch)
    assert (batch.status, bool(batch.file), Card.objects.count()) == (Status.CANCELLED, False, 1)


def test_the_task_is_the_one_that_the_batch_sends():
    assert render_batch.name == CardBatch.task_name
