import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.names import fold
from datasus_simulator.people import CnsKind, Number, NumberKind, Person, Registry, SearchCriteria

CLARICE = Person(
    "1",
    cpf="11144477735",
    numbers=(Number("700000000000005", CnsKind.DEFINITIVE), Number("123456789010000", CnsKind.OLD)),
    name="Clarice Fictícia dos Testes",
    social_name="Clara Fictícia",
    mother_name="Berenice Fictícia",
    birth_date="19840229",
    sex="F",
    birth_city="530010",
    nis="12345678900",
)
NAMESAKE = Person("2", cpf="11144477735", name="CLARICE FICTICIA DOS TESTES", birth_date="19900101")
REGISTRY = Registry([CLARICE, NAMESAKE])


@pytest.mark.parametrize(
    ("kind", "digits", "found"),
    [
        (NumberKind.CPF, "11144477735", [CLARICE, NAMESAKE]),
        (NumberKind.CNS, "700000000000005", [CLARICE]),
        (NumberKind.CNS, "123456789010000", [CLARICE]),
        (NumberKind.NIS, "12345678900", [CLARICE]),
        (NumberKind.NIS, "11144477735", []),
        (NumberKind.CPF, "", []),
    ],
)
def test_number_finds_all_who_hold_it(kind, digits, found):
    assert REGISTRY.with_number(kind, digits) == found


@pytest.mark.parametrize(
    ("traits", "found"),
    [
        (SearchCriteria(name="CLARICE FICTICIA DOS TESTES"), [CLARICE, NAMESAKE]),
        (SearchCriteria(name="CLARICE FICTICIA DOS TESTES", birth_date="19840229"), [CLARICE]),
        (SearchCriteria(name="CLARA FICTICIA"), [CLARICE]),
        (SearchCriteria(birth_date="19840229", mother_name="BERENICE FICTICIA"), [CLARICE]),
        (SearchCriteria(mother_name="BERENICE FICTICIA"), [CLARICE]),
        (SearchCriteria(birth_city="530010", sex="F"), [CLARICE]),
        (SearchCriteria(birth_date="19840229", mother_name="OUTRA"), []),
        (SearchCriteria(name="CLARICE", birth_date="19840229"), []),
        (SearchCriteria(birth_date="19840229", sex="M"), []),
        (SearchCriteria(birth_date="19840229", birth_city="355030"), []),
    ],
)
def test_traits_must_all_fit(traits, found):
    assert REGISTRY.matching(traits) == found


def test_old_numbers_are_not_shown():
    assert CLARICE.shown_numbers == (Number("700000000000005", CnsKind.DEFINITIVE),)


NAMES = st.text(alphabet="ÁÉaei ' -d", max_size=6)


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "19840229", "20010505"]), st.sampled_from(["", "M", "F"]))))
def test_search_by_index_finds_what_a_search_of_everybody_finds(people):
    registry = Registry(
        Person(str(key), name=name, birth_date=birth_date, sex=sex)
        for key, (name, birth_date, sex) in enumerate(people)
    )

    for name, birth_date, sex in people:
        traits = SearchCriteria(name=fold(name), birth_date=birth_date, sex=sex)
        assert registry.matching(traits) == [person for person in registry.people if traits.fit(person)]
