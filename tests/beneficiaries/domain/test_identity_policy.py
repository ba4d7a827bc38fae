from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.field_comparison import Agreement
from beneficiaries.domain.identifiers import cns_from_base, cpf_from_base
from beneficiaries.domain.identity_policy import (
    Action,
    Candidate,
    CnsCandidate,
    Identity,
    Tier,
    Verdict,
    VerdictReason,
    compare,
    decide_cnx_record,
    decide_identity,
    decide_self_reported,
)

TODAY = date(2026, 11, 22)
ONE, TWO, THREE = (cns_from_base(f"1234567890{last}") for last in "123")
CPF, OTHER_CPF = "11144477735", "52998224725"
MARIA = Identity(CPF, "Maria Aparecida da Silva", date(1984, 2, 29), "Joana da Silva", "3", "355030")
FOUND = Candidate(
    CPF,
    "MARIA APARECIDA DA SILVA",
    date(1984, 2, 29),
    "JOANA DA SILVA",
    "3",
    "355030",
    numbers=(CnsCandidate(ONE, "D"),),
)
WITHOUT_CPF = replace(MARIA, cpf="")
BABY = replace(WITHOUT_CPF, name="Ana da Silva", birth_date=date(2026, 1, 10))
PROVISIONAL, DEFINITIVE, ANOTHER = CnsCandidate(TWO, "P"), CnsCandidate(ONE, "D"), CnsCandidate(THREE, "D")


def verdict(ours, *candidates: Candidate, auto_tier="B", **facts):
    answer = decide_identity(ours, candidates, auto_tier=auto_tier, today=TODAY, **facts)
    return answer.tier, answer.action, answer.reason


def found(**changes):
    return replace(FOUND, **changes)


@pytest.mark.parametrize(
    ("changes", "tier", "reason"),
    [
        # A: the same person
        ({}, Tier.A, VerdictReason.SAME_PERSON),
        ({"name": "maria aparecida silva"}, Tier.A, VerdictReason.SAME_PERSON),
        ({"mother_name": "JOANA DA SILVA LIMA", "sex": "1", "city_code": "330455"}, Tier.A, VerdictReason.SAME_PERSON),
        ({"name": "CARLA LIMA", "social_name": "Maria Aparecida da Silva"}, Tier.A, VerdictReason.SAME_PERSON),
        ({"numbers": (PROVISIONAL, DEFINITIVE, PROVISIONAL)}, Tier.A, VerdictReason.SAME_PERSON),
        ({"numbers": (DEFINITIVE, DEFINITIVE)}, Tier.A, VerdictReason.SAME_PERSON),
        # B: the name only abbreviated, incomplete, or with another surname and the same mother
        ({"name": "MARIA APARECIDA SOUZA DA SILVA"}, Tier.B, VerdictReason.NAME_ABBREVIATED),
        ({"name": "MARIA APARECIDA LIMA"}, Tier.B, VerdictReason.SURNAME_CHANGED),
        ({"name": "MARIA APARECIDA SILVA LIMA"}, Tier.B, VerdictReason.SURNAME_CHANGED),
        # C: the CPF belongs to somebody else, or something is wrong with it
        ({"cpf": OTHER_CPF}, Tier.C, VerdictReason.OTHER_CPF),
        ({"birth_date": date(1984, 2, 28)}, Tier.C, VerdictReason.OTHER_BIRTH_DATE),
        ({"name": "MARTA APARECIDA DA SILVA"}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "MARIA LUIZA DA SILVA LIMA"}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "SILVA MARIA APARECIDA"}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "MARIA APARECIDA LIMA", "mother_name": "JOANA LIMA"}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "CARLA LIMA", "social_name": "MARTA DA SILVA"}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "MARTA APARECIDA DA SILVA", "birth_date": None}, Tier.C, VerdictReason.OTHER_NAME),
        ({"name": "", "birth_date": date(1984, 2, 28)}, Tier.C, VerdictReason.OTHER_BIRTH_DATE),
        # D: unknown is never different
        ({"birth_date": None}, Tier.D, VerdictReason.BIRTH_UNKNOWN),
        ({"birth_date": None, "name": "MARIA SILVA"}, Tier.D, VerdictReason.BIRTH_UNKNOWN),
        ({"name": ""}, Tier.D, VerdictReason.NAME_UNKNOWN),
        ({"name": "NAO INFORMADO"}, Tier.D, VerdictReason.NAME_UNKNOWN),
        ({"name": "MARIA"}, Tier.D, VerdictReason.NAME_UNKNOWN),
        ({"name": "M A SILVA"}, Tier.D, VerdictReason.NAME_UNKNOWN),
        ({"name": "RN DE JOANA DA SILVA"}, Tier.D, VerdictReason.NAME_UNKNOWN),
        ({"name": "", "birth_date": None}, Tier.D, VerdictReason.CPF_ALONE),
        ({"name": "MARIA APARECIDA LIMA", "mother_name": ""}, Tier.D, VerdictReason.MOTHER_UNKNOWN),
        ({"name": "MARIA APARECIDA LIMA", "mother_name": "J"}, Tier.D, VerdictReason.MOTHER_UNKNOWN),
        # D: the answer to a question by CPF that does not say the CPF
        ({"cpf": ""}, Tier.D, VerdictReason.WITHOUT_CPF),
        # E: something is wrong with the record, whoever it belongs to
        ({"deceased": True}, Tier.E, VerdictReason.DECEASED),
        ({"active": False}, Tier.E, VerdictReason.INACTIVE),
        ({"numbers": ()}, Tier.E, VerdictReason.NO_NUMBER),
        ({"numbers": (PROVISIONAL,)}, Tier.E, VerdictReason.PROVISIONAL_ONLY),
        ({"numbers": (CnsCandidate(ONE),)}, Tier.E, VerdictReason.PROVISIONAL_ONLY),
        ({"numbers": (DEFINITIVE, ANOTHER)}, Tier.E, VerdictReason.TWO_DEFINITIVES),
        ({"numbers": (CnsCandidate("100000000000008", "D"),)}, Tier.E, VerdictReason.INVALID_NUMBER),
        ({"cpf": "", "numbers": (PROVISIONAL,)}, Tier.E, VerdictReason.PROVISIONAL_ONLY),
        ({"cpf": "", "name": "MARIA SILVA"}, Tier.E, VerdictReason.NAME_ALONE),
        ({"cpf": "", "mother_name": ""}, Tier.E, VerdictReason.NAME_ALONE),
        ({"cpf": "", "mother_name": "SEM INFORMACAO"}, Tier.E, VerdictReason.NAME_ALONE),
        ({"cpf": "", "birth_date": date(1984, 2, 28)}, Tier.E, VerdictReason.NAME_ALONE),
        ({"cpf": "", "birth_date": None}, Tier.E, VerdictReason.NAME_ALONE),
        ({"cpf": "", "sex": "1"}, Tier.E, VerdictReason.CONTRADICTED),
        ({"cpf": "", "city_code": "330455"}, Tier.E, VerdictReason.CONTRADICTED),
    ],
)
def test_judge_puts_one_candidate_in_its_tier(changes, tier, reason):
    action = {Tier.C: Action.CHECK_CPF, Tier.D: Action.REVIEW, Tier.E: Action.NOTHING}.get(tier, Action.ATTACH)

    assert verdict(MARIA, found(**changes)) == (tier, action, reason)


@pytest.mark.parametrize(
    ("auto_tier", "actions"),
    [
        ("NONE", (Action.REVIEW, Action.REVIEW, Action.REVIEW)),
        ("A", (Action.ATTACH, Action.REVIEW, Action.REVIEW)),
        ("B", (Action.ATTACH, Action.ATTACH, Action.REVIEW)),
    ],
)
def test_judge_lets_the_operator_be_stricter_and_never_looser_than_b(auto_tier, actions):
    candidates = (found(), found(name="MARIA APARECIDA SOUZA DA SILVA"), found(cpf=""))

    assert tuple(verdict(MARIA, candidate, auto_tier=auto_tier)[1] for candidate in candidates) == actions


@pytest.mark.parametrize(
    ("changes", "tier", "reason"),
    [
        # a namesake born on the same day
        ({"mother_name": "RITA FIGUEIRA"}, Tier.A, VerdictReason.OTHER_MOTHER),
        ({"mother_name": "JOANA FIGUEIRA"}, Tier.A, VerdictReason.OTHER_MOTHER),
        ({"mother_name": "ANTONIO DA SILVA"}, Tier.A, VerdictReason.OTHER_MOTHER),  # the parents swapped, or another's
        ({"mother_name": "RITA FIGUEIRA", "name": "MARIA APARECIDA SOUZA SILVA"}, Tier.B, VerdictReason.OTHER_MOTHER),
        # a twin
        ({"name": "MARIA A SILVA"}, Tier.B, VerdictReason.GIVEN_NAME),  # ANDREIA, or nobody but MARIA APARECIDA
        ({"name": "MARIA SILVA"}, Tier.B, VerdictReason.GIVEN_NAME),
        ({"name": "MARIA APARECIDA CLARA SILVA"}, Tier.B, VerdictReason.GIVEN_NAME),
        ({"name": "MARIA APARECIDA S SILVA"}, Tier.B, VerdictReason.GIVEN_NAME),
        ({"name": "MARIA MARIA APARECIDA SILVA"}, Tier.B, VerdictReason.GIVEN_NAME),
        # a parent, whose papers were copied
        ({"name": "MARIA APARECIDA DA SILVA FILHA"}, Tier.B, VerdictReason.GIVEN_NAME),
        ({"name": "MARIA APARECIDA DA SILVA NETA"}, Tier.B, VerdictReason.GIVEN_NAME),
    ],
)
@pytest.mark.parametrize("auto_tier", ["A", "B"])
def test_judge_leaves_what_may_be_a_twin_or_a_namesake_to_somebody(changes, tier, reason, auto_tier):
    assert verdict(MARIA, found(**changes), auto_tier=auto_tier) == (tier, Action.REVIEW, reason)


@pytest.mark.parametrize(
    "mother", ["", "SEM INFORMACAO", "JOANA SILVA", "JOANA LIMA SILVA", "JOANNA DA SILVA", "JOANA"]
)
def test_judge_does_not_mind_how_much_of_the_mothers_name_is_told(mother):
    assert verdict(MARIA, found(mother_name=mother)) == (Tier.A, Action.ATTACH, VerdictReason.SAME_PERSON)


def test_judge_finds_nobody():
    assert verdict(MARIA) == (Tier.E, Action.NOTHING, VerdictReason.NOT_FOUND)


@pytest.mark.parametrize(
    ("candidates", "tier", "reason"),
    [
        ((found(), found(cpf=OTHER_CPF)), Tier.A, VerdictReason.SAME_PERSON),  # exactly one has our CPF
        ((found(cpf=""), found(name="MARIA APARECIDA SOUZA SILVA")), Tier.B, VerdictReason.NAME_ABBREVIATED),
        ((found(name="OUTRA"), found(cpf=OTHER_CPF)), Tier.C, VerdictReason.OTHER_NAME),
        ((found(), found()), Tier.E, VerdictReason.SEVERAL),
        ((found(), found(name="OUTRA PESSOA")), Tier.E, VerdictReason.SEVERAL),
        ((found(cpf=""), found(cpf="", name="OUTRA PESSOA")), Tier.E, VerdictReason.SEVERAL),
        ((found(cpf=OTHER_CPF), found(cpf="")), Tier.E, VerdictReason.SEVERAL),
    ],
)
def test_judge_takes_one_of_several_only_by_its_cpf(candidates, tier, reason):
    assert verdict(MARIA, *candidates)[::2] == (tier, reason)
    assert verdict(MARIA, *candidates[::-1])[::2] == (tier, reason)


def test_judge_takes_none_of_several_where_we_have_no_cpf():
    assert verdict(WITHOUT_CPF, found(cpf=""), found(cpf=CPF))[2] is VerdictReason.SEVERAL


@pytest.mark.parametrize("cpf", ["", CPF])
def test_judge_without_our_cpf_never_attaches(cpf):
    assert verdict(WITHOUT_CPF, found(cpf=cpf)) == (Tier.D, Action.REVIEW, VerdictReason.WITHOUT_CPF)


@pytest.mark.parametrize(
    ("birth_date", "reason"),
    [
        (date(2025, 11, 23), VerdictReason.TOO_YOUNG),  # one year old tomorrow
        (date(2025, 11, 22), VerdictReason.WITHOUT_CPF),
        (date(2024, 2, 29), VerdictReason.WITHOUT_CPF),
    ],
)
def test_judge_waits_until_a_child_without_cpf_is_one(birth_date, reason):
    ours, theirs = replace(WITHOUT_CPF, birth_date=birth_date), found(cpf="", birth_date=birth_date)

    assert verdict(ours, theirs)[2] is reason


def test_judge_knows_a_baby_by_its_cpf():
    baby = replace(BABY, cpf=CPF)

    assert verdict(baby, found(name="ANA SILVA", birth_date=baby.birth_date))[2] is VerdictReason.SAME_PERSON


@pytest.mark.parametrize(("cpf", "tier"), [(CPF, Tier.D), ("", Tier.E)])
def test_judge_knows_nobody_by_the_name_of_all_newborns(cpf, tier):
    """Twins may both be called so, and one CPF be typed in for both."""
    name, ours = "RN de Joana da Silva", replace(MARIA, cpf=cpf)

    assert verdict(replace(ours, name=name), found(name=name, cpf=cpf))[0] is tier


def test_judge_without_cpf_takes_nobody_who_has_a_twin_here():
    assert verdict(WITHOUT_CPF, found(cpf=""), has_twin=True) == (Tier.E, Action.NOTHING, VerdictReason.TWIN)


@pytest.mark.parametrize("changes", [{"birth_date": None}, {"name": "RN DE JOANA"}, {"name": "MARIA"}])
def test_judge_with_an_unknown_leaves_a_twin_to_somebody(changes):
    assert verdict(MARIA, found(**changes), has_twin=True) == (Tier.D, Action.REVIEW, VerdictReason.TWIN)


@pytest.mark.parametrize(
    "changes", [{"birth_date": None}, {"name": ""}, {"name": "MARIA APARECIDA LIMA", "mother_name": ""}]
)
@pytest.mark.parametrize("defect", [{"deceased": True}, {"active": False}, {"numbers": (PROVISIONAL,)}])
def test_judge_asks_nobody_about_a_record_that_does_not_serve(changes, defect):
    assert verdict(MARIA, found(**changes, **defect))[:2] == (Tier.E, Action.NOTHING)


def test_no_sentence_says_that_an_unknown_value_differs():
    unknown = {
        VerdictReason.BIRTH_UNKNOWN,
        VerdictReason.NAME_UNKNOWN,
        VerdictReason.CPF_ALONE,
        VerdictReason.MOTHER_UNKNOWN,
    }

    assert [reason for reason in unknown if "falta" not in reason.value] == []


def test_judge_with_cpf_and_the_whole_name_does_not_mind_a_twin():
    assert verdict(MARIA, found(), has_twin=True) == (Tier.A, Action.ATTACH, VerdictReason.SAME_PERSON)


@pytest.mark.parametrize("name", ["MARIA APARECIDA SOUZA DA SILVA", "MARIA APARECIDA LIMA"])
def test_judge_with_part_of_the_name_leaves_a_twin_to_somebody(name):
    assert verdict(MARIA, found(name=name), has_twin=True) == (Tier.B, Action.REVIEW, VerdictReason.TWIN)


@pytest.mark.parametrize("name", ["MARTA APARECIDA DA SILVA", "MARIA LUIZA DA SILVA", "ANTONIO DA SILVA"])
@pytest.mark.parametrize(("cpf", "tier"), [(CPF, Tier.C), (OTHER_CPF, Tier.C), ("", Tier.E)])
def test_judge_never_takes_a_twin_for_the_other(name, cpf, tier):
    """Same birth date, mother, city; even with the other's CPF in one of the two registries."""
    assert verdict(MARIA, found(name=name, cpf=cpf))[0] is tier


def test_judge_does_not_take_the_mother_whose_cpf_a_child_was_given_for_the_child():
    mother = found(name="JOANA DA SILVA", birth_date=date(1960, 5, 1), mother_name="RITA SOUZA")

    assert verdict(MARIA, mother) == (Tier.C, Action.CHECK_CPF, VerdictReason.OTHER_BIRTH_DATE)


def test_judge_gives_the_definitive_number_among_provisional_ones():
    answer = decide_identity(MARIA, [found(numbers=(PROVISIONAL, DEFINITIVE))], auto_tier="A", today=TODAY)

    assert (answer.number, answer.kind) == (ONE, "D")


def test_judge_follows_an_old_number_to_the_new_one_by_its_flag():
    """The registry answers to a former number with the present record, in which only the new one is definitive."""
    former = CnsCandidate("898000000000002", "P")

    answer = decide_identity(MARIA, [found(numbers=(former, CnsCandidate(THREE, "D")))], auto_tier="A", today=TODAY)

    assert (answer.action, answer.number) == (Action.ATTACH, THREE)


def test_judge_believes_the_flag_and_not_the_first_digit():
    seven = CnsCandidate("700000000000005", "D")

    assert decide_identity(MARIA, [found(numbers=(seven,))], auto_tier="A", today=TODAY).number == "700000000000005"


@pytest.mark.parametrize(
    "candidates",
    [(), (found(deceased=True),), (found(cpf=OTHER_CPF),), (found(), found()), (found(numbers=(DEFINITIVE, ANOTHER)),)],
)
def test_judge_gives_no_number_where_nothing_may_follow_from_it(candidates):
    assert decide_identity(MARIA, candidates, auto_tier="B", today=TODAY).number == ""


def test_judge_shows_both_sides_field_by_field():
    answer = decide_identity(MARIA, [found(name="MARIA SILVA", sex="", city_code="330455")], auto_tier="A", today=TODAY)

    assert [(field.field, field.agreement) for field in answer.comparison] == [
        ("cpf", Agreement.EQUAL),
        ("nascimento", Agreement.EQUAL),
        ("nome", Agreement.ABBREVIATED),
        ("mae", Agreement.EQUAL),
        ("sexo", Agreement.UNKNOWN),
        ("municipio", Agreement.DIFFERENT),
    ]


def test_compare_shows_the_social_name_where_that_is_the_one_kept_here():
    name = compare(MARIA, found(name="CARLOS DA SILVA", social_name="MARIA APARECIDA DA SILVA"))[2]

    assert (name.theirs, name.agreement) == ("MARIA APARECIDA DA SILVA", Agreement.EQUAL)


def test_compare_shows_the_name_where_neither_is_kept_here():
    name = compare(MARIA, found(name="CARLOS DA SILVA", social_name="CARLA DA SILVA"))[2]

    assert (name.theirs, name.agreement) == ("CARLOS DA SILVA", Agreement.DIFFERENT)


def test_evidence_holds_what_the_decision_stands_on():
    evidence = decide_identity(MARIA, [found()], auto_tier="A", today=TODAY).evidence()

    assert (evidence["tier"], evidence["reason"], len(evidence["comparison"])) == ("A", "SAME_PERSON", 6)
    assert evidence["comparison"][0] == {"field": "cpf", "both": CPF}


@pytest.mark.parametrize(
    ("changes", "tier", "action", "reason"),
    [
        ({}, Tier.A, Action.ATTACH, VerdictReason.SAME_PERSON),
        ({"name": "MARIA APARECIDA SOUZA SILVA"}, Tier.B, Action.REVIEW, VerdictReason.NAME_ABBREVIATED),
        ({"name": "MARIA APARECIDA LIMA"}, Tier.B, Action.REVIEW, VerdictReason.SURNAME_CHANGED),
        ({"cpf": OTHER_CPF}, Tier.C, Action.CHECK_CPF, VerdictReason.OTHER_CPF),
        ({"birth_date": date(1985, 1, 1)}, Tier.C, Action.CHECK_CPF, VerdictReason.OTHER_BIRTH_DATE),
        ({"name": "OUTRA PESSOA"}, Tier.C, Action.CHECK_CPF, VerdictReason.OTHER_NAME),
        ({"birth_date": None}, Tier.D, Action.REVIEW, VerdictReason.BIRTH_UNKNOWN),
        ({"name": "MARIA"}, Tier.D, Action.REVIEW, VerdictReason.NAME_UNKNOWN),
        ({"name": "MARIA APARECIDA LIMA", "mother_name": ""}, Tier.D, Action.REVIEW, VerdictReason.MOTHER_UNKNOWN),
        ({"cpf": ""}, Tier.D, Action.REVIEW, VerdictReason.WITHOUT_CPF),
        ({"cpf": "", "name": "MARIA SILVA"}, Tier.E, Action.NOTHING, VerdictReason.NAME_ALONE),
        ({"numbers": ()}, Tier.A, Action.NOTHING, VerdictReason.NO_NUMBER),
        ({"numbers": (CnsCandidate("123"),)}, Tier.E, Action.NOTHING, VerdictReason.INVALID_NUMBER),
    ],
)
def test_judge_row_asks_for_the_person_behind_an_equal_cco(changes, tier, action, reason):
    row = found(**{"numbers": (CnsCandidate(ONE),), **changes})

    answer = decide_cnx_record(MARIA, row, auto_tier="A")

    assert (answer.tier, answer.action, answer.reason) == (tier, action, reason)


def test_judge_row_tells_twins_apart_by_their_cco():
    row = found(name="MARIA A SILVA", numbers=(CnsCandidate(ONE),))

    answer = decide_cnx_record(MARIA, row, auto_tier="B")

    assert (answer.tier, answer.action, answer.reason) == (Tier.B, Action.ATTACH, VerdictReason.NAME_ABBREVIATED)


def test_judge_row_gives_the_number_also_of_a_stranger_for_the_quarantine_to_show():
    assert decide_cnx_record(MARIA, found(cpf=OTHER_CPF), auto_tier="A").number == ONE


INFORMED = {
    "same": found(),
    "abbreviated": found(name="MARIA APARECIDA SOUZA DA SILVA"),
    "a given name short": found(name="MARIA SILVA"),
    "misspelt": found(name="MARYA APARECIDA DA SILVA"),
    "misspelt, provisional": found(name="MARYA APARECIDA DA SILVA", numbers=(PROVISIONAL,)),
    "other birth": found(birth_date=date(1984, 2, 28)),
    "no birth": found(birth_date=None),
    "no name": found(name=""),
    "other CPF": found(cpf=OTHER_CPF),
    "no CPF": found(cpf=""),
    "deceased": found(deceased=True),
}


@pytest.mark.parametrize(
    ("answer", "auto_tier", "action", "number"),
    [
        ("same", "A", Action.ATTACH, ONE),
        ("same", "NONE", Action.REVIEW, ONE),
        ("abbreviated", "A", Action.ATTACH, ONE),
        ("abbreviated", "NONE", Action.REVIEW, ONE),
        ("a given name short", "B", Action.REVIEW, ONE),
        ("misspelt", "B", Action.REVIEW, ONE),
        ("misspelt", "NONE", Action.REVIEW, ONE),
        ("misspelt, provisional", "B", Action.CHECK_CPF, ""),
        ("other birth", "B", Action.CHECK_CPF, ""),
        ("no birth", "B", Action.REVIEW, ONE),
        ("no name", "B", Action.REVIEW, ONE),
        ("other CPF", "B", Action.CHECK_CPF, ""),
        ("no CPF", "B", Action.REVIEW, ONE),
        ("deceased", "B", Action.NOTHING, ""),
    ],
)
def test_judge_informed_attaches_what_the_person_told_and_cadsus_confirms(answer, auto_tier, action, number):
    verdict = decide_self_reported(MARIA, [INFORMED[answer]], auto_tier=auto_tier, today=TODAY)

    assert (verdict.action, verdict.number) == (action, number)


def test_judge_informed_finds_nobody_and_several_as_judge_does():
    for people in ([], [found(), found()]):
        assert decide_self_reported(MARIA, people, auto_tier="B", today=TODAY) == decide_identity(
            MARIA, people, auto_tier="B", today=TODAY
        )


def test_every_reason_is_one_plain_sentence():
    for reason in VerdictReason:
        assert reason.value.endswith(".")
        assert reason.value.count(". ") == 0
        assert len(reason.value) <= 120


# ---- what holds for all people ----------------------------------------------------------------------------------

FIRST, MIDDLE, LAST = ["MARIA", "JOÃO", "ANA"], ["APARECIDA", "CLARA", "A", "SOUZA"], ["SILVA", "LIMA", "CONCEIÇÃO"]
NAMES = st.builds(
    lambda first, middle, last: " ".join([first, *middle, last]),
    st.sampled_from(FIRST),
    st.lists(st.sampled_from(MIDDLE), max_size=2),
    st.sampled_from(LAST),
)
FACTS = {
    "cpf": st.sampled_from([CPF, OTHER_CPF, ""]),
    "name": NAMES,
    "birth_date": st.sampled_from([date(1984, 2, 29), date(1984, 2, 28), date(2026, 6, 1)]),
    "mother_name": st.sampled_from(["JOANA SILVA", "JOANA LIMA", "", "SEM INFORMAÇÃO"]),
    "sex": st.sampled_from(["1", "3", ""]),
    "city_code": st.sampled_from(["355030", "330455", ""]),
}
NUMBERS = st.lists(st.builds(CnsCandidate, st.sampled_from([ONE, TWO]), st.sampled_from("DP")), max_size=3)
OURS = st.builds(Identity, **FACTS)
THEIRS = st.builds(
    Candidate,
    **FACTS | {"birth_date": FACTS["birth_date"] | st.none()},
    social_name=st.just("") | NAMES,
    numbers=NUMBERS.map(tuple),
    active=st.booleans(),
    deceased=st.booleans(),
)
AUTO_TIERS = st.sampled_from(["NONE", "A", "B"])


def attaches(answer):
    return answer.action is Action.ATTACH


@given(OURS, st.lists(THEIRS, max_size=3), AUTO_TIERS)
def test_judge_attaches_only_one_definitive_number_of_a_living_active_person_with_our_cpf_and_birth(ours, people, auto):
    answer = decide_identity(ours, people, auto_tier=auto, today=TODAY)

    if attaches(answer):
        (person,) = [person for person in people if person.cpf == ours.cpf] if len(people) > 1 else people
        assert (person.cpf, person.birth_date) == (ours.cpf, ours.birth_date)
        assert person.cpf
        assert (person.active, person.deceased) == (True, False)
        assert {number.number for number in person.numbers if number.kind == "D"} == {answer.number}
        assert answer.tier in {Tier.A, Tier.B}


@given(OURS, st.lists(THEIRS, max_size=3), AUTO_TIERS)
def test_judge_asks_for_review_only_of_one_definitive_number(ours, people, auto):
    answer = decide_identity(ours, people, auto_tier=auto, today=TODAY)

    if answer.action is Action.REVIEW:
        assert (answer.kind, answer.tier in {Tier.A, Tier.B, Tier.D}) == ("D", True)


@given(OURS, st.lists(THEIRS, max_size=3))
def test_judge_does_not_mind_the_order_of_the_answer(ours, people):
    forwards, backwards = (decide_identity(ours, order, auto_tier="B", today=TODAY) for order in (people, people[::-1]))

    assert forwards == backwards


@given(OURS, st.lists(THEIRS, max_size=2), st.booleans())
def test_judge_grows_no_looser_with_a_stricter_operator(ours, people, twin):
    strict, usual, loose = (
        decide_identity(ours, people, auto_tier=auto, today=TODAY, has_twin=twin) for auto in ("NONE", "A", "B")
    )

    assert attaches(strict) is False
    assert attaches(usual) <= attaches(loose)
    assert {(answer.tier, answer.reason, answer.number) for answer in (strict, usual, loose)} == {
        (loose.tier, loose.reason, loose.number)
    }


@given(OURS, THEIRS)
def test_tier_does_not_see_case_accents_and_particles(ours, theirs):
    plain = decide_identity(ours, [theirs], auto_tier="B", today=TODAY)
    written = replace(theirs, name=f"de {theirs.name.lower()}".replace("ã", "A").replace("ç", "c"))

    assert outline(decide_identity(ours, [written], auto_tier="B", today=TODAY)) == outline(plain)


def outline(answer: Verdict):
    return answer.tier, answer.action, answer.reason, answer.number


@given(OURS, OURS)
def test_tier_is_the_same_whichever_side_asks(one, other):
    """Nothing of the policy depends on who keeps which spelling, as long as record and number are in order."""
    there = decide_identity(one, [_as_candidate(other)], auto_tier="B", today=TODAY)
    back = decide_identity(other, [_as_candidate(one)], auto_tier="B", today=TODAY)

    assert outline(there) == outline(back)


def _as_candidate(person):
    fields = (person.cpf, person.name, person.birth_date, person.mother_name, person.sex, person.city_code)
    return Candidate(*fields, numbers=(DEFINITIVE,))


@given(OURS, THEIRS, AUTO_TIERS)
def test_judge_row_attaches_only_to_our_cpf_and_birth(ours, theirs, auto):
    answer = decide_cnx_record(ours, theirs, auto_tier=auto)

    if attaches(answer):
        assert (theirs.cpf, theirs.birth_date) == (ours.cpf, ours.birth_date)
        assert theirs.cpf
        assert answer.number == theirs.numbers[0].number


@given(st.from_regex(r"\A[0-9]{9}\Z").map(cpf_from_base).filter(lambda cpf: cpf != CPF), NAMES)
def test_a_cpf_of_another_never_attaches(cpf, name):
    assert verdict(replace(MARIA, name=name), found(cpf=cpf, name=name)) == (
        Tier.C,
        Action.CHECK_CPF,
        VerdictReason.OTHER_CPF,
    )


@given(st.dates(date(1900, 1, 1), TODAY).filter(lambda day: day != MARIA.birth_date))
def test_another_birth_date_never_attaches(birth_date):
    assert verdict(MARIA, found(birth_date=birth_date))[1] is Action.CHECK_CPF


@given(OURS, st.lists(THEIRS, max_size=3), AUTO_TIERS, st.booleans())
def test_judge_informed_attaches_only_to_our_cpf_and_birth(ours, people, auto, twin):
    answer = decide_self_reported(ours, people, auto_tier=auto, today=TODAY, has_twin=twin)

    if attaches(answer):
        cpf, birth, *_ = answer.comparison
        assert (cpf.ours, cpf.theirs, cpf.agreement) == (ours.cpf, ours.cpf, Agreement.EQUAL)
        assert (birth.agreement, answer.kind) == (Agreement.EQUAL, "D")
        assert auto != "NONE"


@given(OURS, THEIRS, st.lists(THEIRS, max_size=3), AUTO_TIERS)
def test_judge_does_not_mind_people_with_another_cpf_once_one_has_ours(ours, theirs, others, auto):
    ours = replace(ours, cpf=CPF)
    theirs = replace(theirs, cpf=CPF)
    others = [replace(other, cpf=OTHER_CPF) for other in others]

    alone = decide_identity(ours, [theirs], auto_tier=auto, today=TODAY)

    assert decide_identity(ours, [*others, theirs], auto_tier=auto, today=TODAY) == alone


@given(OURS, THEIRS, st.sampled_from(["DE", "da", "Dos", "e"]))
def test_verdict_does_not_see_a_particle_on_either_side(ours, theirs, particle):
    def dressed(person):
        name, mother = (text.replace(" ", f" {particle} ") for text in (person.name, person.mother_name))
        return replace(person, name=name, mother_name=mother if "SEM" not in mother else person.mother_name)

    plain = decide_identity(ours, [theirs], auto_tier="B", today=TODAY)

    assert outline(decide_identity(dressed(ours), [dressed(theirs)], auto_tier="B", today=TODAY)) == outline(plain)


@given(OURS, THEIRS)
def test_compare_is_the_same_from_both_sides(ours, theirs):
    theirs = replace(theirs, social_name="")
    here = [field.agreement for field in compare(ours, theirs)]
    there = [field.agreement for field in compare(_as_identity(theirs), _as_candidate(ours))]

    assert here == there


def _as_identity(person):
    return Identity(person.cpf, person.name, person.birth_date, person.mother_name, person.sex, person.city_code)


@given(OURS, THEIRS, AUTO_TIERS)
def test_a_provisional_number_is_never_given(ours, theirs, auto):
    theirs = replace(theirs, numbers=(CnsCandidate(ONE, "P"), CnsCandidate(TWO, "")))

    assert decide_identity(ours, [theirs], auto_tier=auto, today=TODAY).number == ""


@given(OURS, OURS, AUTO_TIERS)
def test_judge_with_a_twin_here_attaches_equal_names_alone(ours, other, auto):
    answer = decide_identity(ours, [_as_candidate(other)], auto_tier=auto, today=TODAY, has_twin=True)

    assert (not attaches(answer)) or (answer.tier, answer.comparison[2].agreement) == (Tier.A, Agreement.EQUAL)
