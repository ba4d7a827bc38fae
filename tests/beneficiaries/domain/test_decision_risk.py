"""What makes accepting risky by itself."""

import pytest

from beneficiaries.domain.decision_risk import DOUBTFUL_REASONS, data_differ
from beneficiaries.domain.identity_policy import VerdictReason
from beneficiaries.queries.review_groups import DECIDED_IN_GROUPS

SAME = VerdictReason.SAME_PERSON.value


def field(name, agreement="DIFFERENT"):
    return {"field": name, "ours": "um", "theirs": "outro", "agreement": agreement}


@pytest.mark.parametrize("name", ["cpf", "nascimento", "nome", "mae"])
def test_a_field_that_identifies_and_differs_is_risky(name):
    assert data_differ("B", SAME, [field(name)]) is True


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [field("sexo"), field("municipio")],
        [field("nome", "ABBREVIATED"), field("mae", "SURNAME_CHANGED"), field("cpf", "UNKNOWN")],
        [{"field": "nome", "both": "Ana"}, {"field": "cpf", "both": ""}],
    ],
)
def test_what_agrees_or_is_not_told_is_not_risky(fields):
    assert data_differ("B", SAME, fields) is False


@pytest.mark.parametrize("reason", DOUBTFUL_REASONS)
def test_the_verdict_may_say_so_by_name_or_sentence(reason):
    assert [data_differ("B", text, []) for text in (reason.name, reason.value)] == [True, True]


def test_tier_c_is_risky_whatever_its_reason():
    assert data_differ("C", SAME, []) is True


def test_no_reason_of_equal_cases_is_risky():
    """What is decided in groups is decided by one."""
    assert set(DECIDED_IN_GROUPS) & set(DOUBTFUL_REASONS) == set()
