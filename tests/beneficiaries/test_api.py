import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from operators.context import NoOperatorContext, current_operator_id, operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, MembershipFactory, OperatorFactory, cns


@pytest.fixture
def world(db):
    """An operator with one beneficiary, seen from outside any context."""
    operator = OperatorFactory()
    with operator_context(operator.pk):
        link = BeneficiaryFactory()
    return operator, link


def ask(operator, link, *roles: Role):
    """The answer to a system with these roles at its operator."""
    user = MembershipFactory(operator=operator, role=Role.CONSULTA).user
    for role in roles:
        MembershipFactory(user=user, operator=operator, role=role)
    token = Token.objects.create(user=user)
    return Client().get(address(operator, link), headers={"Authorization": f"Token {token.key}"})


def address(operator, link):
    return f"/o/{operator.registration}/api/v1/beneficiarios/{link.code}/cns/"


def test_api_says_the_number_and_how_sure_it_is(world):
    operator, link = world
    with operator_context(operator.pk):
        attach_cns([CnsOffer(link.person_id, cns(1), CnsSource.CADSUS, kind="D")])

    answer = ask(operator, link, Role.CADASTRO)

    assert answer.json() == {
        "codigoBeneficiario": link.code,
        "cco": link.cco,
        "cns": cns(1),
        "cnsSituacao": "definitivo",
        "cnsOrigem": "cadsus",
        "pendencia": "",
    }


def test_api_says_why_there_is_no_number(world):
    answer = ask(*world, Role.CADASTRO).json()

    assert (answer["cns"], answer["cnsSituacao"], answer["pendencia"]) == (
        None,
        "ausente",
        "Ainda não consultamos o DATASUS com estes dados.",
    )


def test_api_leaves_a_trace_of_each_reading(world):
    operator, link = world

    ask(operator, link, Role.CADASTRO)

    with operator_context(operator.pk):
        assert AuditEvent.objects.values_list("kind", "person_id", "data").get() == (
            "person.unmasked",
            link.person_id,
            {"reason": "api"},
        )


def test_api_wants_a_token(world):
    assert Client().get(address(*world)).status_code == 401


def test_api_refuses_a_system_without_the_role(world):
    assert ask(*world).status_code == 403


def test_api_does_not_find_another_operator(world):
    _, link = world
    stranger = OperatorFactory()
    system = MembershipFactory(operator=stranger, role=Role.CADASTRO).user
    token = Token.objects.create(user=system)

    answer = Client().get(address(*world), headers={"Authorization": f"Token {token.key}"})
    elsewhere = Client().get(address(stranger, link), headers={"Authorization": f"Token {token.key}"})

    assert (answer.status_code, elsewhere.status_code) == (404, 404)


def test_api_leaves_the_operators_context_behind(world):
    from operators.context import NoOperatorContext, current_operator_id

    ask(*world, Role.CADASTRO)

    with pytest.raises(NoOperatorContext):
        current_operator_id()


def test_api_leaves_the_context_of_the_operator_even_where_it_fails(world, monkeypatch):
    operator, link = world

    def fail(*_: object):
        raise RuntimeError

    monkeypatch.setattr("beneficiaries.api._as_json", fail)

    with pytest.raises(RuntimeError):
        ask(operator, link, Role.CADASTRO)

    with pytest.raises(NoOperatorContext):
        current_operator_id()
