"""Links by which beneficiaries open their cards: what the staff does with them."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cards.models import CardLink, Validity
from cards.services import issue_cards
from cards.services.digital_links import make_link, revoke_link
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import UserFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.EMISSAO)


@pytest.fixture
def card(operator):
    return issue_cards([ready_link(person__email="camila@example.invalid").pk]).cards[0]


def address(operator, name, *args: object):
    return reverse(f"cards:{name}", args=[operator.registration, *args])


def made(client, card, **fields):
    return client.post(address(card.operator, "digital_links", card.beneficiary_id), {"validity": "30", **fields})


def test_a_link_is_shown_once_and_only_what_recognises_it_is_kept(client, card):
    page = made(client, card)

    shown = page.context["made"].address
    secret = shown.rpartition("/")[2].partition(".")[0]
    link = CardLink.objects.get()
    assert text_of(page).count("Copie agora") == 1
    assert f'value="{shown}"' in page.content.decode()
    assert (link.digest, len(secret)) == (sha256(secret.encode()).hexdigest(), 22)
    assert secret not in client.get(address(card.operator, "digital_links", card.beneficiary_id)).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(link)::text FROM cards_cardlink AS link")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.parametrize("days", Validity.values)
def test_a_link_ends_after_one_of_the_offered_times(client, card, days):
    made(client, card, validity=str(days))

    link = CardLink.objects.get()
    assert link.expires_at - link.made_at < timedelta(days=days, seconds=5)
    assert link.expires_at > timezone.now() + timedelta(days=days) - timedelta(minutes=1)


@pytest.mark.parametrize("days", ["", "2", "0", "-1", "x"])
def test_no_other_time_is_taken(client, card, days):
    assert (made(client, card, validity=days).status_code, CardLink.objects.count()) == (422, 0)


def test_a_link_goes_out_by_e_mail_to_the_address_of_the_registry(client, card, mailbox):
    page = made(client, card, send="on")

    (to, letter), shown = mailbox.letters[0], page.context["made"].address
    plain = letter.get_body(("plain",)).get_content()
    assert (to, len(mailbox.letters), shown in plain) == (["camila@example.invalid"], 1, True)
    assert shown in letter.get_body(("html",)).get_content()
    assert [secret in letter.as_string() for secret in (card.cns, card.face["name"])] == [False, False]
    assert "Link criado e enviado por e-mail" in text_of(page)
    assert CardLink.objects.get().sent_at is not None


def test_a_mail_server_that_is_away_costs_the_letter_and_not_the_link(client, card, mailbox):
    mailbox.refuses = True

    page = text_of(made(client, card, send="on"))

    assert "O e-mail não pôde ser enviado agora. O link vale" in page
    assert (CardLink.objects.get().sent_at, "Copie agora" in page) == (None, True)


def test_no_letter_is_offered_to_somebody_without_an_address(operator, client):
    card = issue_cards([ready_link().pk]).cards[0]

    page = text_of(client.get(address(operator, "digital_links", card.beneficiary_id)))

    assert ("Enviar também por e-mail" in page, "não tem e-mail no cadastro" in page) == (False, True)


def test_without_a_card_there_is_no_link(operator, client):
    link = ready_link()

    page = client.post(address(operator, "digital_links", link.pk), {"validity": "30"}, follow=True)

    assert ("Não há um cartão atual" in text_of(page), CardLink.objects.count()) == (True, 0)


def test_links_are_listed_with_their_state(operator, client, card):
    links = [make_link(card, Validity.DAY, actor=client.user).link for _ in range(4)]
    long_ago = timezone.now() - timedelta(days=3)
    CardLink.objects.filter(pk=links[0].pk).update(made_at=long_ago, expires_at=long_ago + timedelta(days=1))
    CardLink.objects.filter(pk=links[1].pk).update(wrong_dates=5)
    revoke_link(links[2], actor=client.user)

    listed = client.get(address(operator, "digital_links", card.beneficiary_id)).context["links"]

    assert [link.state[0] for link in listed] == ["vale", "revogado", "travado", "vencido"]


def test_the_list_asks_the_same_number_of_queries_however_many_links(operator, client, card, django_assert_num_queries):
    make_link(card, Validity.DAY, actor=client.user)
    with django_assert_num_queries(9) as one:
        client.get(address(operator, "digital_links", card.beneficiary_id))
    for _ in range(3):
        make_link(card, Validity.DAY, actor=UserFactory())

    with django_assert_num_queries(len(one)):
        client.get(address(operator, "digital_links", card.beneficiary_id))


def test_a_link_is_taken_back_once(operator, client, card):
    link = make_link(card, Validity.DAY, actor=client.user).link

    first = client.post(address(operator, "digital_link_revoke", link.pk), follow=True)
    again = client.post(address(operator, "digital_link_revoke", link.pk), follow=True)

    assert "O link foi revogado" in text_of(first)
    assert "Este link já não valia. Nada mudou." in text_of(again)
    kinds = AuditEvent.objects.filter(kind__startswith="card.link").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["card.link_made", "card.link_revoked"]


def test_who_may_only_look_makes_no_links(operator, card):
    reader = signed_in(operator, Role.CONSULTA)

    assert [
        reader.get(address(operator, "digital_links", card.beneficiary_id)).status_code,
        made(reader, card).status_code,
    ] == [
        403,
        403,
    ]
