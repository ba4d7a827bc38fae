"""Every way in which the simulator may treat a question, over real mutual TLS, and the one end that each must have."""

import pytest
from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base
from beneficiaries.models import CnsNumber
from cadsus.models import EnvironmentName, Exchange, Lookup, LookupOutcome, LookupReason, Priority
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import run_lookup, seal_credential
from cadsus.services.datasus.gateways import gateway_of
from cnsportal.jobs import Status
from datasus_simulator.behaviours import Behaviour
from operators.context import operator_context
from tests.cadsus.canned_server import forget_token
from tests.datasus_simulator.fixtures import ask_at, running_simulator, shared_pki
from tests.factories import OperatorFactory, PersonFactory, cns

ATTACHED = (Status.DONE, LookupOutcome.FOUND, True)
FOUND_ONLY = (Status.DONE, LookupOutcome.FOUND, False)
REVIEW = (Status.DONE, LookupOutcome.REVIEW, False)
SEVERAL = (Status.DONE, LookupOutcome.SEVERAL, False)
NOT_FOUND = (Status.DONE, LookupOutcome.NOT_FOUND, False)
NOT_ASKED = (Status.WAITING, LookupOutcome.COULD_NOT_ASK, False)
LOCKED_OUT = (Status.FAILED, LookupOutcome.COULD_NOT_ASK, False)
REFUSED = (Status.FAILED, LookupOutcome.REFUSED, False)

ENDS = {
    Behaviour.UNAVAILABLE: NOT_ASKED,
    Behaviour.TOKEN_401: LOCKED_OUT,
    Behaviour.ALWAYS_401: LOCKED_OUT,
    Behaviour.FORBIDDEN: LOCKED_OUT,
    Behaviour.TOO_MANY: NOT_ASKED,
    Behaviour.FAULT_500: NOT_ASKED,
    Behaviour.FAULT_200: NOT_ASKED,
    Behaviour.HTML_503: NOT_ASKED,
    Behaviour.HTML_500: NOT_ASKED,
    Behaviour.HTML_200: NOT_ASKED,
    Behaviour.JSON_500: NOT_ASKED,
    Behaviour.REDIRECT: NOT_ASKED,
    Behaviour.EMPTY: NOT_ASKED,
    Behaviour.ACCEPTED: NOT_ASKED,
    Behaviour.RESET: NOT_ASKED,
    Behaviour.SLOW_1S: ATTACHED,
    Behaviour.SLOW_10S: NOT_ASKED,  # the tests wait for two seconds
    Behaviour.SLOW_40S: NOT_ASKED,
    Behaviour.TRUNCATED: NOT_ASKED,
    Behaviour.BOM: ATTACHED,
    Behaviour.DRIP: NOT_ASKED,
    Behaviour.CUT_OFF: NOT_ASKED,
    Behaviour.NO_GOODBYE: ATTACHED,
    Behaviour.CHUNKED: ATTACHED,
    Behaviour.GZIP: ATTACHED,
    Behaviour.WRONG_TYPE: NOT_ASKED,
    Behaviour.SOAP_1_1: ATTACHED,
    Behaviour.LATIN_1: ATTACHED,
    Behaviour.NOT_FOUND: NOT_FOUND,
    Behaviour.ACK_ERROR: REFUSED,
    Behaviour.ACK_REJECT: REFUSED,
    Behaviour.QUERY_ERROR: REFUSED,
    Behaviour.REMAINING: SEVERAL,
    Behaviour.SILENT: NOT_ASKED,
    Behaviour.CROSSED_IDS: NOT_ASKED,  # an answer to another question
    Behaviour.OTHER_MESSAGE: NOT_ASKED,
    Behaviour.UNKNOWN_ELEMENTS: ATTACHED,
    Behaviour.OUT_OF_ORDER: ATTACHED,
    Behaviour.NIL_CUSTODIAN: ATTACHED,
    Behaviour.DOTTED_TIMESTAMPS: ATTACHED,
    Behaviour.PREFIXED: ATTACHED,
    Behaviour.SHORT_NAMESPACE: ATTACHED,
    Behaviour.NAME_IN_PARTS: ATTACHED,
    Behaviour.NO_NAME_USE: ATTACHED,
    Behaviour.MANY_DOCUMENTS: ATTACHED,
    Behaviour.RESTRICTED: ATTACHED,
    Behaviour.VERY_RESTRICTED: ATTACHED,
    Behaviour.VIP: ATTACHED,
    Behaviour.FOREIGN_ADDRESS: ATTACHED,
    Behaviour.BAD_ADDRESS: ATTACHED,
    Behaviour.FEWER_DATA: ATTACHED,
    Behaviour.UNKNOWN_SEX: ATTACHED,
    Behaviour.NO_CPF: REVIEW,
    Behaviour.NO_KIND: FOUND_ONLY,
    Behaviour.BAD_CHECK_DIGIT: FOUND_ONLY,
    Behaviour.SOCIAL_NAME_FIRST: ATTACHED,
    Behaviour.LOW_SCORE: ATTACHED,
    Behaviour.NO_ACCESS_TOKEN: ATTACHED,  # these two are of the token's door alone
    Behaviour.OPAQUE_TOKEN: ATTACHED,
}


@pytest.fixture
def simulator(tmp_path, settings):
    """The simulator as the environment in which all operators ask."""
    with running_simulator([], tmp_path) as simulator:
        settings.CADSUS_READ_TIMEOUT = 2
        ask_at(settings, simulator)
        yield simulator


@pytest.fixture(scope="module")
def certificate():
    """Of the simulator's PKI."""
    return certificate_of(cnpj_from_base("112223330001"))


@pytest.fixture
def credential(certificate, simulator, operator):
    forget_token(certificate.fingerprint)
    return seal_credential(certificate, EnvironmentName.SIMULATOR)


def certificate_of(cnpj):
    data = shared_pki().issue_ecnpj(cnpj=cnpj, legal_name="Operadora Exemplo", password="x")
    return read_certificate(data, "x", cnpj=cnpj, now=timezone.now())


def line(person, /, **cells):
    """The person as the registry of the simulator knows it."""
    return {
        "person": str(person.pk),
        "cpf": person.cpf or "",
        "cns": cns(person.pk),
        "cns_kind": "D",
        "name": person.name,
        "mother_name": person.mother_name,
        "birth_date": str(person.birth_date),
        "sex": "F",
        **cells,
    }


def look_up(person):
    lookup = Lookup.objects.create(
        operator_id=person.operator_id,
        person=person,
        environment="simulator",
        reason=LookupReason.WITHOUT_CNS,
        priority=Priority.BACKLOG,
    )
    return run(lookup)


def run(lookup):
    run_lookup(lookup.pk)
    lookup.refresh_from_db()
    return lookup


def end(lookup):
    return lookup.status, lookup.outcome, lookup.attached


def test_every_behaviour_of_the_simulator_has_an_end_written_here():
    assert set(ENDS) == set(Behaviour)


@pytest.mark.parametrize("behaviour", list(Behaviour), ids=str)
def test_lookup_ends_as_it_must_under(behaviour, simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person, behaviour=str(behaviour))])

    assert end(look_up(person)) == ENDS[behaviour]


@pytest.mark.parametrize(
    "behaviour", ["unavailable", "too_many", "fault_500", "html_200", "empty", "reset", "truncated"]
)
def test_lookup_recovers_from(behaviour, simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person, behaviour=f"{behaviour}_once")])
    lookup = look_up(person)
    assert end(lookup) == NOT_ASKED

    Lookup.objects.filter(pk=lookup.pk).update(status=Status.QUEUED)

    assert end(run(lookup)) == ATTACHED


@pytest.mark.parametrize("behaviour", ["token_401_once", "forbidden_once"])
def test_lookup_gets_a_new_token_by_itself_after(behaviour, simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person, behaviour=behaviour)])

    assert end(look_up(person)) == ATTACHED
    assert (simulator.counters["token"], simulator.counters["query"]) == (2, 2)


def test_lookup_of_somebody_unknown_is_not_found(simulator, credential):
    assert end(look_up(PersonFactory())) == NOT_FOUND


def test_lookup_takes_the_definitive_number_among_many(simulator, credential):
    person = PersonFactory()
    provisional = [line(person, cns=cns(500 + index), cns_kind="P") for index in range(3)]
    simulator.serve([*provisional, line(person)])

    look_up(person)

    assert CnsNumber.objects.get().number == cns(person.pk)


def test_lookup_of_two_persons_on_one_cpf_attaches_neither(simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person), line(person, person="another", cns=cns(900), birth_date="1990-01-01")])

    assert end(look_up(person)) == SEVERAL


def namesakes(person, count):
    """``count`` people whom the search by this person's data finds."""
    return [line(person, person=f"{number}", cns=cns(90 + number)) for number in range(count)]


def test_lookup_fetches_the_people_who_did_not_fit_into_the_first_answer(simulator, credential):
    person = PersonFactory(cpf=None)
    simulator.change(page_size=3)
    simulator.serve(namesakes(person, 8))

    lookup = look_up(person)

    assert end(lookup) == SEVERAL
    assert [candidate.numbers[0]["number"] for candidate in lookup.candidates.order_by("position")] == [
        cns(90 + number) for number in range(8)
    ]
    assert list(Exchange.objects.order_by("pk").values_list("persons", "response_code", "trouble")) == [
        (3, "OK", ""),
        (3, "OK", ""),
        (2, "OK", ""),
    ]


@pytest.mark.parametrize("continuation", ["fault_500", "html_503", "ack_error", "not_found", "reset"])
def test_lookup_whose_further_people_do_not_come_is_not_decided_on_the_first(simulator, credential, continuation):
    person = PersonFactory(cpf=None)
    simulator.change(page_size=1, continuation=continuation)
    simulator.serve(namesakes(person, 2))

    assert end(look_up(person)) == SEVERAL


def test_lookup_of_more_people_than_anybody_can_tell_apart_stops_asking(simulator, credential):
    person = PersonFactory(cpf=None)
    simulator.change(page_size=20)
    simulator.serve(namesakes(person, 90))

    lookup = look_up(person)

    assert (end(lookup), simulator.counters["query"]) == (SEVERAL, 3)
    assert lookup.candidates.count() == 20


def test_lookup_by_demographics_finds_a_person_without_cpf(simulator, credential):
    person = PersonFactory(cpf=None)
    simulator.serve([line(person)])

    assert end(look_up(person)) == REVIEW
    assert [entry["kind"] for entry in simulator.entries if entry["door"] == "query"] == ["traits"]


def test_lookup_in_an_outage_waits_and_then_gets_its_answer(simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person)])
    simulator.change(outage={"seconds": 60, "behaviour": "html_503"})
    lookup = look_up(person)
    assert end(lookup) == NOT_ASKED

    simulator.reset()
    forget_token(credential.fingerprint)
    Lookup.objects.filter(pk=lookup.pk).update(status=Status.QUEUED)

    assert end(run(lookup)) == ATTACHED


def test_token_serves_many_lookups(simulator, credential):
    people = [PersonFactory() for _ in range(5)]
    simulator.serve([line(person) for person in people])

    assert [end(look_up(person)) for person in people] == [ATTACHED] * 5
    assert (simulator.counters["token"], simulator.counters["query"]) == (1, 5)


def test_token_that_lives_in_milliseconds_is_not_kept_for_weeks(simulator, credential):
    simulator.change(token_lifetime=1800, expires_in=1_800_000)

    token = gateway_of(credential).fetch_token()

    assert token.lifetime == pytest.approx(1800, abs=2)
    assert len(token.value) > 2000


def test_two_operators_never_use_each_others_certificate(simulator, db):
    asked = {}
    for _ in range(2):
        operator = OperatorFactory()
        with operator_context(operator.pk):
            credential = seal_credential(certificate_of(operator.cnpj), EnvironmentName.SIMULATOR)
            person = PersonFactory()
            simulator.serve([line(person)])
            look_up(person)
            asked[simulator.state.journal.digest(person.cpf)] = credential.fingerprint

    seen = {entry["subject"]: entry["client"] for entry in simulator.entries if entry["door"] == "query"}
    assert seen == asked


@pytest.mark.parametrize("switch", ["revoked", "uncredentialed"])
def test_certificate_that_datasus_says_it_does_not_take_ends_the_lookup(simulator, credential, switch):
    simulator.change(**{switch: [credential.fingerprint]}, certificate_by_http=True)

    assert end(look_up(PersonFactory())) == LOCKED_OUT
    assert Exchange.objects.get().trouble == "CREDENTIAL_REFUSED"


def test_certificate_at_which_the_line_is_cut_without_a_word_may_be_tried_again(simulator, credential):
    simulator.change(revoked=[credential.fingerprint])

    assert end(look_up(PersonFactory())) == NOT_ASKED


@pytest.mark.parametrize("behaviour", ["html_503", "html_200", "no_access_token", "empty", "reset"])
def test_token_door_that_fails_lets_the_lookup_wait(simulator, credential, behaviour):
    simulator.change(token=behaviour)

    assert end(look_up(PersonFactory())) == NOT_ASKED


def test_token_that_is_no_jwt_serves_as_well(simulator, credential):
    person = PersonFactory()
    simulator.serve([line(person)])
    simulator.change(token="opaque_token")

    assert end(look_up(person)) == ATTACHED


def test_certificate_of_another_authority_ends_the_lookup(simulator, operator, pki):
    data = pki.issue_ecnpj(cnpj=operator.cnpj, legal_name=operator.legal_name, password="x")
    certificate = read_certificate(data, "x", cnpj=operator.cnpj, now=timezone.now())
    seal_credential(certificate, EnvironmentName.SIMULATOR)

    assert end(look_up(PersonFactory())) == LOCKED_OUT
