"""The own CNS of somebody of the staff, asked at DATASUS: what is seen, what is kept, and who may ask."""

from dataclasses import replace

import pytest

from cadsus.client.pdq_response import read_reply
from cadsus.domain.own_cns import OwnCnsEvidence, OwnCnsFinding, see
from tests.cadsus import soap
from tests.cadsus.own_cns import NAME, NUMBER
from tests.factories import cns

GOOD = read_reply(soap.reply(soap.WHOLE))
PERSON = GOOD.registrants[0]


def seen(asked=NUMBER, **changes):
    return see(asked, NAME, replace(GOOD, registrants=(replace(PERSON, **changes),)))


# ---- the rule -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "finding", "detail"),
    [
        ({}, OwnCnsFinding.GOOD, ""),
        ({"name": "CLARICE FICTICIA"}, OwnCnsFinding.GOOD, ""),
        ({"name": "OUTRO NOME QUALQUER", "social_name": "CLARICE FICTICIA DOS TESTES"}, OwnCnsFinding.GOOD, ""),
        ({"name": "", "social_name": ""}, OwnCnsFinding.GOOD, ""),  # unknown is never different
        ({"cpf": "", "mother_name": ""}, OwnCnsFinding.INCOMPLETE, "CPF, nome da mãe"),
        ({"birth_date": None, "sex": ""}, OwnCnsFinding.INCOMPLETE, "data de nascimento, sexo"),
        ({"numbers": PERSON.numbers[:1]}, OwnCnsFinding.PROVISIONAL, ""),
        ({"numbers": ()}, OwnCnsFinding.PROVISIONAL, ""),
        ({"status": "inactive"}, OwnCnsFinding.INACTIVE, ""),
        ({"deceased": True}, OwnCnsFinding.INACTIVE, ""),
        ({"name": "BENTO OUTRO DE TAL", "social_name": ""}, OwnCnsFinding.ANOTHER, ""),
        ({"name": "BENTO OUTRO DE TAL", "social_name": "", "cpf": ""}, OwnCnsFinding.ANOTHER, ""),
    ],
)
def test_answer_says_what_is_amiss_with_the_number(changes, finding, detail):
    assert seen(**changes) == OwnCnsEvidence(finding, detail)


def test_older_number_names_the_newer_by_its_end():
    assert seen(asked=cns(1)) == OwnCnsEvidence(OwnCnsFinding.REPLACED, "••• •••• •••• 0005")


def test_no_answer_is_not_found_and_two_are_several():
    assert see(NUMBER, NAME, replace(GOOD, registrants=())) == OwnCnsEvidence(OwnCnsFinding.NOT_FOUND)
    assert see(NUMBER, NAME, replace(GOOD, registrants=(PERSON, PERSON))) == OwnCnsEvidence(OwnCnsFinding.SEVERAL)
    assert see(NUMBER, NAME, replace(GOOD, total=2)) == OwnCnsEvidence(OwnCnsFinding.SEVERAL)


@pytest.mark.parametrize("finding", OwnCnsFinding)
def test_whatever_is_amiss_has_an_advice(finding):
    found = OwnCnsEvidence(finding, "x")

    assert "{" not in found.sentence
    assert bool(found.advice) == (finding is not OwnCnsFinding.GOOD)
