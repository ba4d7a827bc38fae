"""The identity policy against the labelled set: pairs of which it is known whether they are one person."""

from collections import Counter

import pytest

from bench.identity import measure, table
from beneficiaries.domain.identity_policy import Action, decide_identity
from tests.labelled import TODAY, digest, labelled

DIGEST = "b8a30d59a820ef6fa3aa265812ffb1715a1324ae42700e688fe39d38ab97b362"
OTHER_SEEDS = (1, 2, 3)

ALONE_IN_B = {
    "family_name_abbreviated": 128,
    "family_name_missing": 141,
    "middle_names_abbreviated": 59,
    "middle_names_missing": 54,
    "surname_added": 260,
    "surname_replaced": 117,
    "surname_misspelt": 54,
    "surname_sounds_alike": 60,
    "name_cut": 20,
}
"""Of the 1,120 that differ as tier B has it; of the others somebody decides, as they would of a twin."""


@pytest.fixture(scope="module")
def pairs():
    return labelled()


@pytest.fixture(scope="module", params=["A", "B"])
def figures(request, pairs):
    """What comes of the set, under an operator who lets so much act by itself."""
    return measure(pairs, request.param)


def verdict(pair, auto_tier="B"):
    return decide_identity(pair.ours, pair.candidates, auto_tier=auto_tier, today=TODAY, has_twin=pair.has_twin)


def test_set_is_the_one_that_was_measured(pairs):
    assert digest(pairs) == DIGEST


def test_set_holds_what_was_asked_for(pairs):
    assert Counter(pair.group for pair in pairs) == {"same": 10_000, "twins": 2_000, "wrong": 500}


def test_set_is_the_same_for_the_same_seed_alone(pairs):
    again = labelled.__wrapped__()

    assert (digest(again), digest(labelled(1)) == digest(pairs)) == (DIGEST, False)


def test_set_holds_twins_and_namesakes_that_meet_the_letter_of_tier_a_and_b(pairs):
    letter = Counter(pair.tier for pair in pairs if pair.group == "twins")

    assert letter == {"A": 200, "B": 380, "C": 850, "D": 160, "E": 410}


def test_nobody_wrong_is_attached(figures):
    assert figures.wrong == []


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_nobody_wrong_is_attached_in_other_sets(seed):
    assert measure(labelled(seed), "B").wrong == []


def test_right_person_is_attached_with_the_right_number(pairs):
    for pair in pairs:
        answer = verdict(pair)
        if answer.action is Action.ATTACH:
            (number,) = {
                n.number for c in pair.candidates if c.cpf == pair.ours.cpf for n in c.numbers if n.kind == "D"
            }
            assert (pair.is_same, answer.number) == (True, number)


def test_precision_and_recall_are_what_was_promised(figures):
    assert figures.precision == 1
    assert figures.recall >= {"A": 0.99, "B": 0.97}[figures.auto_tier]
    assert figures.placement == 1


def test_figures_are_those_of_the_decision_record(figures):
    written = {"A": (7_465, 7_490, 25), "B": (8_358, 8_610, 252)}

    assert (figures.attachments, figures.proven, figures.missed.total()) == written[figures.auto_tier]


def test_every_true_pair_comes_to_the_tier_of_the_written_policy(pairs):
    elsewhere = [pair.row() for pair in pairs if pair.is_same and verdict(pair).tier != pair.tier]

    assert elsewhere == []


def test_nobody_of_a_wrong_cpf_comes_to_the_review_desk(pairs):
    assert {verdict(pair).action for pair in pairs if pair.group == "wrong"} == {Action.CHECK_CPF}


def test_twins_and_namesakes_come_to_the_review_desk_only_where_the_letter_of_the_policy_is_met(pairs):
    reviewed = Counter(pair.tier for pair in pairs if pair.group == "twins" and verdict(pair).action is Action.REVIEW)

    assert reviewed == {"A": 200, "B": 380, "D": 160}


def test_what_is_not_told_comes_to_the_review_desk_and_never_attaches(pairs):
    kinds = {"day_of_birth_unknown", "name_unknown_there", "given_name_alone", "newborn_unnamed_on_one_side"}
    unknown = [pair for pair in pairs if pair.kind in kinds]

    assert {(verdict(pair).tier, verdict(pair).action) for pair in unknown} == {("D", Action.REVIEW)}


def test_names_that_differ_in_a_family_name_alone_attach_where_the_operator_says_so(pairs):
    attached = measure(pairs, "B").attached

    assert {kind: attached[kind] for kind in ALONE_IN_B} == ALONE_IN_B


def test_operator_who_attaches_nothing_by_itself_has_everything_proven_on_the_review_desk(pairs):
    strict = measure(pairs, "NONE")

    assert (strict.attachments, strict.done["same", Action.REVIEW]) == (0, 9_060)


def test_table_tells_tiers_attachments_and_what_went_wrong():
    lines = table()

    assert len(lines) == 14
    assert all("0 wrong; precision 100.00%" in line for line in lines[-2:])
