import html
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pypdfium2
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from cards.domain.theme import DEFAULT
from cards.models import Card, CardBatch
from cards.queries.eligibility import current_theme
from cards.render.documents import render_pdf
from cards.services import issue_cards, logos_of, process_batch, start_batch
from cards.services.theme import set_theme
from cards.services.theme_preview import draft
from cnsportal.db.optimistic_lock import EditConflict
from cnsportal.web.environment_badge import stamp
from operators.context import operator_context
from operators.models import AuditEvent, CardTheme, Logo, Operator
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory, PersonFactory, UserFactory
from tests.pages import signed_in

COLOURS = {"main": "#1f3a93", "support": "#fdf3d8"}


def png(colour):
    content = BytesIO()
    Image.new("RGB", (200, 100), colour).save(content, "PNG")
    return SimpleUploadedFile("logo.png", content.getvalue(), "image/png")


def sent(version=0, **changes):
    texts = {"notice": "", "phone": "0800 765 4321", "email": "", "website": ""}
    return {**COLOURS, **texts, "version": version, **changes}


def pictures(client, page):
    """Both sides, from the addresses that the page shows."""
    return [
        client.get(html.unescape(found)) for found in re.findall(r'class="face" src="([^"]+)"', page.content.decode())
    ]


@pytest.fixture
def staff_client(operator):
    return lambda role: signed_in(operator, Role(role))


def test_new_cards_take_the_theme_and_issued_ones_keep_theirs(operator, staff_client):
    before = issue_cards([ready_link().pk]).cards[0]
    url = f"/o/{operator.registration}/cartoes/aparencia/"
    client = staff_client("administracao")

    answer = client.post(url, {**sent(), "logo": png("red")})
    after = issue_cards([ready_link().pk]).cards[0]
    client.post(url, {**sent(version=1), "drop_logo": "on", "main": "#5b1a66"})

    assert answer.status_code == 302
    assert (before.face.theme, after.face.theme.main, after.face.theme.logo_ratio) == (DEFAULT, "#1f3a93", 2.0)
    kept = Card.objects.get(pk=after.pk).face
    assert render_pdf([kept], logos_of([kept])) == render_pdf([after.face], logos_of([after.face]))
    assert (current_theme().main, current_theme().logo, Logo.objects.count()) == ("#5b1a66", "", 1)


def test_a_batch_draws_each_card_with_its_own_logo(operator, staff_client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    links = [ready_link(person=PersonFactory(name=name)) for name in ("Ana Exemplo", "Bia Exemplo")]
    for version, link in enumerate(links):
        logo = png(("red", "blue")[version])
        staff_client("administracao").post(
            f"/o/{operator.registration}/cartoes/aparencia/", {**sent(version), "logo": logo}
        )
        issue_cards([link.pk])
    first = start_batch([link.pk for link in links])
    give_cards(first)

    process_batch(first.pk)

    faces = [link.cards.get().face for link in links]
    with CardBatch.objects.get(pk=first.pk).file.open() as file:
        assert drawn(file.read()) == [
            page for face in faces for page in drawn(render_pdf([face], logos_of([face]), stamp=stamp()))
        ]


def give_cards(batch):
    for item in batch.items.all():
        item.card = item.beneficiary.cards.get()
        item.save()


def drawn(pdf):
    return [page.render(scale=2).to_pil().tobytes() for page in pypdfium2.PdfDocument(pdf)]


def test_a_change_is_on_the_audit_trail_and_no_change_is_not(operator, staff_client):
    url, client = f"/o/{operator.registration}/cartoes/aparencia/", staff_client("administracao")

    client.post(url, sent())
    client.post(url, sent(version=1))

    events = AuditEvent.objects.filter(kind="operator.card_theme_changed")
    assert [event.data for event in events] == [{"fields": ["main", "phone", "support"]}]


def test_who_saw_an_older_theme_changes_nothing(operator, staff_client):
    url, client = f"/o/{operator.registration}/cartoes/aparencia/", staff_client("administracao")
    client.post(url, sent())

    answer = client.post(url, sent(main="#5b1a66"), follow=True)

    assert "Outra pessoa mudou a aparência" in answer.content.decode()
    assert CardTheme.objects.get(operator=operator).main == "#1f3a93"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_theme_at_once_one_is_told():
    operator, actor, start = OperatorFactory(), UserFactory(), Barrier(2)

    def write(colour):
        values = {"main": colour, "support": COLOURS["support"]}
        try:
            with operator_context(operator.pk):
                start.wait()
                return set_theme(operator, values, logo=None, drop_logo=False, version=0, actor=actor)
        except EditConflict:
            return EditConflict
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(write, ["#1f3a93", "#5b1a66"]))

    assert sorted(map(str, ends)) == sorted(map(str, [True, EditConflict]))
    assert CardTheme.objects.get(operator=operator).version == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"main": "#ffcc00"}, "Escolha uma cor mais escura."),
        ({"support": "#084f48"}, "Escolha uma cor mais clara."),
        ({"main": "azul"}, "Escreva a cor com # e seis algarismos hexadecimais, como #084f48."),
        ({"phone": ""}, "Informe o telefone."),
        ({"phone": "0800 \u260e"}, "“Informação de contato da operadora” tem caracteres que o cartão não imprime"),
        ({"notice": "\U0001f600"}, "“Informações” tem caracteres que o cartão não imprime (U+1F600)"),
        ({"email": f"{'a' * 60}@{'b' * 60}.invalid"}, "“Informação de contato da operadora” não cabe no cartão"),
        ({"logo": SimpleUploadedFile("l.svg", b"<svg/>")}, "O arquivo não é uma imagem PNG ou JPEG."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_kept(operator, staff_client, changes, sentence):
    url = f"/o/{operator.registration}/cartoes/aparencia/"

    answer = staff_client("administracao").post(url, {**sent(), **changes})

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert CardTheme.objects.count() == 0


def test_a_preview_keeps_nothing(operator, staff_client):
    url, client = f"/o/{operator.registration}/cartoes/aparencia/", staff_client("administracao")

    front, back = pictures(
        client, client.post(url, {**sent(notice="Leve um documento."), "logo": png("red"), "ver": "1"})
    )

    assert (CardTheme.objects.count(), Logo.objects.count()) == (0, 0)
    assert [(side["Content-Type"], b"#1f3a93" in side.content) for side in (front, back)] == [
        ("image/svg+xml", True)
    ] * 2
    assert b"<image" in front.content


def test_while_somebody_types_the_picture_alone_is_answered_with_what_is_wrong(operator, staff_client):
    url, client = f"/o/{operator.registration}/cartoes/aparencia/", staff_client("administracao")

    answer = client.post(url, {**sent(main="#ffcc00", phone=""), "ver": "1"}, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert (answer.status_code, "<form" in page) == (200, False)
    assert ("Cor principal: Sobre esta cor" in page, "Telefone de atendimento: Informe o telefone." in page) == (
        True,
        True,
    )
    front, _ = pictures(client, answer)
    assert (b"#084f48" in front.content, b"#fdf3d8" in front.content) == (True, True)


def test_a_draft_is_its_operators_alone_and_gone_after_a_while(operator, staff_client):
    url, client = f"/o/{operator.registration}/cartoes/aparencia/", staff_client("administracao")
    answer = client.post(url, {**sent(), "ver": "1"})
    name = answer.context["draft"]
    found = [draft(operator, name), draft(OperatorFactory(), name)]
    cache.clear()

    assert ([look.theme.main if look else None for look in found], draft(operator, name)) == (["#1f3a93", None], None)
    assert [b"#1f3a93" in picture.content for picture in pictures(client, answer)] == [False, False]


def test_an_operator_without_any_contact_sees_its_cards_all_the_same(operator, staff_client):
    Operator.objects.filter(pk=operator.pk).update(phone="", email="", website="")

    answer = staff_client("administracao").get(f"/o/{operator.registration}/cartoes/aparencia/frente.svg")

    assert answer.status_code == 200


def test_only_who_manages_the_policy_gets_there(operator, staff_client):
    url = f"/o/{operator.registration}/cartoes/aparencia/"

    assert [staff_client(role).get(url).status_code for role in ("emissao", "cadastro", "administracao")] == [
        403,
        403,
        200,
    ]
