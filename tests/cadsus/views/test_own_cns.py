"""The page of a staff member's own CNS: an administrator requests it and reads the answer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cadsus.domain.own_cns import OwnCnsFinding
from cadsus.models import OwnCnsCheck, SgopPerson
from cadsus.services import ask_own_cns, pause_queue, run_own_cns_check
from cadsus.services.accreditation import add_to_sgop
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.permissions import Role
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned
from tests.cadsus.own_cns import NAME, NUMBER, answered
from tests.factories import OperatorFactory, UserFactory
from tests.pages import signed_in, text_of


# ---- asking -------------------------------------------------------------------------------------------------------
@pytest.fixture
def person(operator):
    person = SgopPerson()
    add_to_sgop(person, {"name": NAME, "role": "OPERADOR"}, actor=UserFactory())
    return person


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


def address(operator, person):
    return reverse("cadsus:sgop_person_cns", args=[operator.registration, person.pk])


# ---- the page -----------------------------------------------------------------------------------------------------
def test_administrator_asks_and_reads_what_came(operator, client, datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(soap.WHOLE))
    asked = client.post(address(operator, person), {"number": "700 0000 0000 0005"}, follow=True)
    run_own_cns_check(OwnCnsCheck.objects.get().pk)

    page = text_of(client.get(address(operator, person)))
    board = text_of(client.get(reverse("cadsus:accreditation", args=[operator.registration])))

    assert "Perguntando ao DATASUS…" in text_of(asked)
    assert f"{OwnCnsFinding.GOOD.sentence} CNS ••• •••• •••• 0005, perguntado por {client.user} em " in page
    assert OwnCnsFinding.GOOD.sentence in board
    assert NUMBER not in page + board


def test_what_is_amiss_is_the_next_thing_to_do(operator, client, datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(code="NF"))
    answered(person)

    board = text_of(client.get(reverse("cadsus:accreditation", args=[operator.registration])))

    assert f"{NAME} O DATASUS não encontrou este CNS. Conferir o número com a própria pessoa." in board


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Digite o CNS que a pessoa informou."),
        ("700000000000006", "Este CNS não passa na conferência dos dígitos. Confira os 15 números com a pessoa."),
    ],
)
def test_number_that_is_none_is_not_asked(operator, client, person, number, sentence):
    response = client.post(address(operator, person), {"number": number})

    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert OwnCnsCheck.objects.count() == 0


def test_paused_questions_wait(operator, client, person):
    pause_queue(timezone.now() + timedelta(hours=1), "manutenção", client.user)

    response = client.post(address(operator, person), {"number": NUMBER})

    assert (response.status_code, OwnCnsCheck.objects.count()) == (422, 0)
    assert "As consultas ao DATASUS estão em pausa até " in text_of(response)


def test_running_question_is_shown_until_it_is_over(operator, client, person):
    ask_own_cns(person, NUMBER, actor=client.user)
    during = client.get(address(operator, person), headers={"HX-Request": "true"})
    OwnCnsCheck.objects.update(status=Status.DONE, finding="GOOD", finished_at=timezone.now())

    after = client.get(address(operator, person), headers={"HX-Request": "true"})

    assert ("HX-Refresh" in during.headers, after.headers["HX-Refresh"]) == (False, "true")


def test_asking_is_for_administrators_of_this_operator(operator, person):
    clerk, stranger = signed_in(operator, Role.CADASTRO), signed_in(OperatorFactory(), *Role)

    answers = [client.post(address(operator, person), {"number": NUMBER}).status_code for client in (clerk, stranger)]

    assert (answers, OwnCnsCheck.objects.count()) == ([403, 404], 0)


def test_answer_of_another_environment_is_not_shown(operator, client, person, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"
    ask_own_cns(person, NUMBER, actor=client.user)
    OwnCnsCheck.objects.update(status=Status.DONE, finding="GOOD", finished_at=timezone.now())
    settings.CADSUS_ENVIRONMENT = "production"

    with operator_context(operator.pk):
        page = text_of(client.get(address(operator, person)))

    assert "Ainda não foi perguntado." in page
