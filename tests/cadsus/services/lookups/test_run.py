import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import etree

from beneficiaries.domain.field_comparison import FieldComparison
from beneficiaries.domain.identity_policy import VerdictReason as Finding
from beneficiaries.models import CnsNumber, PendingReason, Review
from beneficiaries.services.reviews import settle_review
from cadsus.client.errors import ErrorKind
from cadsus.client.gateway import Gateway
from cadsus.client.pdq_query import Search
from cadsus.models import Candidate, Credential, Exchange, Lookup, LookupOutcome
from cadsus.queries.link_status import blocked
from cadsus.services import run_lookup
from cadsus.services.datasus import exchanges
from cadsus.services.lookups.settle_answers import PENDING
from cadsus.throttling.blockers import Blocker
from cadsus.throttling.rate_limiter import SharedRateLimiter
from cnsportal.jobs import Status
from operators.models import AuditEvent, Operator
from tests.beneficiaries.reasons import reason_of
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned
from tests.cadsus.lookups import answers, look_up, lookup_of
from tests.factories import PersonFactory, UserFactory, cns

NOBODY = Canned(soap.reply(code="NF"))


@pytest.fixture
def person(operator):
    return PersonFactory(name="Clarice Fictícia dos Testes")


def pending(person):
    return reason_of(person)


def numbers(person):
    return list(CnsNumber.objects.current().filter(person=person).values_list("number", "kind", "source", "tier"))


def test_lookup_attaches_the_number_of_the_same_person(datasus, person):
    answers(datasus, soap.registered(person, (cns(2), "P"), (cns(1), "D")))

    lookup = look_up(person)

    assert (lookup.status, lookup.outcome, lookup.attached) == (Status.DONE, LookupOutcome.FOUND, True)
    assert (lookup.tier, lookup.finding, lookup.failure) == ("A", "SAME_PERSON", "")
    assert numbers(person) == [(cns(1), "D", "CADSUS", "A")]


def test_lookup_keeps_the_comparison_as_evidence_with_the_number(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))

    lookup = look_up(person)

    evidence = CnsNumber.objects.get().evidence
    assert (evidence["tier"], evidence["reason"]) == ("A", "SAME_PERSON")
    assert [field["field"] for field in evidence["comparison"]][:4] == ["cpf", "nascimento", "nome", "mae"]
    assert AuditEvent.objects.get(kind="cns.attached").source == f"cadsus.lookup:{lookup.pk}"


def test_lookup_that_attached_keeps_no_candidates(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))

    look_up(person)

    assert not Candidate.objects.exists()


def test_lookup_answered_is_told_in_the_audit_trail_without_personal_data(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))

    lookup = look_up(person)

    event = AuditEvent.objects.get(kind="cns.answered")
    assert (event.subject, event.subject_id, event.person_id) == ("lookup", lookup.pk, person.pk)
    assert (event.data, event.personal) == ({"outcome": "FOUND", "attached": True, "reason": "SAME_PERSON"}, {})


def test_lookup_found_again_changes_nothing(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))
    look_up(person)

    again = look_up(person)

    assert (again.outcome, again.attached) == (LookupOutcome.FOUND, True)
    assert CnsNumber.objects.count() == 1


def test_lookup_that_brings_a_new_definitive_number_supersedes_the_old(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))
    look_up(person)
    answers(datasus, soap.registered(person, (cns(1), "P"), (cns(2), "D")))

    look_up(person)

    history = list(CnsNumber.objects.order_by("pk").values_list("number", "end_reason"))
    assert history == [(cns(1), "SUPERSEDED"), (cns(2), "")]


def test_lookup_asks_by_cpf_alone(datasus, person):
    datasus.answers["/query"] = NOBODY

    look_up(person)

    body = etree.fromstring(datasus.received[-1][2])
    (parameter,) = body.find(".//{urn:hl7-org:v3}parameterList")
    assert etree.QName(parameter).localname == "livingSubjectId"
    assert parameter[0].get("extension") == person.cpf


def test_lookup_not_found_says_so(datasus, person):
    datasus.answers["/query"] = NOBODY

    lookup = look_up(person)

    assert (lookup.status, lookup.outcome, lookup.attached) == (Status.DONE, LookupOutcome.NOT_FOUND, False)
    assert pending(person) == PendingReason.NOT_FOUND


def test_lookup_with_several_persons_attaches_nobody_and_shows_them(datasus, person):
    one = soap.registered(person, (cns(1), "D"))
    other = soap.registered(person, (cns(2), "D"), birth="19900101")
    answers(datasus, one, other)

    lookup = look_up(person)

    assert (lookup.outcome, lookup.finding, numbers(person)) == (LookupOutcome.SEVERAL, "SEVERAL", [])
    assert pending(person) == PendingReason.SEVERAL
    candidates = lookup.candidates.order_by("position")
    assert [(each.position, each.numbers) for each in candidates] == [
        (1, [{"number": cns(1), "kind": "D"}]),
        (2, [{"number": cns(2), "kind": "D"}]),
    ]
    births = [FieldComparison.from_json(each.comparison[1]) for each in candidates]
    assert [birth.agreement for birth in births] == ["EQUAL", "DIFFERENT"]


def test_lookup_with_persons_that_did_not_fit_attaches_nobody(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")), remaining="3")

    assert (look_up(person).outcome, numbers(person)) == (LookupOutcome.SEVERAL, [])


def test_lookup_of_an_answer_that_was_cut_to_its_first_person_attaches_nobody(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")), total="2")

    assert (look_up(person).outcome, numbers(person)) == (LookupOutcome.SEVERAL, [])


def test_lookup_with_too_many_persons_to_show_is_not_a_not_found(datasus, person):
    answers(datasus, remaining="500")

    assert look_up(person).outcome == LookupOutcome.SEVERAL


def test_lookup_of_a_cpf_that_is_somebody_elses_asks_to_check_it(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D"), name="PEDRO OUTRO DE TAL", birth="19500101"))

    lookup = look_up(person)

    assert (lookup.status, lookup.outcome, lookup.attached, lookup.tier) == (
        Status.DONE,
        LookupOutcome.FOUND,
        False,
        "C",
    )
    assert (pending(person), numbers(person)) == (PendingReason.CHECK_CPF, [])


def test_lookup_of_an_abbreviated_name_opens_a_review(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D"), name="CLARICE F TESTES"))

    lookup = look_up(person)

    review = Review.objects.get()
    assert (lookup.outcome, lookup.attached, lookup.tier) == (LookupOutcome.REVIEW, False, "B")
    assert (review.person_id, review.number, review.kind, review.tier) == (person.pk, cns(1), "D", "B")
    assert (review.source, review.origin) == ("CADSUS", f"cadsus.lookup:{lookup.pk}")
    assert (pending(person), numbers(person)) == (PendingReason.REVIEW, [])


def test_lookup_of_an_abbreviated_name_attaches_where_the_operator_says_so(datasus, person):
    Operator.objects.filter(pk=person.operator_id).update(auto_tier="B")
    answers(datasus, soap.registered(person, (cns(1), "D"), name="CLARICE FICTICIA DE SOUZA DOS TESTES"))

    look_up(person)

    assert numbers(person) == [(cns(1), "D", "CADSUS", "B")]


def test_lookup_without_cpf_goes_to_review_and_never_by_itself(datasus, operator):
    person = PersonFactory(cpf=None)
    answers(datasus, soap.registered(person, (cns(1), "D"), cpf="52998224725"))

    lookup = look_up(person)

    assert (lookup.outcome, lookup.tier, numbers(person)) == (LookupOutcome.REVIEW, "D", [])


def test_lookup_of_a_twin_without_cpf_is_not_even_reviewed(datasus, operator):
    person = PersonFactory(cpf=None, mother_name="Joana d'Ávila")
    PersonFactory(cpf=None, name="Outro Nome", mother_name="JOANA DAVILA")
    answers(datasus, soap.registered(person, (cns(1), "D")))

    lookup = look_up(person)

    assert (lookup.outcome, lookup.finding, Review.objects.count()) == (LookupOutcome.FOUND, "TWIN", 0)
    assert pending(person) == PendingReason.UNSURE


@pytest.mark.parametrize(
    ("changes", "kind", "finding", "reason"),
    [
        ({"extra": '<deceasedInd value="true"/>'}, "D", "DECEASED", PendingReason.RECORD_INACTIVE),
        ({"status": "inactive"}, "D", "INACTIVE", PendingReason.RECORD_INACTIVE),
        ({}, "P", "PROVISIONAL_ONLY", PendingReason.PROVISIONAL_ONLY),
    ],
)
def test_lookup_of_a_record_that_does_not_serve_attaches_nothing(datasus, person, changes, kind, finding, reason):
    answers(datasus, soap.registered(person, (cns(1), kind), **changes))

    lookup = look_up(person)

    assert (lookup.outcome, lookup.finding, lookup.attached) == (LookupOutcome.FOUND, finding, False)
    assert (pending(person), numbers(person)) == (reason, [])


def test_lookup_of_a_number_that_somebody_here_has_attaches_nothing(datasus, person):
    other = PersonFactory()
    answers(datasus, soap.registered(other, (cns(1), "D")))
    look_up(other)
    answers(datasus, soap.registered(person, (cns(1), "D")))

    lookup = look_up(person)

    assert (lookup.outcome, lookup.attached, pending(person)) == (LookupOutcome.FOUND, False, PendingReason.TAKEN)


def test_every_finding_has_a_sentence_for_the_person_whose_number_it_does_not_give():
    assert set(PENDING) == set(Finding)


def test_lookup_of_a_number_that_was_dismissed_before_opens_no_review_again(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D"), name="CLARICE F TESTES"))
    look_up(person)
    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())

    lookup = look_up(person)

    assert (lookup.outcome, Review.objects.filter(status="OPEN").count()) == (LookupOutcome.REVIEW, 0)
    assert pending(person) == PendingReason.CHECK_CPF


# ---- could not ask --------------------------------------------------------------------------------------------------


def test_lookup_that_could_not_be_asked_waits_for_another_try(datasus, person):
    datasus.answers["/query"] = Canned(b"", 503)
    before = timezone.now()

    lookup = look_up(person)

    assert (lookup.status, lookup.outcome, lookup.failures) == (Status.WAITING, LookupOutcome.COULD_NOT_ASK, 1)
    assert before < lookup.next_attempt_at <= timezone.now() + timedelta(seconds=2)
    assert lookup.failure == ErrorKind.UNAVAILABLE.sentence
    assert pending(person) == PendingReason.COULD_NOT_ASK


def test_lookup_waits_longer_after_every_failure(datasus, person):
    lookup = lookup_of(person, failures=3)

    run_lookup(lookup.pk)

    lookup.refresh_from_db()
    assert lookup.failures == 4
    assert timedelta(seconds=120) < lookup.next_attempt_at - timezone.now() <= timedelta(seconds=128)


def test_lookup_waits_as_long_as_datasus_asks(datasus, person):
    datasus.answers["/query"] = Canned(b"", 429, headers={"Retry-After": "600"})

    lookup = look_up(person)

    assert timedelta(seconds=590) < lookup.next_attempt_at - timezone.now() <= timedelta(seconds=600)


def test_lookup_that_failed_and_then_got_its_answer_is_as_good_as_any(datasus, person):
    datasus.answers["/query"] = [Canned(b"", 503), Canned(soap.reply(soap.registered(person, (cns(1), "D"))))]
    lookup = look_up(person)
    Lookup.objects.filter(pk=lookup.pk).update(status=Status.QUEUED)

    run_lookup(lookup.pk)

    lookup.refresh_from_db()
    assert (lookup.status, lookup.outcome, lookup.failures, lookup.failure) == (Status.DONE, LookupOutcome.FOUND, 0, "")
    assert (lookup.attempt, len(numbers(person))) == (2, 1)


@pytest.mark.parametrize("answer", [Canned(soap.fault(), 500), Canned(b""), Canned(b"<html/>", 200, "text/html")])
def test_lookup_without_an_answer_is_never_not_found(datasus, person, answer):
    datasus.answers["/query"] = answer

    assert look_up(person).outcome == LookupOutcome.COULD_NOT_ASK


def test_lookup_that_datasus_refuses_ends(datasus, person):
    datasus.answers["/query"] = Canned(soap.reply(code="QE"))

    lookup = look_up(person)

    assert (lookup.status, lookup.outcome) == (Status.FAILED, LookupOutcome.REFUSED)
    assert (lookup.failure, pending(person)) == (ErrorKind.QUESTION_REFUSED.sentence, PendingReason.REFUSED)


@pytest.mark.parametrize(
    ("spoil", "obstacle"),
    [
        ({"state": "RETIRED"}, Blocker.NO_CREDENTIAL),
        ({"not_after": timezone.now()}, Blocker.EXPIRED),
        ({"key_id": "retired"}, Blocker.LOCKED),
        ({"sealed_key": b"x" * 60, "fingerprint": "f" * 64}, Blocker.LOCKED),
    ],
    ids=["none", "expired", "other key", "damaged"],
)
def test_lookup_without_a_usable_certificate_stays_in_the_queue_and_the_obstacle_is_told(
    datasus, person, spoil, obstacle
):
    Credential.objects.update(**spoil)

    lookup = look_up(person)

    assert (lookup.status, lookup.attempt, datasus.received) == (Status.QUEUED, 0, [])
    assert blocked("simulator").obstacle is obstacle


def test_lookup_whose_turn_is_too_far_stays_in_the_queue_without_a_failure(datasus, person, monkeypatch):
    monkeypatch.setattr(SharedRateLimiter, "acquire", lambda _self, longest: longest + 40)

    lookup = look_up(person)

    assert (lookup.status, lookup.failures, datasus.received) == (Status.QUEUED, 0, [])


def test_lookups_keep_to_the_rate_of_the_environment(datasus, operator, settings, monkeypatch):
    waited = []
    monkeypatch.setattr(exchanges.time, "sleep", waited.append)
    settings.CADSUS_ENVIRONMENTS["simulator"]["rate"] = 0.2
    datasus.answers["/query"] = NOBODY

    for _ in range(3):
        look_up(PersonFactory())

    assert waited[1] > 2
    assert waited[2] > 6


# ---- once -----------------------------------------------------------------------------------------------------------


def test_lookup_delivered_twice_asks_once(datasus, person):
    datasus.answers["/query"] = NOBODY
    lookup = look_up(person)

    run_lookup(lookup.pk)

    assert [path for path, *_ in datasus.received] == ["/token", "/query"]


def test_lookup_cancelled_while_it_stood_in_line_is_not_asked(datasus, person, monkeypatch):
    lookup = lookup_of(person)
    monkeypatch.setattr(exchanges.time, "sleep", lambda _: Lookup.objects.cancel(lookup.pk))

    run_lookup(lookup.pk)

    lookup.refresh_from_db()
    assert (lookup.status, datasus.received) == (Status.CANCELLED, [])


def test_lookup_given_away_while_it_was_asked_leaves_the_answer_to_the_other_worker(datasus, person, monkeypatch):
    lookup = lookup_of(person)
    answers(datasus, soap.registered(person, (cns(1), "D")))
    ask = Gateway.ask

    def late(gateway, search):
        answer = ask(gateway, search)
        Lookup.objects.filter(pk=lookup.pk).update(attempt=7)  # as the recovery and another worker would
        return answer

    monkeypatch.setattr(Gateway, "ask", late)
    run_lookup(lookup.pk)

    lookup.refresh_from_db()
    assert (lookup.status, lookup.outcome, numbers(person)) == (Status.RUNNING, "", [])


# ---- the record of the calls ----------------------------------------------------------------------------------------


def test_exchange_tells_what_was_asked_masked_and_what_came(datasus, person):
    answers(datasus, soap.registered(person, (cns(1), "D")))

    lookup = look_up(person)

    exchange = Exchange.objects.get()
    assert (exchange.lookup_id, exchange.credential, exchange.environment) == (
        lookup.pk,
        Credential.objects.get(),
        "simulator",
    )
    assert (exchange.key, exchange.masked) == ("cpf", f"***.{person.cpf[3:6]}.{person.cpf[6:9]}-**")
    assert (exchange.http_status, exchange.response_code, exchange.trouble) == (200, "OK", "")
    assert exchange.milliseconds is not None


def test_exchange_tells_why_nothing_came(datasus, person):
    datasus.answers["/query"] = Canned(soap.fault(), 500)

    look_up(person)

    exchange = Exchange.objects.get()
    assert (exchange.http_status, exchange.response_code, exchange.trouble) == (500, "", "FAULT")


def test_exchange_is_saved_before_the_question_leaves(datasus, person, monkeypatch):
    def die(*_: object):
        raise KeyboardInterrupt

    monkeypatch.setattr(Gateway, "ask", die)

    with pytest.raises(KeyboardInterrupt):
        look_up(person)

    assert Exchange.objects.values_list("milliseconds", "masked").get() == (None, Search(cpf=person.cpf).masked)


def test_lookup_leaves_no_personal_data_in_the_log(datasus, person, caplog):
    caplog.set_level(logging.DEBUG)
    answers(datasus, soap.registered(person, (cns(1), "D")))

    look_up(person)

    needles = [person.cpf, cns(1), "CLARICE", "token-de-teste", "BEGIN"]
    assert [needle for needle in needles if needle in caplog.text] == []
