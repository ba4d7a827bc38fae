"""What each behaviour does on the wire."""

import re
import time

import pytest
import requests
from lxml import etree

from cadsus.simulator.behaviours import Behaviour, Manner, parse_manners
from tests.cadsus.simulator.invented import CLARICE, NOBODY, cpf, number, person
from tests.cadsus.simulator.wire import cns, code, fault_text, names, values


@pytest.fixture
def ask(simulator, stranger):
    """Ask for one person who is treated as said."""

    def ask(behaviour, **how):
        more = {"social_name": "ANITA", "birth_date": "1984-02-29", "behaviour": behaviour}
        simulator.serve([person("ANA", cpf(1), number(1), **more)])
        return stranger.ask(cpf(1), **how)

    return ask


def timeless(response):
    return re.sub(rb"<(ns2:)?creationTime [^>]*>", b"", response.content)


@pytest.mark.parametrize(
    ("behaviour", "status", "content_type", "beginning"),
    [
        ("unavailable", 503, "text/plain; charset=utf-8", b"Service Unavailable"),
        ("token_401", 401, "text/plain; charset=utf-8", b"Unauthorized"),
        ("always_401", 401, "text/plain; charset=utf-8", b"Unauthorized"),
        ("forbidden", 403, "text/plain; charset=utf-8", b"Forbidden"),
        ("too_many", 429, "text/plain; charset=utf-8", b"Too Many Requests"),
        ("html_503", 503, "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("html_500", 500, "text/html; charset=utf-8", b"<html>"),
        ("html_200", 200, "text/html; charset=utf-8", b"<html>"),
        ("empty", 200, "application/soap+xml; charset=utf-8", b""),
        ("accepted", 202, None, b""),
        ("bom", 200, "application/soap+xml; charset=utf-8", b"\xef\xbb\xbf<?xml"),
    ],
)
def test_fault_is_what_its_name_says(ask, behaviour, status, content_type, beginning):
    response = ask(behaviour)

    assert (response.status_code, response.headers.get("Content-Type")) == (status, content_type)
    assert response.content[: max(len(beginning), 1)] == beginning


def test_too_many_says_when_to_come_back(ask):
    assert ask("too_many").headers["Retry-After"] == "2"


@pytest.mark.parametrize(("behaviour", "status"), [("fault_500", 500), ("fault_200", 200)])
def test_fault_of_the_bus_is_a_soap_fault(ask, behaviour, status):
    response = ask(behaviour)

    assert (response.status_code, fault_text(response)) == (status, ["Falha ficticia no barramento"])


@pytest.mark.parametrize(("behaviour", "is_xml"), [("html_503", False), ("html_500", True), ("html_200", True)])
def test_pages_are_well_formed_or_not_as_said(ask, behaviour, is_xml):
    body = ask(behaviour).content

    if is_xml:
        assert etree.fromstring(body).tag == "html"
    else:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(body)


def test_truncated_answer_is_cut_and_no_xml(ask):
    whole, cut = ask(""), ask("truncated")

    assert whole.content[: len(cut.content)][-40:] == cut.content[-40:]
    assert len(cut.content) == len(whole.content) * 2 // 3


def test_reset_cuts_the_connection(ask):
    with pytest.raises(requests.ConnectionError, match=r"Connection (reset|aborted)"):
        ask("reset")


def test_slow_answers_come_late_and_whole(ask):
    begin = time.monotonic()

    response = ask("slow_1s")

    assert (names(response), 1 <= time.monotonic() - begin < 5) == (["ANA"], True)


@pytest.mark.parametrize("behaviour", ["slow_10s", "slow_40s"])
def test_slower_answers_outlast_a_short_patience(ask, behaviour):
    with pytest.raises(requests.ReadTimeout):
        ask(behaviour, timeout=0.5)


@pytest.mark.parametrize(
    ("behaviour", "acknowledgement", "answer", "people"),
    [
        ("not_found", "AA", "NF", []),
        ("ack_error", "AE", "AE", []),
        ("query_error", "AA", "QE", []),
        ("remaining", "AA", "OK", ["ANA"]),
    ],
)
def test_other_answers_are_said_in_the_codes_of_hl7(ask, behaviour, acknowledgement, answer, people):
    response = ask(behaviour)

    assert values(response, "//h:acknowledgement/h:typeCode/@code") == [acknowledgement]
    assert (code(response), names(response)) == ([answer], people)


def test_acknowledged_error_has_a_detail_and_remaining_a_number(ask):
    assert values(ask("ack_error"), "//h:acknowledgementDetail/h:text/text()") == ["Falha ficticia na aplicacao"]
    assert values(ask("remaining"), "//h:resultRemainingQuantity/@value") == ["3"]


@pytest.mark.parametrize(
    "behaviour",
    ["unknown_elements", "out_of_order", "nil_custodian", "dotted_timestamps", "prefixed", "restricted", "vip",
     "very_restricted", "foreign_address", "no_cpf", "social_name_first", "low_score"],
)  # fmt: skip
def test_another_dress_leaves_the_person_as_it_is(ask, behaviour):
    response = ask(behaviour)

    assert (names(response), cns(response)) == (["ANA"], [(number(1), "D")])
    assert timeless(response) != timeless(ask(""))


@pytest.mark.parametrize(
    "name", [f"{name}_once" for name in ("unavailable", "token_401", "too_many", "html_200", "empty")]
)
def test_once_fails_the_first_time_for_that_person_and_then_answers(ask, name):
    first, second, third = ask(name), ask(name), ask(name)

    assert (b"ANA" in first.content, names(second), names(third)) == (False, ["ANA"], ["ANA"])


def test_once_is_counted_for_each_person_apart(simulator, stranger):
    simulator.serve([person(str(n), cpf(n), number(n), behaviour="unavailable_once") for n in (1, 2)])

    statuses = [stranger.ask(cpf(n)).status_code for n in (1, 2, 1, 2)]

    assert statuses == [503, 503, 200, 200]


def test_manners_of_a_cell_add_up(ask):
    response = ask("vip bom no_kind slow_1s_once")

    assert (cns(response), response.content[:3]) == ([(number(1), "")], b"\xef\xbb\xbf")
    assert values(response, "//h:veryImportantPersonCode/@code") == ["VIP"]


def test_faults_by_number_hold_for_people_who_are_not_in_the_file_too(simulator, stranger):
    simulator.change(faults={NOBODY: "unavailable_once", "clarice": "html_200"})

    statuses = [stranger.ask(NOBODY).status_code for _ in range(2)]

    assert (statuses, stranger.ask(CLARICE).headers["Content-Type"]) == ([503, 200], "text/html; charset=utf-8")


def test_outage_strikes_both_doors_and_ends_by_itself(simulator, stranger):
    simulator.change(outage={"seconds": 0.6})

    during = (stranger.get_token().status_code, stranger.ask(CLARICE).status_code)
    time.sleep(0.7)
    after = (stranger.get_token().status_code, stranger.ask(CLARICE).status_code)

    assert (during, after) == ((503, 503), (200, 200))


def test_outage_may_begin_later_in_another_manner(simulator, stranger):
    simulator.change(outage={"seconds": 60, "in_seconds": 0.5, "behaviour": "reset"})

    before = stranger.ask(CLARICE).status_code
    time.sleep(0.6)

    assert before == 200
    with pytest.raises(requests.ConnectionError):
        stranger.ask(CLARICE)


def test_latency_holds_for_every_answer(simulator, stranger):
    simulator.change(latency_ms=300)
    begin = time.monotonic()

    stranger.ask(CLARICE)

    assert 0.3 <= time.monotonic() - begin < 3


@pytest.mark.parametrize("behaviour", Behaviour)
def test_every_behaviour_is_read_with_and_without_once(behaviour):
    cell = f" {behaviour} {behaviour.upper()}_ONCE "

    assert parse_manners(cell) == {Manner(behaviour), Manner(behaviour, once=True)}
