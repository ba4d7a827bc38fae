"""What each behaviour does on the wire."""

import re
import time
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
import requests
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from datasus_simulator.behaviours import Behaviour, ScheduledBehaviour, parse_scheduled
from datasus_simulator.outages import BRASILIA, DailyOutage
from tests.datasus_simulator.foreign_client import cns, code, fault_text, names, values
from tests.datasus_simulator.people import CLARICE, NOBODY, cpf, number, person


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
        ("json_500", 500, "application/json", b'{"error":'),
        ("redirect", 302, "text/html; charset=utf-8", b""),
        ("wrong_type", 200, "text/html; charset=utf-8", b"<?xml"),
        ("soap_1_1", 200, "text/xml; charset=utf-8", b"<?xml"),
        ("latin_1", 200, "application/soap+xml; charset=iso-8859-1", b"<?xml"),
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
        ("ack_reject", "AR", "AE", []),
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
     "very_restricted", "foreign_address", "no_cpf", "social_name_first", "low_score", "bad_address", "fewer_data",
     "unknown_sex", "many_documents", "crossed_ids"],
)  # fmt: skip
def test_another_dress_leaves_the_person_as_it_is(ask, behaviour):
    response = ask(behaviour)

    assert (names(response), cns(response)) == (["ANA"], [(number(1), "D")])
    assert timeless(response) != timeless(ask(""))


# ---- an answer that fails to arrive whole, or comes in other clothes ------------------------------------------------


def test_silent_answer_says_neither_yes_nor_no(ask):
    response = ask("silent")

    assert (values(response, "//h:acknowledgement/h:typeCode/@code"), code(response), names(response)) == (
        ["AA"], [], [],
    )  # fmt: skip


def test_other_message_is_a_good_one_of_another_kind(ask):
    assert values(ask("other_message"), "local-name(//s:Body/*)") == list("MCCI_IN000002UV01")


def test_crossed_answer_names_another_question(ask):
    response = ask("crossed_ids")

    assert values(response, "//h:targetMessage/h:id/@extension") == ["de-outra-mensagem"]
    assert values(response, "//h:queryAck/h:queryId/@extension") == ["de-outra-consulta"]


def test_soap_1_1_and_short_namespace_say_the_same_under_other_names(ask):
    older, short = etree.fromstring(ask("soap_1_1").content), etree.fromstring(ask("short_namespace").content)

    assert older.tag == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
    assert [name.text for name in older.iterfind(".//{urn:hl7-org:v3}given")] == ["ANA", "ANITA", "SEM INFORMAÇÃO"]
    assert [name.text for name in short.iterfind(".//{hl7-org:v3}given")] == ["ANA", "ANITA", "SEM INFORMAÇÃO"]


def test_latin_1_answer_is_in_the_letters_it_declares(ask):
    response = ask("latin_1")

    assert response.content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert (names(response), "SEM INFORMAÇÃO".encode("latin-1") in response.content) == (["ANA"], True)


def test_chunked_and_packed_answers_hold_the_whole(ask):
    plain, chunked, packed = ask(""), ask("chunked"), ask("gzip")

    assert timeless(chunked) == timeless(packed) == timeless(plain)
    assert (chunked.headers["Transfer-Encoding"], "Content-Length" in chunked.headers) == ("chunked", False)
    assert packed.headers["Content-Encoding"] == "gzip"


def test_answer_cut_off_is_shorter_than_it_says(ask):
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        ask("cut_off")


def test_answer_without_its_length_ends_with_the_connection(ask):
    response = ask("no_goodbye")

    assert (names(response), response.headers.get("Content-Length"), response.headers["Connection"]) == (
        ["ANA"], None, "close",
    )  # fmt: skip


def test_dripping_answer_outlasts_every_patience_without_a_silence(ask, simulator):
    begin = time.monotonic()

    response = ask("drip", timeout=5, stream=True)
    some = response.raw.read1(1000) + response.raw.read1(1000)

    assert (0 < len(some) < 1000, time.monotonic() - begin < 5) == (True, True)
    response.close()


@pytest.mark.parametrize(
    ("behaviour", "path", "wanted"),
    [
        ("bad_address", "//h:patientPerson/h:addr/@use", ["BAD"]),
        ("fewer_data", "//h:patientPerson/h:addr/@use | //h:personalRelationship/h:code/@code", []),
        ("unknown_sex", "//h:administrativeGenderCode/@code", ["I"]),
        ("no_name_use", "//h:patientPerson/h:name/@use", ["ASGN"]),
        ("many_documents", "//h:asCitizen/h:id/@extension", ["FX000001"]),
        ("many_documents", "//h:asCitizen/h:politicalNation/h:code/@code", ["010"]),
        ("nil_custodian", "//h:custodian/@typeCode", ["CST"]),
        ("vip", "//h:patientPerson/h:raceCode/@code", ["03"]),
        ("vip", "//h:patientPerson/h:addr/h:unitID/text()", ["BLOCO F"]),
    ],
)
def test_record_says_so(ask, behaviour, path, wanted):
    assert values(ask(behaviour), path) == wanted


def test_name_in_parts_is_the_name(simulator, stranger):
    simulator.serve([person("ANA DE TAL", cpf(1), number(1), behaviour="name_in_parts")])

    response = stranger.ask(cpf(1))

    parts = [values(response, f"//h:patientPerson/h:name/h:{part}/text()") for part in ("given", "family")]
    assert parts == [["ANA"], ["DE TAL"]]


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


def test_latency_may_vary_between_two_bounds(simulator):
    simulator.change(latency_ms=[10, 40])

    spans = []
    for _ in range(20):
        begin = time.monotonic()
        simulator.state.pause(frozenset())
        spans.append(time.monotonic() - begin)

    assert (min(spans) >= 0.01, len({round(span, 4) for span in spans}) > 1) == (True, True)


@given(st.times(), st.times(), st.times())
def test_daily_outage_holds_from_its_beginning_to_its_end_over_midnight_too(begins, ends, now):
    begins, ends = (each.replace(second=0, microsecond=0) for each in (begins, ends))
    assume(begins != ends)
    outage = DailyOutage.parse({"from": f"{begins:%H:%M}", "to": f"{ends:%H:%M}", "behaviour": "reset"})

    def minutes_after(moment):
        return ((now.hour - moment.hour) * 60 + now.minute - moment.minute) % (24 * 60)

    away = outage.at(datetime.combine(date(2026, 11, 23), now, BRASILIA))
    assert bool(away) == (minutes_after(begins) < (minutes_after(begins) - minutes_after(ends)) % (24 * 60))


def test_daily_outage_strikes_now_and_the_others_wait(simulator, stranger):
    now = datetime.now(BRASILIA)
    hours = [f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 1, 2)]
    simulator.change(outages=[{"from": hours[1], "to": hours[2], "behaviour": "forbidden"}])
    before = stranger.ask(CLARICE).status_code

    simulator.change(outages=[{"from": hours[0], "to": hours[1]}])

    assert (before, stranger.ask(CLARICE).status_code) == (200, 503)


def test_clock_that_is_wrong_dates_the_answers(simulator, stranger):
    simulator.change(clock_offset=-7200)

    response = stranger.login().ask(CLARICE)

    written = values(response, "//h:creationTime/@value")[0]
    told = datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=timezone(timedelta(hours=-3)))
    dated = parsedate_to_datetime(response.headers["Date"])
    behind = [datetime.now(UTC) - each for each in (told, dated)]
    assert [timedelta(hours=2) <= each < timedelta(hours=2, seconds=30) for each in behind] == [True, True]


@pytest.mark.parametrize("behaviour", Behaviour)
def test_every_behaviour_is_read_with_and_without_once(behaviour):
    cell = f" {behaviour} {behaviour.upper()}_ONCE "

    assert parse_scheduled(cell) == {ScheduledBehaviour(behaviour), ScheduledBehaviour(behaviour, once=True)}
