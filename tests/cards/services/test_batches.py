import csv
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pypdf import PdfReader

from beneficiaries.models import Beneficiary, Company
from cards.domain import fixed_width
from cards.domain.lifecycle import Reason
from cards.models import BatchItem, Card, CardBatch, Kind, Product
from cards.queries.eligibility import IssueBlocker
from cards.render.batch_outputs import Options
from cards.services import (
    Order,
    batches,
    cancel_batch,
    delete_expired,
    issue_cards,
    open_batch_file,
    process_batch,
    reprint_batch,
    retry_batch,
    start_batch,
    start_batch_of,
)
from cards.tasks import render_batch
from cnsportal.jobs import Status
from operators.models import AuditEvent
from tests.cards.factories import give_cns, ready_link
from tests.factories import BeneficiaryFactory, ContractFactory, PersonFactory, UserFactory


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def links(operator):
    """In the order of delivery: by name."""
    return [ready_link(person=PersonFactory(name=name)) for name in ("Ana Exemplo", "Bia Exemplo", "Caio Exemplo")]


_WITH_TEXT = (Product.TEXT, Product.IMAGES)


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
    monkeypatch.setattr("cnsportal.jobs.current_app.send_task", lambda name, **message: sent.append((name, message)))

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


@pytest.mark.parametrize(("environment", "marked"), [("simulator", True), ("production", False)])
def test_cards_of_a_portal_in_training_say_so_on_both_sides(links, settings, environment, marked):
    settings.CADSUS_ENVIRONMENT = environment
    batch = started(links)

    process_batch(batch.pk)

    with reloaded(batch).file.open() as file:
        said = ["TREINAMENTO" in page.extract_text() for page in PdfReader(BytesIO(file.read())).pages]
    assert said == [marked] * 6


@pytest.mark.parametrize(("environment", "mark"), [("simulator", "TREINAMENTO "), ("production", "")])
def test_names_in_files_of_text_bear_the_mark_that_cards_bear(links, settings, environment, mark):
    settings.CADSUS_ENVIRONMENT = environment
    text, images = (
        started([link], order=Order(product=product)) for link, product in zip(links, _WITH_TEXT, strict=False)
    )

    for batch in (text, images):
        process_batch(batch.pk)

    with ZipFile(BytesIO(content(images))) as archive:
        (listed,) = csv.DictReader(archive.read("cartoes.csv").decode("utf-8-sig").splitlines(), delimiter=";")
    place = next(place for place in fixed_width.places() if place.column.name == "name")
    written = content(text).decode("windows-1252")[place.first - 1 : place.last].rstrip()
    assert (written, listed["name"]) == (f"{mark}Ana Exemplo", f"{mark}Bia Exemplo")


def test_process_batch_keeps_the_sentence_of_who_got_none(links):
    links.append(BeneficiaryFactory())
    issue_cards([links[0].pk])
    batch = started(links)

    process_batch(batch.pk)

    assert [refusal for _, _, refusal in outcomes(batch)] == [
        IssueBlocker.SAME_CARD.label,
        "",
        "",
        IssueBlocker.NO_CNS.label,
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
    monkeypatch.setattr(batches, "STEP_CARDS", 1)
    batch = started(links)
    (card,) = issue_cards([links[0].pk]).cards
    BatchItem.objects.filter(batch=batch, beneficiary=links[0]).update(card=card)

    process_batch(batch.pk)

    assert outcomes(batch) == [(link.pk, 1, "") for link in links]
    assert pages(reloaded(batch)) == 6


def test_process_batch_stops_when_it_was_cancelled_between_steps(links, monkeypatch):
    monkeypatch.setattr(batches, "STEP_CARDS", 1)
    batch = started(links)
    issue = batches.issue_cards

    def cancelled_meanwhile(ids, **wanted):
        CardBatch.objects.cancel(batch.pk)
        return issue(ids, **wanted)

    monkeypatch.setattr(batches, "issue_cards", cancelled_meanwhile)
    process_batch(batch.pk)

    batch = reloaded(batch)
    assert (batch.status, bool(batch.file), Card.objects.count()) == (Status.CANCELLED, False, 1)


def test_the_task_is_the_one_that_the_batch_sends():
    assert render_batch.name == CardBatch.task_name


# ---- rehearsals, reprints, tries ----------------------------------------------------------------------------------


def content(batch):
    with reloaded(batch).file.open("rb") as file:
        return file.read()


def told(batch):
    events = AuditEvent.objects.filter(subject="card_batch", subject_id=batch.pk).order_by("pk")
    return list(events.values_list("kind", "data"))


def test_a_rehearsal_refuses_as_the_batch_would_and_issues_nothing(links):
    links.append(BeneficiaryFactory())
    rehearsal = started(links, order=Order(Kind.REHEARSAL))

    process_batch(rehearsal.pk)

    assert (reloaded(rehearsal).status, bool(reloaded(rehearsal).file), Card.objects.count()) == (Status.DONE, False, 0)
    assert sorted(refusal for _, _, refusal in outcomes(rehearsal)) == ["", "", "", IssueBlocker.NO_CNS.label]


def test_a_rehearsal_repeated_is_the_batch_in_earnest(links):
    links.append(BeneficiaryFactory())
    rehearsal = started(links, order=Order(Kind.REHEARSAL, Product.SHEETS, Options(up=4), "Todos"))
    process_batch(rehearsal.pk)

    batch = retry_batch(rehearsal, actor=UserFactory())
    process_batch(batch.pk)

    assert (batch.kind, batch.product, batch.options["up"], batch.scope) == ("ISSUE", "SHEETS", 4, "Todos")
    assert [via for _, via, _ in outcomes(batch)] == [1, 1, 1]
    assert pages(reloaded(batch)) == 2


def test_only_those_without_a_card_are_tried_again(links):
    without = BeneficiaryFactory(whole=True)
    batch = started([*links, without])
    process_batch(batch.pk)
    give_cns(without.person)

    again = retry_batch(batch)
    process_batch(again.pk)

    assert outcomes(again) == [(without.pk, 1, "")]
    assert again.former_id == batch.pk


@pytest.mark.parametrize("product", ["CARDS", "SHEETS", "IMAGES", "TEXT"])
def test_a_reprint_is_the_same_file_to_the_byte(links, product):
    batch = started(links, order=Order(product=product, options=Options(up=2)))
    process_batch(batch.pk)

    again = reprint_batch(batch, reason="falha", actor=UserFactory())
    process_batch(again.pk)

    assert content(again) == content(batch)
    assert (Card.objects.count(), outcomes(again)) == (3, outcomes(batch))
    assert told(again) == [("card_batch.started", {"kind": "REPRINT", "product": product, "reason": "falha"})]


def test_a_reprint_leaves_out_vias_that_ended(links):
    batch = started(links)
    process_batch(batch.pk)
    issue_cards([links[1].pk], reason=Reason.DAMAGED)

    again = reprint_batch(batch, reason="falha")
    process_batch(again.pk)

    refusals = {link: refusal for link, _, refusal in outcomes(again)}
    assert refusals == {links[0].pk: "", links[1].pk: batches.NOT_CURRENT, links[2].pk: ""}
    assert pages(reloaded(again)) == 4


def test_codes_that_no_link_has_are_refused_with_what_was_asked(links):
    batch = start_batch_of(Beneficiary.objects.filter(pk=links[0].pk), unknown=["X-1", "X-2"])

    process_batch(batch.pk)

    items = batch.items.order_by("pk").values_list("asked", "card__via", "refusal")
    assert list(items) == [("", 1, ""), ("X-1", None, batches.UNKNOWN_CODE), ("X-2", None, batches.UNKNOWN_CODE)]


def test_cards_come_by_company_and_then_by_name(operator):
    alfa = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Alfa Ltda.")
    beta = Company.objects.create(operator=operator, cnpj="33000167000101", legal_name="Beta Ltda.")
    for name, company in {"Zeca Exemplo": alfa, "Ana Exemplo": beta, "Bia Exemplo": alfa}.items():
        contract = ContractFactory(operator=operator, kind="2", number=name, company=company)
        ready_link(person=PersonFactory(name=name), contract=contract)

    batch = start_batch_of(Beneficiary.objects.all())

    found = batch.items.order_by("pk").values_list("beneficiary__person__name", flat=True)
    assert list(found) == ["Bia Exemplo", "Zeca Exemplo", "Ana Exemplo"]


# ---- products -----------------------------------------------------------------------------------------------------


def test_pictures_stand_beside_a_sheet_that_says_whose_they_are(links):
    batch = started(links[:1], order=Order(product=Product.IMAGES))
    process_batch(batch.pk)

    with ZipFile(BytesIO(content(batch))) as archive:
        names = archive.namelist()
        sheet = list(csv.DictReader(archive.read("cartoes.csv").decode("utf-8-sig").splitlines(), delimiter=";"))
        size = Image.open(BytesIO(archive.read(names[0]))).size
    assert names == ["000001-frente.png", "000001-verso.png", "cartoes.csv"]
    assert [(row["frente"], row["verso"], row["code"], row["via"]) for row in sheet] == [
        ("000001-frente.png", "000001-verso.png", links[0].code, "1")
    ]
    assert size == (1011, 638)


def test_text_has_a_record_for_each_card(links):
    batch = started(links, order=Order(product=Product.TEXT))
    process_batch(batch.pk)

    lines = content(batch).splitlines(keepends=True)
    assert [len(line) for line in lines] == [fixed_width.WIDTH + 2] * 3
    assert {line[3:23].decode().strip() for line in lines} == {link.code for link in links}


def test_what_the_text_cannot_hold_is_refused_before_a_card_is_issued(operator):
    link = ready_link(person=PersonFactory(name="Stanisław Exemplo"))
    batch = started([link], order=Order(product=Product.TEXT))

    process_batch(batch.pk)

    sentence = "“Nome” tem letras que a gráfica não recebe (ł): troque no cadastro."
    assert (outcomes(batch), Card.objects.count()) == ([(link.pk, None, sentence)], 0)


# ---- the file -----------------------------------------------------------------------------------------------------


def test_a_file_is_kept_for_the_days_that_the_settings_say(links, settings):
    settings.CARD_FILES_DAYS = 3
    batch = started(links)
    with time_machine.travel("2026-11-20T12:00Z", tick=False):
        process_batch(batch.pk)

    with time_machine.travel("2026-11-23T11:59Z", tick=False):
        early = delete_expired()
    path = Path(reloaded(batch).file.path)
    with time_machine.travel("2026-11-23T12:00Z", tick=False):
        late = delete_expired()

    assert (early, late, path.exists(), bool(reloaded(batch).file)) == (0, 1, False, False)
    assert told(batch)[-1] == ("card_batch.deleted", {})
    assert delete_expired() == 0


def test_opening_the_file_is_on_record(links):
    batch = started(links)
    process_batch(batch.pk)

    with open_batch_file(reloaded(batch), actor=UserFactory()) as file:
        assert file.read(5) == b"%PDF-"
    assert told(batch)[-1] == ("card_batch.downloaded", {"product": "CARDS"})


def test_cancelling_is_on_record_and_happens_once(links):
    batch = started(links)

    assert [cancel_batch(batch), cancel_batch(batch)] == [True, False]
    assert [kind for kind, _ in told(batch)] == ["card_batch.started", "card_batch.cancelled"]


def test_a_step_takes_as_many_statements_for_four_as_for_one(operator):
    def statements(count):
        batch = started([ready_link() for _ in range(count)])
        with CaptureQueriesContext(connection) as captured:
            process_batch(batch.pk)
        return len(captured)

    assert statements(4) == statements(1)
