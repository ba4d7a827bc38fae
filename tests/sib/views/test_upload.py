"""Conferences that people send by browser, and systems by API: kept, read by a worker, known again."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from beneficiaries.models import Beneficiary, CnsNumber
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from sib.forms.conferences import CHOOSE
from sib.models import CnxStep, ConferenceFile
from sib.services import inbox, process_conference, receive_file, request_apply
from sib.services.conferences.close import close_conference
from sib.services.conferences.revert import request_revert
from sib.views.upload import KNOWN, KNOWN_APPLYING, TAKEN
from tests.factories import BeneficiaryFactory, MembershipFactory, OperatorFactory, UserFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import conference, record


@pytest.fixture
def folder(operator, tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"
    return settings.INBOX_DIR / operator.registration


@pytest.fixture
def client(operator, folder):
    return signed_in(operator, Role.REVISAO)


@pytest.fixture
def content(operator, tmp_path):
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)
    return path.read_bytes()


def send(client, operator, *bodies: bytes, deed="ensaiar", follow=True):
    files = [SimpleUploadedFile(f"{at}.cnx", body) for at, body in enumerate(bodies, 1)]
    address = reverse("sib:conference_upload", args=[operator.registration])
    return client.post(address, {"sent": files, "deed": deed}, follow=follow)


def kept(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(("deed", "applied"), [("ensaiar", 0), ("aplicar", 1)])
def test_a_file_sent_is_read_and_applied_only_where_asked(operator, client, folder, content, deed, applied):
    response = send(client, operator, content, deed=deed)

    file = ConferenceFile.objects.get()
    assert TAKEN in text_of(response)
    assert (file.status, file.name, kept(folder)) == (Status.QUEUED, "1.cnx", ["1.cnx"])
    process_conference(file.pk)
    assert CnsNumber.objects.count() == applied
    assert AuditEvent.objects.get(kind="cnx.received").actor == file.received_by


def test_an_upload_too_great_for_memory_is_moved_and_not_copied(operator, client, folder, content, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    settings.FILE_UPLOAD_TEMP_DIR = folder.parent / ".uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)

    send(client, operator, content)

    assert kept(settings.FILE_UPLOAD_TEMP_DIR) == []
    process_conference(ConferenceFile.objects.get().pk)
    assert ConferenceFile.objects.get().records == 1


def test_an_upload_that_is_cut_leaves_nothing(operator, client, folder, content, settings, monkeypatch):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    settings.FILE_UPLOAD_TEMP_DIR = folder.parent / ".uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)

    def cut(_self, _data, _start):
        raise StopUpload(connection_reset=True)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", cut)

    send(client, operator, content)

    assert (kept(folder.parent), ConferenceFile.objects.count()) == ([], 0)


def test_the_same_content_again_is_recognised_however_packed(operator, client, folder, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("outro nome.cnx", content)
    send(client, operator, content)

    answers = [send(client, operator, body) for body in (content, gzip.compress(content), packed.getvalue())]

    file = ConferenceFile.objects.get()
    address = reverse("sib:conference", args=[operator.registration, file.pk])
    assert [(KNOWN in text_of(answer), answer.redirect_chain[-1][0]) for answer in answers] == [(True, address)] * 3
    assert kept(folder) == ["1.cnx"]


def test_a_conference_that_waits_is_applied_where_its_content_is_sent_to_be_applied(operator, client, folder, content):
    send(client, operator, content)
    file = ConferenceFile.objects.get()
    process_conference(file.pk)

    asked = send(client, operator, content, deed="aplicar")
    process_conference(file.pk)
    again = send(client, operator, content, deed="aplicar")

    file.refresh_from_db()
    assert [KNOWN_APPLYING in text_of(asked), KNOWN in text_of(again)] == [True, True]
    assert (file.step, file.applied, file.applied_by) == (CnxStep.APPLIED, 1, file.received_by)
    assert kept(folder) == ["1.cnx"]


def test_page_says_why_a_known_conference_is_not_applied(operator, client, folder, content):
    send(client, operator, content)
    file = ConferenceFile.objects.get()
    process_conference(file.pk)
    close_conference(file, actor=file.received_by)

    response = send(client, operator, content, deed="aplicar")

    assert "Esta conferência foi encerrada sem ser aplicada." in text_of(response)


def test_several_files_are_one_conference(operator, client, folder, tmp_path):
    links = BeneficiaryFactory.create_batch(2)
    bodies = [
        conference(tmp_path / f"{at}.cnx", record(link, cns=cns(at)), registration=operator.registration).read_bytes()
        for at, link in enumerate(links, 1)
    ]

    send(client, operator, *bodies, deed="aplicar")

    file = ConferenceFile.objects.get()
    process_conference(file.pk)
    file.refresh_from_db()
    assert (file.name, file.records, file.applied) == ("1 e mais 1", 2, 2)
    assert [part["name"] for part in file.parts] == ["001-1.cnx", "002-2.cnx"]


def test_of_several_files_the_one_that_is_refused_is_named(operator, client, folder, tmp_path):
    whole = conference(tmp_path / "1.cnx", record(BeneficiaryFactory()), registration=operator.registration)
    content = whole.read_bytes()
    send(client, operator, content, content[:-90])

    process_conference(ConferenceFile.objects.get().pk)

    assert ConferenceFile.objects.get().failure.startswith("Arquivo 002-2.cnx: O arquivo está cortado")


def test_a_name_too_long_for_the_disk_is_cut(operator, client, folder, tmp_path):
    link = BeneficiaryFactory()
    content = conference(tmp_path / "1.cnx", record(link), registration=operator.registration).read_bytes()
    sent = SimpleUploadedFile(f"{'ç' * 140}.CNX", content)

    client.post(reverse("sib:conference_upload", args=[operator.registration]), {"sent": sent, "deed": "ensaiar"})

    assert ConferenceFile.objects.get().name == f"{'ç' * 98}.CNX"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html></html>", "O XML não é um arquivo do SIB."),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "O arquivo compactado 1.cnx está cortado ou danificado."),
    ],
)
def test_a_refused_file_says_why_on_its_page_and_is_put_away(operator, client, folder, body, sentence):
    send(client, operator, body)
    file = ConferenceFile.objects.get()
    process_conference(file.pk)
    inbox.scan_inbox()

    page = client.get(reverse("sib:conference", args=[operator.registration, file.pk]))

    assert sentence in text_of(page)
    assert ConferenceFile.objects.get().step == CnxStep.REFUSED
    assert [path.parent.name for path in folder.rglob("1.cnx")] == ["failed"]


def test_a_refused_file_may_be_sent_again(operator, client, folder):
    send(client, operator, b"<html></html>")
    process_conference(ConferenceFile.objects.get().pk)
    inbox.scan_inbox()

    response = send(client, operator, b"<html></html>")

    assert TAKEN in text_of(response)
    assert ConferenceFile.objects.get().status == Status.QUEUED


def test_what_is_over_goes_to_the_archive(operator, client, folder, content):
    send(client, operator, content, deed="aplicar")
    process_conference(ConferenceFile.objects.get().pk)

    inbox.scan_inbox()

    assert [path.parent.name for path in folder.rglob("1.cnx")] == ["archive"]
    assert list((folder / "sent").iterdir()) == []


@pytest.mark.parametrize(
    ("bodies", "deed", "sentence"),
    [
        ([], "ensaiar", "Escolha o arquivo da conferência (CNX)"),
        ([b""], "ensaiar", "Um dos arquivos está vazio."),
        ([b"x"], "", "Escolha o que fazer depois de ler."),
        ([b"x"] * 201, "ensaiar", "São 201 arquivos, e uma conferência tem até 200."),
    ],
)
def test_a_form_that_is_wrong_says_so_beside_the_field(operator, client, folder, bodies, deed, sentence, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 300

    response = send(client, operator, *bodies, deed=deed)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert (ConferenceFile.objects.count(), kept(folder)) == (0, [])


def test_sending_is_for_those_who_may_apply(operator, folder, content):
    response = send(signed_in(operator, Role.CONSULTA), operator, content)

    assert (response.status_code, ConferenceFile.objects.count()) == (403, 0)


# ---- API ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(db, tmp_path, settings):
    """An operator, the content of a conference of it, and the token of one of its systems; outside any context."""
    settings.INBOX_DIR = tmp_path / "entrada"
    operator = OperatorFactory()
    with operator_context(operator.pk):
        path = conference(
            tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration
        )
    token = Token.objects.create(user=MembershipFactory(operator=operator, role=Role.REVISAO).user)
    return operator, path.read_bytes(), {"Authorization": f"Token {token.key}"}


def address(operator, *pk: int):
    name = "sib:api_conference" if pk else "sib:api_conferences"
    return reverse(name, args=[operator.registration, *pk])


def test_api_takes_a_conference_and_says_how_far_it_is(world):
    operator, content, token = world

    sent = Client().post(
        f"{address(operator)}?nome=marco.cnx&fazer=aplicar", content, content_type="application/xml", headers=token
    )
    with operator_context(operator.pk):
        process_conference(sent.json()["id"])
    state = Client().get(sent.json()["estado"], headers=token)

    assert (sent.status_code, sent.json()["arquivo"], sent.json()["conhecida"]) == (202, "marco.cnx", False)
    told = state.json()
    assert (told["etapa"], told["situacao"], told["registros"], told["cnsGravados"]) == ("APPLIED", "DONE", 1, 1)
    assert told["resultados"] == {"CNS_NEW": 1}


def test_api_knows_a_conference_again(world):
    operator, content, token = world
    file = SimpleUploadedFile("a.cnx", content)

    answers = [
        Client().post(address(operator), {"arquivo": file}, headers=token),
        Client().post(address(operator), gzip.compress(content), content_type="application/gzip", headers=token),
    ]

    assert [(answer.status_code, answer.json()["conhecida"]) for answer in answers] == [(202, False), (200, True)]


def post(world, deed):
    operator, content, token = world
    return Client().post(f"{address(operator)}?fazer={deed}", content, content_type="application/xml", headers=token)


def test_api_applies_what_was_sent_before_to_be_rehearsed(world):
    operator = world[0]
    rehearsed = post(world, "ensaiar")
    too_early = post(world, "aplicar")
    with operator_context(operator.pk):
        process_conference(rehearsed.json()["id"])

    taken = [post(world, "aplicar") for _ in range(2)]
    with operator_context(operator.pk):
        process_conference(rehearsed.json()["id"])
    again = post(world, "aplicar")

    assert too_early.status_code == 409
    assert too_early.json()["detail"].startswith("Esta conferência ainda está sendo lida. Espere o ensaio terminar")
    assert [(each.status_code, each.json()["situacao"], each.json()["conhecida"]) for each in taken] == [
        (202, "QUEUED", True),
    ] * 2
    assert (again.status_code, again.json()["etapa"], again.json()["cnsGravados"]) == (200, "APPLIED", 1)
    with operator_context(operator.pk):
        assert AuditEvent.objects.filter(kind="cnx.applied").count() == 1


def _closed(file, _link):
    close_conference(file, actor=UserFactory())
    return "Esta conferência foi encerrada sem ser aplicada. Peça uma nova à ANS."


def _followed(file, link, **news):
    told = record(link, **news)
    newer = conference(Path(f"{file.path}.b"), told, registration=link.operator.registration, sequence=2)
    later = receive_file(newer, name="b.cnx", wants_apply=False)[0]
    process_conference(later.pk)
    return later


SUPERSEDED = "Chegou uma conferência mais nova, e esta já não pode ser aplicada. "


def _followed_by_one_to_apply(file, link):
    _followed(file, link, cns=cns(2))
    return f"{SUPERSEDED}Aplique a mais nova."


def _followed_by_one_without_news(file, link):
    _followed(file, link)
    return f"{SUPERSEDED}A mais nova não tem nada a gravar."


def _followed_by_one_applied(file, link):
    later = _followed(file, link, cns=cns(2))
    request_apply(later)
    process_conference(later.pk)
    return f"{SUPERSEDED}A mais nova já foi aplicada."


def _followed_by_one_being_applied(file, link):
    request_apply(_followed(file, link, cns=cns(2)))
    return f"{SUPERSEDED}A mais nova está sendo aplicada."


def _followed_by_one_closed(file, link):
    close_conference(_followed(file, link, cns=cns(2)), actor=UserFactory())
    return f"{SUPERSEDED}A mais nova foi encerrada sem ser aplicada: peça outra à ANS."


def _followed_by_one_reverted(file, link):
    _reverted(_followed(file, link, cns=cns(2)), link)
    return f"{SUPERSEDED}A mais nova foi desfeita: peça outra à ANS."


def _reverted(file, _link):
    request_apply(file)
    process_conference(file.pk)
    request_revert(file)
    process_conference(file.pk)
    return "Esta conferência foi desfeita e não se aplica de novo. Peça uma nova à ANS."


@pytest.mark.parametrize(
    "later",
    [
        *(_closed, _reverted, _followed_by_one_to_apply, _followed_by_one_without_news, _followed_by_one_applied),
        *(_followed_by_one_being_applied, _followed_by_one_closed, _followed_by_one_reverted),
    ],
)
def test_api_says_why_a_known_conference_is_not_applied(world, later):
    operator = world[0]
    pk = post(world, "ensaiar").json()["id"]
    with operator_context(operator.pk):
        process_conference(pk)
        sentence = later(ConferenceFile.objects.get(pk=pk), Beneficiary.objects.get())

    answer = post(world, "aplicar")

    assert (answer.status_code, answer.json()) == (409, {"detail": sentence})


@pytest.mark.parametrize(
    ("query", "body", "told"),
    [
        ("", b"", {"arquivo": [CHOOSE]}),
        ("?fazer=gravar", b"x", {"fazer": ["Use “ensaiar” ou “aplicar”."]}),
    ],
)  # fmt: skip
def test_api_says_what_is_wrong_with_the_sending(world, query, body, told):
    operator, _, token = world

    answer = Client().post(f"{address(operator)}{query}", body, content_type="application/xml", headers=token)

    assert (answer.status_code, answer.json()) == (400, told)


def test_api_is_closed_to_strangers(world):
    operator, content, token = world
    other = OperatorFactory()

    answers = [
        Client().post(address(operator), content, content_type="application/xml"),
        Client().post(address(other), content, content_type="application/xml", headers=token),
    ]

    assert [answer.status_code for answer in answers] == [401, 404]
    assert ConferenceFile._base_manager.count() == 0
