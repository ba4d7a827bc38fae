import time

import pytest
import requests

from tests.datasus_simulator.foreign_client import Stranger, asking_for, cns, code, fault_text, names, sample, values
from tests.datasus_simulator.people import (
    CLARICE,
    CLARICE_D,
    CLARICE_OLD,
    CLARICE_P,
    NOBODY,
    PEOPLE,
    TWINS_CPF,
    cpf,
    number,
    person,
)


def test_cpf_finds_its_person_with_all_numbers_shown(stranger):
    response = stranger.ask(CLARICE)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/soap+xml; charset=utf-8")
    assert (code(response), names(response)) == (["OK"], ["CLARICE FICTICIA DOS TESTES"])
    assert cns(response) == [(CLARICE_D, "D"), (CLARICE_P, "P")]


@pytest.mark.parametrize(
    "name",
    ["by-cns", "by-nis", "by-traits", "by-name-alone", "bare-mother-name-and-long-birth-time", "two-numbers",
     "prefixed", "addressing-headers"],
)  # fmt: skip
def test_other_ways_to_ask_find_the_same_person(stranger, name):
    response = stranger.post(sample(f"requests/{name}"))

    assert (code(response), names(response)) == (["OK"], ["CLARICE FICTICIA DOS TESTES"])


def test_old_number_leads_to_its_person_and_is_not_among_the_answers(stranger):
    response = stranger.post(sample("requests/by-cns").replace(CLARICE_D.encode(), CLARICE_OLD.encode()))

    assert cns(response) == [(CLARICE_D, "D"), (CLARICE_P, "P")]


def test_number_decides_alone_whatever_else_is_said(stranger):
    assert names(stranger.post(sample("requests/cpf-besides-another-name"))) == ["CLARICE FICTICIA DOS TESTES"]


def test_two_people_on_one_cpf_are_two_subjects(stranger):
    response = stranger.ask(TWINS_CPF)

    assert names(response) == ["GÊMEA UM", "GÊMEA DOIS"]
    assert values(response, "//h:resultTotalQuantity/@value") == ["2"]


@pytest.mark.parametrize("body", [asking_for(NOBODY), sample("requests/local-id")])
def test_nobody_is_not_found(stranger, body):
    response = stranger.post(body)

    assert (response.status_code, code(response), names(response)) == (200, ["NF"], [])
    assert values(response, "//h:acknowledgement/h:typeCode/@code") == ["AA"]
    assert values(response, "//h:queryAck/*[contains(local-name(), 'Quantity')]/@value") == ["0", "0", "0"]


def test_reply_repeats_the_ids_of_the_question(stranger):
    response = stranger.ask(CLARICE)

    assert values(response, "//h:targetMessage/h:id/@extension") == ["mensagem-ficticia-1"]
    assert values(response, "//h:queryAck/h:queryId/@extension") == ["consulta-ficticia-1"]
    assert values(response, "//h:receiver/h:device/h:name/text()") == ["OPERADORA-EXEMPLO"]
    assert values(response, "//h:queryByParameter//h:value/@extension") == [CLARICE]


# ---- what is let in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer {}", "JWT {}", "{}", "jwt", "jwt {}x", ""])
def test_only_a_known_token_under_the_scheme_jwt_is_taken(stranger, scheme):
    response = stranger.ask(CLARICE, authorization=scheme.format(stranger.token))

    assert (response.status_code, b"CLARICE" in response.content) == (401, False)


def test_token_is_good_without_the_certificate_too(stranger, simulator):
    headers = {"Authorization": f"jwt {stranger.token}", "Content-Type": "application/soap+xml"}

    response = requests.post(
        simulator.query_url, data=asking_for(CLARICE), headers=headers, verify=simulator.ca_path, timeout=10
    )

    assert names(response) == ["CLARICE FICTICIA DOS TESTES"]


def test_content_type_must_be_that_of_soap_1_2(stranger):
    statuses = {
        content_type: stranger.ask(CLARICE, content_type=content_type).status_code
        for content_type in (
            "text/xml",
            "application/json",
            'Application/SOAP+XML;action="urn:x"',
            "application/soap+xml",
        )
    }

    assert list(statuses.values()) == [415, 415, 200, 200]


def test_only_post_to_the_address_of_the_service_is_answered(stranger, simulator):
    get = stranger.session.get(simulator.query_url, timeout=10)
    elsewhere = stranger.session.post(f"{simulator.query_url}GovBR", data=b"", timeout=10)
    with_query = stranger.session.post(
        f"{simulator.query_url}?wsdl",
        data=asking_for(CLARICE),
        headers={"Authorization": f"jwt {stranger.token}", "Content-Type": "application/soap+xml"},
        timeout=10,
    )

    assert [response.status_code for response in (get, elsewhere, with_query)] == [405, 404, 200]


def test_messages_that_break_the_protocol_get_a_fault(stranger):
    response = stranger.post(sample("requests/refused-dotted-cpf"))

    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/soap+xml; charset=utf-8")
    assert fault_text(response) == ["livingSubjectId: CPF deve ter só 11 dígitos."]


# ---- people by the file ---------------------------------------------------------------------------------------------


def test_people_are_read_again_when_their_file_changes(simulator, stranger):
    before = code(stranger.ask(cpf(1)))

    simulator.serve([*PEOPLE, person("NOVA", cpf(1), number(50))])

    assert (before, names(stranger.ask(cpf(1)))) == (["NF"], ["NOVA"])


def test_bad_file_leaves_the_people_as_they_were_and_is_complained_of_once(simulator, stranger):
    del simulator.complaints[:]
    simulator.people_path.write_text("person,cpf\n1,2\n")

    answers = [names(stranger.ask(CLARICE)) for _ in range(2)]

    assert answers == [["CLARICE FICTICIA DOS TESTES"]] * 2
    assert [complaint.endswith("Continuam valendo as pessoas de antes.") for complaint in simulator.complaints] == [
        True
    ]


# ---- the journal ----------------------------------------------------------------------------------------------------


def test_journal_says_who_asked_by_what_and_how_it_ended_and_nothing_of_the_person(simulator, stranger, client):
    simulator.reset()
    stranger.login()
    for body in (asking_for(CLARICE), asking_for(CLARICE), asking_for(NOBODY), sample("requests/by-traits"), b"<x/>"):
        stranger.post(body)

    queries = [entry for entry in simulator.entries if entry["door"] == "query"]

    assert [(entry["kind"], entry["answer"]) for entry in queries] == [
        ("cpf", "200 OK"), ("cpf", "200 OK"), ("cpf", "200 NF"), ("traits", "200 OK"), ("", "500"),
    ]  # fmt: skip
    assert {entry["client"] for entry in queries} == {client.fingerprint}
    digests = [entry["subject"] for entry in queries]
    assert (digests[0] == digests[1] == simulator.state.journal.digest(CLARICE), len(set(digests))) == (True, 4)
    assert [secret in repr(simulator.entries) for secret in (CLARICE, NOBODY, "CLARICE")] == [False] * 3


def test_journal_begun_anew_has_nothing_of_what_was_asked_before(simulator, stranger):
    simulator.serve([*PEOPLE, person("LENTA", cpf(60), number(50), behaviour="slow_1s")])
    with pytest.raises(requests.ReadTimeout):
        stranger.ask(cpf(60), timeout=0.2)

    simulator.state.journal.clear()
    stranger.ask(CLARICE)
    time.sleep(1.5)

    assert [entry["subject"] for entry in simulator.entries] == [simulator.state.journal.digest(CLARICE)]


def test_two_clients_are_told_apart_by_their_tokens(simulator, stranger, tmp_path):
    other = Stranger(simulator, simulator.issue(cnpj="11222334000126"), tmp_path).login()
    simulator.state.journal.clear()

    stranger.ask(CLARICE)
    other.ask(CLARICE)
    other.session.close()

    assert [entry["client"] for entry in simulator.entries] == [stranger.client.fingerprint, other.client.fingerprint]


def test_journal_tells_the_token_and_the_connection_apart(simulator, stranger, client):
    other = simulator.issue(cnpj="11222334000126")
    headers = {"Authorization": f"jwt {stranger.token}", "Content-Type": "application/soap+xml"}
    identity = stranger.folder / "other.pem"
    identity.write_bytes(other.key_pem + other.certificate_pem)
    simulator.state.journal.clear()

    stranger.ask(CLARICE)
    for certificate in (None, str(identity)):
        requests.post(
            simulator.query_url,
            data=asking_for(CLARICE),
            headers=headers,
            verify=simulator.ca_path,
            cert=certificate,
            timeout=10,
        )

    assert [(entry["client"], entry["shown"]) for entry in simulator.entries] == [
        (client.fingerprint, client.fingerprint),
        (client.fingerprint, ""),
        (client.fingerprint, other.fingerprint),
    ]
