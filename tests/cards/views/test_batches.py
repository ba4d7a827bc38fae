"""Batches through the pages: asked for, rehearsed, watched, taken away on record, marked, printed once more."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from cards.models import Card, CardBatch
from cards.services import process_batch, start_batch
from operators.models import AuditEvent, Operator
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import BeneficiaryFactory
from tests.pages import signed_in, text_of

ASKED = {"situacao": "emitiveis", "saida": "CARDS", "por_folha": "10", "verso": "long", "dpi": "300"}


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.EMISSAO)


@pytest.fixture
def at(operator):
    return lambda name, *args: reverse(f"cards:{name}", args=[operator.registration, *args])


def made(*links: object):
    batch = start_batch([link.pk for link in links])
    process_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def test_a_batch_by_filter_is_rehearsed_and_then_issued(client, at):
    ready_link()
    BeneficiaryFactory()

    rehearsal = client.post(at("batch_new"), {**ASKED, "fazer": "ensaiar"})
    process_batch(CardBatch.objects.get().pk)
    page = text_of(client.get(rehearsal["Location"]))
    issuing = client.post(at("batch_retry", CardBatch.objects.get().pk))
    process_batch(CardBatch.objects.latest("pk").pk)

    assert ("Receberiam cartão 1" in page, "Emitir estes 1 cartões" in page) == (True, True)
    assert "Com cartão 1" in text_of(client.get(issuing["Location"]))
    assert Card.objects.count() == 1


def test_a_batch_by_list_takes_pasted_codes_and_a_file(client, at):
    links = [ready_link(code=code) for code in ("1001", "1002", "1003")]
    file = SimpleUploadedFile("lista.csv", "código;nome\n1002;X\n9999;Y\n".encode("windows-1252"))

    client.post(at("batch_new"), {**ASKED, "situacao": "lista", "codigos": "1001", "arquivo": file, "fazer": "emitir"})
    process_batch(CardBatch.objects.get().pk)

    page = text_of(client.get(at("batch", CardBatch.objects.get().pk)))
    assert set(Card.objects.values_list("beneficiary", flat=True)) == {links[0].pk, links[1].pk}
    assert ("Lista de 3 códigos" in page, "1 Nenhum vínculo tem este código" in page) == (True, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"situacao": "lista"}, "Cole os códigos ou escolha um arquivo."),
        ({"situacao": ""}, "Escolha para quem."),
        ({"saida": "FAX"}, "Escolha uma das saídas."),
        ({"municipio": "São Paolo"}, "Não há município com este nome;"),
        ({"situacao": "lista", "arquivo": SimpleUploadedFile("x.xlsx", b"PK\0\0")}, "O arquivo não é um texto CSV."),
    ],
)
def test_what_cannot_be_asked_for_is_told_at_its_field(client, at, changes, sentence):
    response = client.post(at("batch_new"), {**ASKED, **changes})

    assert (response.status_code, CardBatch.objects.count(), sentence in text_of(response)) == (422, 0, True)


def test_the_form_begins_as_the_list_was_narrowed(client, at):
    page = client.get(at("batch_new"), {"situacao": "mudaram", "contrato": "C-9", "estranho": "x"})

    assert page.context["form"].initial == {"situacao": "mudaram", "contrato": "C-9"}


def test_the_page_counts_refusals_by_sentence(client, at):
    batch = made(ready_link(), BeneficiaryFactory(), BeneficiaryFactory())

    page = text_of(client.get(at("batch", batch.pk)))

    assert "2 A pessoa ainda não tem CNS: a página dela diz por quê e o que fazer." in page
    assert "Com cartão 1 Recusados 2" in page


def test_progress_asks_for_itself_only_while_it_runs(client, at):
    running, over = start_batch([ready_link().pk]), made(ready_link())

    pages = [client.get(at("batch_progress", batch.pk), headers={"HX-Request": "true"}) for batch in (running, over)]

    assert [b"hx-trigger" in page.content for page in pages] == [True, False]
    assert [page.headers.get("HX-Refresh") for page in pages] == [None, "true"]


def test_the_file_is_taken_away_on_record(client, at):
    batch = made(ready_link())

    response = client.post(at("batch_download", batch.pk))

    content = b"".join(response.streaming_content)
    assert len(PdfReader(io.BytesIO(content)).pages) == 2
    assert (response["Content-Type"], response["Content-Disposition"]) == (
        "application/pdf",
        f'attachment; filename="lote-{batch.pk}.pdf"',
    )
    assert AuditEvent.objects.filter(kind="card_batch.downloaded", actor=client.user).count() == 1


def test_a_file_that_is_gone_is_told(client, at):
    batch = made(BeneficiaryFactory())

    response = client.post(at("batch_download", batch.pk), follow=True)

    assert "O arquivo já não está guardado." in text_of(response)


@pytest.mark.parametrize(("state", "sentence"), [("PRINTED", "impressos"), ("DELIVERED", "entregues")])
def test_the_batch_is_marked(client, at, state, sentence):
    batch = made(ready_link(), ready_link())

    response = client.post(at("batch_move", batch.pk), {"para": state}, follow=True)

    assert f"2 cartões marcados como {sentence}." in text_of(response)
    assert set(Card.objects.values_list("status", flat=True)) == {state}


@pytest.mark.parametrize("state", ["", "LOST", "VOID", "SUPERSEDED"])
def test_a_batch_is_marked_as_nothing_else(client, at, state):
    batch = made(ready_link())

    response = client.post(at("batch_move", batch.pk), {"para": state}, follow=True)

    assert "Escolha “impressos” ou “entregues”. Nada mudou." in text_of(response)
    assert Card.objects.get().status == "ISSUED"


def test_a_batch_is_cancelled_once(client, at):
    batch = start_batch([ready_link().pk])

    pages = [text_of(client.post(at("batch_cancel", batch.pk), follow=True)) for _ in range(2)]

    assert "Lote cancelado. Os cartões já emitidos continuam valendo." in pages[0]
    assert "O lote já tinha terminado. Nada mudou." in pages[1]


def test_a_batch_that_was_cancelled_goes_on_as_another(client, at):
    batch = start_batch([ready_link().pk])
    client.post(at("batch_cancel", batch.pk))

    client.post(at("batch_retry", batch.pk))
    process_batch(CardBatch.objects.latest("pk").pk)

    assert Card.objects.count() == 1


def test_there_is_nothing_to_try_again_where_all_have_a_card(client, at):
    batch = made(ready_link())

    response = client.post(at("batch_retry", batch.pk), follow=True)

    assert "Não há o que repetir neste lote." in text_of(response)


def test_a_reprint_asks_why(client, at):
    batch = made(ready_link())

    asked = client.post(at("batch_reprint", batch.pk), {})
    done = client.post(at("batch_reprint", batch.pk), {"reason": "falha"})

    later = CardBatch.objects.latest("pk")
    assert (asked.status_code, "Escolha o motivo." in text_of(asked)) == (422, True)
    assert (done["Location"], later.kind, later.former_id) == (at("batch", later.pk), "REPRINT", batch.pk)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_number_of_queries_however_many(client, at, count, django_assert_num_queries):
    for _ in range(count):
        batch = made(*[ready_link() for _ in range(count)], *[BeneficiaryFactory() for _ in range(count)])

    with django_assert_num_queries(8):
        client.get(at("batches"))
    with django_assert_num_queries(12):
        client.get(at("batch", batch.pk))


@pytest.mark.parametrize("name", ["batch_new", "batch_reprint"])
@pytest.mark.parametrize(("role", "status"), [(role, 200 if role is Role.EMISSAO else 403) for role in Role])
def test_asking_is_for_those_who_issue(operator, at, name, role, status):
    batch = made(ready_link())
    address = at(name) if name == "batch_new" else at(name, batch.pk)

    assert signed_in(operator, role).get(address).status_code == status


@pytest.mark.parametrize("name", ["batch_download", "batch_move", "batch_cancel", "batch_retry"])
def test_deeds_are_never_links(client, at, name):
    assert client.get(at(name, made(ready_link()).pk)).status_code == 405


def test_the_layout_of_the_text_is_told(client, at):
    page = text_of(client.get(at("record_layout")))

    assert "Via 1 3 3 número" in page
    assert "Matrícula 4 23 20 texto" in page


# ---- the policy ---------------------------------------------------------------------------------------------------


def test_the_policy_is_changed_with_its_trace(operator, at):
    client = signed_in(operator, Role.ADMINISTRACAO)

    changed = client.post(at("issue_policy"), {"cards_without_cns": "on"}, follow=True)
    same = client.post(at("issue_policy"), {"cards_without_cns": "on"}, follow=True)

    event = AuditEvent.objects.get(kind="operator.policy_changed")
    assert ("Política gravada." in text_of(changed), "Nada mudou." in text_of(same)) == (True, True)
    assert Operator.objects.get(pk=operator.pk).cards_without_cns
    assert event.data == {"before": {"cards_without_cns": False}, "after": {"cards_without_cns": True}}


@pytest.mark.parametrize(("role", "status"), [(role, 200 if role is Role.ADMINISTRACAO else 403) for role in Role])
def test_the_policy_is_for_those_who_manage_it(operator, at, role, status):
    assert signed_in(operator, role).get(at("issue_policy")).status_code == status


def test_ticked_links_make_a_batch_by_their_codes(operator):
    client = signed_in(operator, Role.EMISSAO)
    page = reverse("cards:batch_of_selection", args=[operator.registration])

    form = client.post(page, {"codigo": ["A1", "A2"]}).context["form"]
    nothing = client.post(page, {}, follow=True)

    assert (form["situacao"].value(), form["codigos"].value()) == ("lista", "A1\nA2")
    assert "Nenhum vínculo foi escolhido." in text_of(nothing)
