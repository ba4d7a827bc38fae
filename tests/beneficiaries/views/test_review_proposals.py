"""A risky case at the desk: proposed by one, shown to another, confirmed; and the operator's policy."""

import pytest
from django.urls import reverse

from beneficiaries.models import Review
from operators.models import AuditEvent, Operator
from operators.permissions import Permission, Role, permissions_of
from tests.beneficiaries.equal_cases import open_case
from tests.factories import MembershipFactory, UserFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def desk(operator):
    return reverse("beneficiaries:reviews", args=[operator.registration])


@pytest.fixture
def case(operator):
    return open_case(1, birth_date="1985-02-28")


@pytest.fixture
def page(operator, case):
    return reverse("beneficiaries:review", args=[operator.registration, case.pk])


@pytest.fixture
def ana(operator):
    return signed_in(operator, Role.REVISAO)


@pytest.fixture
def bia(operator):
    return signed_in(operator, Role.REVISAO)


def accept(client, page, **changes):
    return client.post(page, {"decision": "accept", "reason": "DADOS", "note": "por telefone", **changes}, follow=True)


def waiting_of(operator, client):
    lines = client.get(reverse("operators:dashboard", args=[operator.registration])).context["todo"]
    return {line.item.name: line.waiting.count for line in lines}.get("reviews", 0)


def counted_in_menu(operator, client):
    tray = client.get(reverse("operators:job_tray", args=[operator.registration]), headers={"HX-Request": "true"})
    return tray.context["counts"]["beneficiaries:reviews"]


def test_the_desk_says_that_two_people_decide_and_why(ana, desk, case):
    shown = text_of(ana.get(desk))

    assert "Decisão de risco, de duas pessoas: CPF, nascimento, nome ou nome da mãe diferem." in shown
    assert "É a mesma pessoa: propor" in shown


def test_a_proposal_leaves_the_desk_of_its_author(operator, ana, bia, desk, page, case):
    response = accept(ana, page)

    assert f"Proposta gravada para {case.person.name}: o caso espera a segunda pessoa." in text_of(response)
    assert (response.context["case"], response.context["last"]) == (None, case)
    assert (waiting_of(operator, ana), waiting_of(operator, bia)) == (0, 1)
    assert (counted_in_menu(operator, ana), counted_in_menu(operator, bia)) == (0, 1)


def test_another_reader_sees_who_proposed_and_confirms(operator, ana, bia, desk, page, case):
    accept(ana, page)

    response = bia.get(desk)

    shown = text_of(response)
    assert response.context["case"] == case
    assert f"por {ana.user} Motivo da proposta Os dados conferem Observação da proposta por telefone" in shown
    assert "espera a segunda pessoa" in shown
    assert "É a mesma pessoa: confirmar" in shown

    confirmed = accept(bia, page, confirms=ana.user.pk)

    case.refresh_from_db()
    assert (case.status, case.proposed_by, case.decided_by) == ("ACCEPTED", ana.user, bia.user)
    assert f"Número aceito para {case.person.name}: vinculado." in text_of(confirmed)
    assert f"por {ana.user} Motivo da proposta" in text_of(bia.get(page))


def test_the_form_names_the_proposal_that_it_shows(ana, bia, page, case):
    accept(ana, page)

    assert f'name="confirms" value="{ana.user.pk}"' in bia.get(page).content.decode()


def test_whoever_looked_before_the_proposal_is_led_to_it(ana, bia, page, case):
    accept(ana, page)

    response = accept(bia, page)

    assert response.redirect_chain == [(page, 302)]
    assert f"Outra pessoa acabou de propor aceitar o número de {case.person.name}." in text_of(response)
    assert Review.objects.get().status == "OPEN"


def test_the_author_sees_the_proposal_and_takes_it_back(operator, ana, page, case):
    accept(ana, page)
    assert "Você propôs aceitar este número." in text_of(ana.get(page))

    response = ana.post(reverse("beneficiaries:review_undo", args=[operator.registration, case.pk]), follow=True)

    assert f"Proposta retirada. O caso de {case.person.name} está aberto de novo." in text_of(response)
    assert Review.objects.get().proposed_by is None


def test_a_single_reviewer_is_told_who_can_help(operator, ana, page, case):
    accept(ana, page)
    told = "Hoje ninguém mais aqui tem o papel Revisão." in text_of(ana.get(page))
    MembershipFactory(user=UserFactory(), operator=operator, role=Role.REVISAO)

    assert (told, "ninguém mais" in text_of(ana.get(page))) == (True, False)


# ---- the policy --------------------------------------------------------------------------------------------------
@pytest.fixture
def policy(operator):
    return reverse("beneficiaries:review_policy", args=[operator.registration])


def test_an_operator_switches_the_rule_off_and_it_is_on_the_trail(operator, policy, ana, page, case):
    admin = signed_in(operator, Role.ADMINISTRACAO)

    response = admin.post(policy, {}, follow=True)

    event = AuditEvent.objects.get(kind="operator.policy_changed")
    assert "Política gravada. Vale a partir de agora." in text_of(response)
    assert Operator.objects.get(pk=operator.pk).risky_decisions_by_two is False
    assert (event.actor, event.data["after"]) == (admin.user, {"risky_decisions_by_two": False})
    assert "vinculado" in text_of(accept(ana, page))


def test_the_rule_is_on_unless_somebody_says_otherwise(operator, policy):
    form = signed_in(operator, Role.ADMINISTRACAO).get(policy).context["form"]

    assert form["risky_decisions_by_two"].value() is True


def test_the_policy_tells_of_a_single_reviewer(operator, policy):
    admin = signed_in(operator, Role.ADMINISTRACAO)
    MembershipFactory(user=UserFactory(), operator=operator, role=Role.REVISAO)

    assert "Hoje só uma pessoa tem o papel Revisão" in text_of(admin.get(policy))


def test_the_policy_is_for_those_who_manage_it(operator, policy):
    kept_out = [role for role in Role if Permission.MANAGE_POLICY not in permissions_of(frozenset({role}))]

    assert {signed_in(operator, role).post(policy, {}).status_code for role in kept_out} == {403}
