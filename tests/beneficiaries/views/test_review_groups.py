"""The pages of equal cases: groups, sample, one decision, its undoing; for reviewers of the operator alone."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsNumber, Review, ReviewBatch
from beneficiaries.queries.review_groups import list_groups
from operators.context import operator_context
from operators.permissions import Role
from tests.beneficiaries.equal_cases import WITHOUT_CPF, open_cases
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, UserFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


@pytest.fixture
def groups(operator):
    return reverse("beneficiaries:review_groups", args=[operator.registration])


def group_page(operator, key=None):
    return reverse("beneficiaries:review_group", args=[operator.registration, key or list_groups()[0].key])


def answers(**changes):
    last = max(group.last for group in list_groups())
    return {"decision": "accept", "reason": "DADOS", "looked": "on", "last": last, **changes}


def test_groups_are_listed_with_what_they_ask(operator, client, groups):
    open_cases(3)

    page = text_of(client.get(groups))

    assert WITHOUT_CPF in page
    assert "Nascimento: igual" in page
    assert "Aceitar vincula o número a quem hoje não tem CNS." in page


def test_without_equal_cases_the_page_says_so(client, groups):
    assert "Não há dois casos abertos que façam a mesma pergunta." in text_of(client.get(groups))


def test_the_desk_leads_to_equal_cases(operator, client):
    open_cases(3)

    page = text_of(client.get(reverse("beneficiaries:reviews", args=[operator.registration])))

    assert "3 casos fazem a mesma pergunta que outros. Decidir casos iguais juntos" in page


def test_a_group_shows_a_sample_and_the_others_by_name(operator, client):
    open_cases(7)

    response = client.get(group_page(operator))

    assert (len(response.context["sample"]), len(response.context["others"])) == (5, 2)
    assert "Aceitar os 7" in text_of(response)


def test_numbers_are_masked(operator, client):
    case = open_cases(2)[0]

    page = client.get(group_page(operator)).content.decode()

    assert (page.count(case.number), page.count(f"•••• {case.number[-4:]}")) == (0, 1)


@pytest.mark.parametrize("count", [2, 20])
def test_a_group_asks_the_same_number_of_queries_however_many_cases(operator, client, count, django_assert_num_queries):
    open_cases(count)
    page = group_page(operator)

    with django_assert_num_queries(9):
        client.get(page)


def test_one_decision_answers_the_group_and_offers_to_undo_it(operator, client, groups):
    cases = open_cases(3)

    response = client.post(group_page(operator), answers(), follow=True)

    assert CnsNumber.objects.current().count() == 3
    assert "3 casos aceitos." in text_of(response)
    undo = reverse("beneficiaries:review_batch_undo", args=[operator.registration, ReviewBatch.objects.get().pk])
    assert response.context["last_batch"] == ReviewBatch.objects.get()
    response = client.post(undo, follow=True)
    assert "Decisão desfeita: 3 casos reabertos." in text_of(response)
    assert Review.objects.filter(status="OPEN").count() == len(cases)


def test_a_decided_case_of_the_set_leads_back_as_well(operator, client):
    case = open_cases(2)[0]
    client.post(group_page(operator), answers())
    page = reverse("beneficiaries:review", args=[operator.registration, case.pk])

    mine, of_another = client.get(page), signed_in(operator, Role.REVISAO).get(page)

    assert (mine.context["batch"], of_another.context["batch"]) == (ReviewBatch.objects.get(), None)
    assert "Desfazer a decisão em conjunto" in text_of(mine)
    client.post(reverse("beneficiaries:review_batch_undo", args=[operator.registration, mine.context["batch"].pk]))
    assert Review.objects.filter(status="OPEN").count() == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"looked": ""}, "Confira a amostra e marque aqui."),
        ({"reason": ""}, "Escolha o motivo."),
        ({"reason": "OUTRA"}, "Este motivo é para descartar. Escolha outro, ou a outra decisão."),
        ({"decision": "dismiss"}, "Este motivo é para aceitar. Escolha outro, ou a outra decisão."),
        ({"decision": ""}, "Aceite ou descarte o número."),
        ({"note": "CPF 529.982.247-25"}, "Não escreva CPF nem CNS aqui: este texto aparece a quem não pode vê-los."),
    ],
)
def test_what_is_missing_is_told_and_nothing_decided(operator, client, changes, told):
    open_cases(2)

    response = client.post(group_page(operator), answers(**changes))

    assert response.status_code == 422
    assert told in text_of(response)
    assert Review.objects.filter(status="OPEN").count() == 2


def test_a_group_that_was_decided_meanwhile_is_told(operator, client):
    open_cases(2)
    page, given = group_page(operator), answers()
    client.post(page, given)

    response = client.post(page, given, follow=True)

    assert "Nada foi decidido: estes casos já foram decididos" in text_of(response)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REVISAO, Role.ADMINISTRACAO}))
def test_deciding_together_is_for_reviewers(operator, role):
    open_cases(2)
    client = signed_in(operator, role)

    assert client.get(group_page(operator)).status_code == 403
    assert client.post(group_page(operator), answers()).status_code == 403


def test_a_set_of_another_operator_is_not_found(operator, client):
    with outside_operator_context():
        other = OperatorFactory()
        with operator_context(other.pk):
            batch = ReviewBatch.objects.create(operator=other, decided_by=UserFactory())
            open_cases(2)
            (group,) = list_groups()

    undo = reverse("beneficiaries:review_batch_undo", args=[operator.registration, batch.pk])
    assert client.post(undo).status_code == 404
    assert client.get(group_page(operator, group.key)).status_code == 404
