"""What the operator's own systems may do with cards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from pypdf import PdfReader

from beneficiaries.models import Beneficiary
from cards.models import Card, IssueKey
from cards.services import issue_cards
from cards.services.idempotent_issue import forget_keys
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cards.erp import Erp
from tests.cards.factories import give_cns, ready_link
from tests.factories import BeneficiaryFactory

SAME_CARD = "O cartão atual já mostra estes mesmos dados. Para outro igual, peça a segunda via."


@pytest.fixture
def system(db):
    return Erp()


def test_state_says_that_a_card_may_be_issued(system):
    assert system.card().json() == {
        "codigoBeneficiario": system.link.code,
        "podeEmitir": True,
        "pendencia": "",
        "cartao": None,
        "vias": [],
    }


def test_state_says_which_card_there_is_and_why_no_other(system):
    issued = system.issue().json()

    state = system.card().json()

    card = {key: issued[key] for key in ("cartao", "via", "situacao", "emitidoEm")}
    assert state == {
        "codigoBeneficiario": system.link.code,
        "podeEmitir": False,
        "pendencia": SAME_CARD,
        "cartao": card,
        "vias": [card],
    }
    assert (card["via"], card["situacao"]) == (1, "ISSUED")


def test_state_says_what_is_missing(system):
    with system.here():
        without = BeneficiaryFactory()
        cancelled = ready_link(cancelled_on=date(2025, 1, 1))
        long = ready_link(code="9" * 21)

    pending = [system.card(link=link).json()["pendencia"] for link in (without, cancelled, long)]

    assert pending == [
        "A pessoa ainda não tem CNS: a página dela diz por quê e o que fazer.",
        "O vínculo está cancelado: só vínculos ativos recebem cartão. Se foi engano, reative-o.",
        "A matrícula tem 21 caracteres e o padrão TISS aceita 20: corrija no vínculo do beneficiário.",
    ]


def test_a_card_is_issued_once_for_each_key(system):
    first, again = system.issue(), system.issue()

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    with system.here():
        assert Card.objects.count() == 1


def test_another_key_asks_for_another_card(system):
    system.issue("um")

    answer = system.issue("dois")

    assert (answer.status_code, answer.json()) == (409, {"detail": SAME_CARD})


def test_a_refusal_uses_no_key_up(system):
    with system.here():
        link = BeneficiaryFactory(whole=True)
    refused = system.issue("k", link)
    with system.here():
        give_cns(link.person)

    answer = system.issue("k", link)

    assert (refused.status_code, answer.status_code) == (409, 201)


def test_a_key_keeps_its_card_when_another_replaced_it(system):
    first = system.issue("um").json()
    with system.here():
        give_cns(system.link.person)
    system.issue("dois")

    answer = system.issue("um").json()

    assert (answer["cartao"], answer["via"], answer["situacao"]) == (first["cartao"], 1, "SUPERSEDED")


def test_a_key_is_for_one_beneficiary(system):
    with system.here():
        other = ready_link()
    system.issue("k")

    answer = system.issue("k", other)

    said = {"detail": "Esta Idempotency-Key já foi usada para outro beneficiário: use outra."}
    assert (answer.status_code, answer.json()) == (422, said)


@pytest.mark.parametrize("key", ["", "x" * 65, "com espaço"])
def test_without_a_good_key_nothing_is_issued(system, key):
    assert system.issue(key).status_code == 400
    with system.here():
        assert Card.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [["k"] * 8, [f"k{index}" for index in range(8)]])
def test_systems_that_ask_at_the_same_moment_get_one_card(keys):
    system = Erp()

    def ask(key):
        try:
            return system.issue(key)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, keys))

    same = len(set(keys)) == 1
    assert sorted(answer.status_code for answer in answers) == ([200] * 7 + [201] if same else [201] + [409] * 7)
    with system.here():
        assert (Card.objects.count(), IssueKey.objects.count()) == (1, 1)


def test_keys_are_forgotten_after_ninety_days_and_no_sooner(system):
    with time_machine.travel(datetime(2026, 8, 1, tzinfo=UTC)):
        system.issue("k")
    with system.here():
        with time_machine.travel(datetime(2026, 10, 29, tzinfo=UTC)):
            early = forget_keys()
        with time_machine.travel(datetime(2026, 10, 31, tzinfo=UTC)):
            late = forget_keys()
        left = (IssueKey.objects.count(), Card.objects.count())

    again = system.issue("k")

    assert (early, late, left) == (0, 1, (0, 1))
    assert (again.status_code, again.json()) == (409, {"detail": SAME_CARD})


@pytest.mark.parametrize(
    "name", ["cartao.pdf", "cartao-com-sangria.pdf", "componente-cadastral.pdf", "frente.png", "verso.png"]
)
def test_the_current_card_is_taken_as_a_file_and_that_is_on_record(system, name):
    system.issue()

    answer = system.card(name)

    assert (answer.status_code, answer["Content-Disposition"]) == (200, f'attachment; filename="{name}"')
    with system.here():
        card, event = Card.objects.get(), AuditEvent.objects.get(kind="card.downloaded")
    assert (event.actor_id, event.source, event.data) == (system.user.pk, "api", {"via": 1, "file": name})
    if name == "cartao.pdf":
        assert card.face["cns"] in PdfReader(BytesIO(answer.content)).pages[0].extract_text()


def test_files_that_are_not_there_are_not_found(system):
    before = system.card("cartao.pdf").status_code
    system.issue()

    assert [before, system.card("outro.pdf").status_code] == [404, 404]


def test_events_are_read_by_cursor(system):
    system.issue()
    with system.here():
        issue_cards([ready_link().pk])

    first = system.ask("eventos/?limite=1").json()
    second = system.ask(f"eventos/?depois={first['ultimo']}").json()
    third = system.ask(f"eventos/?depois={second['ultimo']}").json()

    assert [(len(page["eventos"]), page["ultimo"], page["haMais"]) for page in (first, second, third)] == [
        (1, 1, True),
        (1, 2, False),
        (0, 2, False),
    ]


@pytest.mark.parametrize(
    "query", ["depois=-1", "depois=x", "depois=²", "depois=99999999999999999999", "limite=0", "limite=501"]
)
def test_a_cursor_that_is_no_number_is_refused_in_words(system, query):
    answer = system.ask(f"eventos/?{query}")

    (said,) = answer.json()[query.partition("=")[0]]
    assert (answer.status_code, said.startswith("Use um número inteiro de ")) == (400, True)


@pytest.mark.django_db
def test_each_endpoint_asks_for_its_permission():
    system = Erp(Role.CONSULTA)

    codes = [system.card().status_code, system.ask("eventos/").status_code]
    refused = [system.issue().status_code, system.card("cartao.pdf").status_code]

    assert (codes, refused) == ([200, 200], [403, 403])


def test_another_operators_beneficiary_is_not_found(system):
    stranger = Erp()

    answers = [
        stranger.card(link=system.link),
        stranger.issue(link=system.link),
        stranger.card("frente.png", system.link),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert Beneficiary._base_manager.count() == 2
