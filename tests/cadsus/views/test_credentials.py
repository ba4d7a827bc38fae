"""The pages of the certificates: what they show, what they refuse, whom they let in, what they never say."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base, format_cnpj
from cadsus.client.connection_check import CheckStep
from cadsus.forms.credentials import SmallFileHandler
from cadsus.models import Check, Credential, EnvironmentName
from cadsus.pki.icp_brasil import read_certificate
from cadsus.pki.pkcs12 import MAX_FILE_BYTES
from cadsus.services import activate_credential, destroy_key, run_check, seal_credential, start_check
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import OperatorFactory
from tests.pages import browser, confirmed, signed_in, text_of

CNPJ = cnpj_from_base("112223330001")
SIMULATOR = EnvironmentName.SIMULATOR
PASSWORD = "segredo muito bem guardado"


@pytest.fixture
def operator(db):
    operator = OperatorFactory(cnpj=CNPJ)
    with operator_context(operator.pk):
        yield operator


@pytest.fixture
def client(operator):
    return confirmed(signed_in(operator, Role.ADMINISTRACAO))


@pytest.fixture(scope="module")
def certificates(pki):
    return [new_certificate(pki) for _ in range(2)]


def new_certificate(pki):
    data = pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")
    return read_certificate(data, "x", cnpj=CNPJ, now=timezone.now())


@pytest.fixture
def old(client, certificates):
    return seal_credential(certificates[0], SIMULATOR)


@pytest.fixture
def staged(old, certificates):
    return seal_credential(certificates[1], SIMULATOR)


def address(operator, name, *arguments: object):
    return reverse(f"cadsus:{name}", args=[operator.registration, *arguments])


def send(client, operator, data, password=PASSWORD, environment="simulator", **options):
    file = SimpleUploadedFile("certificado.p12", data) if data is not None else ""
    form = {"environment": environment, "file": file, "password": password}
    return client.post(address(operator, "credential_new"), form, **options)


def issued(pki, **variant):
    return pki.issue_ecnpj(**{"cnpj": CNPJ, "legal_name": "Operadora Exemplo", "password": PASSWORD, **variant})


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


# ---- sending one in -------------------------------------------------------------------------------------------------


def test_first_certificate_is_kept_and_used_at_once(client, operator, pki):
    response = send(client, operator, issued(pki), follow=True)

    credential = Credential.objects.get()
    assert (credential.state, credential.sealed_by, credential.cnpj) == ("ACTIVE", client.user, CNPJ)
    assert "Certificado gravado e em uso." in text_of(response)


def test_next_certificate_waits_for_its_turn(client, operator, old, pki):
    response = send(client, operator, issued(pki), follow=True)

    old.refresh_from_db()
    assert (old.state, Credential.objects.latest("pk").state) == ("ACTIVE", "STAGED")
    assert "Certificado gravado. Teste-o e, quando quiser, ponha-o em uso." in text_of(response)


def test_certificate_of_another_environment_is_used_there_at_once(client, operator, old, pki):
    send(client, operator, issued(pki), environment="production")

    assert list(Credential.objects.active().order_by("pk").values_list("environment", flat=True)) == [
        "simulator",
        "production",
    ]


@pytest.mark.parametrize(
    ("variant", "password", "field", "begins"),
    [
        ({}, "outra", "password", "A senha do certificado está incorreta."),
        ({}, "", "password", "A senha do certificado está incorreta."),
        ({"cnpj": cnpj_from_base("445556660001")}, PASSWORD, "file", "O certificado é do CNPJ 44.555.666/0001-81"),
        ({"self_signed": True}, PASSWORD, "file", "A cadeia de certificação do arquivo está incompleta ou quebrada."),
        ({"malformed_san": True}, PASSWORD, "file", "A identificação da ICP-Brasil dentro do certificado"),
        ({"valid_from": timezone.now() - timedelta(days=400)}, PASSWORD, "file", "O certificado venceu em "),
        ({"valid_from": timezone.now() + timedelta(days=2)}, PASSWORD, "file", "O certificado só começa a valer em "),
    ],
)
def test_refused_certificate_is_told_beside_its_field_and_leaves_nothing(
    client, operator, pki, variant, password, field, begins
):
    response = send(client, operator, issued(pki, **variant), password)

    [sentence] = errors(response).pop(field)
    assert (response.status_code, sentence[: len(begins)]) == (422, begins)
    assert f'id="id_{field}_error"' in response.content.decode()
    assert Credential.objects.count() == 0
    assert list(AuditEvent.objects.values_list("kind", "actor_id")) == [("credential.refused", client.user.pk)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, {"file": ["Escolha o arquivo .p12 ou .pfx do certificado."]}),
        (b"", {"file": ["O arquivo está vazio. Escolha o arquivo .p12 ou .pfx do certificado."]}),
    ],
    ids=["none", "empty"],
)
def test_certificate_that_did_not_come_is_missed(client, operator, data, said):
    assert errors(send(client, operator, data)) == said


def test_file_that_is_no_certificate_is_refused(client, operator):
    assert errors(send(client, operator, b"olha a planilha")) == {
        "file": ["O arquivo não é um certificado PKCS#12. Envie o arquivo .p12 ou .pfx que a certificadora entregou."]
    }


@pytest.mark.parametrize("size", [MAX_FILE_BYTES + 1, 5 * 1024 * 1024])
def test_file_that_is_too_large_is_refused(client, operator, size):
    said = errors(send(client, operator, b"\x30" * size))

    assert said == {
        "file": ["O arquivo tem mais de 64 KiB e não parece um certificado. Envie o arquivo .p12 ou .pfx original."]
    }


def test_file_is_kept_in_memory_and_no_further_than_a_certificate_may_go(operator):
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.p12", b"a" * 3 * 1024 * 1024), "after": "x"})
    request.upload_handlers = [SmallFileHandler(request)]

    file = request.FILES["file"]

    assert (file.size, len(file.read()), request.POST["after"]) == (MAX_FILE_BYTES + 1, MAX_FILE_BYTES + 1, "x")
    assert not hasattr(file, "temporary_file_path")


def test_environment_that_does_not_exist_is_refused(client, operator, pki):
    assert errors(send(client, operator, issued(pki), environment="lua")) == {
        "environment": ["Escolha um dos ambientes da lista."]
    }


def test_password_never_comes_back(client, operator, pki):
    responses = [send(client, operator, issued(pki), "outra senha qualquer"), send(client, operator, issued(pki))]

    assert [
        word for response in responses for word in (PASSWORD, "outra senha qualquer") if word in _all(response)
    ] == []


def _all(response):
    return response.content.decode() + str(response.headers)


def test_key_never_comes_back(client, operator, pki, old, staged):
    needles = {base64.b64encode(certificate_key(pki))[:40].decode(), "PRIVATE KEY", "BEGIN"}
    pages = [
        address(operator, "credentials"),
        *(address(operator, name, staged.pk) for name in ("credential", "credential_test", "credential_activate")),
    ]

    bodies = [_all(client.get(page)) for page in pages]

    assert [needle for body in bodies for needle in needles if needle in body] == []


def certificate_key(pki):
    return read_certificate(issued(pki), PASSWORD, cnpj=CNPJ, now=timezone.now()).key


def test_form_without_its_token_is_refused(operator, pki):
    client = confirmed(signed_in(operator, Role.ADMINISTRACAO))
    strict = browser(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert send(strict, operator, issued(pki)).status_code == 403
    assert Credential.objects.count() == 0


# ---- what is shown --------------------------------------------------------------------------------------------------


def test_list_shows_every_environment_the_one_in_use_first(client, operator, old, settings):
    settings.CADSUS_ENVIRONMENT = "homologation"

    page = client.get(address(operator, "credentials"))

    assert [place.environment.value for place in page.context["places"]] == [
        "homologation",
        "production",
        "simulator",
    ]
    assert "Nenhum certificado em uso neste ambiente. Sem ele não há consultas ao DATASUS." in text_of(page)


def test_list_shows_what_waits_below_what_is_used_and_puts_the_rest_away(client, operator, old, staged, pki):
    third = seal_credential(new_certificate(pki), SIMULATOR, activate=True)

    place = client.get(address(operator, "credentials")).context["places"][0]

    assert (place.current, place.retired) == ([third, staged], [old])


def test_page_shows_what_may_be_known_of_a_certificate(client, operator, old):
    page = text_of(client.get(address(operator, "credential", old.pk)))

    day = f"{timezone.localtime(old.not_after):%d/%m/%Y}"
    for text in (
        old.holder,
        format_cnpj(old.cnpj),
        "Tipo A1",
        "2.16.76.1.2.1.999",
        "AC Emissora RFB de Teste",
        old.serial,
        f"vale até {day} (mais {old.days_left} dias)",
        "não verificada",
        "Ainda não testado.",
        "por sistema",
    ):
        assert text in page
    assert old.fingerprint == page.split("SHA-256 ")[1][: 64 + 15].replace(" ", "")


@pytest.mark.parametrize(
    ("left", "text", "tone"),
    [
        (timedelta(days=61), "(mais 61 dias)", "good"),
        (timedelta(days=60), "(mais 60 dias)", "warn"),
        (timedelta(days=8), "(mais 8 dias)", "warn"),
        (timedelta(days=7), "(mais 7 dias)", "bad"),
        (timedelta(hours=16), "(mais 1 dia)", "bad"),
        (timedelta(hours=14), "(só hoje)", "bad"),
        (timedelta(hours=-1), "venceu em ", "bad"),
    ],
)
def test_page_says_how_long_it_holds(client, operator, old, left, text, tone, time_machine):
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=timezone.get_default_timezone()))
    Credential.objects.update(not_after=timezone.now() + left)

    content = client.get(address(operator, "credentials")).content.decode()

    [chip] = [line for line in content.splitlines() if text in line]
    assert f'class="chip tone-{tone}"' in chip


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "nunca testado"),
        ({"tested_at": datetime(2026, 11, 23, 15, 4, tzinfo=UTC)}, "passou em 23/11/2026 12:04"),
        (
            {"tested_at": datetime(2026, 11, 23, 15, 4, tzinfo=UTC), "failed_step": "TLS"},
            "falhou em 23/11/2026 12:04: Conexão segura",
        ),
        ({"failed_step": "CERTIFICATE"}, "falhou: Certificado"),  # found by the queue, without a test
    ],
)
def test_list_says_how_the_last_test_ended(client, operator, old, changes, text):
    Credential.objects.update(**changes)

    assert f" {text} não verificada" in text_of(client.get(address(operator, "credentials")))


def test_every_step_fits_the_column_and_has_a_name(client, operator, old):
    for step in CheckStep:
        Credential.objects.update(failed_step=step.name)

        assert f"falhou: {step.value} " in text_of(client.get(address(operator, "credentials")))


def test_list_asks_the_same_number_of_queries_however_long_it_is(client, operator, certificates):
    seal_credential(certificates[0], SIMULATOR)
    _queries(client, operator)  # what is remembered of other parts of the page is remembered now
    short = _queries(client, operator)

    seal_credential(certificates[1], SIMULATOR)

    assert _queries(client, operator) == short


def _queries(client, operator):
    with CaptureQueriesContext(connection) as queries:
        client.get(address(operator, "credentials"))
    return len(queries)


@pytest.mark.parametrize(("role", "links"), [(Role.ADMINISTRACAO, 1), (Role.CADASTRO, 0)])
def test_queue_leads_administrators_to_the_certificate_in_use(operator, old, role, links):
    page = signed_in(operator, role).get(address(operator, "lookups")).content.decode()

    assert page.count(f'href="{address(operator, "credential", old.pk)}"') == links


# ---- rotation -------------------------------------------------------------------------------------------------------


def test_staged_certificate_is_put_in_use_after_a_page_that_says_so(client, operator, old, staged):
    where = address(operator, "credential_activate", staged.pk)
    asked = text_of(client.get(where))
    assert "Pôr este certificado em uso?" in asked
    assert "O teste de ligação deste certificado ainda não foi feito." in asked

    done = text_of(client.post(where, follow=True))

    staged.refresh_from_db()
    assert staged.state == "ACTIVE"
    assert "Certificado em uso." in done


def test_tested_certificate_is_put_in_use_without_a_warning(client, operator, staged):
    Credential.objects.filter(pk=staged.pk).update(tested_at=timezone.now())

    assert "ainda não foi feito" not in text_of(client.get(address(operator, "credential_activate", staged.pk)))


def test_certificate_before_is_offered_and_brought_back(client, operator, old, staged):
    activate_credential(staged.pk)
    assert "Voltar ao anterior" in text_of(client.get(address(operator, "credential", staged.pk)))

    client.post(address(operator, "credential_roll_back", staged.pk))

    old.refresh_from_db()
    assert old.state == "ACTIVE"


def test_going_back_is_not_offered_where_there_is_nothing_before(client, operator, old):
    assert "Voltar ao anterior" not in text_of(client.get(address(operator, "credential", old.pk)))


def test_key_is_destroyed_after_a_page_that_says_so(client, operator, old, staged):
    where = address(operator, "credential_destroy", staged.pk)
    assert "não há como trazê-la de volta" in text_of(client.get(where))

    page = text_of(client.post(where, follow=True))

    staged.refresh_from_db()
    assert (staged.has_key, "Chave privada apagada" in page) == (False, True)


def test_refused_deed_is_told_and_changes_nothing(client, operator, old, staged):
    destroy_key(staged.pk)

    page = text_of(client.post(address(operator, "credential_activate", staged.pk), follow=True))

    old.refresh_from_db()
    assert "A chave deste certificado foi apagada. Envie o arquivo de novo para voltar a usá-lo." in page
    assert old.state == "ACTIVE"


# ---- the live test --------------------------------------------------------------------------------------------------


def test_live_test_is_started_with_a_click_and_shows_its_steps_as_they_come(client, operator, old):
    page = text_of(client.post(address(operator, "credential_test", old.pk), follow=True))

    check = Check.objects.get()
    assert (check.credential, check.requested_by, check.status) == (old, client.user, Status.QUEUED)
    assert "Teste de ligação com o DATASUS na fila Certificado ainda não." in page


def test_live_test_shows_the_step_it_is_at(client, operator, old):
    first = {"name": "CERTIFICATE", "passed": True, "sentence": "Abre."}
    Check.objects.create(operator=operator, credential=old, status=Status.RUNNING, steps=[first])

    page = text_of(client.get(address(operator, "credential", old.pk)))

    assert "em andamento Certificado passou. Abre. Validade e cadeia em andamento. Rede ainda não." in page


def test_live_test_asks_for_itself_again_only_while_it_runs(client, operator, old, settings):
    where = address(operator, "credential_test", old.pk)
    check = start_check(old.pk)
    running = client.get(where, headers={"HX-Request": "true"})
    settings.CADSUS_KEKS = {"outra": b"x" * 32}
    run_check(check.pk)

    over = client.get(where, headers={"HX-Request": "true"})

    assert [page.content.decode().count('hx-trigger="every 1s"') for page in (running, over)] == [1, 0]
    assert [page.get("HX-Refresh") for page in (running, over)] == [None, "true"]


def test_live_test_shows_where_it_stopped(client, operator, old, settings):
    settings.CADSUS_KEKS = {"outra": b"x" * 32}
    run_check(start_check(old.pk).pk)

    page = client.get(address(operator, "credential", old.pk))

    assert [state for _, state, _ in page.context["steps"]] == ["failed", *["never"] * 7]
    assert "Certificado falhou. O certificado guardado não pôde ser aberto com a chave deste servidor." in text_of(page)


def test_live_test_is_never_a_link(client, operator, old):
    client.get(address(operator, "credential_test", old.pk))

    assert Check.objects.count() == 0


# ---- whom they let in -----------------------------------------------------------------------------------------------

PAGES = ["credentials", "credential_new"]
PAGES_OF_ONE = [
    "credential",
    "credential_test",
    "credential_activate",
    "credential_roll_back",
    "credential_destroy",
]
DECISIONS = ["credential_activate", "credential_roll_back", "credential_destroy"]


@pytest.mark.parametrize("role", list(Role))
def test_pages_are_for_administrators(operator, old, role):
    client = confirmed(signed_in(operator, role))
    pages = [address(operator, name) for name in PAGES] + [address(operator, name, old.pk) for name in PAGES_OF_ONE]

    found = {client.get(page).status_code for page in pages}

    assert found == ({200} if role is Role.ADMINISTRACAO else {403})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_certificate_of_another_operator_is_not_found(certificates, db, name, method):
    theirs, ours = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        credential = seal_credential(certificates[0], SIMULATOR)
    client = confirmed(signed_in(ours, Role.ADMINISTRACAO))

    response = getattr(client, method)(address(ours, name, credential.pk))

    with operator_context(theirs.pk):
        credential.refresh_from_db()
    expected = 405 if (name, method) == ("credential", "post") else 404
    assert (response.status_code, credential.state, credential.has_key) == (expected, "ACTIVE", True)


def test_list_shows_nothing_of_another_operator(certificates, db):
    theirs, ours = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        seal_credential(certificates[0], SIMULATOR)
    client = signed_in(ours, Role.ADMINISTRACAO)

    places = client.get(address(ours, "credentials")).context["places"]

    assert [place.current + place.retired for place in places] == [[], [], []]


@pytest.mark.parametrize("name", ["credential_new", *DECISIONS])
def test_deeds_ask_for_the_password_once_more(operator, staged, name):
    client = signed_in(operator, Role.ADMINISTRACAO)
    client.user.set_password("uma-senha-bem-longa")
    client.user.save()
    client.force_login(client.user)
    where = address(operator, name, *([] if name == "credential_new" else [staged.pk]))

    response = client.get(where)

    assert response["Location"] == f"/entrar/reauthenticate/?next={where.replace('/', '%2F')}"


@pytest.mark.parametrize("name", ["credential_new", *DECISIONS])
def test_deed_that_comes_too_late_is_dropped_and_kept_nowhere(operator, old, staged, pki, name):
    client = signed_in(operator, Role.ADMINISTRACAO)
    before = list(Credential.objects.order_by("pk").values())
    if name == "credential_new":
        response = send(client, operator, issued(pki))
    else:
        response = client.post(address(operator, name, staged.pk))

    assert response.status_code == 302
    assert list(Credential.objects.order_by("pk").values()) == before
    assert PASSWORD not in str(dict(client.session.items()))


def test_confirmation_leads_back_to_the_page_it_was_asked_for(operator, staged):
    client = signed_in(operator, Role.ADMINISTRACAO)
    client.user.set_password("uma-senha-bem-longa")
    client.user.save()
    client.force_login(client.user)
    where = address(operator, "credential_activate", staged.pk)

    page = client.post(client.get(where)["Location"], {"password": "uma-senha-bem-longa"}, follow=True)

    assert page.request["PATH_INFO"] == where
    assert "Pôr este certificado em uso?" in text_of(page)
