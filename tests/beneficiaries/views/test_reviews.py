"""The review desk: who waits, two people side by side, one decision after the other."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, Review
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.models import Operator
from operators.permissions import Role
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def desk(operator):
    return reverse("beneficiaries:reviews", args=[operator.registration])


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


def _open(number=1, *, birth="1984-02-29"):
    person = PersonFactory()
    comparison = [
        {"field": "cpf", "ours": person.cpf, "theirs": person.cpf, "agreement": "EQUAL"},
        {"field": "nascimento", "ours": "1984-02-29", "theirs": birth, "agreement": _agreement(birth)},
        {"field": "sexo", "ours": "3", "theirs": "", "agreement": "UNKNOWN"},
    ]
    open_reviews([ReviewCase(person.pk, cns(number), CnsSource.CADSUS, "B", "SURNAME_CHANGED", "D", comparison)])
    return Review.objects.get(person=person)


def _agreement(birth):
    return "EQUAL" if birth == "1984-02-29" else "DIFFERENT"


def _case(operator, review):
    return reverse("beneficiaries:review", args=[operator.registration, review.pk])


def test_case_without_a_comparison_shows_no_empty_table(operator, client):
    review = _open()
    Review.objects.update(comparison=[])

    assert "<table" not in client.get(_case(operator, review)).content.decode()


def test_desk_shows_the_case_that_waits_longest(client, desk):
    first, second, third = (_open(number) for number in (1, 2, 3))

    response = client.get(desk)

    assert response.context["case"] == first
    assert (response.context["following"], response.context["total"]) == ([second, third], 3)


def test_desk_without_cases_says_so(client, desk):
    assert "Tudo decidido" in text_of(client.get(desk))


def test_desk_shows_the_two_people_side_by_side(client, desk):
    review = _open(birth="1985-02-28")

    page = text_of(client.get(desk))

    cpf = f"•••.{review.person.cpf[3:6]}.{review.person.cpf[6:9]}-••"
    assert f"CPF {cpf} {cpf} igual" in page
    assert "Nascimento 29/02/1984 28/02/1985 diferente" in page
    assert "Sexo feminino não informado sem comparação" in page
    assert "CPF, nascimento e nome da mãe são iguais; o sobrenome mudou." in page


def test_desk_masks_the_number(client, desk):
    _open()

    page = client.get(desk).content.decode()

    assert (page.count(cns(1)), page.count(f"•••• {cns(1)[-4:]}")) == (0, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_desk_asks_the_same_number_of_queries_however_many_cases(client, desk, count, django_assert_num_queries):
    for number in range(count):
        _open(number + 1)

    with django_assert_num_queries(15):
        client.get(desk)


def test_accepting_attaches_the_number_and_goes_on(operator, client, desk):
    review = _open()

    response = client.post(
        _case(operator, review), {"decision": "accept", "note": "confirmado por telefone"}, follow=True
    )

    review.refresh_from_db()
    number = review.person.cns_numbers.get()
    assert (number.number, number.source, number.attached_by) == (cns(1), "REVIEW", client.user)
    assert (review.status, review.note) == (Review.Status.ACCEPTED, "confirmado por telefone")
    assert response.redirect_chain == [(desk, 302)]
    assert f"Número aceito para {review.person.name}: vinculado." in text_of(response)


def test_dismissing_attaches_nothing(operator, client):
    review = _open()

    response = client.post(_case(operator, review), {"decision": "dismiss"}, follow=True)

    review.refresh_from_db()
    assert (review.status, review.person.cns_numbers.count()) == (Review.Status.DISMISSED, 0)
    assert f"Número descartado para {review.person.name}." in text_of(response)


def test_deciding_twice_tells_that_somebody_was_faster(operator, client):
    review = _open()
    client.post(_case(operator, review), {"decision": "dismiss"})

    response = client.post(_case(operator, review), {"decision": "accept"}, follow=True)

    assert f"Este caso de {review.person.name} já foi decidido" in text_of(response)
    assert review.person.cns_numbers.count() == 0


def test_number_that_somebody_else_holds_leaves_the_case_open(operator, client):
    review = _open()
    attach_cns([CnsOffer(PersonFactory().pk, cns(1), CnsSource.CADSUS)])

    response = client.post(_case(operator, review), {"decision": "accept"}, follow=True)

    review.refresh_from_db()
    assert review.status == Review.Status.OPEN
    assert "O número é de outra pessoa do cadastro." in text_of(response)


def test_no_decision_is_refused_in_a_sentence(operator, client):
    review = _open()

    response = client.post(_case(operator, review), {"decision": ""})

    assert (response.status_code, response.context["case"]) == (422, review)
    assert "Aceite ou descarte o número." in text_of(response)


def test_deciding_is_for_reviewers_alone(operator):
    review = _open()

    statuses = {
        role: signed_in(operator, role).post(_case(operator, review), {"decision": "dismiss"}).status_code
        for role in Role
        if role is not Role.REVISAO
    }

    review.refresh_from_db()
    assert (set(statuses.values()), review.status) == ({403}, Review.Status.OPEN)


# ---- what accepting does ----------------------------------------------------------------------------------------
def test_desk_says_that_accepting_attaches(client, desk):
    _open()

    assert "Hoje: sem CNS. Aceitar vincula este número." in text_of(client.get(desk))


def test_desk_says_which_number_accepting_replaces(client, desk):
    review = _open()
    attach_cns([CnsOffer(review.person_id, cns(2), CnsSource.IMPORT, verified=False)])

    page = text_of(client.get(desk))

    today = f"Hoje: ••• •••• •••• {cns(2)[-4:]} , do cadastro da operadora, não verificado. Aceitar substitui."
    assert today in page


def test_desk_says_that_accepting_confirms_the_same_number(client, desk):
    review = _open()
    attach_cns([CnsOffer(review.person_id, cns(1), CnsSource.IMPORT, verified=False)])

    assert "não verificado. Aceitar confirma o mesmo número." in text_of(client.get(desk))


def test_desk_says_that_a_number_of_somebody_else_cannot_be_accepted(operator, client, desk):
    _open()
    holder = PersonFactory()
    attach_cns([CnsOffer(holder.pk, cns(1), CnsSource.CADSUS)])

    response = client.get(desk)

    assert "Este número é hoje de outra pessoa do cadastro: não pode ser aceito." in text_of(response)
    assert reverse("beneficiaries:person", args=[operator.registration, holder.pk]) in response.content.decode()


def test_desk_tells_of_an_untold_kind_as_untold(client, desk):
    review = _open()
    Review.objects.filter(pk=review.pk).update(kind="", source="CNX")

    page = text_of(client.get(desk))

    assert "da ANS (conferência CNX); a fonte não diz se é definitivo ou provisório." in page


# ---- undoing ----------------------------------------------------------------------------------------------------
def _undo(operator, review):
    return reverse("beneficiaries:review_undo", args=[operator.registration, review.pk])


@pytest.mark.parametrize(("decision", "done"), [("accept", "aceito"), ("dismiss", "descartado")])
def test_desk_offers_to_undo_the_last_decision_once(operator, client, desk, decision, done):
    review = _open()

    response = client.post(_case(operator, review), {"decision": decision}, follow=True)

    assert response.context["last"] == review
    assert f"{review.person.name}: número {done}. Desfazer" in text_of(response)
    assert _undo(operator, review) in response.content.decode()
    assert client.get(desk).context["last"] is None


@pytest.mark.parametrize("decision", ["accept", "dismiss"])
def test_undoing_leads_to_the_open_case(operator, client, decision):
    review = _open()
    client.post(_case(operator, review), {"decision": decision})

    response = client.post(_undo(operator, review), follow=True)

    assert response.redirect_chain == [(_case(operator, review), 302)]
    assert response.context["case"].status == Review.Status.OPEN
    assert f"Decisão desfeita. O caso de {review.person.name} está aberto de novo." in text_of(response)
    assert review.person.cns_numbers.current().count() == 0


def test_undoing_what_stands_says_why(operator, client):
    review = _open()
    client.post(_case(operator, review), {"decision": "accept"})
    attach_cns([CnsOffer(review.person_id, cns(2), CnsSource.CADSUS)])

    response = client.post(_undo(operator, review), follow=True)

    assert "A pessoa tem hoje outro número, ou já tinha este." in text_of(response)


def test_undoing_is_for_reviewers_of_the_operator_alone(operator, client):
    review = _open()
    client.post(_case(operator, review), {"decision": "accept"})
    others = [signed_in(operator, role) for role in Role if role is not Role.REVISAO]
    stranger = OperatorFactory()

    statuses = {other.post(_undo(operator, review)).status_code for other in others}
    with outside_operator_context():
        abroad = signed_in(stranger, *Role).post(_undo(stranger, review)).status_code

    assert (statuses, abroad) == ({403}, 404)
    assert review.person.cns_numbers.current().count() == 1


# ---- decided cases ----------------------------------------------------------------------------------------------
def test_a_decided_case_stays_readable(operator, client):
    Operator.objects.update(risky_decisions_by_two=False)
    review = _open(birth="1985-02-28")
    client.post(_case(operator, review), {"decision": "accept", "note": "conferido no documento"})

    response = client.get(_case(operator, review))

    page = text_of(response)
    assert (response.status_code, response.context["undoable"]) == (200, True)
    assert f"por {client.user} Observação conferido no documento" in page
    assert "Nascimento 29/02/1984 28/02/1985 diferente" in page


def test_a_case_of_another_operator_is_not_found(client):
    review, stranger = _open(), OperatorFactory()

    with outside_operator_context():
        assert signed_in(stranger, *Role).get(_case(stranger, review)).status_code == 404


@pytest.fixture
def decided(operator, client):
    """Accepted, dismissed by somebody else, dropped; each a day later."""
    accepted, dismissed, dropped = (_open(number) for number in (1, 2, 3))
    other = signed_in(operator, Role.REVISAO)
    client.post(_case(operator, accepted), {"decision": "accept"})
    other.post(_case(operator, dismissed), {"decision": "dismiss"})
    attach_cns([CnsOffer(dropped.person_id, cns(3), CnsSource.CADSUS)])
    for day, review in enumerate((accepted, dismissed, dropped), 1):
        Review.objects.filter(pk=review.pk).update(decided_at=datetime(2026, 3, day, 15, tzinfo=UTC))
    return [accepted, dismissed, dropped], other.user


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, [2, 1, 0]),
        ({"decisao": "ACCEPTED"}, [0]),
        ({"decisao": "WITHDRAWN"}, [2]),
        ({"de": "2026-03-02"}, [2, 1]),
        ({"ate": "2026-03-02", "decisao": "DISMISSED"}, [1]),
        ({"decisao": "o que é isto?", "de": "ontem", "quem": "x"}, [2, 1, 0]),
    ],
)
def test_decided_cases_are_listed_latest_first_and_narrowed(operator, client, decided, asked, shown):
    cases, _ = decided

    response = client.get(reverse("beneficiaries:reviews_decided", args=[operator.registration]), asked)

    assert response.context["page"].rows == [cases[place] for place in shown]


def test_decided_cases_are_narrowed_to_who_decided(operator, client, decided):
    cases, other = decided

    response = client.get(reverse("beneficiaries:reviews_decided", args=[operator.registration]), {"quem": other.pk})

    assert response.context["page"].rows == [cases[1]]


def test_decided_cases_go_on_over_pages(operator, client, decided, monkeypatch):
    cases, _ = decided
    monkeypatch.setattr("operators.views.pagination.PAGE_SIZE", 2)
    first = client.get(reverse("beneficiaries:reviews_decided", args=[operator.registration]))

    second = client.get(first.context["page"].next)

    assert [page.context["page"].rows for page in (first, second)] == [[cases[2], cases[1]], [cases[0]]]
