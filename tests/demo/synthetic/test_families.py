import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.csv_reader import read
from beneficiaries.domain.identifiers import cnpj_is_valid, cns_is_valid, cpf_is_valid
from demo.synthetic import CSV_COLUMNS, REFERENCE_DAY, as_csv_row, invent, write_csv, write_described
from demo.synthetic.families import PLAN_LAW
from demo.synthetic.numbers import Numbering, cco
from demo.synthetic.plan_details import described

LINKS = list(invent(5000, seed=7))
PEOPLE = list({link.person.ordinal: link.person for link in LINKS}.values())


def ages(people):
    return [(REFERENCE_DAY - person.birth_date).days // 365 for person in people]


def test_invent_is_the_same_for_the_same_seed():
    assert list(invent(200, seed=7)) == LINKS[:200]


def test_invent_differs_between_seeds():
    pairs = zip(invent(200, seed=8), LINKS, strict=False)

    assert not any(one.person.cns == other.person.cns or one.person == other.person for one, other in pairs)


def test_invent_gives_exactly_as_many_links_as_asked_for():
    assert [len(list(invent(count))) for count in (0, 1, 17)] == [0, 1, 17]


def test_people_have_valid_numbers():
    assert all(cpf_is_valid(person.cpf) for person in PEOPLE if person.cpf)
    assert all(cns_is_valid(person.cns) and cns_is_valid(person.former_cns) for person in PEOPLE)
    assert all(cnpj_is_valid(link.company_cnpj) for link in LINKS if link.company_cnpj)


def test_people_share_no_number():
    cpfs = [person.cpf for person in PEOPLE if person.cpf]
    numbers = [number for person in PEOPLE for number in (person.cns, person.former_cns)]

    assert len(set(cpfs)) == len(cpfs)
    assert len(set(numbers)) == len(numbers)
    assert len({link.cco for link in LINKS}) == len({link.code for link in LINKS}) == len(LINKS)


def test_dependants_follow_their_holder():
    holder = None
    for link in LINKS:
        holder = link if link.relationship == "1" else holder
        expected = ("", "") if link.relationship == "1" else (holder.code, holder.cco)
        assert (link.holder_code, link.holder_cco) == expected


def test_families_hold_every_kind_of_case():
    assert {link.relationship for link in LINKS} == {"1", "3", "4", "6", "8"}
    assert {person.cns_kind for person in PEOPLE} == {"D", "P"}
    assert {bool(link.company_cnpj) for link in LINKS} == {True, False}
    assert {link.known_cns == "" for link in LINKS} == {True, False}
    assert any(link.known_cns == link.person.former_cns for link in LINKS)
    assert any(person.social_name for person in PEOPLE)
    assert any("'" in person.name for person in PEOPLE)
    assert any(not person.name.isascii() for person in PEOPLE)
    assert any(" da " in person.name for person in PEOPLE)
    assert len(PEOPLE) < len(LINKS)


def test_newborns_have_no_cpf_and_adults_always_one():
    assert {person.cpf for person, age in zip(PEOPLE, ages(PEOPLE), strict=True) if age < 1} == {""}
    assert all(person.cpf for person, age in zip(PEOPLE, ages(PEOPLE), strict=True) if age > 18)


def test_twins_share_birth_date_and_mother_but_no_number():
    twins = [
        (first.person, second.person)
        for first, second in pairwise(LINKS)
        if first.person.birth_date == second.person.birth_date and first.holder_code == second.holder_code != ""
    ]

    assert twins
    assert all(one.mother_name == other.mother_name and one.cns != other.cns for one, other in twins)


def test_plans_are_regulated_adapted_or_older_than_the_law():
    old = [link for link in LINKS if link.plan_operator_code]

    assert old
    assert all(bool(link.plan_ans_number) != bool(link.plan_operator_code) for link in LINKS)
    assert any(link.plan_ans_number in {"400990016", "400990024"} for link in LINKS)


def test_contracts_have_one_date_which_agrees_with_their_plans_and_people():
    contracts = {}
    for link in LINKS:
        told = described(link)
        contracts.setdefault(told["numeroContrato"], set()).add(told["dataAssinaturaContrato"])
        old = told["regulamentacao"] in {"N", "A"}
        assert (link.signed_on < PLAN_LAW) == old
        assert link.signed_on <= link.contracted_on <= REFERENCE_DAY

    assert {len(dates) for dates in contracts.values()} == {1}
    assert len(contracts) > 900


def test_cancelled_links_say_why_and_ended_after_they_began():
    cancelled = [link for link in LINKS if link.cancelled_on]

    assert cancelled
    assert all(link.contracted_on <= link.cancelled_on <= REFERENCE_DAY for link in cancelled)
    assert all(bool(link.cancellation_reason) == bool(link.cancelled_on) for link in LINKS)


def test_write_csv_gives_the_columns_of_the_import():
    stream = io.StringIO()

    write_csv(LINKS[:3], stream)

    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert rows == [as_csv_row(link) for link in LINKS[:3]]
    assert rows[0]["codigoBeneficiario"] == LINKS[0].code


def test_write_described_tells_all_that_a_card_needs_and_nothing_that_contradicts_itself():
    stream = io.StringIO()

    write_described(LINKS, stream)

    rows = list(read(io.BytesIO(stream.getvalue().encode()), today=REFERENCE_DAY))
    assert [row for row in rows if row.problems] == []
    assert {row.text("contratacao") for row in rows} == {"1", "2", "3"}
    assert {row.text("regulamentacao") for row in rows} == {"R", "N", "A"}
    told = ("nomeSocial", "dataFimCPT", "carenciaParto", "carenciaOdontologica", "cnpjAdministradora")
    assert {column: any(row.values[column] for row in rows) for column in told} == dict.fromkeys(told, True)
    assert all(row.text("empresarioIndividual") in {"", "S"} for row in rows)


@given(seed=st.integers(0, 10**6), first=st.integers(0, 10**8), second=st.integers(0, 10**8))
def test_numbering_is_one_to_one(seed, first, second):
    numbering = Numbering(seed)
    for number in (numbering.cpf, numbering.definitive_cns, numbering.provisional_cns, numbering.former_cns):
        assert (number(first) == number(second)) == (first == second)


@given(seed=st.integers(0, 10**6), ordinal=st.integers(0, 10**9 - 20))
def test_numbering_passes_check_digits_everywhere(seed, ordinal):
    numbering = Numbering(seed)

    assert cpf_is_valid(numbering.cpf(ordinal))
    assert cns_is_valid(numbering.definitive_cns(ordinal))
    assert cns_is_valid(numbering.provisional_cns(ordinal))
    assert cns_is_valid(numbering.former_cns(ordinal))


@pytest.mark.parametrize(
    ("ordinal", "number"), [(0, "000000000191"), (1, "000000000272"), (2, "000000000353"), (3, "000000000434")]
)
def test_cco_carries_the_check_digits_of_the_manual(ordinal, number):
    assert cco(ordinal) == number
