import pytest
from django.urls import reverse

from beneficiaries.models import CnsNumber
from cadsus.models import Candidate, Credential, Exchange, Lookup
from tests.cadsus import soap
from tests.cadsus.lookups import answers, look_up
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, cns
from tests.pages import signed_in

NIS = "12345678919"


@pytest.fixture
def client(operator):
    return signed_in(operator, "cadastro")


def address(operator, person, name="lookup_create_by"):
    return reverse(f"cadsus:{name}", args=[operator.registration, person.pk])


def wish():
    return Lookup.objects.values_list("key", "number", "priority", "facts", "birth_city").get()


def choices(page):
    return [value for value, _ in page.context["form"].fields["by"].choices]


def test_form_offers_what_is_known_of_the_person_masked(client, operator):
    person = PersonFactory(cpf="52998224725", pis_pasep=NIS)
    CnsNumber.objects.create(
        operator=operator,
        person=person,
        number=cns(1),
        source="IMPORT",
        verified=False,
        attached_at="2026-01-01T00:00Z",
    )

    page = client.get(address(operator, person))

    assert choices(page) == ["cpf", "cns", "cns_informado", "nis", "nis_informado", "dados"]
    assert [number for number in ("52998224725", "529.982.247-25", cns(1), NIS) if number in page.text] == []


def test_form_offers_nothing_that_the_registry_lacks(client, operator):
    person = PersonFactory(cpf=None, pis_pasep="", mother_name="")

    page = client.get(address(operator, person))

    assert choices(page) == ["cns_informado", "nis_informado", "dados"]
    assert [name for name, _ in page.context["form"].fields["facts"].choices] == ["name", "birth_date", "sex"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"by": "cpf"}, ("cpf", "", 0, "", "")),
        ({"by": "cpf", "told": "123", "facts": ["name"], "birth_city": "x"}, ("cpf", "", 0, "", "")),
        ({"by": "cns_informado", "told": "100 0000 0001 0007"}, None),
        ({"by": "nis_informado", "told": "123.45678.91-9"}, ("nis", NIS, 0, "", "")),
        ({"by": "dados", "facts": ["sex", "name"]}, ("dados", "", 0, "sex,name", "")),
        (
            {"by": "dados", "facts": ["name"], "birth_city": "355.030-8"},
            ("dados", "", 0, "name", "355030"),
        ),
        ({"by": "dados", "facts": ["name"]}, None),
    ],
    ids=["cpf", "others not meant", "wrong cns", "told nis", "two facts", "a fact and the town", "one fact"],
)
def test_wish_is_kept_with_the_lookup(client, operator, typed, expected):
    client.post(address(operator, PersonFactory()), typed)

    assert (wish() if expected else Lookup.objects.exists()) == (expected or False)


def test_told_cns_is_asked_by(client, operator):
    spaced = f"{cns(7)[:3]} {cns(7)[3:7]} {cns(7)[7:11]} {cns(7)[11:]}"

    response = client.post(address(operator, PersonFactory()), {"by": "cns_informado", "told": spaced}, follow=True)

    assert wish() == ("cns", cns(7), 0, "", "")
    assert "A consulta ao DATASUS está na frente da fila." in response.text


def test_wish_that_comes_while_another_question_is_asked_is_not_said_to_be_kept(client, operator):
    person = PersonFactory()
    client.post(address(operator, person), {"by": "cpf"})
    Lookup.objects.update(status="RUNNING")

    same, other = (client.post(address(operator, person), {"by": by, "told": NIS}, follow=True) for by in WISHES)

    assert "A consulta ao DATASUS está na frente da fila." in same.text
    assert "Uma consulta por outro dado está em andamento. Quando ela terminar, peça de novo." in other.text
    assert wish() == ("cpf", "", 0, "", "")


WISHES = ("cpf", "nis_informado")


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"by": "cns_informado"}, "told", "Digite o número que a pessoa informou."),
        ({"by": "cns_informado", "told": "1" * 15}, "told", "Este CNS não passa na conferência dos dígitos."),
        ({"by": "nis_informado", "told": "12345678910"}, "told", "Este NIS não passa na conferência do dígito."),
        ({"by": "dados"}, "facts", "Marque pelo menos dois dados, ou um e o município de nascimento."),
        ({"by": "dados", "facts": ["name", "cpf"]}, "facts", "Escolha entre os dados da lista."),
        ({"by": "dados", "facts": ["name"], "birth_city": "São"}, "birth_city", "Escreva o código do IBGE"),
        ({}, "by", "Escolha por qual dado consultar."),
        ({"by": "rg"}, "by", "Escolha uma das opções."),
    ],
)
def test_wrong_wish_is_told_beside_its_field_and_asks_nothing(client, operator, typed, field, sentence):
    page = client.post(address(operator, PersonFactory()), typed)

    (told,) = page.context["form"].errors[field]
    assert (page.status_code, told.startswith(sentence)) == (422, True)
    assert not Lookup.objects.exists()


def test_form_is_for_those_who_may_ask(operator):
    assert signed_in(operator, "consulta").get(address(operator, PersonFactory())).status_code == 403


def test_form_of_another_operators_person_is_not_found(client, operator):
    other = PersonFactory(operator_id=OperatorFactory().pk)

    assert client.get(address(operator, other)).status_code == 404


def person_page(client, operator, person):
    return client.get(reverse("beneficiaries:person", args=[operator.registration, person.pk])).text


def test_person_page_shows_who_was_found_and_why_nothing_was_attached(datasus, operator, client):
    person = BeneficiaryFactory().person
    answers(datasus, soap.registered(person, (cns(1), "D"), (cns(2), "D")))
    look_up(person)

    page = person_page(client, operator, person)

    assert "Quem o DATASUS encontrou, e por que nada foi vinculado (1)" in page
    assert f"{cns(1)[-4:]} (definitivo)" in page
    assert cns(1) not in page


def test_person_page_shows_the_confidentiality_to_who_decides_alone(datasus, operator):
    person = BeneficiaryFactory().person
    answers(datasus, soap.registered(person, (cns(1), "P")))
    look_up(person)
    Candidate.objects.update(confidentiality="V")

    shown = {role: "Sigilo do registro" in person_page(signed_in(operator, role), operator, person) for role in ROLES}

    assert shown == {"cadastro": False, "revisao": True, "consulta": False}


ROLES = ("cadastro", "revisao", "consulta")


def test_person_page_tells_each_call_in_words(datasus, operator, client):
    person = BeneficiaryFactory().person
    answers(datasus, soap.registered(person, (cns(1), "D")))
    look_up(person)

    page = person_page(client, operator, person)

    assert "Cada chamada ao DATASUS (1)" in page
    assert "pessoas na resposta: 1" in page
    assert Credential.objects.get().fingerprint[-8:] in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"milliseconds": None}, "saiu e não se sabe o que veio"),
        ({"milliseconds": 5, "persons": 0}, "ninguém foi encontrado"),
        ({"milliseconds": 5, "trouble": "TIMEOUT"}, "O DATASUS não respondeu a tempo."),
        ({"milliseconds": 5, "trouble": "UNEXPECTED"}, "Erro inesperado."),
    ],
)
def test_call_that_brought_nothing_says_what_happened(datasus, operator, client, facts, words):
    person = BeneficiaryFactory().person
    answers(datasus, soap.registered(person, (cns(1), "D")))
    look_up(person)
    Exchange.objects.update(**{"trouble": "", "persons": None, **facts})

    assert words in person_page(client, operator, person)
