"""The accreditation board as people see it and write on it."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from cadsus.domain.accreditation_guide import GUIDES
from cadsus.domain.accreditation_steps import Step
from cadsus.domain.sgop import SgopRole
from cadsus.models import EnvironmentName, Exchange, SgopMachine, SgopPerson
from cadsus.services import seal_credential
from cadsus.services.accreditation import add_to_sgop, change_step
from operators.models import Operator
from operators.permissions import Role
from tests.factories import OperatorFactory, UserFactory
from tests.pages import signed_in, text_of

DAY = date(2026, 11, 10)
WAITING = {"step_state": "WAITING", "step_since": DAY}


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


@pytest.fixture
def board(operator):
    return reverse("cadsus:accreditation", args=[operator.registration])


def _step(operator, step):
    return reverse("cadsus:accreditation_step", args=[operator.registration, step.value])


def _address(operator, name, *keys: int):
    return reverse(f"cadsus:{name}", args=[operator.registration, *keys])


def _person(**changes):
    person = SgopPerson()
    add_to_sgop(person, {"name": "Davi Teles", "role": "OPERADOR", **changes}, actor=UserFactory())
    return person


def _states(response):
    return {line.stage.step: line.stage.state.label for line in response.context["board"].lines}


# ---- the board ----------------------------------------------------------------------------------------------------
def test_board_shows_the_six_steps_and_what_comes_next(operator, client, board):
    Operator.objects.update(cnes="")

    response = client.get(board)

    assert list(_states(response).values()) == ["a fazer"] * 6
    assert (
        "0 de 6 passos prontos. Agora: Número no CNES "
        "No site do CNES, em “Obter CNES”, pedir o número da sede (tipo 68, subtipo 05) e gravá-lo aqui."
    ) in text_of(response)


def test_board_shows_state_day_deadline_person_protocol_and_note(client, board):
    sent = {"due_on": date(2099, 12, 10), "responsible": "Ana Prado", "protocol": "2026/12", "note": "Falta o IP."}
    change_step(Step.REQUEST, {**WAITING, **sent}, version=0, actor=UserFactory())

    page = text_of(client.get(board))

    assert "desde 10/11/2026 prazo 10/12/2099 com Ana Prado protocolo 2026/12 Falta o IP." in page


def test_board_sees_certificate_and_first_answer_of_production_alone(operator, client, board, certificate, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"
    practised = seal_credential(certificate, EnvironmentName.SIMULATOR)
    _answer(practised, "simulator")
    before = _states(client.get(board))
    kept = seal_credential(certificate, EnvironmentName.PRODUCTION)
    _answer(kept, "production")

    response = client.get(board)

    assert (before[Step.CERTIFICATE], before[Step.REQUEST]) == ("a fazer", "a fazer")
    assert (_states(response)[Step.CERTIFICATE], _states(response)[Step.REQUEST]) == ("pronto", "pronto")
    until = timezone.localtime(kept.not_after)
    assert f"O certificado em uso na produção vale até {until:%d/%m/%Y}." in text_of(response)


def _answer(credential, environment):
    return Exchange.objects.create(
        operator_id=credential.operator_id, credential=credential, environment=environment, key="cpf", milliseconds=80
    )


def test_board_does_not_take_a_failed_call_for_an_answer(client, board, certificate):
    kept = seal_credential(certificate, EnvironmentName.PRODUCTION)
    exchange = _answer(kept, "production")
    Exchange.objects.filter(pk=exchange.pk).update(trouble="CREDENTIAL_REFUSED")

    assert _states(client.get(board))[Step.REQUEST] == "a fazer"


def test_board_shows_people_and_machines_each_with_state_and_day(client, board):
    person = _person(cns_state="DONE", cns_since=DAY, govbr_state="DOING", govbr_since=DAY)
    add_to_sgop(
        SgopMachine(person=person),
        {"name": "CAD-07", "warsaw_on": DAY, "approval_state": "WAITING", "approval_since": DAY},
        actor=UserFactory(),
    )

    page = text_of(client.get(board))

    assert (
        "Davi Teles A pessoa cria a própria conta gov.br. "
        "CNS próprio pronto desde 10/11/2026 gov.br em andamento desde 10/11/2026 Perfil a fazer "
        "Máquina CAD-07 aguardando resposta desde 10/11/2026 Warsaw desde 10/11/2026 Autorização a fazer"
    ) in page


def test_board_says_how_every_step_is_done(client, board):
    page = text_of(client.get(board))

    assert set(GUIDES) == set(Step)
    assert [guide.who for guide in GUIDES.values() if guide.who not in page] == []
    assert [thing for guide in GUIDES.values() for thing in (*guide.asked, *guide.beware) if thing not in page] == []


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        (Step.CNES, ["“Obter CNES”", "Tipo 68", "subtipo 05", "suporte do CadSUS Web", "“quero abrir um chamado”"]),
        (Step.REQUEST, ["“CNS Operadoras ANS”", "gratuito e só para operadoras", "a ANS confere", "operadora ativa"]),
        (
            Step.SGOP_ADMIN,
            [
                "um diretor clínico, um gerente ou um administrador da operadora",
                "não precisa ser quem representa a operadora na ANS",
                "não pode constar como responsável por outro estabelecimento",
                "o perfil ADMINISTRADOR, escolhidos pela própria pessoa",
                "O computador que ela vai usar, cadastrado no SGOP",
                "um chamado no suporte do CadSUS Web que pede a autorização",
                "A conta gov.br da própria pessoa",
                "válido e com alta qualidade cadastral",
                "vai a uma unidade de saúde",
            ],
        ),
        (
            Step.SGOP_OPERATORS,
            ["o administrador decide sobre a pessoa e o computador", "o perfil OPERADOR", "vai a uma unidade de saúde"],
        ),
    ],
)
def test_what_ans_wrote_is_told_where_it_is_met(operator, client, step, facts):
    page = text_of(client.get(_step(operator, step)))

    assert [fact for fact in facts if fact not in page] == []


def test_administrator_is_shown_with_position_support_call_and_who_follows_it(client, board):
    person = {"position": "GERENTE", "elsewhere_state": "DONE", "elsewhere_since": DAY, "protocol": "CH-77"}
    _person(role="ADMINISTRADOR", responsible="Ana Prado", **person)

    page = text_of(client.get(board))

    assert "Davi Teles (gerência) " in page
    assert "Só nesta operadora no CNES pronto desde 10/11/2026" in page
    assert "com Ana Prado chamado CH-77" in page


@pytest.mark.parametrize("people", [1, 4])
def test_board_asks_the_same_number_of_queries_however_many_people(client, board, people, django_assert_num_queries):
    for _ in range(people):
        add_to_sgop(SgopMachine(person=_person()), {"name": "CAD"}, actor=UserFactory())

    with django_assert_num_queries(18):
        client.get(board)


def test_board_of_another_operator_shows_nothing_of_this_one(operator, client, board):
    _person()
    stranger = signed_in(OperatorFactory(), *Role)

    assert stranger.get(board).status_code == 404


def test_reader_sees_the_board_and_may_change_nothing(operator, board):
    person = _person()
    reader = signed_in(operator, Role.CONSULTA)

    page = reader.get(board)

    links = re.findall(r'href="([^"]*/habilitacao/[^"]+)"', page.content.decode())
    closed = [
        reader.get(_step(operator, Step.CNES)).status_code,
        reader.get(_address(operator, "sgop_person", person.pk)).status_code,
        reader.post(_address(operator, "sgop_person_remove", person.pk)).status_code,
    ]
    assert (page.status_code, links, closed, SgopPerson.objects.count()) == (200, [], [403, 403, 403], 1)


# ---- the dashboard ------------------------------------------------------------------------------------------------
def test_dashboard_says_what_is_missing_until_nothing_is(operator, client, certificate):
    dashboard = reverse("operators:dashboard", args=[operator.registration])
    before = text_of(client.get(dashboard))
    _finish(certificate)

    after = text_of(client.get(dashboard))

    assert (
        "5 passos da habilitação no DATASUS não estão prontos Conta gov.br de quem responde: "
        "Quem vai pedir o serviço cria a própria conta gov.br, ou confirma que ela funciona."
    ) in before
    assert "passos da habilitação" not in after


def test_dashboard_tells_it_to_those_who_can_do_it(operator):
    page = text_of(signed_in(operator, Role.CONSULTA).get(reverse("operators:dashboard", args=[operator.registration])))

    assert "passos da habilitação" not in page


def _finish(certificate):
    actor = UserFactory()
    change_step(Step.GOVBR, {"step_state": "DONE", "step_since": DAY}, version=0, actor=actor)
    _answer(seal_credential(certificate, EnvironmentName.PRODUCTION), "production")
    ready = {f"{check}_{part}": value for check in ("cns", "govbr", "access")
             for part, value in (("state", "DONE"), ("since", DAY))}  # fmt: skip
    machine = {"name": "CAD-07", "warsaw_on": DAY, "approval_state": "DONE", "approval_since": DAY}
    for role in SgopRole:
        add_to_sgop(SgopMachine(person=_person(role=role.value, **ready)), machine, actor=actor)


def test_finished_board_says_so(client, board, certificate):
    _finish(certificate)

    page = text_of(client.get(board))

    assert "Tudo pronto Os 6 passos estão prontos." in page
