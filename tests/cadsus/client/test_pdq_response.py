from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadsus.client.pdq_response import FoundNumber, InvalidReply, SoapFault, read_reply
from tests.cadsus import soap


def only(*parts: str, **how):
    (registrant,) = read_reply(soap.reply(soap.subject(*parts, **how))).registrants
    return registrant


def test_reply_gives_the_person_as_registered():
    (person,) = read_reply(soap.reply(soap.WHOLE)).registrants

    assert (person.name, person.social_name) == ("CLARICE FICTICIA DOS TESTES", "CLARA FICTICIA")
    assert (person.mother_name, person.birth_date) == ("BERENICE FICTICIA DOS TESTES", date(1984, 2, 29))
    assert (person.sex, person.cpf, person.city, person.birth_city) == ("F", soap.CPF_NUMBER, "530010", "355030")
    assert (person.active, person.deceased, person.confidentiality, person.vip) == (True, False, "N", False)
    assert person.score == 97


def test_reply_gives_every_number_with_its_own_kind_whatever_the_order():
    (person,) = read_reply(soap.reply(soap.WHOLE)).registrants

    assert person.numbers == (FoundNumber(soap.PROVISIONAL, "P"), FoundNumber(soap.DEFINITIVE, "D"))


def test_reply_gives_every_person():
    other = soap.subject(soap.cns("800000000000001", "D"))

    found = read_reply(soap.reply(soap.WHOLE, other)).registrants

    assert [[number.number for number in person.numbers] for person in found] == [
        [soap.PROVISIONAL, soap.DEFINITIVE],
        ["800000000000001"],
    ]


def test_reply_without_persons_says_not_found():
    reply = read_reply(soap.reply(code="NF"))

    assert (reply.ack, reply.response_code, reply.registrants, reply.missing) == ("AA", "NF", (), 0)
    assert (reply.answered, reply.refused) == (True, False)


@pytest.mark.parametrize(
    ("ack", "code", "answered", "refused"),
    [
        ("AA", "OK", True, False),
        ("AA", "", False, False),
        ("AE", "AE", False, True),
        ("AR", "", False, True),
        ("AA", "QE", False, True),
    ],
)
def test_reply_tells_an_answer_from_a_refusal_and_from_silence(ack, code, answered, refused):
    reply = read_reply(soap.reply(ack=ack, code=code))

    assert (reply.answered, reply.refused) == (answered, refused)


@pytest.mark.parametrize(
    ("total", "remaining", "missing"), [("", "7", 7), ("8", "7", 7), ("3", "0", 2), ("3", "", 2), ("1", "0", 0)]
)
def test_reply_says_how_many_persons_did_not_fit(total, remaining, missing):
    assert read_reply(soap.reply(soap.WHOLE, total=total, remaining=remaining)).missing == missing


@pytest.mark.parametrize("code", ["OK", "NF"])
@pytest.mark.parametrize("odd", ["", "x", "-1", "٣"])
def test_reply_with_odd_counts_has_nothing_left(code, odd):
    assert read_reply(soap.reply(code=code, total=odd, remaining=odd)).missing == 0


def test_person_of_whom_nothing_is_told_is_empty():
    person = only()

    assert (person.name, person.social_name, person.mother_name, person.cpf) == ("", "", "", "")
    assert (person.birth_date, person.sex, person.city, person.birth_city) == (None, "", "", "")
    assert (person.numbers, person.active, person.deceased, person.score) == ((), True, False, None)


def test_person_without_patient_person_is_empty():
    patient = '<patient><statusCode code="active"/></patient>'
    data = soap.reply(f"<subject><registrationEvent><subject1>{patient}</subject1></registrationEvent></subject>")

    assert [person.name for person in read_reply(data).registrants] == [""]


def test_name_may_come_in_parts_and_without_use():
    name = "<name><prefix>DR</prefix><given>JOÃO</given>\n <given>DA</given><family>SILVA  SÁ</family></name>"

    assert only(name).name == "DR JOÃO DA SILVA SÁ"


def test_social_name_alone_is_not_taken_for_the_legal_one():
    person = only('<name use="ASGN"><given>CLARA</given></name>')

    assert (person.name, person.social_name) == ("", "CLARA")


@pytest.mark.parametrize("nothing", ["SEM INFORMAÇÃO", "NULL", "NAO INFORMADA", "-", "#N/D"])
def test_a_name_that_says_nothing_is_a_blank(nothing):
    person = only(f'<name use="L"><given>{nothing}</given></name>' + soap.relationship("PRN", nothing))

    assert (person.name, person.mother_name) == ("", "")


def test_a_name_comes_without_what_nobody_sees():
    assert only('<name use="L"><given>RE\u0301GINA\u200b LIMA</given></name>').name == "RÉGINA LIMA"


@pytest.mark.parametrize(
    ("written", "cpf"),
    [("111.444.777-35", soap.CPF_NUMBER), (" 11144477735 ", soap.CPF_NUMBER), ("000.000.000-00", ""), ("NULL", "")],
)
def test_a_cpf_comes_without_its_mask(written, cpf):
    assert only(soap.document((soap.CPF, written))).cpf == cpf


def test_a_cns_comes_without_blanks_and_zeros_are_none():
    person = only(soap.cns("700 0000 0000 0005", "D") + soap.cns("000000000000000", "D"))

    assert person.numbers == (FoundNumber(soap.DEFINITIVE, "D"),)


@pytest.mark.parametrize(("city", "code"), [("355030", "355030"), ("3550308", "355030"), ("000000", "")])
def test_a_town_has_six_digits(city, code):
    assert only(f'<addr use="H"><city>{city}</city></addr>').city == code


def test_father_is_never_taken_for_the_mother():
    assert only(soap.relationship("NPRN", "JOSE FICTICIO")).mother_name == ""


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("19840229", date(1984, 2, 29)),
        ("19840229000000", date(1984, 2, 29)),
        ("19840229000000.0-0200", date(1984, 2, 29)),
        ("19840229235959+1400", date(1984, 2, 29)),
        ("1984-02-29", date(1984, 2, 29)),
        ("1984-02-29-03:00", date(1984, 2, 29)),
        ("1984-02-29T00:00:00Z", date(1984, 2, 29)),
        ("00000000", None),
        ("19850229", None),
        ("1984", None),
        ("", None),
        ("ontem", None),
    ],
)
def test_birth_date_is_the_first_eight_digits(value, day):
    assert only(f'<birthTime value="{value}"/>').birth_date == day


@pytest.mark.parametrize(
    ("facts", "deceased"),
    [
        ('<deceasedInd value="true"/>', True),
        ('<deceasedTime value="20200101000000"/>', True),
        ('<deceasedInd value="1"/>', True),
        ('<deceasedInd value="TRUE"/>', True),
        ('<deceasedInd value="0"/>', False),
        ('<deceasedInd value="false"/>', False),
        ('<deceasedInd xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>', False),
    ],
)
def test_death_is_told_by_the_flag_or_by_the_date(facts, deceased):
    assert only(facts).deceased is deceased


@pytest.mark.parametrize(
    ("status", "active"), [("active", True), ("", True), ("inactive", False), ("nullified", False)]
)
def test_record_is_active_unless_it_says_otherwise(status, active):
    assert only(status=status).active is active


@pytest.mark.parametrize("gender", ["I", "N", "UN", ""])
def test_sex_other_than_the_two_of_the_registry_is_not_told(gender):
    assert only(f'<administrativeGenderCode code="{gender}"/>').sex == ""


def test_restricted_persons_are_marked():
    flags = '<confidentialityCode code="R"/><veryImportantPersonCode code="VIP"/>'

    person = only(before=flags)

    assert (person.confidentiality, person.vip) == ("R", True)


def test_number_without_kind_or_with_an_unknown_one_has_none():
    person = only(soap.document((soap.CNS, soap.DEFINITIVE)) + soap.cns(soap.PROVISIONAL, "X"))

    assert person.numbers == (FoundNumber(soap.DEFINITIVE, ""), FoundNumber(soap.PROVISIONAL, ""))


def test_number_given_twice_is_one():
    person = only(soap.cns(soap.DEFINITIVE, "D") + soap.cns(soap.DEFINITIVE, "D"))

    assert person.numbers == (FoundNumber(soap.DEFINITIVE, "D"),)


@pytest.mark.parametrize(
    ("kinds", "kind"), [("DP", ""), ("PD", ""), ("D ", "D"), (" D", "D"), ("P ", "P"), ("DPD", "")], ids=repr
)
def test_number_flagged_in_two_ways_is_neither(kinds, kind):
    person = only("".join(soap.cns(soap.DEFINITIVE, flag.strip()) for flag in kinds))

    assert person.numbers == (FoundNumber(soap.DEFINITIVE, kind),)


def test_root_that_is_repeated_without_a_number_hides_none():
    repeated = f'<id root="{soap.CNS}"/><id root="{soap.CNS_KIND}"/>'
    document = soap.cns(soap.DEFINITIVE, "D").replace("<scopingOrganization>", f"{repeated}<scopingOrganization>")

    assert only(document).numbers == (FoundNumber(soap.DEFINITIVE, "D"),)


def test_identifiers_of_organisations_are_not_the_persons():
    scoping = f'<id root="{soap.CNS}" extension="{soap.PROVISIONAL}"/>'

    assert only(f"<asOtherIDs><scopingOrganization>{scoping}</scopingOrganization></asOtherIDs>").numbers == ()


def test_unknown_elements_hide_nothing():
    strange = '<novo xmlns="urn:outro"><id root="x" extension="y"/>texto</novo>'
    subject = soap.WHOLE.replace("<patientPerson>", f"{strange}<patientPerson>{strange}")

    (person,) = read_reply(soap.reply(strange, subject)).registrants
    assert (person.name, len(person.numbers)) == ("CLARICE FICTICIA DOS TESTES", 2)


@pytest.mark.parametrize("namespace", ["urn:hl7-org:v3", "hl7-org:v3", ""])
def test_reply_is_read_by_local_names(namespace):
    assert len(read_reply(soap.reply(soap.WHOLE, namespace=namespace)).registrants) == 1


@pytest.mark.parametrize(
    "before", [b"", b"\xef\xbb\xbf", b"\r\n  ", b"\xef\xbb\xbf\n"], ids=["", "BOM", "blanks", "both"]
)
def test_reply_is_read_after_a_byte_order_mark_or_blanks(before):
    assert len(read_reply(before + soap.reply(soap.WHOLE)).registrants) == 1


def test_reply_in_latin_1_is_read():
    data = soap.reply(soap.WHOLE.replace("CLARICE", "CLÁRICE"), prolog='<?xml version="1.0" encoding="ISO-8859-1"?>')

    (person,) = read_reply(data.decode().encode("latin-1")).registrants

    assert person.name == "CLÁRICE FICTICIA DOS TESTES"


@pytest.mark.parametrize("prolog", ["", '<?xml version="1.0"?>'])
def test_reply_in_the_character_set_of_its_header_is_read(prolog):
    data = soap.reply(soap.WHOLE.replace("CLARICE", "CLÁRICE"), prolog=prolog).decode().encode("latin-1")

    (person,) = read_reply(data, "iso8859-1").registrants

    assert person.name == "CLÁRICE FICTICIA DOS TESTES"


def test_reply_that_says_its_character_set_is_believed():
    data = soap.reply(soap.WHOLE.replace("CLARICE", "CLÁRICE"))

    (person,) = read_reply(data, "iso8859-1").registrants

    assert person.name == "CLÁRICE FICTICIA DOS TESTES"


@pytest.mark.parametrize(
    ("code", "sender"),
    [("S:Sender", True), ("soap:Client", True), ("Sender", True), ("S:Receiver", False), ("", False)],
)
def test_fault_says_whom_it_blames_and_drops_its_text(code, sender):
    with pytest.raises(SoapFault) as raised:
        read_reply(soap.fault(code))

    assert raised.value.sender is sender
    assert soap.CPF_NUMBER not in str(raised.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"{}",
        b"<html><body><h1>Manuten\xc3\xa7\xc3\xa3o</h1></body></html>",
        b"<html><body><p>Em breve<br></body>",
        soap.envelope(""),
        soap.envelope("<MCCI_IN000002UV01 xmlns='urn:hl7-org:v3'/>"),
        soap.envelope("<PRPA_IN201306UV02 xmlns='urn:hl7-org:v3'/>"),
        soap.reply(soap.WHOLE)[:-30],
        soap.reply(soap.WHOLE) + b"<more/>",
    ],
)
def test_other_answers_are_not_replies(data):
    with pytest.raises(InvalidReply):
        read_reply(data)


@pytest.mark.parametrize(
    "dtd",
    ['<!DOCTYPE a [<!ENTITY e "x">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">', "<!DOCTYPE a>"],
    ids=["entity", "outside", "bare"],
)
def test_reply_with_a_document_type_is_refused(dtd):
    with pytest.raises(InvalidReply):
        read_reply(soap.reply(soap.WHOLE, prolog=dtd))


def test_reply_that_would_grow_without_end_is_refused():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'

    with pytest.raises(InvalidReply):
        read_reply(soap.reply(soap.subject("<name><given>&e11;</given></name>"), prolog=bomb))


@given(st.integers(1, len(soap.reply(soap.WHOLE)) - 1))
def test_reply_cut_anywhere_is_never_taken_for_an_answer(length):
    with pytest.raises(InvalidReply):
        read_reply(soap.reply(soap.WHOLE)[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_not_one(data):
    with pytest.raises(InvalidReply):
        read_reply(data)


def test_replies_stay_out_of_texts():
    reply = read_reply(soap.reply(soap.WHOLE))

    assert "CLARICE" not in repr(reply)
    assert "CLARICE" not in repr(reply.registrants[0])
    assert soap.DEFINITIVE not in repr(reply.registrants[0].numbers)
