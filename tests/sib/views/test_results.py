"""Answers of ANS on pages: sent, shown, explained, set aside."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from operators.models import AuditEvent
from operators.permissions import Role
from sib.models import Critica, MovementState, Rejection, Result, RpxFile
from sib.services.results import rejections_export
from sib.services.results.receive import settle_rpx
from sib.templatetags.result_labels import lower_first
from sib.views.results import KNOWN, TAKEN
from tests.factories import BeneficiaryFactory
from tests.pages import signed_in, text_of
from tests.sib.rpx_answers import included, processed, refused, rejected, sent_file, sent_movement, settled
from tests.tones import TONES


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def inbox(tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"
    return settings.INBOX_DIR


@pytest.fixture
def sbx(operator):
    return sent_file(operator)


@pytest.fixture
def rpx(tmp_path):
    return tmp_path / "resposta.RPX"


def address(operator, name, *args: object, **query):
    return reverse(f"sib:{name}", args=[operator.registration, *args], query=query)


def send(client, operator, path):
    sent = SimpleUploadedFile(path.name, path.read_bytes())
    return client.post(address(operator, "result_upload"), {"sent": sent}, follow=True)


def rejection(sbx, rpx, link=None, **changes):
    """A settled answer with one rejection."""
    bad = sent_movement(sbx, link or BeneficiaryFactory())
    settled(processed(rpx, sbx, rejections=[rejected(bad, **changes)]))
    return Rejection.objects.latest("pk")


# ---- sending --------------------------------------------------------------------------------------------------------


def test_an_answer_sent_by_browser_is_settled_by_a_worker(operator, client, sbx, rpx, inbox):
    movement = sent_movement(sbx, BeneficiaryFactory())

    page = send(client, operator, processed(rpx, sbx))
    settle_rpx(RpxFile.objects.get().pk)

    movement.refresh_from_db()
    file = RpxFile.objects.get()
    assert (page.redirect_chain[-1][0], TAKEN in text_of(page)) == (address(operator, "result", file.pk), True)
    assert (movement.state, file.received_by, file.name) == (MovementState.ACCEPTED, client.user, "resposta.RPX")


def test_an_answer_sent_twice_is_recognised(operator, client, sbx, rpx, inbox):
    send(client, operator, processed(rpx, sbx))

    page = send(client, operator, rpx)

    assert (KNOWN in text_of(page), RpxFile.objects.count()) == (True, 1)
    assert len(list(inbox.rglob("*.RPX"))) == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Escolha o arquivo do resultado (RPX), como a ANS o gerou."),
        ({"sent": SimpleUploadedFile("a.RPX", b"")}, "O arquivo está vazio. Baixe-o da ANS de novo."),
        ({"sent": SimpleUploadedFile("a" * 251, b"x")}, "O nome do arquivo é longo demais."),
    ],
    ids=["nothing", "empty", "long name"],
)
def test_sending_nothing_useful_says_what_to_do(operator, client, sent, sentence):
    page = client.post(address(operator, "result_upload"), sent)

    assert (page.status_code, sentence in text_of(page), RpxFile.objects.count()) == (422, True, 0)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("result_upload", {Role.CADASTRO, Role.REVISAO, Role.ADMINISTRACAO}),
        ("critica_new", {Role.ADMINISTRACAO}),
        ("results", set(Role)),
        ("rejections", set(Role)),
        ("criticas", set(Role)),
    ],
)
def test_pages_open_to_those_who_may(operator, name, allowed):
    statuses = {role: signed_in(operator, role).get(address(operator, name)).status_code for role in Role}

    assert statuses == {role: 200 if role in allowed else 403 for role in Role}


# ---- one answer -----------------------------------------------------------------------------------------------------


def test_an_answer_shows_what_was_sent_and_what_ans_did(operator, client, sbx, rpx):
    bad, good = (sent_movement(sbx, BeneficiaryFactory()) for _ in range(2))
    file = settled(processed(rpx, sbx, rejections=[rejected(bad)]))

    page = text_of(client.get(address(operator, "result", file.pk)))

    assert "Retificação 2 1 1 enviadas 2, aceitas 1, recusadas 1" in page
    assert f"Responde a {sbx.name} Protocolo 00000000000000000517 Competência 11/2026" in page
    assert f"{bad.person.name} CCO {bad.cco} Retificação resultado de" in page
    assert good.person.name not in page.replace(bad.person.name, "")


def test_a_rejection_tells_field_reason_and_next_step_without_telling_the_number(operator, client, sbx, rpx):
    rejection(sbx, rpx)

    page = text_of(client.get(address(operator, "rejections")))

    assert "CNS enviado: ••••••••••••••• MENSAGEM FICTICIA SOBRE O CNS (código 0799)" in page
    assert "Abra a pessoa e consulte o DATASUS." in page
    assert "O que isso quer dizer A ANS não aceitou o CNS." in page


@pytest.mark.parametrize(
    ("field", "name", "shown"),
    [
        ("12", "DATA", "Data da contratação enviado: 31/02/2031"),
        ("33", "TIPO DE COISA", "Tipo de coisa enviado: 31/02/2031"),
    ],
)
def test_a_value_that_is_not_personal_is_shown_as_it_was_sent(operator, client, sbx, rpx, field, name, shown):
    rejection(sbx, rpx, field_code=field, field_name=name, value="2031-02-31")

    assert shown in text_of(client.get(address(operator, "rejections")))


def test_a_refused_file_tells_why_and_that_the_movements_are_free(operator, client, sbx, rpx):
    sent_movement(sbx, BeneficiaryFactory())
    file = settled(refused(rpx, sbx))

    page = text_of(client.get(address(operator, "result", file.pk)))

    assert "A ANS recusou o arquivo inteiro: hash inválido" in page
    assert "As movimentações voltaram a esperar." in page
    assert "Motivo 20, nas palavras da ANS: HASH INVALIDO." in page


def test_a_cco_that_could_not_be_given_is_shown_with_its_person(operator, client, sbx, rpx):
    link = BeneficiaryFactory(cco=None)
    new = sent_movement(sbx, link, "1")
    BeneficiaryFactory(cco="000000051853")
    file = settled(processed(rpx, sbx, inclusions=[included(new, "000000051853")]))

    page = text_of(client.get(address(operator, "result", file.pk)))

    assert f"{link.person.name} 000000051853 A ANS deu a esta inclusão um CCO" in page


@pytest.mark.parametrize(
    ("result", "sentence"),
    [(Result.UNKNOWN, "O portal não gerou o arquivo"), (Result.SUPERFLUOUS, "já tinha sido respondido")],
)
def test_an_answer_that_settled_nothing_says_so(operator, client, sbx, rpx, tmp_path, result, sentence):
    path = processed(rpx, sbx)
    if result is Result.SUPERFLUOUS:
        settled(path)
        path = processed(tmp_path / "b.RPX", sbx, sequence=8)
    else:
        path.write_bytes(path.read_bytes().replace(sbx.name.encode(), f"{sbx.name[:6]}20200101000000.SBX".encode()))

    page = client.get(address(operator, "result", settled(path).pk))

    assert sentence in text_of(page)


def test_an_answer_that_failed_shows_the_sentence(operator, client, rpx):
    rpx.write_bytes(b"nada")
    file = settled(rpx)

    for name, arguments in (("results", []), ("result", [file.pk])):
        assert "O arquivo não é XML." in text_of(client.get(address(operator, name, *arguments)))


def test_progress_asks_for_itself_only_while_the_run_is_active(operator, client, sbx, rpx):
    file = settled(processed(rpx, sbx))
    before = client.get(address(operator, "result_progress", file.pk), headers={"HX-Request": "true"})
    RpxFile.objects.filter(pk=file.pk).update(status="RUNNING")

    after = client.get(address(operator, "result_progress", file.pk), headers={"HX-Request": "true"})

    assert (before["HX-Refresh"], "HX-Refresh" in after) == ("true", False)
    assert after.content.decode().count('hx-trigger="every 2s"') == 1


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("name", ["results", "rejections", "criticas"])
def test_lists_ask_the_same_number_of_queries_however_long(
    operator, client, sbx, rpx, name, count, django_assert_max_num_queries
):
    bad = [sent_movement(sbx, BeneficiaryFactory()) for _ in range(count)]
    errors = [rejected(each, place, error_code=f"07{place:02d}") for place, each in enumerate(bad, 1)]
    settled(processed(rpx, sbx, rejections=errors))

    with django_assert_max_num_queries(12):
        client.get(address(operator, name))


# ---- all rejections -------------------------------------------------------------------------------------------------


@pytest.fixture
def three(sbx, rpx):
    """Two errors on the CNS and one on the CPF."""
    bad = [sent_movement(sbx, BeneficiaryFactory()) for _ in range(3)]
    rejections = [
        rejected(bad[0]),
        rejected(bad[1], 2, error_code="0798"),
        rejected(bad[2], 3, field_code="04", field_name="CPF", error_code="0401"),
    ]
    settled(processed(rpx, sbx, rejections=rejections))
    return list(Rejection.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, [2, 1, 0]),
        ({"campo": "07"}, [1, 0]),
        ({"campo": "07", "erro": "0798"}, [1]),
        ({"campo": "99"}, [2, 1, 0]),
        ({"erro": "0798"}, [2, 1, 0]),
    ],
)
def test_rejections_are_narrowed_by_field_and_error(operator, client, three, query, shown):
    page = client.get(address(operator, "rejections", **query))

    assert [each.rejection for each in page.context["rejections"]] == [three[place] for place in shown]


def test_facets_count_the_fields(operator, client, three):
    facets = client.get(address(operator, "rejections")).context["fields"]

    assert [(facet.label, facet.count) for facet in facets] == [("Todos os campos", 3), ("CPF", 1), ("CNS", 2)]


def test_a_rejection_is_set_aside_and_still_told_among_all(operator, client, three):
    page = client.post(address(operator, "rejection_resolve", three[0].pk), follow=True)
    again = client.post(address(operator, "rejection_resolve", three[0].pk), follow=True)
    every = client.get(address(operator, "rejections", ver="todas"))

    assert "Recusa dada por resolvida." in text_of(page)
    assert "Esta recusa já estava resolvida." in text_of(again)
    assert (len(page.context["rejections"]), len(every.context["rejections"])) == (2, 3)
    assert AuditEvent.objects.filter(kind="rejection.resolved").count() == 1


def test_readers_may_not_set_aside(operator, three):
    assert (
        signed_in(operator, Role.CONSULTA).post(address(operator, "rejection_resolve", three[0].pk)).status_code == 403
    )


def test_the_person_shows_what_ans_has_against_them(operator, client, sbx, rpx):
    found = rejection(sbx, rpx)
    person = reverse("beneficiaries:person", args=[operator.registration, found.person_id])

    before = text_of(client.get(person))
    client.post(address(operator, "rejection_resolve", found.pk))
    after = text_of(client.get(person))

    assert "Recusado pela ANS O que a ANS recusou O que fazer CNS enviado: •" in before
    assert "Abra a pessoa e consulte o DATASUS." in before
    assert "Recusado pela ANS" not in after


def test_the_rejections_of_an_answer_are_taken_away_as_a_file(operator, client, three, monkeypatch):
    monkeypatch.setattr(rejections_export, "CHUNK_SIZE", 2)

    response = client.post(address(operator, "result_rejections", three[0].rpx_id))

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    person, link = three[2].person, three[2].beneficiary
    assert (len(lines), lines[0].split(";")) == (4, list(rejections_export.COLUMNS))
    assert lines[3].split(";")[:7] == [person.name, link.cco, "", "retificação", "CPF", "•" * 15, "0401"]
    assert response["Content-Disposition"] == f'attachment; filename="recusas-{three[0].rpx_id}.csv"'
    assert AuditEvent.objects.get(kind="rpx.exported").actor_label == str(client.user)


def test_the_movement_shows_why_it_was_rejected(operator, client, sbx, rpx):
    found = rejection(sbx, rpx)

    page = text_of(client.get(address(operator, "movement", found.movement_id)))

    assert "A ANS recusou O que a ANS recusou O que fazer CNS enviado: •••••" in page


def test_the_dashboard_counts_what_waits(operator, client, three):
    page = text_of(client.get(reverse("operators:dashboard", args=[operator.registration])))

    assert "3 recusas da ANS esperam correção CNS: 2 CPF: 1" in page


# ---- words of the operator ------------------------------------------------------------------------------------------

WORDS = {"title": "CNS de outra pessoa", "explanation": "O CNS é do titular.", "next_step": "Peça o CNS à pessoa."}


@pytest.fixture
def admin(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


def test_the_words_of_the_operator_come_before_the_general_ones(operator, admin, sbx, rpx):
    rejection(sbx, rpx)

    admin.post(address(operator, "critica", Critica.objects.get().pk), WORDS)

    page = text_of(admin.get(address(operator, "rejections")))
    assert "Peça o CNS à pessoa. O que isso quer dizer O CNS é do titular." in page
    event = AuditEvent.objects.get(kind="critica.explained")
    assert (event.actor_label, event.data) == (str(admin.user), {"field": "07", "error": "0799", "explained": True})


def test_words_for_a_whole_field_hold_where_the_code_has_none(operator, admin, sbx, rpx):
    rejection(sbx, rpx)

    admin.post(address(operator, "critica_new"), {"field_code": "07", **WORDS})

    assert "Peça o CNS à pessoa." in text_of(admin.get(address(operator, "rejections")))


def test_empty_words_give_the_general_explanation_back(operator, admin, sbx, rpx):
    rejection(sbx, rpx)
    critica = address(operator, "critica", Critica.objects.get().pk)
    admin.post(critica, WORDS)

    admin.post(critica, {})

    assert "Abra a pessoa e consulte o DATASUS." in text_of(admin.get(address(operator, "rejections")))


def test_the_same_words_again_change_nothing(operator, admin, sbx, rpx):
    rejection(sbx, rpx)
    critica = address(operator, "critica", Critica.objects.get().pk)

    pages = [text_of(admin.post(critica, WORDS, follow=True)) for _ in range(2)]

    assert ["Explicação gravada." in pages[0], "Nada mudou." in pages[1]] == [True, True]
    assert AuditEvent.objects.filter(kind="critica.explained").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"field_code": "7"}, "O código do campo tem dois dígitos."),
        ({"field_code": ""}, "Informe o código do campo."),
        ({"error_code": "79"}, "O código do erro tem quatro dígitos."),
        ({"next_step": ""}, "Explicação e próximo passo vão juntos"),
        ({"explanation": ""}, "Explicação e próximo passo vão juntos"),
        ({"explanation": "", "next_step": ""}, "Escreva o que este motivo quer dizer."),
        ({"title": "a" * 101}, "Use até 100 letras."),
        ({"explanation": "a" * 501}, "Use até 500 letras."),
    ],
)
def test_a_new_critica_that_is_not_whole_is_told_what_lacks(operator, admin, changes, sentence):
    page = admin.post(address(operator, "critica_new"), {"field_code": "07", "error_code": "0799", **WORDS, **changes})

    assert (page.status_code, sentence in text_of(page), Critica.objects.count()) == (422, True, 0)


def test_a_critica_is_added_once(operator, admin):
    given = {"field_code": "07", "error_code": "0799", **WORDS}

    pages = [admin.post(address(operator, "critica_new"), given, follow=True) for _ in range(2)]

    assert "Crítica acrescentada." in text_of(pages[0])
    assert "Esta crítica já está na lista." in text_of(pages[1])
    assert Critica.objects.count() == 1


def test_criticas_show_what_was_met_and_how_often(operator, admin, three):
    everything = text_of(admin.get(address(operator, "criticas")))
    Critica.objects.filter(error_code="0799").update(explanation="O CNS é do titular.")

    left = admin.get(address(operator, "criticas", ver="sem")).context["criticas"]

    assert "0799 CNS campo 07 MENSAGEM FICTICIA SOBRE O CNS A ANS não aceitou o CNS." in everything
    assert [row["critica"].error_code for row in left] == ["0401", "0798"]


def test_every_result_has_a_tone():
    assert {each.tone for each in Result} <= TONES


@pytest.mark.parametrize(
    ("title", "within"), [("Hash inválido", "hash inválido"), ("XML inválido", "XML inválido"), ("", "")]
)
def test_a_title_within_a_sentence(title, within):
    assert lower_first(title) == within
