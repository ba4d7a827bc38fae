"""Answers in shapes that other servers give, from their bytes to the verdict on the person who was asked about."""

from datetime import date

import pytest

from beneficiaries.domain.identity_policy import Action, Identity, VerdictReason, decide_identity
from cadsus.client.http_body import unwrap_body
from cadsus.client.pdq_response import InvalidReply, read_reply
from cadsus.domain.candidate_mapping import candidate_of
from tests.cadsus import soap

TODAY = date(2026, 11, 22)
ASKED = Identity(soap.CPF_NUMBER, "Maria d'Ávila Modelo", date(1984, 3, 5), "Rosa Exemplo Modelo", "3", "355030")
TAKEN = (Action.ATTACH, VerdictReason.SAME_PERSON)
PLAIN = "application/soap+xml; charset=utf-8"
DEFINITIVE = (soap.DEFINITIVE, "D")


def person(*numbers: tuple[str, str], **changes):
    facts = {
        "name": "MARIA D'AVILA MODELO",
        "mother": "ROSA EXEMPLO MODELO",
        "birth": "19840305",
        "sex": 'code="F"',
        "cpf": soap.CPF_NUMBER,
        "status": "active",
        "more": "",
        **changes,
    }
    return soap.subject(
        f'<name use="L"><given>{facts["name"]}</given></name>{facts["more"]}'
        f'<administrativeGenderCode {facts["sex"]}/><birthTime value="{facts["birth"]}"/>'
        '<addr use="H"><city>355030</city></addr>'
        + "".join(soap.cns(number, kind) for number, kind in numbers or [DEFINITIVE])
        + soap.document((soap.CPF, facts["cpf"]))
        + soap.relationship("PRN", facts["mother"]),
        status=facts["status"],
    )


def verdict(body, *, content_type=PLAIN, asked=ASKED):
    reply = read_reply(*unwrap_body(content_type, body))
    people = [candidate_of(registrant) for registrant in reply.registrants]
    answer = decide_identity(asked, people, auto_tier="A", today=TODAY)
    return answer.action, answer.reason


def called(name):
    return Identity(ASKED.cpf, name, ASKED.birth_date, ASKED.mother_name, ASKED.sex, ASKED.city_code)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, TAKEN),
        ({"cpf": "111.444.777-35"}, TAKEN),
        ({"name": "MARIA D AVILA MODELO"}, TAKEN),
        ({"name": "MARIA DAVILA MODELO"}, TAKEN),
        ({"name": "MARIA D’A\u0301VILA MODELO"}, TAKEN),
        ({"birth": "19840305000000.000-0200"}, TAKEN),
        ({"birth": "1984-03-05-03:00"}, TAKEN),
        ({"sex": 'nullFlavor="UNK"'}, TAKEN),
        ({"more": '<name use="ASGN" nullFlavor="NI"/>'}, TAKEN),
        ({"name": "CARLOS REGISTRO", "more": '<name use="ASGN"><given>MARIA D AVILA MODELO</given></name>'}, TAKEN),
        ({"mother": "NULL"}, TAKEN),
        ({"birth": ""}, (Action.REVIEW, VerdictReason.BIRTH_UNKNOWN)),
        ({"birth": "1984"}, (Action.REVIEW, VerdictReason.BIRTH_UNKNOWN)),
        ({"name": "NAO INFORMADO"}, (Action.REVIEW, VerdictReason.NAME_UNKNOWN)),
        ({"more": '<deceasedInd value="1"/>'}, (Action.NOTHING, VerdictReason.DECEASED)),
    ],
)
def test_a_person_is_known_again_in_every_shape(changes, expected):
    assert verdict(soap.reply(person(**changes))) == expected


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ([("700 0000 0000 0005", "D")], VerdictReason.SAME_PERSON),
        ([(soap.DEFINITIVE, "d")], VerdictReason.PROVISIONAL_ONLY),
        ([(soap.PROVISIONAL, "P")], VerdictReason.PROVISIONAL_ONLY),
        ([DEFINITIVE, ("800000000000001", "D")], VerdictReason.TWO_DEFINITIVES),
        ([("000000000000000", "D")], VerdictReason.NO_NUMBER),
    ],
)
def test_a_number_counts_by_its_flag_however_it_is_written(numbers, reason):
    assert verdict(soap.reply(person(*numbers)))[1] is reason


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("João Batista Jr", "JOAO BATISTA JUNIOR"), ("Régina Acento", "RE\u0301GINA ACENTO"), ("Ana e Lima", "ANA LIMA")],
)
def test_spellings_of_one_name_are_one(ours, theirs):
    assert verdict(soap.reply(person(name=theirs)), asked=called(ours)) == TAKEN


def test_a_character_set_of_the_header_alone_is_believed():
    body = soap.reply(person(name="LATINA CABEÇALHO"), prolog="").decode().encode("latin-1")

    answer = verdict(body, content_type="application/soap+xml; charset=ISO-8859-1", asked=called("Latina Cabeçalho"))

    assert answer == TAKEN


def test_the_answer_is_the_root_of_several_parts():
    xml = soap.reply(person()).decode()
    headers = 'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-ID: <r@x>'
    body = f"--uuid:1\r\n{headers}\r\nContent-Transfer-Encoding: binary\r\n\r\n{xml}\r\n--uuid:1--\r\n".encode()

    kind = 'multipart/related; type="application/xop+xml"; boundary="uuid:1"; start="<r@x>"'

    assert verdict(body, content_type=kind) == TAKEN


@pytest.mark.parametrize(
    "version", ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"]
)
def test_either_envelope_is_opened(version):
    body = soap.reply(person()).replace(b"http://www.w3.org/2003/05/soap-envelope", version.encode())

    assert verdict(body) == TAKEN


@pytest.mark.parametrize("body", [b"", b"<html><body>Sistema em manuten&ccedil;&atilde;o</body></html>"])
def test_silence_and_a_page_are_no_answer(body):
    with pytest.raises(InvalidReply):
        verdict(body, content_type="text/html")
