import pytest

from cadsus.client.pdq_query import Search
from cadsus.models import Lookup
from cadsus.services.lookups.search_strategy import search_for
from tests.factories import PersonFactory, cns

NIS = "12345678919"


def search(person, known_cns="", **wish):
    return search_for(Lookup(person=person, **wish), known_cns)


def demographics(person):
    return Search(name=person.name, birth_date=person.birth_date, mother_name=person.mother_name, sex="F")


@pytest.mark.parametrize(
    ("facts", "known_cns", "expected"),
    [
        ({"cpf": "52998224725", "pis_pasep": NIS}, cns(1), Search(cpf="52998224725")),
        ({"cpf": None, "pis_pasep": NIS}, cns(1), Search(cns=cns(1))),
        ({"cpf": None, "pis_pasep": NIS}, "", Search(nis=NIS)),
    ],
    ids=["cpf", "held cns", "nis"],
)
def test_search_is_by_the_surest_number_that_is_known(operator, facts, known_cns, expected):
    assert search(PersonFactory(**facts), known_cns) == expected


@pytest.mark.parametrize("pis", ["", "12345678910", "11111111111"])
def test_search_without_a_good_number_is_by_demographics(operator, pis):
    person = PersonFactory(cpf=None, pis_pasep=pis)

    assert search(person) == demographics(person)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("cpf", Search(cpf="52998224725")), ("cns", Search(cns=cns(1))), ("nis", Search(nis=NIS))],
)
def test_search_is_by_what_was_wished_for(operator, key, expected):
    person = PersonFactory(cpf="52998224725", pis_pasep=NIS)

    assert search(person, cns(1), key=key) == expected


def test_search_by_demographics_may_be_wished_for_although_there_is_a_number(operator):
    person = PersonFactory()

    assert search(person, cns(1), key="dados") == demographics(person)


@pytest.mark.parametrize(
    ("facts", "city", "expected"),
    [
        ("name,birth_date", "", {"name", "birth_date"}),
        ("name,sex", "355030", {"name", "sex", "birth_city"}),
        ("birth_date", "355030", {"birth_date", "birth_city"}),
        ("name", "", {"name", "birth_date", "sex"}),
        ("name,mother_name", "", {"name", "birth_date", "sex"}),
    ],
    ids=["two", "two and the town", "one and the town", "one alone", "one that is not known any more"],
)
def test_search_is_by_the_facts_that_were_chosen_and_never_by_fewer_than_two(operator, facts, city, expected):
    person = PersonFactory(mother_name="")

    found = search(person, key="dados", facts=facts, birth_city=city)

    assert (set(found.facts), found.birth_city) == (expected, city)


@pytest.mark.parametrize(("key", "number", "field"), [("cns", cns(9), "cns"), ("nis", NIS, "nis")])
def test_search_is_by_the_number_that_the_person_told(operator, key, number, field):
    person = PersonFactory(pis_pasep="10000000008")

    assert search(person, cns(1), key=key, number=number) == Search(**{field: number})
