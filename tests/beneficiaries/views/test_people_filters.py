"""The list of people: more filters with counts, the order as a choice, columns; page and export never differ."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Company, Relationship
from beneficiaries.services import CnsOffer, attach_cns
from operators.permissions import Role
from tests.exported_rows import rows
from tests.factories import BeneficiaryFactory, ContractFactory, PersonFactory, PlanFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CONSULTA)


@pytest.fixture
def people(operator):
    return reverse("beneficiaries:people", args=[operator.registration])


def born(years, days=0):
    """Who is so many years old and was born some days before that birthday; on 29 February the day before counts."""
    today = timezone.localdate()
    day = today.day - 1 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - years, day=day) - timedelta(days=days)


@pytest.fixture
def registry(operator):
    """Two of one company, one of no contract; the first with a CNS."""
    company = Company.objects.create(operator=operator, legal_name="Padaria Exemplo Ltda.", cnpj="11222333000181")
    contract = ContractFactory(number="2026/1", company=company)
    plan = PlanFactory(name="Essencial")
    first = BeneficiaryFactory(
        code="A1", plan=plan, contract=contract,
        person=PersonFactory(name="Ana Exemplo", birth_date=born(18, 1), city_code="355030"),
    )  # fmt: skip
    second = BeneficiaryFactory(
        code="A2", plan=plan, contract=contract, holder=first, relationship=Relationship.CHILD,
        person=PersonFactory(name="Bia Exemplo", birth_date=born(0, 10), city_code="355030"),
    )  # fmt: skip
    third = BeneficiaryFactory(code="B1", contract=None, person=PersonFactory(name="Caio Exemplo", birth_date=born(60)))
    attach_cns([CnsOffer(first.person_id, cns(1), CnsSource.CADSUS, tier="B")])
    return {"company": company, "plan": plan, "links": [first, second, third]}


def a_day(ahead):
    """Of yesterday or later: midnight may pass while the test runs."""
    return (timezone.localdate() - timedelta(days=1 - ahead)).isoformat()


def shown(response):
    return [person.name for person in response.context["page"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda registry: {"plano": registry["plan"].pk}, ["Ana", "Bia"]),
        (lambda registry: {"empresa": registry["company"].pk}, ["Ana", "Bia"]),
        (lambda registry: {"empresa": registry["company"].pk, "cns": "sem"}, ["Bia"]),
        (lambda _: {"contrato": "2026/1"}, ["Ana", "Bia"]),
        (lambda _: {"municipio": "355030"}, ["Ana", "Bia"]),
        (lambda _: {"idade": "0-18"}, ["Ana", "Bia"]),
        (lambda _: {"idade": "59-"}, ["Caio"]),
        (lambda _: {"origem": "CADSUS"}, ["Ana"]),
        (lambda _: {"nivel": "B"}, ["Ana"]),
        (lambda _: {"nivel": "C"}, []),
        (lambda _: {"desde": a_day(0), "ate": a_day(2)}, ["Ana"]),
        (lambda _: {"desde": a_day(3)}, []),
        (lambda _: {"plano": "x", "idade": "7", "desde": "ontem", "municipio": "São Paulo"}, ["Ana", "Bia", "Caio"]),
        (lambda _: {"ordem": "-entrada"}, ["Caio", "Bia", "Ana"]),
    ],
)
def test_filters_narrow_page_and_export_alike(client, people, registry, query, expected):
    asked = query(registry)

    page = client.get(people, asked)
    exported = rows("people", "&".join(f"{key}={value}" for key, value in asked.items()))

    names = [f"{name} Exemplo" for name in expected]
    assert (shown(page), [row[0] for row in exported]) == (names, names)


@pytest.mark.parametrize(("days", "found"), [(0, ["Ana Exemplo"]), (1, [])])
def test_an_age_begins_on_the_birthday(client, people, operator, days, found):
    PersonFactory(name="Ana Exemplo", birth_date=born(19, -days))

    assert shown(client.get(people, {"idade": "19-23"})) == found


def test_the_panel_offers_what_somebody_has_with_how_many(client, people, registry):
    form = client.get(people, {"filtros": "1"}).context["panel"]

    offered = {name: [label for value, label in form.fields[name].widget.choices if value] for name in form.fields
               if hasattr(form.fields[name].widget, "choices")}  # fmt: skip
    assert offered["empresa"] == ["Padaria Exemplo Ltda. (2)"]
    assert offered["municipio"] == ["São Paulo (SP) (2)"]
    assert offered["origem"][0] == "DATASUS (CadSUS) (1)"
    assert offered["idade"][:2] == ["0 a 18 anos (2)", "59 anos ou mais (1)"]
    assert [label.rsplit(" ", 1)[1] for label in offered["plano"]] == ["(2)", "(1)"]


def test_the_panel_counts_the_people_that_are_shown(client, people, registry):
    form = client.get(people, {"filtros": "1", "cns": "sem", "empresa": registry["company"].pk}).context["panel"]

    ages = dict(form.fields["idade"].widget.choices)
    assert (ages["0-18"], ages["59-"]) == ("0 a 18 anos (1)", "59 anos ou mais (0)")


def test_what_is_chosen_gives_an_address_without_blanks(client, people, registry):
    chosen = {"filtros": "ver", "cns": "sem", "plano": "", "idade": "0-18", "ordem": "nome", "coluna": ["codigo", "x"]}

    response = client.get(people, chosen)

    assert response.url == f"{people}?cns=sem&idade=0-18&ordem=nome&colunas=codigo"


def test_each_filter_says_what_it_means_and_how_to_be_rid_of_it(client, people, registry):
    page = client.get(people, {"idade": "0-18", "nivel": "B"})

    assert [(facet.label, facet.href) for facet in page.context["narrowing"]] == [
        ("0 a 18 anos", f"{people}?nivel=B"),
        ("nível B", f"{people}?idade=0-18"),
    ]


def test_columns_are_chosen_kept_and_exported(client, people, registry):
    names = ["codigo", "titular", "parentesco", "contrato", "empresa", "municipio", "origem", "nivel"]
    client.get(people, {"filtros": "ver", "coluna": names})

    page = client.get(people)
    exported = rows("people", f"colunas={','.join(names)}")

    assert [column.name for column in page.context["columns"]] == names
    company = ["Padaria Exemplo Ltda."]
    assert [list(map(list, person.cells)) for person in page.context["page"].rows[:2]] == [
        [["A1"], [], ["titular"], ["2026/1"], company, ["São Paulo (SP)"], ["DATASUS (CadSUS)"], ["B"]],
        [["A2"], ["Ana Exemplo"], ["filho(a)"], ["2026/1"], company, ["São Paulo (SP)"], [], []],
    ]
    assert [row[6] for row in exported] == ["A1", "A2", "B1"]
    assert "colunas=codigo" in page.content.decode()


def test_a_moment_is_an_age_on_the_page_and_a_moment_in_the_export(client, people, registry):
    page = text_of(client.get(people, {"colunas": "desde", "origem": "CADSUS"}))

    assert "CNS desde" in page
    assert "agora" in page
    assert [row[6] for row in rows("people", "colunas=desde&origem=CADSUS")] == [CnsNumber.objects.get().attached_at]


def test_without_columns_the_list_is_as_narrow_as_can_be(client, people, registry):
    client.get(people, {"filtros": "ver"})

    assert client.get(people).context["columns"] == ()


@pytest.mark.parametrize("count", [1, 12])
def test_the_panel_asks_as_often_for_few_as_for_many(client, people, count, django_assert_num_queries):
    for link in BeneficiaryFactory.create_batch(count):
        attach_cns([CnsOffer(link.person_id, cns(link.person_id), CnsSource.CADSUS)])

    with django_assert_num_queries(17):
        client.get(people, {"filtros": "1"})


@pytest.mark.parametrize(("age", "told"), [(0, "em 30 dias"), (29, "em 1 dia"), (30, "já deve constar")])
def test_newborns_are_shown_with_the_days_until_datasus_knows_them(client, people, operator, age, told):
    BeneficiaryFactory(person__birth_date=timezone.localdate() - timedelta(days=age))

    page = client.get(people, {"lista": "recem-nascidos"})

    assert ("No CadSUS" in text_of(page), told in text_of(page)) == (True, True)
