"""Movements and update files as people see them: drafted, decided, composed, approved by another, downloaded, sent."""

from pathlib import Path

import pytest
from django.urls import reverse

from operators.models import AuditEvent
from operators.permissions import Role
from sib.models import Movement, MovementState, SbxFile, SbxState
from sib.services.movements.draft import draft_movements
from sib.tasks import draft_movements as draft_by_task
from tests.factories import BeneficiaryFactory, OperatorFactory, UserFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.cns_numbers import hold
from tests.sib.files import record
from tests.sib.sbx_schema import faults
from tests.tones import TONES

NAME = "Maria Aparecida Exemplo Z"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "saída"


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def administrator(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


@pytest.fixture
def drafted(bring, operator):
    """A number that ANS lacks, an inclusion that is held, and somebody whom only ANS knows."""
    link = BeneficiaryFactory(cco="000000000191", person__name=NAME)
    hold(link, cns(1))
    BeneficiaryFactory(cco=None, person__name="Benedita Sem Número", code="77")
    stranger = BeneficiaryFactory.build(person=link.person, plan=link.plan, cco="000000000999", code="999")
    bring(record(link, cns=None), record(stranger, nome="SO NA ANS EXEMPLO", cpf=None))
    draft_movements()
    return {each.state: each for each in Movement.objects.all()}


def address(operator, name, *args: object):
    return reverse(f"sib:{name}", args=[operator.registration, *args])


def test_movements_show_what_is_ready_held_and_to_be_confirmed(operator, clerk, drafted):
    page = clerk.get(address(operator, "movements"))

    text = text_of(page)
    assert "1 movimentação pronta." in text
    assert "CNS: A ANS pede o CNS de todo beneficiário ativo. Consulte o DATASUS ou peça o número." in text
    assert "SO NA ANS EXEMPLO não está no cadastro CCO 000000000999 Cancelamento" in text
    assert [facet.count for facet in page.context["states"]] == [3, 1, 1, 1, 0]
    assert cns(1) not in page.content.decode()


@pytest.mark.parametrize(("query", "names"), [({"situacao": "HELD"}, [77]), ({"tipo": "2"}, [191]), ({"tipo": "9"}, 3)])
def test_movements_are_narrowed_as_the_address_says(operator, clerk, drafted, query, names):
    rows = clerk.get(address(operator, "movements"), query).context["page"].rows

    assert [int(row.cco or row.code) for row in rows] == names if isinstance(names, list) else len(rows) == names


def test_drafting_is_done_by_a_worker(operator, clerk):
    BeneficiaryFactory(cco=None)

    response = clerk.post(address(operator, "movements_draft"), follow=True)

    assert "As movimentações estão sendo levantadas;" in text_of(response)


@pytest.mark.parametrize("had_been_drafted", [False, True])
def test_the_page_asks_until_the_drafting_is_done(operator, clerk, had_been_drafted):
    if had_been_drafted:
        draft_movements()
    shown = clerk.post(address(operator, "movements_draft"), follow=True)
    progress = address(operator, "movements_drafting") + f"?levantando={shown.context['drafting']}"

    before = clerk.get(progress)
    draft_movements()
    after = clerk.get(progress)
    again = clerk.get(shown.redirect_chain[0][0])

    assert (before.status_code, after.headers["HX-Redirect"]) == (204, address(operator, "movements"))
    assert ("As movimentações foram levantadas." in text_of(again), again.context["drafting"]) == (True, None)


@pytest.mark.django_db
def test_task_drafts_in_the_name_of_who_asked():
    operator, actor = OperatorFactory(), UserFactory()

    draft_by_task(operator_id=operator.pk, actor_id=actor.pk)

    assert AuditEvent._base_manager.get(kind="sbx.drafted").actor == actor


def test_a_movement_is_shown_beside_what_ans_has(operator, clerk, bring):
    link = BeneficiaryFactory(cco="000000000191", person__name=NAME)
    hold(link, cns(1))
    bring(record(link, cns=cns(1), nomeMae="OUTRA MAE EXEMPLO"))
    draft_movements()

    page = clerk.get(address(operator, "movement", Movement.objects.get().pk))

    [field] = page.context["fields"]
    assert (field.label, field.theirs) == ("Nome da mãe", "OUTRA MAE EXEMPLO")


def test_a_movement_is_set_aside_and_taken_back(operator, clerk, drafted):
    movement = drafted["READY"]

    clerk.post(address(operator, "movement_decide", movement.pk), {"decisao": "descartar"})
    movement.refresh_from_db()
    aside = movement.state
    clerk.post(address(operator, "movement_decide", movement.pk), {"decisao": "devolver"})

    assert (aside, Movement.objects.filter(pk=movement.pk).exists()) == (MovementState.DISCARDED, False)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"day": "", "reason": "46"}, "Informe a data do cancelamento."),
        ({"day": "31/02/2026", "reason": "46"}, "A data não existe. Use dd/mm/aaaa."),
        ({"day": "01/01/2126", "reason": "46"}, "A data está no futuro."),
        ({"day": "01/02/1950", "reason": "46"}, "O cancelamento é anterior à contratação, de "),
        ({"day": "01/11/2026", "reason": ""}, "Escolha o motivo."),
    ],
)
def test_a_cancellation_is_confirmed_with_day_and_reason_only(operator, clerk, drafted, sent, sentence):
    movement = drafted["DRAFT"]

    refused = clerk.post(address(operator, "movement_decide", movement.pk), {"decisao": "cancelar", **sent})

    movement.refresh_from_db()
    assert (refused.status_code, movement.state) == (422, MovementState.DRAFT)
    assert sentence in text_of(refused)


def test_a_confirmed_cancellation_is_ready(operator, clerk, drafted):
    movement = drafted["DRAFT"]

    clerk.post(
        address(operator, "movement_decide", movement.pk), {"decisao": "cancelar", "day": "03/11/2026", "reason": "46"}
    )

    movement.refresh_from_db()
    assert (movement.state, movement.fields) == (
        MovementState.READY, {"dataCancelamento": "2026-11-03", "motivoCancelamento": "46"},
    )  # fmt: skip


def test_a_file_goes_from_the_clerk_to_the_administrator_to_ans(operator, clerk, administrator, drafted):
    composed = clerk.post(address(operator, "sbx_file_compose"), {"competence": "11/2026"}, follow=True)
    file = SbxFile.objects.get()
    approved = administrator.post(address(operator, "sbx_file_approve", file.pk), follow=True)
    document = b"".join(administrator.post(address(operator, "sbx_file_download", file.pk)).streaming_content)
    sent = administrator.post(address(operator, "sbx_file_mark_sent", file.pk), follow=True)

    file.refresh_from_db()
    assert "Arquivo composto. Outra pessoa confere e aprova." in text_of(composed)
    assert "Arquivo aprovado." in text_of(approved)
    assert (faults(document), AuditEvent.objects.filter(kind="sbx.downloaded").count()) == ([], 1)
    assert "Arquivo marcado como enviado." in text_of(sent)
    assert (file.state, file.competence.isoformat()) == (SbxState.SENT, "2026-11-01")


def test_a_file_that_the_folder_lost_is_told_in_a_sentence(operator, drafted):
    administrator = signed_in(operator, Role.ADMINISTRACAO)
    signed_in(operator, Role.CADASTRO).post(address(operator, "sbx_file_compose"), {"competence": "11/2026"})
    file = SbxFile.objects.get()
    Path(file.path).unlink()

    response = administrator.post(address(operator, "sbx_file_download", file.pk), follow=True)

    assert "O arquivo não está mais na pasta de saída." in text_of(response)


def test_who_composed_may_not_approve_even_with_the_role(operator, drafted):
    both = signed_in(operator, Role.CADASTRO, Role.ADMINISTRACAO)
    both.post(address(operator, "sbx_file_compose"), {"competence": "11/2026"})
    file = SbxFile.objects.get()

    response = both.post(address(operator, "sbx_file_approve", file.pk), follow=True)

    file.refresh_from_db()
    assert "Quem compôs o arquivo não o aprova." in text_of(response)
    assert file.state == SbxState.DRAFT


def test_a_competence_that_is_no_month_is_told(operator, clerk, drafted):
    response = clerk.post(address(operator, "sbx_file_compose"), {"competence": "13/2026"}, follow=True)

    assert "A competência é um mês e um ano, como 11/2026." in text_of(response)
    assert SbxFile.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "name"),
    [(Role.CONSULTA, "movements_draft"), (Role.CONSULTA, "sbx_file_compose"), (Role.CADASTRO, "sbx_file_approve")],
)
def test_each_step_is_for_those_who_may(operator, clerk, drafted, role, name):
    clerk.post(address(operator, "sbx_file_compose"), {"competence": "11/2026"})
    args = [SbxFile.objects.get().pk] if name == "sbx_file_approve" else []

    assert signed_in(operator, role).post(address(operator, name, *args)).status_code == 403


def test_files_are_listed_with_state_and_month(operator, clerk, drafted):
    clerk.post(address(operator, "sbx_file_compose"), {"competence": "11/2026"})

    text = text_of(clerk.get(address(operator, "sbx_files")))

    assert f"{SbxFile.objects.get().name} 11/2026 rascunho 1" in text


def test_person_shows_what_ans_was_told(operator, clerk, drafted):
    person = drafted["READY"].person_id

    text = text_of(clerk.get(reverse("beneficiaries:person", args=[operator.registration, person])))

    assert "O que se disse à ANS" in text
    assert "Retificação 000000000191 nenhum pronta" in text


@pytest.mark.parametrize("count", [1, 4])
def test_list_asks_the_same_number_of_queries_however_long(operator, clerk, count, django_assert_num_queries):
    for number in range(count):
        BeneficiaryFactory(cco=None, code=str(number))
    draft_movements()

    with django_assert_num_queries(10):
        clerk.get(address(operator, "movements"))


def test_every_state_has_a_tone():
    assert {each.tone for each in (*MovementState, *SbxState)} <= TONES
