"""What happened to a person: all of it, paged and narrowed; changes told from before to after, numbers masked."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.change_events import change_event
from operators.audit import Event, EventKind, record
from operators.permissions import Role
from operators.views.pagination import PAGE_SIZE
from tests.exported_rows import rows
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory, UserFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CONSULTA)


@pytest.fixture
def person(operator):
    return PersonFactory(name="Benedita Exemplo")


def page_of(operator, person):
    return reverse("beneficiaries:person_history", args=[operator.registration, person.pk])


def happened(person, kind=EventKind.CNS_ASKED, actor=None):
    record([Event(kind, "person", person.pk, person.pk, actor)])


def changed(person, kind=EventKind.PERSON_CHANGED, **changes):
    record([change_event(kind, person.pk, person.pk, changes, actor=None, source="test")])


def labels(response):
    return [moment.label for moment in response.context["moments"]]


def test_everything_is_there_newest_first_page_by_page(client, operator, person):
    for _ in range(PAGE_SIZE + 1):
        happened(person)
    happened(person, EventKind.PERSON_UNMASKED)

    first = client.get(page_of(operator, person))
    second = client.get(first.context["page"].next)

    assert (labels(first)[0], len(labels(first)), len(labels(second))) == ("Dados completos vistos", PAGE_SIZE, 2)
    assert labels(client.get(second.context["page"].previous)) == labels(first)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tipo": "cns.asked"}, 1),
        ({"quem": "sistema"}, 1),
        ({"de": "2000-01-01", "ate": "2100-01-01"}, 2),
        ({"ate": "2000-01-01"}, 0),
        ({"tipo": "x", "quem": "y", "de": "ontem"}, 2),
    ],
)
def test_filters_narrow_page_and_export_alike(client, operator, person, query, expected):
    happened(person)
    happened(person, EventKind.PERSON_UNMASKED, UserFactory(first_name="Ana", last_name="Prado"))

    page = client.get(page_of(operator, person), query)
    exported = rows("person_history", urlencode({**query, "pessoa": person.pk}))

    assert (len(labels(page)), len(exported)) == (expected, expected)


def test_a_filter_offers_what_there_is(client, operator, person):
    happened(person)
    happened(person, EventKind.PERSON_UNMASKED, UserFactory(first_name="Ana", last_name="Prado"))

    form = client.get(page_of(operator, person)).context["form"]

    assert [label for _, label in form.fields["tipo"].choices] == [
        "Tudo",
        "Consulta ao DATASUS pedida",
        "Dados completos vistos",
    ]
    assert [label for _, label in form.fields["quem"].choices] == ["Todos", "Ana Prado", "sistema"]


@pytest.mark.parametrize(
    ("field", "before", "after", "told"),
    [
        ("name", "Ana", "Ana Maria", "Nome: de Ana para Ana Maria"),
        ("cpf", None, "11144477735", "CPF: de em branco para •••.444.777-••"),
        (
            "birth_date",
            date(1984, 3, 2),
            None,
            "Data de nascimento: de 02/03/1984 para em branco",
        ),
        ("sex", "1", "3", "Sexo: de masculino para feminino"),
        ("city_code", "", "355030", "Código do município (IBGE): de em branco para São Paulo (SP)"),
        ("pis_pasep", "12056412547", "", "PIS/PASEP: de ••••••••••• para em branco"),
        ("cancellation_reason", "", "41", "Motivo do cancelamento: de em branco para"),
    ],
)
def test_a_change_is_told_from_before_to_after_in_words(client, operator, person, field, before, after, told):
    changed(person, **{field: (before, after)})

    assert told in text_of(client.get(page_of(operator, person)))


def test_a_change_names_the_plan_it_refers_to(client, operator, person):
    old, new = PlanFactory(name="Essencial"), PlanFactory(name="Completo")
    changed(person, EventKind.LINK_CHANGED, plan=(old, new))
    old.delete()

    told = text_of(client.get(page_of(operator, person)))

    assert f"Plano: de um que não existe mais para {new}" in told


def test_numbers_are_masked_on_page_and_in_export(client, operator, person):
    attach_cns([CnsOffer(person.pk, cns(7), CnsSource.CADSUS)])
    changed(person, cpf=("52998224725", "11144477735"))

    told = text_of(client.get(page_of(operator, person))) + str(rows("person_history", f"pessoa={person.pk}"))

    assert [number in told for number in (cns(7), "52998224725", "11144477735", "529.982.247-25")] == [False] * 4


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("email", "benedita@exemplo.test", "e-mail"),
        ("street", "Rua das Laranjeiras", "logradouro"),
        ("number", "48731", "número"),
        ("complement", "Casa dos fundos", "complemento"),
        ("district", "Jardim Exemplar", "bairro"),
        ("postal_code", "48731990", "CEP"),
    ],
)
def test_where_a_person_is_reached_is_hidden_on_pages_and_in_export(client, operator, person, field, value, label):
    changed(person, **{field: ("", value)})

    history = text_of(client.get(page_of(operator, person)))
    overview = text_of(client.get(reverse("beneficiaries:person", args=[operator.registration, person.pk])))
    exported = str(rows("person_history", f"pessoa={person.pk}"))

    told = f"{label}: de em branco para •••".lower()
    assert [(told in text.lower(), value in text) for text in (history, overview, exported)] == [(True, False)] * 3


def test_the_page_of_the_person_shows_the_latest_and_leads_to_all(client, operator, person):
    for _ in range(12):
        happened(person)

    page = client.get(reverse("beneficiaries:person", args=[operator.registration, person.pk]))

    assert len(page.context["moments"]) == 10
    assert f'href="{page_of(operator, person)}"' in page.content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_asks_as_often_for_little_as_for_much(client, operator, person, count, django_assert_num_queries):
    link = BeneficiaryFactory(person=person)
    for _ in range(count):
        changed(person, EventKind.LINK_CHANGED, plan=(link.plan, PlanFactory()))

    with django_assert_num_queries(13):
        client.get(page_of(operator, person))


def test_nobody_else_is_found(client, operator):
    assert client.get(page_of(operator, Person(pk=999_999))).status_code == 404


def test_a_term_that_tells_of_health_is_not_shown(client, operator, person):
    changed(person, EventKind.LINK_CHANGED, cpt_until=(None, date(2027, 1, 31)))

    told = text_of(client.get(page_of(operator, person)))

    assert ("temporária (CPT): de em branco para" in told, "31/01/2027" in told) == (True, False)
