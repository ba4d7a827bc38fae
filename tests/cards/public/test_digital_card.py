"""A beneficiary opens the card on the phone; strangers do not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from beneficiaries.models import Beneficiary
from cards.models import CardLink, Validity
from cards.services import issue_cards, void_card
from cards.services.digital_links import BirthDateAnswer, confirm, make_link, revoke_link
from operators.models import AuditEvent
from tests.cards.digital_card import RIGHT, LinkedCard
from tests.cards.factories import give_cns
from tests.factories import UserFactory
from tests.pages import text_of

WRONG = "28/02/1984"


@pytest.fixture
def world(db):
    return LinkedCard()


@pytest.fixture
def phone():
    return Client()


def test_the_link_asks_for_the_birth_date_and_says_nothing_of_whose_card_it_is(world, phone):
    page = phone.get(world.path)

    assert (page.status_code, "Data de nascimento" in text_of(page), "Saúde Aurora" in text_of(page)) == (
        200,
        True,
        True,
    )
    assert [word in page.content.decode() for word in ("Camila", world.card.cns, world.card.face["cns"])] == [False] * 3


@pytest.mark.parametrize("typed", [RIGHT, "29021984", "29-02-1984", "29.02.1984", " 29/02/1984 "])
def test_the_right_date_opens_the_card(world, phone, typed):
    page = phone.post(world.path, {"birth_date": typed}, follow=True)

    words = text_of(page)
    assert page.redirect_chain == [(world.pages(), 302)]
    assert [field.value in words for field in world.card.face.fields] == [True] * len(world.card.face.fields)
    assert words.count(world.card.face["legal_name"]) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Digite a data de nascimento."),
        ("31/02/1984", "Digite uma data que exista"),
        ("1984", "Digite uma data que exista"),
        (WRONG, "Não é esta a data que a operadora tem. Confira e digite de novo. Restam 4 tentativas."),
    ],
)
def test_another_date_is_refused_beside_the_field(world, phone, typed, sentence):
    page = phone.post(world.path, {"birth_date": typed})

    assert (page.status_code, sentence in text_of(page), phone.get(world.pages()).status_code) == (422, True, 403)


def test_after_five_wrong_dates_the_right_one_does_not_help_and_a_new_link_does(world, phone):
    answers = [phone.post(world.path, {"birth_date": WRONG}).status_code for _ in range(5)]

    late = phone.post(world.path, {"birth_date": RIGHT})

    assert answers == [422] * 4 + [403]
    assert (late.status_code, "Este link foi travado" in text_of(late), "0800 000 000" in text_of(late)) == (
        403,
        True,
        True,
    )
    with world.here():
        again = make_link(world.card, Validity.DAY, actor=UserFactory()).address.removeprefix("http://127.0.0.1:8000")
    assert phone.post(again, {"birth_date": RIGHT}).status_code == 302


def test_what_is_no_date_takes_no_try_away(world, phone):
    for _ in range(6):
        phone.post(world.path, {"birth_date": "ontem"})

    assert world.opened(phone).status_code == 200


def test_the_right_date_gives_the_tries_back(world, phone):
    for _ in range(2):
        for _ in range(4):
            phone.post(world.path, {"birth_date": WRONG})
        assert world.opened(phone).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_dates_tried_at_the_same_moment_are_five_all_the_same():
    world = LinkedCard()

    def attempt(day):
        try:
            with world.here():
                link = CardLink.objects.select_related("card__beneficiary__person").get(pk=world.link.pk)
                return confirm(link, date(1990, 1, 1) + timedelta(days=day))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(24)))

    assert (answers.count(BirthDateAnswer.WRONG), answers.count(BirthDateAnswer.LOCKED)) == (4, 20)
    assert world.trail().count("card.link_refused") == 5


def _revoked(world):
    with world.here():
        revoke_link(world.link, actor=UserFactory())


def _ended(world):
    past = timezone.now() - timedelta(days=40)
    CardLink._base_manager.update(made_at=past, expires_at=past + timedelta(days=30))


def test_unknown_ended_and_revoked_links_look_the_same(world, phone):
    forged = phone.get("/c/" + "x" * 60)
    resigned = phone.get(world.path[:-1] + ("A" if world.path[-1] != "A" else "B"))
    _revoked(world)
    revoked = phone.get(world.path)
    CardLink._base_manager.update(revoked_at=None)
    _ended(world)
    ended = phone.get(world.path)

    pages = [forged, resigned, revoked, ended]
    assert [page.status_code for page in pages] == [404] * 4
    assert {text_of(page) for page in pages} == {text_of(forged)}
    assert {tuple(sorted(page.headers)) for page in pages} == {tuple(sorted(forged.headers))}


@pytest.mark.parametrize("end", [_revoked, _ended])
def test_a_link_that_ends_closes_the_card_that_it_had_opened(world, phone, end):
    world.opened(phone)

    end(world)

    assert [phone.get(world.pages()).status_code, phone.post(world.pages() + "cartao.pdf").status_code] == [403, 403]


def test_the_confirmation_is_good_for_a_quarter_of_an_hour(world, phone):
    world.opened(phone)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        page = phone.get(world.pages())

    assert (page.status_code, "Confirme de novo" in text_of(page)) == (403, True)


def test_the_confirmation_is_good_for_its_own_link_alone(world, phone):
    with world.here():
        other = make_link(world.card, Validity.DAY, actor=UserFactory()).link
    world.opened(phone)
    cookie = phone.cookies["cartao"]

    stranger = Client()
    stranger.cookies["cartao"] = cookie.value

    assert stranger.get(f"/c/aberto/{other.record}/").status_code == 403
    assert stranger.get(world.pages()).status_code == 200  # the very same words, at their own place
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        world.pages(),
        True,
        "Strict",
        900,
    )


def test_closing_takes_the_confirmation_away(world, phone):
    world.opened(phone)

    phone.post(world.pages() + "sair")

    assert phone.get(world.pages()).status_code == 403


def test_the_record_in_the_address_opens_nothing_by_itself(world):
    assert [Client().get(world.pages() + name).status_code for name in ("", "qr.svg")] == [403, 404]
    assert Client().post(world.pages() + "cartao.pdf").status_code == 403


def test_the_file_for_the_printer_is_not_handed_to_the_beneficiary(world, phone):
    world.opened(phone)

    assert phone.post(world.pages() + "cartao-com-sangria.pdf").status_code == 404


@pytest.mark.parametrize(("environment", "marked"), [("simulator", True), ("production", False)])
def test_the_card_of_a_portal_in_training_says_so_on_the_page_and_in_the_file(
    world, phone, settings, environment, marked
):
    settings.CADSUS_ENVIRONMENT = environment

    page = world.opened(phone).content.decode()
    files = [phone.post(world.pages() + name).content for name in ("cartao.pdf", "componente-cadastral.pdf")]

    card = page[page.index("<article") : page.index("</article>")]
    sides = [side.extract_text() for file in files for side in PdfReader(BytesIO(file)).pages]
    assert ("TREINAMENTO" in card, ["TREINAMENTO" in side for side in sides]) == (marked, [marked] * 3)


@pytest.mark.parametrize("name", ["cartao.pdf", "componente-cadastral.pdf", "frente.png", "verso.png"])
def test_the_card_is_taken_as_a_file_and_that_is_on_record(world, phone, name):
    world.opened(phone)

    answer = phone.post(world.pages() + name)

    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    if name.endswith(".pdf"):
        assert world.card.face["cns"] in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    else:
        assert Image.open(BytesIO(answer.content)).size == (2022, 1275)
    with world.here():
        event = AuditEvent.objects.filter(kind="card.downloaded").get()
    assert (event.actor_label, event.data, event.person_id) == (
        "beneficiário, por link",
        {"via": 1, "file": name},
        world.card.beneficiary.person_id,
    )


def test_a_file_that_does_not_exist_is_not_found(world, phone):
    world.opened(phone)

    assert [
        phone.post(world.pages() + "outro.pdf").status_code,
        phone.get(world.pages() + "cartao.pdf").status_code,
    ] == [
        404,
        405,
    ]


def test_every_opening_is_on_record(world, phone):
    phone.post(world.path, {"birth_date": WRONG})
    world.opened(phone)
    phone.get(world.pages())

    trail = ["card.link_made", "card.link_refused", "card.link_confirmed", "card.opened", "card.opened"]
    assert world.trail() == trail
    assert CardLink._base_manager.get().used_at is not None


def test_looking_at_the_link_is_no_opening(world, phone):
    phone.get(world.path)
    phone.head(world.path)

    assert (world.trail(), CardLink._base_manager.get().used_at) == (["card.link_made"], None)


def test_a_replaced_card_says_so_and_shows_the_new_one(world, phone):
    with world.here():
        give_cns(world.card.beneficiary.person)
        new = issue_cards([world.card.beneficiary_id]).cards[0]

    words = text_of(world.opened(phone))

    assert "A 1ª via, para a qual este link foi feito, não vale mais. Abaixo está o seu cartão atual, a 2ª via" in words
    assert (new.face["cns"] in words, world.card.face["cns"] in words) == (True, False)


def test_a_voided_card_says_so_and_whom_to_ask(world, phone):
    with world.here():
        void_card(world.card, reason="perda")

    page = world.opened(phone)

    assert "Este cartão foi anulado e ainda não há outro no lugar dele." in text_of(page)
    assert ("0800 000 000" in text_of(page), world.card.face["cns"] in text_of(page)) == (True, False)
    assert phone.post(world.pages() + "cartao.pdf").status_code == 404


def test_the_card_of_an_ended_link_is_not_shown(world, phone):
    Beneficiary._base_manager.update(cancelled_on=date(2026, 1, 1))

    words = text_of(world.opened(phone))

    assert ("o cartão não vale mais" in words, world.card.face["cns"] in words) == (True, False)


def test_pages_stay_in_no_cache_and_tell_nobody_their_address(world, phone):
    answers = [
        phone.get(world.path),
        phone.get("/c/" + "x" * 60),
        world.opened(phone),
        phone.get(world.pages() + "qr.svg"),
    ]
    answers.append(phone.post(world.pages() + "cartao.pdf"))

    kept = [(answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) for answer in answers]
    assert kept == [("strict-origin", True)] * 5


def test_no_address_holds_a_number_of_the_person(world, phone):
    page = world.opened(phone)

    addresses = [world.path, *[address for address, _ in page.redirect_chain]]
    numbers = (world.card.cns, world.card.beneficiary.person.cpf, world.card.beneficiary.code)
    assert [number in address for number in numbers for address in addresses] == [False] * 6


def test_one_address_may_not_try_without_end(world, phone):
    for _ in range(30):
        phone.post(world.path, {"birth_date": "ontem"})

    assert phone.post(world.path, {"birth_date": RIGHT}).status_code == 429


def test_forged_forms_are_refused(world):
    assert Client(enforce_csrf_checks=True).post(world.path, {"birth_date": RIGHT}).status_code == 403
