"""The list of people: searched without a trace in the address, filtered, paged, masked."""

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import format_cpf
from beneficiaries.models import CnsSource, Company, PendingReason, Person
from beneficiaries.services import CnsOffer, attach_cns
from operators.permissions import Role
from operators.views.pagination import PAGE_SIZE
from tests.beneficiaries.reasons import give_reason
from tests.factories import BeneficiaryFactory, ContractFactory, PersonFactory, cns
from tests.pages import signed_in, text_of
from tests.tones import TONES


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CONSULTA)


@pytest.fixture
def people(operator):
    return reverse("beneficiaries:people", args=[operator.registration])


@pytest.fixture
def search(operator):
    return reverse("beneficiaries:person_search", args=[operator.registration])


def _shown(response):
    return [person.pk for person in response.context["page"].rows]


def test_list_is_in_the_order_of_names(client, people):
    late = PersonFactory(name="Zélia Exemplo")
    early = PersonFactory(name="Álvaro Exemplo")

    assert _shown(client.get(people)) == [early.pk, late.pk]


def test_list_masks_cpf_and_cns(client, people):
    person = BeneficiaryFactory().person
    attach_cns([CnsOffer(person.pk, cns(7), CnsSource.CADSUS)])

    page = client.get(people).content.decode()

    assert [page.count(person.cpf), page.count(format_cpf(person.cpf)), page.count(cns(7))] == [0, 0, 0]
    assert (page.count(f"•••.{person.cpf[3:6]}.{person.cpf[6:9]}-••"), page.count(f"•••• {cns(7)[-4:]}")) == (1, 1)


def test_list_shows_the_social_name_first(client, people):
    PersonFactory(name="José Exemplo", social_name="Íris Exemplo")

    assert "Íris Exemplo nome civil: José Exemplo" in text_of(client.get(people))


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_number_of_queries_however_many_people(client, people, count, django_assert_num_queries):
    for link in BeneficiaryFactory.create_batch(count):
        attach_cns([CnsOffer(link.person_id, cns(link.person_id), CnsSource.CADSUS)])

    with django_assert_num_queries(10):
        client.get(people)


def test_search_finds_by_pieces_of_the_name_and_year_of_birth(client, search):
    found = PersonFactory(name="Conceição Aparecida da Silva", birth_date="1984-05-02")
    PersonFactory(name="Conceição Aparecida da Silva", birth_date="1990-05-02")

    response = client.post(search, {"q": "conceicao silva 84"}, follow=True)

    assert _shown(response) == [found.pk]


@pytest.mark.parametrize("text", ["davila", "d avila", "d'avila", "D’ÁVILA", "davi", "d avi"])
def test_search_finds_all_spellings_of_a_name_with_an_apostrophe(operator, text):
    spellings = ["Ana d'Ávila", "ANA D AVILA", "Ana Davila", "Ana D´Avila"]
    found = [PersonFactory(name=name).pk for name in spellings]
    PersonFactory(name="Ana Dávalos")

    assert sorted(Person.objects.search(f"ana {text}").values_list("pk", flat=True)) == found


@pytest.mark.parametrize(("text", "finds"), [("lima jr", True), ("júnior", True), ("jr.", True), ("filho", False)])
def test_search_finds_both_spellings_of_a_generation(operator, text, finds):
    found = [PersonFactory(name=name).pk for name in ("José Lima Jr.", "JOSE LIMA JUNIOR")]

    assert sorted(Person.objects.search(text).values_list("pk", flat=True)) == (found if finds else [])


def test_search_finds_who_is_called_as_an_abbreviation_begins(operator):
    found = PersonFactory(name="Ana Fonseca")

    assert list(Person.objects.search("ana fo")) == [found]


def test_search_finds_a_pasted_cpf_with_dots(client, search):
    found, _ = PersonFactory.create_batch(2)

    assert _shown(client.post(search, {"q": f" {format_cpf(found.cpf)} "}, follow=True)) == [found.pk]


@pytest.mark.parametrize("text", ["13/06/1959", "13.06.59", "1959-06-13", "13061959", "benedita 13/06/1959"])
def test_search_finds_by_the_whole_birth_date(operator, text):
    found = PersonFactory(name="Benedita Exemplo", birth_date="1959-06-13")
    PersonFactory(name="Benedita Exemplo", birth_date="1959-06-14")

    assert list(Person.objects.search(text)) == [found]


@pytest.mark.parametrize("code", ["2100", "0002100", "000000000000000000000000002100"])
@pytest.mark.parametrize("typed", ["000002100", "0002100"])
def test_search_finds_a_code_whatever_zeros_stand_in_front(operator, code, typed):
    found = BeneficiaryFactory(code=code)
    BeneficiaryFactory(code="21000")

    assert list(Person.objects.search(typed)) == [found.person]


@pytest.mark.parametrize("text", ["%", "'", "_", "\\", "' or ''='", "&", ":*", "()", "%ana", "ana%'"])
def test_search_knows_no_special_letters(operator, text):
    PersonFactory(name="Benedita Exemplo")
    found = PersonFactory(name="Ana Exemplo")

    assert list(Person.objects.search_widely(text)) == ([found] if "ana" in text else [])


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=150))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_finds_some_people_or_none(operator, text):
    assert list(Person.objects.search_widely(text)) == []


def test_search_finds_by_a_name_and_the_last_four_digits_that_lists_show(operator):
    by_cpf = PersonFactory(name="Márcia Souza", cpf="11144477735")
    by_cns = PersonFactory(name="Márcia Lima", cpf=None)
    attach_cns([CnsOffer(by_cns.pk, cns(1), CnsSource.CADSUS)])
    PersonFactory(name="Márcia Dias", cpf="52998224725")

    assert list(Person.objects.search("marcia 7735")) == [by_cpf]
    assert list(Person.objects.search(f"{cns(1)[-4:]} marcia")) == [by_cns]


def test_search_finds_by_contract_and_by_email(operator):
    contract = ContractFactory(number="123456")
    found = BeneficiaryFactory(contract=contract, person__email="Ana.Prado@example.invalid").person
    BeneficiaryFactory(person__email="")

    lettered = BeneficiaryFactory(code="ABC123", contract=ContractFactory(number="C0001")).person

    assert list(Person.objects.search("123456")) == [found]
    assert [list(Person.objects.search(text)) for text in ("c0001", "abc123")] == [[lettered], [lettered]]
    assert list(Person.objects.search(BeneficiaryFactory(contract=ContractFactory()).contract.number)) != []
    assert list(Person.objects.search("ana.prado@EXAMPLE.invalid")) == [found]


@pytest.mark.parametrize(
    "text", ["conceicao", "ana concei", "ANA D'AVILA", "conceição 1984", "02/05/1984 conceicao davila"]
)
def test_search_finds_by_the_name_of_the_mother(client, search, text):
    found = PersonFactory(name="Ana Prado", mother_name="Conceição d’Ávila", birth_date="1984-05-02")
    PersonFactory(name="Ana Prado", mother_name="Joana Exemplo", birth_date="1984-05-02")

    assert _shown(client.post(search, {"q": text}, follow=True)) == [found.pk]


def test_search_shows_who_has_the_name_before_whose_mother_has(client, search):
    child = PersonFactory(name="Ana Prado", mother_name="Zulmira Prado")
    mother = PersonFactory(name="Zulmira Prado", mother_name="")

    assert _shown(client.post(search, {"q": "zulmira prado"}, follow=True)) == [mother.pk, child.pk]


@pytest.mark.parametrize("text", ["metal", "metalurgica sao joao", "Metalúrgica d'Oeste", "11.222.333/0001-81"])
def test_search_finds_the_people_of_a_company(operator, client, search, text):
    name = {"legal_name": "Metalúrgica São João Ltda", "trade_name": "Metal D'Oeste"}
    company = Company.objects.create(operator=operator, cnpj="11222333000181", **name)
    other = Company.objects.create(operator=operator, cnpj="33000167000101", legal_name="Padaria Exemplo")
    found = BeneficiaryFactory(contract=ContractFactory(company=company)).person
    BeneficiaryFactory(contract=ContractFactory(company=other))

    assert _shown(client.post(search, {"q": text}, follow=True)) == [found.pk]


def test_search_that_finds_too_many_says_how_to_narrow(client, search, monkeypatch):
    monkeypatch.setattr("beneficiaries.views.people.MAX_FOUND", 2)
    PersonFactory.create_batch(3, name="Maria Exemplo")

    response = client.post(search, {"q": "maria"}, follow=True)

    assert "Mais de 2 pessoas. Acrescente a data de nascimento ou o nome da mãe." in text_of(response)
    assert response.context["page"].next == ""


def test_pages_of_a_search_show_everybody_once(client, search):
    found = [PersonFactory(name=f"Maria Exemplo {number:03}").pk for number in range(PAGE_SIZE + 1)]
    response = client.post(search, {"q": "maria"}, follow=True)
    address = response.context["page"].next

    assert (_shown(response), _shown(client.get(address))) == (found[:PAGE_SIZE], found[PAGE_SIZE:])


@pytest.mark.parametrize("count", [1, 3])
def test_search_asks_the_same_number_of_queries_however_many_it_finds(client, search, count, django_assert_num_queries):
    BeneficiaryFactory.create_batch(count, person__name="Maria Exemplo")
    address = client.post(search, {"q": "maria"})["Location"]

    with django_assert_num_queries(12):
        client.get(address)


@pytest.mark.parametrize("text", ["bene%", "%", "b_nedita", "benedita\\", "'", "bened'ita:*", "|", "!"])
def test_characters_of_sql_are_no_special_letters(operator, text):
    """They are no letters of a name at all, so a search has them as blanks."""
    found = PersonFactory(name="Benedita Exemplo")
    PersonFactory(name="Ana Exemplo")

    assert list(Person.objects.search(f"{text} benedita")) == [found]


def test_search_leaves_nothing_of_the_person_in_the_address(client, search):
    person = PersonFactory(name="Benedita Exemplo")

    addresses = [client.post(search, {"q": words})["Location"] for words in (person.cpf, "Benedita")]

    assert [person.cpf in addresses[0], "enedita" in addresses[1]] == [False, False]
    assert len(set(addresses)) == 2


def test_search_is_repeated_by_its_address(client, search):
    PersonFactory(name="Ana Exemplo")
    found = PersonFactory(name="Benedita Exemplo")
    address = client.post(search, {"q": "benedita"})["Location"]

    response = client.get(address)

    assert (_shown(response), response.context["query"]) == ([found.pk], "benedita")


def test_search_of_somebody_else_is_not_recalled(operator, client, search):
    address = client.post(search, {"q": "benedita"})["Location"]

    response = signed_in(operator, Role.CONSULTA).get(address)

    assert (response.context["query"], response.context["expired"]) == ("", True)
    assert "Esta busca expirou." in text_of(response)


def test_search_for_nothing_shows_everybody(client, search, people):
    response = client.post(search, {"q": "  "})

    assert response["Location"] == people


def test_search_that_is_too_long_is_refused_in_a_sentence(client, search):
    response = client.post(search, {"q": "a" * 151})

    assert response.status_code == 422
    assert "A busca tem mais de 150 letras." in text_of(response)


def test_search_without_a_find_says_what_may_be_searched(client, search):
    response = client.post(search, {"q": "ninguém com este nome"}, follow=True)

    assert "Ninguém encontrado" in text_of(response)


def test_htmx_gets_the_list_alone(client, people):
    page = client.get(people, headers={"HX-Request": "true"}).content.decode()

    assert (page.count("<html"), page.count('id="pessoas"')) == (0, 1)


@pytest.fixture
def three_states(operator):
    """Verified, unverified, without: three people with a link in force; a fourth without any."""
    links = BeneficiaryFactory.create_batch(3)
    people = [link.person for link in links]
    attach_cns([CnsOffer(people[0].pk, cns(1), CnsSource.CADSUS)])
    attach_cns([CnsOffer(people[1].pk, cns(2), CnsSource.INFORMED, verified=False)])
    return [*people, PersonFactory()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {0, 1, 2, 3}),
        ({"cns": "verificado"}, {0}),
        ({"cns": "nao-verificado"}, {1}),
        ({"cns": "sem"}, {2, 3}),
        ({"vinculo": "ativo"}, {0, 1, 2}),
        ({"vinculo": "inativo"}, {3}),
        ({"cns": "sem", "vinculo": "ativo"}, {2}),
        ({"cns": "o que é isto?"}, {0, 1, 2, 3}),
    ],
)
def test_filters_narrow_the_list(client, people, three_states, query, expected):
    shown = set(_shown(client.get(people, query)))

    assert shown == {three_states[position].pk for position in expected}


def test_filter_by_reason_finds_those_who_wait_for_it(client, people, three_states):
    give_reason(three_states[2], PendingReason.CHECK_CPF)

    shown = _shown(client.get(people, {"cns": "sem", "motivo": "CHECK_CPF"}))

    assert shown == [three_states[2].pk]


@pytest.mark.parametrize(
    ("narrowed", "counts"),
    [
        ({}, {"": 3, "NEVER_ASKED": 1, "CHECK_CPF": 2}),
        ({"vinculo": "ativo"}, {"": 2, "NEVER_ASKED": 1, "CHECK_CPF": 1}),
        ({"vinculo": "inativo"}, {"": 1, "CHECK_CPF": 1}),
    ],
)
def test_reasons_are_shown_with_how_many_have_them(client, people, narrowed, counts):
    persons = [BeneficiaryFactory().person, BeneficiaryFactory().person, PersonFactory()]
    for person in persons[1:]:
        give_reason(person, PendingReason.CHECK_CPF)

    facets = client.get(people, {"cns": "sem", **narrowed}).context["reasons"]

    expected = {PendingReason(value).chip if value else "Todos os motivos": n for value, n in counts.items()}
    assert {facet.label: facet.count for facet in facets} == expected


def test_pages_show_everybody_once(client, people):
    PersonFactory.create_batch(PAGE_SIZE + 3)

    first = client.get(people)
    second = client.get(first.context["page"].next)

    shown = _shown(first) + _shown(second)
    assert shown == list(Person.objects.order_by("name_key", "pk").values_list("pk", flat=True))
    assert (first.context["page"].total, second.context["page"].next) == (PAGE_SIZE + 3, "")


def test_pages_of_a_search_lead_on_and_back(client, search):
    PersonFactory.create_batch(2 * PAGE_SIZE + 1)
    first = client.post(search, {"q": "aparecida"}, follow=True)

    second = client.get(first.context["page"].next)
    third = client.get(second.context["page"].next)
    back = client.get(third.context["page"].previous)

    pages = [response.context["page"] for response in (first, second, third)]
    assert [(page.number, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    assert _shown(back) == _shown(second)
    assert _shown(client.get(back.context["page"].previous)) == _shown(first)
    assert pages[0].previous == ""


def test_page_after_somebody_who_is_gone_is_the_first(client, people):
    person = PersonFactory()

    assert _shown(client.get(people, {"depois": person.pk + 1000})) == [person.pk]


def test_every_pending_reason_has_a_chip_and_a_tone():
    assert all(reason.chip and reason.tone in TONES for reason in PendingReason)
