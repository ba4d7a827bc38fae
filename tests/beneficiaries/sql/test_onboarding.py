"""The founding's words of the database and the one rule say the same of every pair."""

import json
import re
from datetime import date

import pytest
from django.db import connection, transaction

from beneficiaries.domain.same_person import (
    PersonFacts,
    SamePerson,
    SiblingFacts,
    are_siblings_of_one_birth,
    compare_people,
)
from beneficiaries.services.onboarding import rehearse
from beneficiaries.sql.onboarding import COLUMNS, NAMESAKES, WEIGH, HoldReason
from tests.factories import PersonFactory

ANA = {
    "cpf": "11144477735",
    "name": "ANA EXEMPLO MODELO",
    "mother_name": "ROSA EXEMPLO",
    "birth_date": "2020-05-03",
    "sex": "3",
    "dn": "30111111111",
    "pis_pasep": "12012345678",
    "plan_ans": "400000001",
    "holder_cco": "000000000900",
    "relationship": "4",
    "contracted_on": "2020-06-01",
}
OTHER_PLAN = {"plan_ans": "400000002", "holder_cco": "000000000901"}
RN = {"name": "RN DE ROSA EXEMPLO"}

PAIRS = [
    ({}, OTHER_PLAN, "SAME"),
    ({}, {}, "SAME"),
    ({}, {"birth_date": "2019-05-03"}, "CONTRADICTED"),
    ({}, {"name": "BEATRIZ EXEMPLO MODELO"}, "CONTRADICTED"),
    ({}, {**OTHER_PLAN, "name": "ANA DE EXEMPLO MODELO"}, "SAME"),
    ({}, {**OTHER_PLAN, "mother_name": "MARTA EXEMPLO"}, "SAME"),
    (RN, {**OTHER_PLAN}, "SAME"),
    (RN, {**RN, **OTHER_PLAN, "dn": "30222222222"}, "CONTRADICTED"),
    (RN, {**RN, **OTHER_PLAN, "sex": "1"}, "CONTRADICTED"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": ""}, "SAME"),
    ({"cpf": ""}, OTHER_PLAN, "SAME"),
    ({}, {**OTHER_PLAN, "cpf": "", "dn": ""}, "SAME"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": "", "dn": "30222222222"}, "POSSIBLE"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": "", "sex": "1"}, "POSSIBLE"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": "", "pis_pasep": "12087654321"}, "POSSIBLE"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": "", "mother_name": ""}, "POSSIBLE"),
    ({"cpf": "", "mother_name": "IGNORADA"}, {**OTHER_PLAN, "cpf": "", "mother_name": "IGNORADA"}, "POSSIBLE"),
    ({"cpf": ""}, {**OTHER_PLAN, "cpf": "", "mother_name": "MARTA EXEMPLO"}, "DIFFERENT"),
    ({"cpf": "", **RN}, {**OTHER_PLAN, "cpf": "", **RN}, "POSSIBLE"),
    ({"cpf": "", **RN}, {**OTHER_PLAN, "cpf": "", **RN, "dn": "30222222222"}, "DIFFERENT"),
    ({}, {**OTHER_PLAN, "cpf": "52998224725"}, "POSSIBLE"),
]
TWINS = [
    ({"cpf": ""}, {"cpf": "", "holder_cco": "000000000901"}, "POSSIBLE"),
    ({"cpf": ""}, {"cpf": "", "plan_ans": "400000002"}, "POSSIBLE"),
    (RN, RN, "CONTRADICTED"),
    ({"cpf": ""}, {"cpf": "", "contracted_on": "2020-06-02"}, "SAME"),
]
"""Pairs of one conference alone: signs of one birth are looked for within a file."""


def newcomer(at, told):
    return {
        **dict.fromkeys(COLUMNS, ""), "cco": f"{at:012d}", "code": f"{at}", "is_active": True, "updated_on": None,
        "first_contracted_on": None, "reactivated_on": None, "cancelled_on": None,
        **told, "name_key": told["name"], "mother_key": told["mother_name"],
    }  # fmt: skip


def weighed(*rows: dict[str, object]):
    """Person, key and hold of each row."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    select = f"SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row ({columns})"
    with transaction.atomic(), connection.cursor() as cursor:
        rehearse(select, {"rows": json.dumps(rows)})
        cursor.execute("SELECT person_id, key, hold FROM newcomers ORDER BY cco")
        return cursor.fetchall()


def facts(told):
    return PersonFacts(
        told["cpf"], told["name"], date.fromisoformat(told["birth_date"]), told["mother_name"], told["dn"],
        told["sex"], told["pis_pasep"],
    )  # fmt: skip


def link(told):
    return SiblingFacts(told["holder_cco"], told["plan_ans"], date.fromisoformat(told["contracted_on"]))


@pytest.mark.parametrize(("one", "other", "answer"), PAIRS + TWINS)
def test_two_records_of_a_conference(operator, one, other, answer):
    one, other = ANA | one, ANA | other

    siblings = are_siblings_of_one_birth(link(one), link(other))
    (_, first, hold), (_, second, also_held) = weighed(newcomer(1, one), newcomer(2, other))

    assert compare_people(facts(one), facts(other), siblings=siblings).answer.name == answer
    assert (first == second and not hold) is (answer == SamePerson.SAME.name)
    assert {hold, also_held} == ({"CPF_CONTRADICTS"} if answer == SamePerson.CONTRADICTED.name else {""})


@pytest.mark.parametrize(("one", "other", "answer"), PAIRS)
def test_a_record_and_somebody_of_the_registry(operator, one, other, answer):
    one, other = ANA | one, ANA | other
    own = ("name", "mother_name", "birth_date", "sex", "dn", "pis_pasep")
    known = PersonFactory(cpf=one["cpf"] or None, **{name: one[name] for name in own})

    ((person, _, hold),) = weighed(newcomer(2, other))

    assert compare_people(facts(one), facts(other)).answer.name == answer
    assert (person == known.pk and not hold) is (answer == SamePerson.SAME.name)
    assert (hold == "CPF_OF_ANOTHER") is (answer == SamePerson.CONTRADICTED.name)


def test_two_twins_are_not_both_the_one_whom_the_registry_knows(operator):
    told = ANA | {"cpf": ""}
    known = PersonFactory(cpf=None, **{name: told[name] for name in ("name", "mother_name", "birth_date", "sex", "dn")})

    weighed_rows = weighed(newcomer(1, told), newcomer(2, told))

    assert known.pk not in [person for person, _, _ in weighed_rows]


def test_a_record_that_may_be_either_of_two_is_neither(operator):
    told = ANA | {"cpf": ""}
    for dn in ("30111111111", ""):
        PersonFactory(cpf=None, name=told["name"], mother_name=told["mother_name"], birth_date="2020-05-03", dn=dn)

    ((person, _, _),) = weighed(newcomer(1, told))

    assert person is None


def test_every_reason_to_wait_is_asked_in_its_order():
    """The conditions stand in SQL, the sentences in HoldReason."""
    asked = re.findall(r"(?:THEN|hold =) '([A-Z_]+)'", WEIGH + NAMESAKES)

    assert asked == [hold.name for hold in HoldReason]
