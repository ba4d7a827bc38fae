"""The identity decision the whole way: asked over mutual TLS, judged, kept in the registry and shown."""

from dataclasses import astuple
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.domain.field_comparison import FieldComparison
from beneficiaries.domain.identifiers import cpf_from_base
from beneficiaries.domain.identity_policy import Tier
from beneficiaries.domain.identity_policy import VerdictReason as Finding
from beneficiaries.models import CnsNumber, PendingReason, Person, Review
from beneficiaries.services import note_answers
from cadsus.models import Candidate, EnvironmentName, Lookup, LookupOutcome, LookupReason, Priority
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import run_lookup, seal_credential
from operators.models import AuditEvent, Operator
from operators.permissions import Role
from tests.beneficiaries.reasons import reason_of
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned, forget_token
from tests.datasus_simulator.fixtures import ask_at, running_simulator, shared_pki
from tests.factories import OperatorFactory, PersonFactory, cns
from tests.pages import signed_in, text_of

OTHER_CPF = cpf_from_base("987654321")
BORN = date(2012, 5, 3)


@pytest.fixture(scope="module")
def known_certificate():
    """Of an authority that the simulator knows."""
    cnpj = OperatorFactory.build().cnpj
    data = shared_pki().issue_ecnpj(cnpj=cnpj, legal_name="Operadora Exemplo", password="x")
    return read_certificate(data, "x", cnpj=cnpj, now=timezone.now())


@pytest.fixture
def simulator(tmp_path, settings, known_certificate, operator):
    """DATASUS, as the operator asks it; an operator that lets everything act by itself that may."""
    with running_simulator([], tmp_path) as simulator:
        ask_at(settings, simulator)
        forget_token(known_certificate.fingerprint)
        seal_credential(known_certificate, EnvironmentName.SIMULATOR)
        Operator.objects.filter(pk=operator.pk).update(auto_tier="B")
        yield simulator


@pytest.fixture
def clara(operator):
    return PersonFactory(name="Ana Clara Souza Lima", mother_name="Rita Souza", birth_date=BORN, sex="3")


def line(person, /, **cells):
    """The person as DATASUS has it, but for these cells."""
    return {
        "person": "1",
        "cpf": person.cpf or "",
        "cns": cns(1),
        "cns_kind": "D",
        "name": person.name.upper(),
        "mother_name": person.mother_name.upper(),
        "birth_date": str(person.birth_date),
        "sex": "F",
        **cells,
    }


def look_up(person, **asked):
    lookup = Lookup.objects.create(
        operator_id=person.operator_id,
        person=person,
        environment="simulator",
        reason=LookupReason.WITHOUT_CNS,
        priority=Priority.BACKLOG,
        **asked,
    )
    run_lookup(lookup.pk)
    lookup.refresh_from_db()
    return lookup


def left(person):
    """What the registry holds in the end: the number, what waits on the review desk, why there is no number."""
    current = CnsNumber.objects.current().filter(person=person)
    return (
        list(current.values_list("number", flat=True)),
        list(Review.objects.filter(person=person).values_list("number", flat=True)),
        reason_of(person),
    )


ATTACHED = ([cns(1)], [], PendingReason.NEVER_ASKED)
REVIEW = ([], [cns(1)], PendingReason.REVIEW)
CHECK_CPF = ([], [], PendingReason.CHECK_CPF)


def nothing(reason):
    return [], [], reason


@pytest.mark.parametrize(
    ("cells", "tier", "finding", "end"),
    [
        ({}, Tier.A, Finding.SAME_PERSON, ATTACHED),
        ({"name": "ANA CLARA DE SOUZA LIMA"}, Tier.A, Finding.SAME_PERSON, ATTACHED),
        ({"name": "ANDRE LIMA", "social_name": "Ana Clara Souza Lima"}, Tier.A, Finding.SAME_PERSON, ATTACHED),
        ({"mother_name": ""}, Tier.A, Finding.SAME_PERSON, ATTACHED),
        ({"mother_name": "RITA MARIA SOUZA"}, Tier.A, Finding.SAME_PERSON, ATTACHED),
        ({"name": "ANA CLARA S LIMA"}, Tier.B, Finding.NAME_ABBREVIATED, ATTACHED),
        ({"name": "ANA CLARA LIMA"}, Tier.B, Finding.NAME_ABBREVIATED, ATTACHED),
        ({"name": "ANA CLARA SOUZA LIMA DIAS"}, Tier.B, Finding.SURNAME_CHANGED, ATTACHED),
        # may be a namesake, or the parents swapped
        ({"mother_name": "JOANA DIAS"}, Tier.A, Finding.OTHER_MOTHER, REVIEW),
        ({"mother_name": "OTAVIO LIMA"}, Tier.A, Finding.OTHER_MOTHER, REVIEW),
        # may be a twin
        ({"name": "ANA SOUZA LIMA"}, Tier.B, Finding.GIVEN_NAME, REVIEW),
        ({"name": "ANA C SOUZA LIMA"}, Tier.B, Finding.GIVEN_NAME, REVIEW),
        ({"name": "ANA CARLA SOUZA LIMA"}, Tier.C, Finding.OTHER_NAME, CHECK_CPF),
        ({"name": "ANA CARLA SOUZA LIMA DIAS"}, Tier.C, Finding.OTHER_NAME, CHECK_CPF),
        # the mother's CPF
        (
            {"name": "RITA SOUZA", "birth_date": "1985-01-30", "mother_name": "LUCIA SOUZA"},
            Tier.C,
            Finding.OTHER_BIRTH_DATE,
            CHECK_CPF,
        ),
        ({"birth_date": "2012-03-05"}, Tier.C, Finding.OTHER_BIRTH_DATE, CHECK_CPF),
        # the record
        ({"deceased": "yes"}, Tier.E, Finding.DECEASED, nothing(PendingReason.RECORD_INACTIVE)),
        ({"status": "inactive"}, Tier.E, Finding.INACTIVE, nothing(PendingReason.RECORD_INACTIVE)),
        ({"cns_kind": "P"}, Tier.E, Finding.PROVISIONAL_ONLY, nothing(PendingReason.PROVISIONAL_ONLY)),
    ],
)
def test_decision_on_the_record_under_our_cpf(simulator, clara, cells, tier, finding, end):
    simulator.serve([line(clara, **cells)])

    lookup = look_up(clara)

    assert (lookup.tier, lookup.finding, lookup.attached) == (tier, finding.name, end == ATTACHED)
    assert left(clara) == end


def test_decision_on_two_definitive_numbers_takes_neither(simulator, clara):
    simulator.serve([line(clara), line(clara, cns=cns(2))])

    assert (look_up(clara).finding, left(clara)) == ("TWO_DEFINITIVES", nothing(PendingReason.UNSURE))


def test_decision_follows_an_old_number_to_the_one_that_took_its_place(simulator, clara):
    simulator.serve([line(clara, cns=cns(7))])
    look_up(clara)
    simulator.serve([line(clara, cns=cns(7), cns_kind="P"), line(clara)])

    look_up(clara)

    history = CnsNumber.objects.filter(person=clara).order_by("pk").values_list("number", "end_reason")
    assert list(history) == [(cns(7), "SUPERSEDED"), (cns(1), "")]


def test_decision_on_twins_gives_each_their_own(simulator, clara):
    carla = PersonFactory(name="Ana Carla Souza Lima", mother_name=clara.mother_name, birth_date=BORN)
    simulator.serve([line(clara), line(carla, person="2", cns=cns(2))])

    look_up(clara), look_up(carla)

    assert (left(clara)[0], left(carla)[0]) == ([cns(1)], [cns(2)])


def test_decision_on_a_twin_with_the_others_cpf_gives_the_others_number_to_nobody(simulator, clara):
    Person.objects.filter(pk=clara.pk).update(cpf=OTHER_CPF)
    clara.refresh_from_db()
    simulator.serve([line(clara, name="ANA CARLA SOUZA LIMA")])

    assert (look_up(clara).finding, left(clara)) == ("OTHER_NAME", CHECK_CPF)


def test_decision_in_tier_b_waits_for_somebody_where_a_twin_is_kept_here(simulator, clara):
    PersonFactory(name="Ana Carla Souza Lima", mother_name="RITA DE SOUZA", birth_date=BORN)
    simulator.serve([line(clara, name="ANA CLARA LIMA")])

    assert (look_up(clara).finding, left(clara)) == ("TWIN", REVIEW)


def test_asking_by_a_mistyped_number_changes_no_reason(datasus, clara):
    note_answers({clara.pk: PendingReason.PROVISIONAL_ONLY})
    datasus.answers["/query"] = Canned(soap.reply())

    look_up(clara, key="cns", number=cns(7))

    assert left(clara) == nothing(PendingReason.PROVISIONAL_ONLY)


@pytest.mark.parametrize(
    ("cells", "auto_tier", "end"),
    [
        ({"name": "ANA CLARA LIMA"}, "A", ATTACHED),
        ({"name": "ANA CLARA LIMA"}, "NONE", REVIEW),
        ({"name": "ANNA CLARA SOUZA LIMA"}, "B", REVIEW),
        ({"cpf": OTHER_CPF}, "B", nothing(PendingReason.NEVER_ASKED)),
        ({"birth": "20120305"}, "B", nothing(PendingReason.NEVER_ASKED)),
    ],
)
def test_decision_on_a_number_that_the_person_told(datasus, clara, operator, cells, auto_tier, end):
    Operator.objects.filter(pk=operator.pk).update(auto_tier=auto_tier)
    datasus.answers["/query"] = Canned(soap.reply(soap.registered(clara, (cns(7), "P"), (cns(1), "D"), **cells)))

    look_up(clara, key="cns", number=cns(7))

    assert left(clara) == end


def test_decision_on_twins_without_cpf_gives_neither_a_number(simulator, operator):
    ana = PersonFactory(cpf=None, name="Ana Clara Lima", mother_name="Rita Souza", birth_date=BORN)
    eva = PersonFactory(cpf=None, name="Eva Maria Lima", mother_name="Rita Souza", birth_date=BORN)
    simulator.serve([line(ana), line(eva, person="2", cns=cns(2))])

    assert [look_up(person).finding for person in (ana, eva)] == ["TWIN", "TWIN"]
    assert [left(person) for person in (ana, eva)] == [nothing(PendingReason.UNSURE)] * 2


def test_two_whose_mothers_nobody_told_are_no_twins(simulator, clara):
    PersonFactory(name="Eva Maria Lima", mother_name="NAO INFORMADA", birth_date=clara.birth_date)
    Person.objects.filter(pk=clara.pk).update(mother_name="NAO INFORMADA")
    clara.refresh_from_db()
    simulator.serve([line(clara, name="ANA CLARA LIMA")])

    assert (look_up(clara).finding, left(clara)) == ("NAME_ABBREVIATED", ATTACHED)


def test_decision_on_namesakes_without_cpf_attaches_neither(simulator, operator):
    person = PersonFactory(cpf=None, name="José da Silva", mother_name="Rita Souza", birth_date=BORN, sex="")
    other = line(person, person="2", cns=cns(2))
    simulator.serve([line(person), other])

    lookup = look_up(person)

    assert (lookup.outcome, lookup.finding) == (LookupOutcome.SEVERAL, "SEVERAL")
    assert left(person) == nothing(PendingReason.SEVERAL)


def test_evidence_of_the_decision_is_whole(simulator, clara):
    simulator.serve([line(clara, name="ANA CLARA S LIMA", mother_name="RITA DE SOUZA")])

    lookup = look_up(clara)

    number = CnsNumber.objects.get(person=clara)
    assert (number.source, number.kind, number.tier, number.verified) == ("CADSUS", "D", "B", True)
    assert abs((timezone.now() - number.attached_at).total_seconds()) < 60
    assert (number.evidence["tier"], number.evidence["reason"]) == ("B", "NAME_ABBREVIATED")
    compared = [astuple(FieldComparison.from_json(field)) for field in number.evidence["comparison"]]
    assert compared == [
        ("cpf", clara.cpf, clara.cpf, "EQUAL"),
        ("nascimento", "2012-05-03", "2012-05-03", "EQUAL"),
        ("nome", "Ana Clara Souza Lima", "ANA CLARA S LIMA", "ABBREVIATED"),
        ("mae", "Rita Souza", "RITA DE SOUZA", "EQUAL"),
        ("sexo", "3", "3", "EQUAL"),
        ("municipio", "", "530010", "UNKNOWN"),
    ]
    assert AuditEvent.objects.get(kind="cns.attached").source == f"cadsus.lookup:{lookup.pk}"


def test_evidence_is_read_on_the_persons_page(simulator, clara, operator):
    simulator.serve([line(clara, name="ANA CLARA S LIMA")])
    look_up(clara)

    response = signed_in(operator, Role.CONSULTA).get(_page(operator, clara))

    page = text_of(response)
    assert "Por que é desta pessoa: CPF e nascimento são iguais; o nome está abreviado ou incompleto." in page
    assert "Origem DATASUS (CadSUS), nível B" in page
    assert "ANA CLARA S LIMA abreviado" in page
    assert clara.cpf not in response.content.decode()


def test_comparison_of_who_was_found_is_kept_where_nothing_was_attached(simulator, clara):
    simulator.serve([line(clara, name="ANA CARLA SOUZA LIMA")])

    lookup = look_up(clara)

    found = Candidate.objects.get(lookup=lookup)
    compared = map(FieldComparison.from_json, found.comparison)
    assert [(field.field, field.agreement) for field in compared] == [
        ("cpf", "EQUAL"),
        ("nascimento", "EQUAL"),
        ("nome", "DIFFERENT"),
        ("mae", "EQUAL"),
        ("sexo", "EQUAL"),
        ("municipio", "UNKNOWN"),
    ]


def test_review_says_why_somebody_has_to_decide(simulator, clara, operator):
    simulator.serve([line(clara, name="ANA SOUZA LIMA")])
    look_up(clara)

    page = text_of(
        signed_in(operator, Role.REVISAO).get(reverse("beneficiaries:reviews", args=[operator.registration]))
    )

    assert "a diferença pode estar no nome próprio, como entre gêmeos." in page


def _page(operator, person):
    return reverse("beneficiaries:person", args=[operator.registration, person.pk])
