from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cadsus.client import pdq_query
from cadsus.client.pdq_query import Search, SearchKey, continuation, envelope

NOW = datetime(2026, 1, 15, 10, 30, 0)  # noqa: DTZ001  (the message has no time zone)
HL7 = "{urn:hl7-org:v3}"
PERSON = {
    "name": "Clarice Fictícia dos Testes",
    "birth_date": date(1984, 2, 29),
    "mother_name": "Berenice Fictícia",
    "sex": "F",
    "birth_city": "530010",
}
words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"]), min_size=1).map(
    str.strip
)


def sent(search, sender="OPERADORA-EXEMPLO"):
    data = envelope(search, message_id="7f3c0d52", sender=sender, now=NOW)
    return etree.fromstring(data).find(f".//{HL7}PRPA_IN201305UV02")


def parameters(search):
    """What is asked, as element → (attributes of value, its text, semanticsText)."""
    asked = {}
    for parameter in sent(search).find(f".//{HL7}parameterList"):
        value, semantics = parameter
        text = "".join(value.itertext())
        asked[etree.QName(parameter).localname] = (dict(value.attrib), text, semantics.text)
    return asked


def test_question_is_soap_12_with_one_message():
    root = etree.fromstring(envelope(Search(cpf="11144477735"), message_id="1", sender="X", now=NOW))

    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert [child.tag for child in root] == ["{http://www.w3.org/2003/05/soap-envelope}Body"]
    assert [child.tag for child in root[0]] == [f"{HL7}PRPA_IN201305UV02"]


def test_question_is_written_without_prefixes_as_all_known_clients_write_it():
    data = envelope(Search(cpf="11144477735"), message_id="1", sender="X", now=NOW)

    prefixes = {element.prefix for element in etree.fromstring(data).find(f".//{HL7}PRPA_IN201305UV02").iter()}
    assert (prefixes, b'xmlns="urn:hl7-org:v3"' in data) == ({None}, True)


def test_question_has_the_elements_of_the_standard_in_their_order():
    message = sent(Search(cpf="11144477735"))

    assert message.get("ITSVersion") == "XML_1.0"
    assert [(etree.QName(child).localname, dict(child.attrib)) for child in message] == [
        ("id", {"root": "2.16.840.1.113883.4.714", "extension": "7f3c0d52"}),
        ("creationTime", {"value": "20260115103000"}),
        ("interactionId", {"root": "2.16.840.1.113883.1.6", "extension": "PRPA_IN201305UV02"}),
        ("processingCode", {"code": "T"}),
        ("processingModeCode", {"code": "T"}),
        ("acceptAckCode", {"code": "AL"}),
        ("receiver", {"typeCode": "RCV"}),
        ("sender", {"typeCode": "SND"}),
        ("controlActProcess", {"classCode": "CACT", "moodCode": "EVN"}),
    ]


def test_question_names_cadsus_as_receiver_and_us_as_sender():
    message = sent(Search(cpf="11144477735"), sender="SAÚDE & CIA <1>")

    device = {"classCode": "DEV", "determinerCode": "INSTANCE"}
    receiver, sender = (message.find(f"{HL7}{party}/{HL7}device") for party in ("receiver", "sender"))
    assert (receiver.attrib, receiver[0].attrib) == (device, {"root": "2.16.840.1.113883.3.72.6.5.100.85"})
    assert (sender.attrib, sender[0].attrib) == (device, {"root": "2.16.840.1.113883.3.72.6.2"})
    assert sender.findtext(f"{HL7}name") == "SAÚDE & CIA <1>"


def test_question_carries_a_new_query_in_real_time():
    query = sent(Search(cpf="11144477735")).find(f".//{HL7}queryByParameter")

    assert [(etree.QName(child).localname, dict(child.attrib)) for child in query] == [
        ("queryId", {"root": "1.2.840.114350.1.13.28.1.18.5.999", "extension": "7f3c0d52"}),
        ("statusCode", {"code": "new"}),
        ("responseModalityCode", {"code": "R"}),
        ("responsePriorityCode", {"code": "I"}),
        ("parameterList", {}),
    ]


@pytest.mark.parametrize(
    ("search", "root", "number"),
    [
        (Search(cpf="11144477735"), "2.16.840.1.113883.13.237", "11144477735"),
        (Search(cns="700000000000005"), "2.16.840.1.113883.13.236", "700000000000005"),
        (Search(nis="12345678919"), "2.16.840.1.113883.13.240", "12345678919"),
        (Search(cpf="11144477735", **PERSON), "2.16.840.1.113883.13.237", "11144477735"),
    ],
    ids=["cpf", "cns", "nis", "cpf before all else"],
)
def test_question_by_a_number_asks_for_that_number_alone(search, root, number):
    assert parameters(search) == {"livingSubjectId": ({"root": root, "extension": number}, "", "LivingSubject.id")}


def test_question_by_demographics_asks_for_all_that_is_known_in_schema_order():
    asked = parameters(Search(**PERSON))

    assert list(asked.items()) == [
        (
            "livingSubjectAdministrativeGender",
            ({"code": "F", "codeSystem": "2.16.840.1.113883.5.1"}, "", "LivingSubject.administrativeGender"),
        ),
        ("livingSubjectBirthTime", ({"value": "19840229"}, "", "LivingSubject.birthTime")),
        ("livingSubjectName", ({"use": "L"}, "CLARICE FICTÍCIA DOS TESTES", "LivingSubject.Given")),
        ("mothersMaidenName", ({"use": "L"}, "BERENICE FICTÍCIA", "mothersMaidenName")),
        ("patientAddress", ({"use": "BIRTHPL"}, "530010", "LivingSubject.birthPlaceAddress")),
    ]


def test_question_puts_the_name_in_given_and_the_mothers_in_family():
    message = sent(Search(**PERSON))

    assert message.find(f".//{HL7}livingSubjectName/{HL7}value")[0].tag == f"{HL7}given"
    assert message.find(f".//{HL7}mothersMaidenName/{HL7}value")[0].tag == f"{HL7}family"


@given(words.filter(bool), words.filter(bool))
def test_question_keeps_any_name_letter_by_letter(name, mother_name):
    asked = parameters(Search(name=name, mother_name=mother_name))

    assert asked["livingSubjectName"][1] == name.upper()
    assert asked["mothersMaidenName"][1] == mother_name.upper()


@given(st.sampled_from(["cpf", "cns", "nis"]), words.filter(bool), words.filter(bool), words.filter(bool))
def test_question_by_a_number_is_byte_for_byte_what_zeep_writes(key, number, message_id, sender):
    search = Search(**{key: number})

    filled = envelope(search, message_id=message_id, sender=sender, now=NOW)

    assert filled == pdq_query._serialised(pdq_query._question(search, message_id, sender, NOW))


def test_continuation_names_the_query_and_where_to_go_on():
    data = continuation("7f3c0d52", start=51, message_id="9", sender="X", now=NOW)
    message = etree.fromstring(data).find(f".//{HL7}QUQI_IN000003UV01")

    wanted = message.find(f"{HL7}controlActProcess/{HL7}queryContinuation")
    assert message.find(f"{HL7}id").get("extension") == "9"
    assert [(etree.QName(child).localname, dict(child.attrib)) for child in wanted] == [
        ("queryId", {"root": "1.2.840.114350.1.13.28.1.18.5.999", "extension": "7f3c0d52"}),
        ("startResultNumber", {"value": "51"}),
        ("statusCode", {"code": "waitContinuedQueryResponse"}),
    ]


@pytest.mark.parametrize(
    "facts",
    [{}, {"name": "ANA"}, {"birth_date": date(1984, 2, 29)}, {"cpf": "11144477735", "cns": "700000000000005"}],
    ids=["nothing", "name alone", "birth date alone", "two numbers"],
)
def test_search_that_cadsus_would_not_take_is_not_made(facts):
    with pytest.raises(ValueError, match="one number, or at least two"):
        Search(**facts)


@pytest.mark.parametrize(
    ("search", "key", "masked"),
    [
        (Search(cpf="11144477735"), SearchKey.CPF, "***.444.777-**"),
        (Search(cns="700000000000005"), SearchKey.CNS, "*** **** **** 0005"),
        (Search(nis="12345678919"), SearchKey.NIS, "***919"),
        (Search(**PERSON), SearchKey.DEMOGRAPHICS, "nome, nascimento, mãe, sexo, município"),
    ],
    ids=["cpf", "cns", "nis", "demographics"],
)
def test_search_tells_its_key_masked(search, key, masked):
    assert (search.key, search.masked) == (key, masked)


def test_search_stays_out_of_texts():
    assert "11144477735" not in repr(Search(cpf="11144477735"))
