"""The people to practise with: every case is there, answers as its title says, and the guide lists it."""

import csv
from collections import Counter

import pytest

from beneficiaries.domain.csv_columns import REQUIRED
from beneficiaries.domain.identifiers import cns_is_valid, cpf_is_valid
from datasus_simulator.behaviours import Behaviour, ScheduledBehaviour
from datasus_simulator.captions import CAPTIONS
from datasus_simulator.people import CnsKind, Registry, SearchCriteria
from datasus_simulator.training_files import guide, write_held
from datasus_simulator.training_people import FAULTS, FAULTS_ONCE, PEOPLE, SHAPES, TOKEN_ALONE
from tests.datasus_simulator.foreign_client import cns, code, names
from tests.paths import ROOT

GUIDE = ROOT / "docs" / "guia" / "treinamento.md"
CASES = (*SHAPES, *FAULTS)


@pytest.fixture(autouse=True)
def people_of_the_session(simulator):
    people = simulator.simulator.state.people
    yield
    simulator.simulator.state.people = people


def titled(title):
    [case] = [case for case in SHAPES if case.title == title]
    return case


def test_every_behaviour_has_a_caption_of_its_own():
    assert set(CAPTIONS) == set(Behaviour)
    assert [caption for caption, times in Counter(CAPTIONS.values()).items() if times > 1] == []


def test_there_is_a_person_for_every_fault():
    behaviours = [next(iter(case.records[0].behaviours)) for case in FAULTS]

    assert behaviours == [
        *(ScheduledBehaviour(behaviour) for behaviour in Behaviour if behaviour not in TOKEN_ALONE),
        *(ScheduledBehaviour(behaviour, once=True) for behaviour in FAULTS_ONCE),
    ]


def test_numbers_are_valid_and_nobody_shares_one_unless_the_case_says_so():
    cpfs = [case.held.cpf for case in CASES if case.held.cpf]
    numbers = [number.digits for person in PEOPLE for number in person.numbers]

    assert all(map(cpf_is_valid, cpfs))
    assert all(map(cns_is_valid, numbers))
    assert (len(set(cpfs)), len(set(numbers))) == (len(cpfs), len(numbers))
    assert [title for title, times in Counter(case.title for case in SHAPES).items() if times > 1] == []


def test_nobody_of_another_case_has_the_same_name_and_birth():
    held = Counter((case.held.name, case.held.birth_date) for case in CASES)

    assert [who for who, times in held.items() if times > 1] == []


def test_cpfs_of_the_guide_never_change():
    assert (SHAPES[0].held.cpf, titled("registro inativo").held.cpf, FAULTS[0].held.cpf) == (
        "99900000005", "99900020294", "99830052710",
    )  # fmt: skip


def test_guide_lists_every_case_as_it_is():
    assert GUIDE.read_text(encoding="utf-8").endswith(guide())


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("um CNS definitivo", ["D"]),
        ("um definitivo e três provisórios", ["D", "P", "P", "P"]),
        ("só provisório", ["P"]),
        ("dois definitivos", ["D", "D"]),
        ("definitivo que começa por 8, provisório por 7", ["P", "D"]),
        ("nenhum CNS", []),
        ("CNS sem dizer se é definitivo", [""]),
    ],
)
def test_shape_of_the_numbers_is_answered_on_the_wire(simulator, stranger, title, kinds):
    simulator.simulator.state.people = lambda: Registry(PEOPLE)

    response = stranger.ask(titled(title).held.cpf)

    assert (code(response), [kind for _, kind in cns(response)]) == (["OK"], kinds)


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("a mesma pessoa em dois registros", 2),
        ("duas pessoas no mesmo CPF", 2),
        ("o CPF é de outra pessoa", 1),
        ("não encontrada", 0),
    ],
)
def test_cpf_leads_to_as_many_records_as_its_case_says(simulator, stranger, title, number):
    simulator.simulator.state.people = lambda: Registry(PEOPLE)

    assert len(names(stranger.ask(titled(title).held.cpf))) == number


def test_old_number_leads_to_the_new_one():
    [case] = [case for case in SHAPES if case.title.startswith("CNS antigo")]
    [person] = case.records

    assert [number.kind for number in person.shown_numbers] == [CnsKind.DEFINITIVE]
    assert Registry(PEOPLE).with_number("cns", person.numbers[0].digits) == [person]


def test_homonyms_fill_more_than_one_page(simulator):
    case = titled("sem CPF, 60 homônimas (mais de uma página)")

    found = Registry(PEOPLE).matching(SearchCriteria(name="MARIA DE TREINO", birth_date=case.held.birth_date))

    assert (len(found), len(found) > simulator.state.switches.page_size) == (60, True)


def test_what_the_operator_holds_is_a_file_the_portal_reads(tmp_path):
    write_held(tmp_path / "pessoas.csv")

    with (tmp_path / "pessoas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(CASES)
    assert [name for name in REQUIRED for row in rows if not row[name]] == []
    assert len({row["codigoBeneficiario"] for row in rows}) == len(CASES)
