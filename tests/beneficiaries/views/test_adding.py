"""Pages for a new person, a new dependant, and a new link."""

import re
from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary, Contract, Person
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory
from tests.pages import signed_in, text_of

PERSON = {"name": "Rosa Exemplo", "birth_date": "02/05/1990", "mother_name": "Joana Exemplo", "cpf": "111.444.777-35"}
LINK = {"code": "17", "relationship": "1", "contracted_on": "01/07/2021"}
HTMX = {"HX-Request": "true"}


def address(operator, name, pk=None):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, *filter(None, [pk])])


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def plan(operator):
    return PlanFactory()


@pytest.fixture
def sent(plan):
    return PERSON | LINK | {"plan": plan.pk}


@pytest.fixture
def page(operator):
    return address(operator, "person_add")


def errors(response):
    return response.context["form"].errors | response.context["link_form"].errors


def test_only_those_who_edit_people_add_some(operator, page):
    holder = BeneficiaryFactory()
    pages = [page, address(operator, "dependant_add", holder.pk), address(operator, "link_add", holder.person_id)]
    other = signed_in(operator, *(role for role in Role if role is not Role.CADASTRO))
    clerk = signed_in(operator, Role.CADASTRO)

    assert [other.get(each).status_code for each in pages] == [403] * 3
    assert [clerk.get(each).status_code for each in pages] == [200] * 3


def test_somebody_new_is_added_with_a_link(clerk, page, sent, plan):
    response = clerk.post(page, sent | {"waiting_H": "180 dias"}, follow=True)

    link = Beneficiary.objects.select_related("person").get()
    assert (link.code, link.plan, link.holder, link.contracted_on) == ("17", plan, None, date(2021, 7, 1))
    assert (link.person.name, link.person.cpf, link.person.birth_date) == (
        "Rosa Exemplo",
        "11144477735",
        date(1990, 5, 2),
    )
    assert "Pessoa cadastrada. O DATASUS ainda não pode ser consultado: falta o certificado" in text_of(response)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"cpf": "111.444.777-34"}, {"cpf": ["Não passa nos dígitos de conferência."]}),
        ({"birth_date": "01/01/2999"}, {"birth_date": ["Deve estar entre 01/01/1890 e hoje."]}),
        ({"name": ""}, {"name": ["Preencha “Nome”."]}),
        (
            {"name": "RN de Joana Exemplo", "mother_name": ""},
            {"mother_name": ["Informe o nome da mãe: é por ele que se acha quem ainda não tem nome."]},
        ),
        ({"plan": ""}, {"plan": ["Escolha o plano."]}),
        ({"relationship": ""}, {"relationship": ["Preencha “Relação com o titular”."]}),
        ({"relationship": "4"}, {"holder": ["Informe o código do titular."]}),
        ({"relationship": "4", "holder": "99"}, {"holder": ["Não há titular com este código."]}),
        ({"holder": "1"}, {"holder": ["Um titular não tem titular; deixe em branco."]}),
        ({"code": "1"}, {"code": ["Este código já é de outro vínculo."]}),
        ({"contract": "X"}, {"contract": ["Não há contrato com este número. Cadastre-o primeiro em Contratos."]}),
        ({"waiting_P": "300"}, {"waiting_P": ["Use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”."]}),
    ],
)
def test_what_is_wrong_stands_beside_its_field(clerk, page, sent, changes, wrong):
    BeneficiaryFactory(code="1")

    response = clerk.post(page, sent | changes)

    assert (response.status_code, errors(response)) == (422, wrong)
    assert Person.objects.count() == 1


def test_a_newborn_without_a_name_is_added_with_the_mother(clerk, page, sent):
    clerk.post(page, sent | {"name": "RN de Joana Exemplo", "cpf": "", "birth_date": "30/11/2025"})

    assert list(Person.objects.values_list("name", "cpf")) == [("RN de Joana Exemplo", None)]


def told(response):
    """What htmx puts beside the fields, by field."""
    pieces = re.findall(r'id="id_(\w+)_told"[^>]*>(.*?)</div>', response.content.decode(), re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", text).strip() for name, text in pieces if text}


def test_what_is_wrong_with_what_is_written_is_told_while_typing(clerk, page, sent):
    BeneficiaryFactory(code="1")
    typed = {"name": "Rosa Exemplo", "cpf": "111.444.777-34", "code": "1"}

    response = clerk.post(page, typed, headers=HTMX)

    assert (response.status_code, told(response)) == (
        200,
        {"cpf": "Não passa nos dígitos de conferência.", "code": "Este código já é de outro vínculo."},
    )
    assert Person.objects.count() == 1


def test_who_is_alike_is_shown_while_typing(clerk, page):
    known = PersonFactory(name="Rosa Exemplo", birth_date=date(1990, 5, 2))

    response = clerk.post(page, {"name": "rosa exemplo", "birth_date": "02/05/1990"}, headers=HTMX)

    assert [one.person for one in response.context["known"]] == [known]
    assert "É outra pessoa" in text_of(response)


def test_who_has_the_cpf_is_offered_instead_and_can_not_be_somebody_else(operator, clerk, page, sent):
    known = PersonFactory(name="Rosa Exemplo", cpf="11144477735", birth_date=date(1990, 5, 2))

    response = clerk.post(page, sent | {"outra": known.pk})

    assert (response.status_code, errors(response)) == (422, {"cpf": ["Este CPF já está no cadastro."]})
    assert address(operator, "link_add", known.pk) in response.content.decode()
    assert f'name="outra" value="{known.pk}"' not in response.content.decode()
    assert Person.objects.count() == 1


def test_who_is_alike_must_be_said_to_be_somebody_else(clerk, page, sent):
    known = PersonFactory(name="Rosa Exemplo", birth_date=date(1990, 5, 2), mother_name="Joana Exemplo", cpf=None)

    asked = clerk.post(page, sent)
    before = Person.objects.count()
    clerk.post(page, sent | {"outra": known.pk})

    assert (asked.status_code, errors(asked), before) == (422, {}, 1)
    assert "Nome, nascimento e nome da mãe são os mesmos" in text_of(asked)
    assert Person.objects.count() == 2


def test_a_dependant_takes_plan_contract_and_address_of_the_holder(operator, clerk):
    contract = Contract.objects.create(operator=operator, kind="2")
    person = PersonFactory(street="Rua das Flores", number="12", city_code="355030")
    holder = BeneficiaryFactory(person=person, contract=contract, code="17")
    page = address(operator, "dependant_add", holder.pk)
    response = clerk.get(page)
    shown = {
        form[name].html_name: form[name].value()
        for form in (response.context["form"], response.context["link_form"])
        for name in form.fields
        if name != "read"
    }

    sent = {name: value for name, value in shown.items() if value not in (None, "")} | PERSON
    clerk.post(page, sent | {"code": "18", "relationship": "4", "contracted_on": "01/07/2022"})

    link = Beneficiary.objects.select_related("person").get(code="18")
    assert (link.holder, link.plan, link.contract) == (holder, holder.plan, contract)
    assert (link.person.street, link.person.number, link.person.city_code) == ("Rua das Flores", "12", "355030")
    seen = AuditEvent.objects.filter(kind="person.unmasked").values_list("person_id", "data")
    assert list(seen) == [(holder.person_id, {"reason": "alteracao"})]


def test_somebody_known_becomes_the_dependant_of_a_holder(operator, clerk):
    holder, known = BeneficiaryFactory(code="17"), PersonFactory()
    page = f"{address(operator, 'link_add', known.pk)}?titular={holder.pk}"
    form = clerk.get(page).context["link_form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}

    response = clerk.post(page, sent | {"code": "18", "relationship": "3", "contracted_on": "01/07/2022"}, follow=True)

    assert "Vínculo incluído." in text_of(response)
    assert Beneficiary.objects.filter(person=known, holder=holder, plan=holder.plan).count() == 1


def test_what_was_written_of_the_link_is_not_lost_when_the_person_is_known(clerk, page, operator, sent, plan):
    known = PersonFactory(cpf="11144477735")
    shown = clerk.post(page, sent)
    (one,) = shown.context["known"]

    carried = clerk.post(one.new_link, sent | {"trazer": "1"})

    form = carried.context["link_form"]
    assert (one.person, carried.status_code, Beneficiary.objects.count()) == (known, 200, 0)
    assert [str(form[name].value()) for name in ("code", "relationship", "plan")] == ["17", "1", str(plan.pk)]
    assert form["contracted_on"].value() == "01/07/2021"
    clerk.post(one.new_link, {name: form[name].value() or "" for name in form.fields})
    assert Beneficiary.objects.get().person == known


def test_what_is_wrong_with_a_new_link_is_told_while_typing(operator, clerk, plan):
    BeneficiaryFactory(code="1")

    response = clerk.post(address(operator, "link_add", PersonFactory().pk), {"code": "1"}, headers=HTMX)

    assert told(response) == {"code": "Este código já é de outro vínculo."}


def test_nobody_depends_on_himself(operator, clerk, plan):
    holder = BeneficiaryFactory(code="1")
    sent = LINK | {"plan": plan.pk, "relationship": "4", "holder": "1"}

    response = clerk.post(address(operator, "link_add", holder.person_id), sent)

    assert response.context["form"].errors == {"holder": ["Este titular é a mesma pessoa."]}


def test_without_a_plan_the_page_leads_to_one(operator, clerk, page):
    assert address(operator, "plan_add") in clerk.get(page).content.decode()


@pytest.mark.parametrize("known", [1, 5])
def test_page_asks_the_database_as_often_for_few_alike_as_for_many(clerk, page, sent, django_assert_num_queries, known):
    PersonFactory.create_batch(known, name="Rosa Exemplo", birth_date=date(1990, 5, 2), cpf=None)

    with django_assert_num_queries(20):
        response = clerk.post(page, sent)

    assert len(response.context["known"]) == known
