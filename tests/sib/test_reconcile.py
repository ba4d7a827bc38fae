from datetime import date

import pytest

from beneficiaries.identity import Candidate, CnsCandidate, Identity
from sib.reconcile import Deed, Ours, Outcome, Theirs, decide
from tests.factories import cns

MARIA = Identity("11144477735", "Maria Aparecida Exemplo", date(1984, 2, 29), "Joana Exemplo", "3")


def ours(number="", *, active=True, verified=True):
    return Ours(MARIA, active, number, bool(number) and verified)


def theirs(number="", *, active=True, superseded=False, elsewhere=False, **changes):
    fields = {
        name: changes.get(name, getattr(MARIA, name)) for name in ("cpf", "name", "birth_date", "mother_name", "sex")
    }
    numbers = (CnsCandidate(number),) if number else ()
    return Theirs(Candidate(**fields, numbers=numbers), active, superseded, elsewhere)


@pytest.mark.parametrize(
    ("left", "right", "outcome", "deed"),
    [
        (None, theirs(cns(1)), Outcome.ONLY_AT_ANS, Deed.NOTHING),
        (ours(), theirs(cns(1), superseded=True), Outcome.REPEATED, Deed.NOTHING),
        (None, theirs(cns(1), superseded=True), Outcome.REPEATED, Deed.NOTHING),
        (ours(), theirs(cns(1)), Outcome.CNS_NEW, Deed.ATTACH),
        (ours(cns(2)), theirs(cns(1)), Outcome.CNS_CHANGED, Deed.ATTACH),
        (ours(cns(1)), theirs(cns(1)), Outcome.EQUAL, Deed.NOTHING),
        (ours(cns(1), verified=False), theirs(cns(1)), Outcome.CNS_CONFIRMED, Deed.ATTACH),
        (ours(cns(1)), theirs(""), Outcome.CNS_BLANK, Deed.NOTHING),
        (ours(), theirs(""), Outcome.WITHOUT_CNS, Deed.NOTHING),
        (ours(), theirs("100000000000008"), Outcome.CNS_INVALID, Deed.NOTHING),
        (ours(), theirs(cns(1), elsewhere=True), Outcome.CNS_REPEATED, Deed.NOTHING),
        (ours(), theirs(cns(1), active=False), Outcome.CANCELLED_AT_ANS, Deed.NOTHING),
        (ours(active=False), theirs(cns(1)), Outcome.ACTIVE_AT_ANS, Deed.NOTHING),
        (ours(active=False), theirs(cns(1), active=False), Outcome.DIVERGENT, Deed.NOTHING),
        (ours(cns(1), active=False), theirs(cns(1), active=False), Outcome.EQUAL, Deed.NOTHING),
        (ours(), theirs(cns(1), name="Maria A. Exemplo"), Outcome.REVIEW, Deed.REVIEW),
        (ours(cns(1)), theirs(cns(1), name="Maria A. Exemplo"), Outcome.DIVERGENT, Deed.NOTHING),
        (ours(), theirs(cns(1), name="Outra Pessoa"), Outcome.OTHER_PERSON, Deed.QUARANTINE),
        (ours(cns(1)), theirs(cns(1), name="Outra Pessoa"), Outcome.OTHER_PERSON, Deed.QUARANTINE),
        (ours(), theirs("", name="Outra Pessoa"), Outcome.OTHER_PERSON, Deed.QUARANTINE),
        (ours(), theirs(cns(1), cpf="52998224725"), Outcome.OTHER_PERSON, Deed.QUARANTINE),
        (ours(), theirs(cns(1), birth_date=date(1984, 3, 1)), Outcome.OTHER_PERSON, Deed.QUARANTINE),
        (ours(), theirs(cns(1), cpf=""), Outcome.REVIEW, Deed.REVIEW),
    ],
)
def test_decide(left, right, outcome, deed):
    finding = decide(left, right, auto_tier="A")

    assert (finding.outcome, finding.deed) == (outcome, deed)


@pytest.mark.parametrize(
    ("auto_tier", "name", "deed"),
    [
        ("NONE", "Maria Aparecida Exemplo", Deed.REVIEW),
        ("A", "Maria Aparecida Exemplo", Deed.ATTACH),
        ("A", "Maria A Exemplo", Deed.REVIEW),
        ("B", "Maria A Exemplo", Deed.ATTACH),
    ],
)
def test_decide_goes_as_far_as_the_operator_lets_it(auto_tier, name, deed):
    assert decide(ours(), theirs(cns(1), name=name), auto_tier=auto_tier).deed == deed


def test_decide_never_attaches_to_a_stranger_whatever_the_operator_wants():
    for changes in ({"cpf": "52998224725"}, {"birth_date": date(1984, 3, 1)}, {"name": "Outra Pessoa"}):
        for auto_tier in ("NONE", "A", "B"):
            assert decide(ours(), theirs(cns(1), **changes), auto_tier=auto_tier).deed is Deed.QUARANTINE
