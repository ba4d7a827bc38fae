from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.identity_policy import Candidate, CnsCandidate, Identity
from sib.domain.reconcile import (
    CCO_MISSING,
    SECOND_NUMBER,
    ConferenceRecord,
    DifferenceAction,
    Outcome,
    RegistryLink,
    decide,
)
from tests.factories import cns

MARIA = Identity("11144477735", "Maria Aparecida Exemplo", date(1984, 2, 29), "Joana Exemplo", "3")


BABY = Identity("", "Bento Exemplo", date(2026, 9, 1), "Maria Aparecida Exemplo", "1")


def ours(number="", *, active=True, verified=True, numbered=True, identity=MARIA, **more):
    return RegistryLink(identity, active, number, bool(number) and verified, numbered, **more)


def theirs(
    number="",
    *,
    active=True,
    superseded=False,
    elsewhere=False,
    second=False,
    had=False,
    diverges=False,
    identity=MARIA,
    **changes,
):
    fields = {
        name: changes.get(name, getattr(identity, name)) for name in ("cpf", "name", "birth_date", "mother_name", "sex")
    }
    numbers = (CnsCandidate(number),) if number else ()
    return ConferenceRecord(Candidate(**fields, numbers=numbers), active, superseded, elsewhere, second, had, diverges)


@pytest.mark.parametrize(
    ("left", "right", "outcome", "action"),
    [
        (None, theirs(cns(1)), Outcome.ONLY_AT_ANS, DifferenceAction.NOTHING),
        (None, theirs(active=False), Outcome.ONLY_AT_ANS_INACTIVE, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1), superseded=True), Outcome.REPEATED, DifferenceAction.NOTHING),
        (None, theirs(cns(1), superseded=True), Outcome.REPEATED, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1)), Outcome.CNS_NEW, DifferenceAction.ATTACH),
        (ours(cns(2)), theirs(cns(1)), Outcome.CNS_CHANGED, DifferenceAction.ATTACH),
        (ours(cns(1)), theirs(cns(1)), Outcome.EQUAL, DifferenceAction.NOTHING),
        (ours(cns(1), verified=False), theirs(cns(1)), Outcome.CNS_CONFIRMED, DifferenceAction.ATTACH),
        (ours(cns(1)), theirs(""), Outcome.CNS_BLANK, DifferenceAction.NOTHING),
        (ours(), theirs(""), Outcome.CNS_ABSENT_WITH_CPF, DifferenceAction.NOTHING),
        (ours(is_holder=True), theirs(""), Outcome.HOLDER_WITHOUT_CNS, DifferenceAction.NOTHING),
        (ours(active=False), theirs(active=False), Outcome.WITHOUT_CNS, DifferenceAction.NOTHING),
        (ours(cns(1)), theirs(had=True), Outcome.CNS_LOST, DifferenceAction.NOTHING),
        (ours(cns(1)), theirs(cns(1), diverges=True), Outcome.DIVERGENT, DifferenceAction.NOTHING),
        (ours(), theirs("100000000000008"), Outcome.CNS_INVALID, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1), elsewhere=True), Outcome.CNS_REPEATED, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1), active=False), Outcome.CANCELLED_AT_ANS, DifferenceAction.NOTHING),
        (ours(active=False), theirs(cns(1)), Outcome.ACTIVE_AT_ANS, DifferenceAction.NOTHING),
        (ours(active=False), theirs(cns(1), active=False), Outcome.DIVERGENT, DifferenceAction.NOTHING),
        (ours(cns(1), active=False), theirs(cns(1), active=False), Outcome.EQUAL, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1), name="Maria A. Exemplo"), Outcome.REVIEW, DifferenceAction.REVIEW),
        (ours(cns(1)), theirs(cns(1), name="Maria A. Exemplo"), Outcome.DIVERGENT, DifferenceAction.NOTHING),
        (ours(), theirs(cns(1), name="Outra Pessoa"), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE),
        (ours(cns(1)), theirs(cns(1), name="Outra Pessoa"), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE),
        (ours(), theirs("", name="Outra Pessoa"), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE),
        (ours(), theirs(cns(1), cpf="52998224725"), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE),
        (ours(), theirs(cns(1), birth_date=date(1984, 3, 1)), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE),
        (ours(), theirs(cns(1), cpf=""), Outcome.REVIEW, DifferenceAction.REVIEW),
        (ours(), theirs(cns(1), second=True), Outcome.REVIEW, DifferenceAction.REVIEW),
        (ours(cns(1)), theirs(cns(1), second=True), Outcome.EQUAL, DifferenceAction.NOTHING),
        (ours(cns(2)), theirs(cns(1), second=True), Outcome.REVIEW, DifferenceAction.REVIEW),
        (ours(cns(1)), theirs(cns(1), cpf=""), Outcome.DIVERGENT, DifferenceAction.NOTHING),
        (ours(cns(1), identity=BABY), theirs(cns(1), identity=BABY), Outcome.EQUAL, DifferenceAction.NOTHING),
        (
            ours(cns(1), identity=BABY, verified=False),
            theirs(cns(1), identity=BABY),
            Outcome.EQUAL,
            DifferenceAction.NOTHING,
        ),
        (ours(identity=BABY), theirs(cns(1), identity=BABY), Outcome.REVIEW, DifferenceAction.REVIEW),
    ],
)
def test_decide(left, right, outcome, action):
    finding = decide(left, right, auto_tier="A")

    assert (finding.outcome, finding.action) == (outcome, action)


@pytest.mark.parametrize(
    ("auto_tier", "name", "action"),
    [
        ("NONE", "Maria Aparecida Exemplo", DifferenceAction.REVIEW),
        ("A", "Maria Aparecida Exemplo", DifferenceAction.ATTACH),
        ("A", "Maria A Exemplo", DifferenceAction.REVIEW),
        ("B", "Maria A Exemplo", DifferenceAction.ATTACH),
    ],
)
def test_decide_goes_as_far_as_the_operator_lets_it(auto_tier, name, action):
    assert decide(ours(), theirs(cns(1), name=name), auto_tier=auto_tier).action == action


def test_decide_never_attaches_to_a_stranger_whatever_the_operator_wants():
    for changes in ({"cpf": "52998224725"}, {"birth_date": date(1984, 3, 1)}, {"name": "Outra Pessoa"}):
        for auto_tier in ("NONE", "A", "B"):
            assert decide(ours(), theirs(cns(1), **changes), auto_tier=auto_tier).action is DifferenceAction.QUARANTINE


@pytest.mark.parametrize(
    ("left", "right", "outcome", "action", "gives"),
    [
        (ours(), theirs(cns(1)), Outcome.CNS_NEW, DifferenceAction.ATTACH, True),
        (ours(cns(1)), theirs(cns(1)), Outcome.DIVERGENT, DifferenceAction.GIVE_CCO, True),
        (ours(cns(1)), theirs(), Outcome.CNS_BLANK, DifferenceAction.GIVE_CCO, True),
        (ours(), theirs(cns(1), active=False), Outcome.CANCELLED_AT_ANS, DifferenceAction.GIVE_CCO, True),
        (ours(), theirs(cns(1), name="Maria A. Exemplo"), Outcome.REVIEW, DifferenceAction.REVIEW, True),
        (ours(identity=BABY), theirs(identity=BABY), Outcome.WITHOUT_CNS, DifferenceAction.GIVE_CCO, True),
        (
            ours(identity=BABY),
            theirs(identity=BABY, name="Bento B. Exemplo"),
            Outcome.WITHOUT_CNS,
            DifferenceAction.NOTHING,
            False,
        ),
        (ours(), theirs(cns(1), name="Outra Pessoa"), Outcome.OTHER_PERSON, DifferenceAction.QUARANTINE, False),
        (ours(), theirs(cns(1), superseded=True), Outcome.REPEATED, DifferenceAction.NOTHING, False),
    ],
)
def test_decide_gives_a_cco_where_a_link_found_by_code_is_the_same_persons(left, right, outcome, action, gives):
    finding = decide(replace(left, is_numbered=False), right, auto_tier="A")

    assert (finding.outcome, finding.action, finding.gives_cco) == (outcome, action, gives)


def test_findings_say_why():
    assert decide(ours(), theirs(cns(1)), auto_tier="A").reason == "CPF, nascimento e nome são iguais."
    assert decide(ours(), theirs(cns(1), second=True), auto_tier="A").reason == SECOND_NUMBER
    assert decide(ours(cns(1), numbered=False), theirs(cns(1)), auto_tier="A").reason == CCO_MISSING
    assert decide(None, theirs(cns(1)), auto_tier="A").reason == ""


@given(
    name=st.sampled_from(["Maria Aparecida Exemplo", "Maria A Exemplo", "Outra Pessoa", ""]),
    cpf=st.sampled_from(["11144477735", "52998224725", ""]),
    birth_date=st.sampled_from([date(1984, 2, 29), date(1984, 3, 1), None]),
    number=st.sampled_from([cns(1), cns(2), "100000000000008", ""]),
    mine=st.sampled_from([cns(1), ""]),
    flags=st.tuples(*[st.booleans()] * 6),
    auto_tier=st.sampled_from(["NONE", "A", "B"]),
)
def test_decide_attaches_nothing_that_the_rules_forbid(name, cpf, birth_date, number, mine, flags, auto_tier):
    active, their_active, superseded, elsewhere, second, numbered = flags
    right = theirs(
        number, active=their_active, superseded=superseded, elsewhere=elsewhere, second=second,
        name=name, cpf=cpf, birth_date=birth_date,
    )  # fmt: skip

    finding = decide(ours(mine, active=active, verified=False, numbered=numbered), right, auto_tier=auto_tier)

    if finding.action is DifferenceAction.ATTACH:
        assert (cpf, birth_date, auto_tier == "NONE", superseded) == (MARIA.cpf, MARIA.birth_date, False, False)
        assert name == MARIA.name or (auto_tier, name) == ("B", "Maria A Exemplo")
        assert number in {cns(1), cns(2)}
        assert number == mine or not (elsewhere or second)
    if finding.gives_cco:
        assert not numbered
        assert birth_date == MARIA.birth_date
        assert cpf in {MARIA.cpf, ""}
