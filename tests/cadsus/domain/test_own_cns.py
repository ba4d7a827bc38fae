"""The own CNS of somebody of the staff, asked at DATASUS: what is seen, what is kept, and who may ask."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cadsus.client.pdq_response import read_reply
from cadsus.domain.own_cns import OwnCnsEvidence, OwnCnsFinding, see
from cadsus.models import Exchange, OwnCnsCheck, SgopPerson
from cadsus.services import ask_own_cns, pause_queue, run_own_cns_check
from cadsus.services.accreditation import add_to_sgop
from cnsportal.jobs import MAX_ATTEMPTS, Status
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned
from tests.factories import OperatorFactory, UserFactory, cns
from tests.pages import signed_in, text_of

NUMBER = soap.DEFINITIVE
NAME = "Clarice Fictícia"
GOOD = read_reply(soap.reply(soap.WHOLE))
PERSON = GOOD.registrants[0]


def seen(asked=NUMBER, **changes):
    return see(asked, NAME, replace(GOOD, registrants=(replace(PERSON, **changes),)))


# ---- the rule -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "finding", "detail"),
    [
        ({}, OwnCnsFinding.GOOD, ""),
        ({"name": "CLARICE FICTICIA"}, OwnCnsFinding.GOOD, ""),
        ({"name": "OUTRO NOME QUALQUER", "social_name": "CLARICE FICTICIA DOS TESTES"}, OwnCnsFinding.GOOD, ""),
        ({"name": "", "social_name": ""}, OwnCnsFinding.GOOD, ""),  # unknown is never different
        ({"cpf": "", "mother_name": ""}, OwnCnsFinding.INCOMPLETE, "CPF, nome da mãe"),
        ({"birth_date": None, "sex": ""}, OwnCnsFinding.INCOMPLETE, "data de nascimento, sexo"),
        ({"numbers": PERSON.numbers[:1]}, OwnCnsFinding.PROVISIONAL, ""),
        ({"numbers": ()}, OwnCnsFinding.PROVISIONAL, ""),
        ({"status": "inactive"}, OwnCnsFinding.INACTIVE, ""),
        ({"deceased": True}, OwnCnsFinding.INACTIVE, ""),
        ({"name": "BENTO OUTRO DE TAL", "social_name": ""}, OwnCnsFinding.ANOTHER, ""),
        ({"name": "BENTO OUTRO DE TAL", "social_name": "", "cpf": ""}, OwnCnsFinding.ANOTHER, ""),
    ],
)
def test_answer_says_what_is_amiss_with_the_number(changes, finding, detail):
    assert seen(**changes) == OwnCnsEvidence(finding, detail)


def test_older_number_names_the_newer_by_its_end():
    assert seen(asked=cns(1)) == OwnCnsEvidence(OwnCnsFinding.REPLACED, "••• •••• •••• 0005")


def test_no_answer_is_not_found_and_two_are_several():
    assert see(NUMBER, NAME, replace(GOOD, registrants=())) == OwnCnsEvidence(OwnCnsFinding.NOT_FOUND)
    assert see(NUMBER, NAME, replace(GOOD, registrants=(PERSON, PERSON))) == OwnCnsEvidence(OwnCnsFinding.SEVERAL)
    assert see(NUMBER, NAME, replace(GOOD, total=2)) == OwnCnsEvidence(OwnCnsFinding.SEVERAL)


@pytest.mark.parametrize("finding", OwnCnsFinding)
def test_whatever_is_amiss_has_an_advice(finding):
    found = OwnCnsEvidence(finding, "x")

    assert "{" not in found.sentence
    assert bool(found.advice) == (finding is not OwnCnsFinding.GOOD)


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


def answered(person, actor=None):
    check = ask_own_cns(person, NUMBER, actor=actor or UserFactory())
    run_own_cns_check(check.pk)
    check.refresh_from_db()
    return check


def test_answer_is_kept_and_the_number_is_not(datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(soap.WHOLE))

    check = answered(person)

    exchange = Exchange.objects.get()
    assert (check.status, check.finding, check.number, check.masked) == ("DONE", "GOOD", "", "*** **** **** 0005")
    assert (exchange.key, exchange.masked, exchange.persons) == ("cns", "*** **** **** 0005", 1)


def test_question_and_answer_are_on_the_trail_without_the_number(datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(code="NF"))
    actor = UserFactory(first_name="Ana", last_name="Prado")

    answered(person, actor)

    events = AuditEvent.objects.filter(kind__startswith="accreditation.cns").order_by("pk")
    assert [(each.kind, each.subject_id, each.actor_label, each.data, each.personal) for each in events] == [
        ("accreditation.cns_asked", person.pk, "Ana Prado", {"environment": "simulator"}, {}),
        ("accreditation.cns_answered", person.pk, "Ana Prado", {"finding": "NOT_FOUND", "failure": ""}, {}),
    ]


def test_datasus_away_is_no_answer(datasus, person):
    check = answered(person)  # the server answers 503

    assert (check.status, check.finding, check.failure, check.number) == (
        "FAILED",
        "",
        "O DATASUS está fora do ar.",
        "",
    )


def test_without_a_certificate_nothing_is_asked(operator, person, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"

    check = answered(person)

    assert check.failure.startswith("A operadora não tem certificado ativo para consultar o DATASUS.")
    assert Exchange.objects.count() == 0


def test_second_question_about_a_person_waits_for_the_first(person):
    first, second = (ask_own_cns(person, number, actor=UserFactory()) for number in (NUMBER, cns(1)))

    assert (second.pk, OwnCnsCheck.objects.get().masked) == (first.pk, "*** **** **** 0005")
    assert AuditEvent.objects.filter(kind="accreditation.cns_asked").count() == 1


def test_number_is_forgotten_where_the_recovery_gives_up(person):
    check = ask_own_cns(person, NUMBER, actor=UserFactory())
    long_ago = timezone.now() - timedelta(days=1)
    OwnCnsCheck.objects.update(status=Status.RUNNING, attempt=MAX_ATTEMPTS, heartbeat_at=long_ago)

    OwnCnsCheck.recover_stalled()

    check.refresh_from_db()
    assert (check.status, check.number) == (Status.FAILED, "")


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
