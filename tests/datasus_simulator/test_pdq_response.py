"""Each reply equals a file of tests/data/soap/replies, where people can read it and parsers can be tried on it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from datasus_simulator.behaviours import Behaviour
from datasus_simulator.pdq_query import read_question
from datasus_simulator.pdq_response import Addressee, Found, ResponseCode, acknowledgement_alone, fault, reply
from datasus_simulator.people import CnsKind, Number, Person
from datasus_simulator.soap_message import open_message
from tests.datasus_simulator.foreign_client import NAMESPACES, sample

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

NOW = datetime(2026, 11, 22, 13, 30, 1, tzinfo=UTC)
D, P = Number("700000000000005", CnsKind.DEFINITIVE), Number("898000000000002", CnsKind.PROVISIONAL)
CLARICE = Person(
    "1",
    cpf="11144477735",
    numbers=(D, P),
    name="CLARICE FICTICIA DOS TESTES",
    social_name="CLARA FICTICIA",
    mother_name="BERENICE FICTICIA DOS TESTES",
    birth_date="19840229",
    sex="F",
    birth_city="530010",
)
BIA = Person("2", cpf="11144477735", numbers=(Number("900000000000008", CnsKind.DEFINITIVE),), name="BIA & <FILHA>")
CASES = {
    "found": (Found([CLARICE], 0, ResponseCode.OK), ()),
    "several": (Found([CLARICE, BIA], 0, ResponseCode.OK), ()),
    "remaining": (Found([CLARICE], 3, ResponseCode.OK), ()),
    "not-found": (Found(), ()),
    "provisional-only": (Found([Person("3", numbers=(P,), name="SO PROVISORIO")], 0, ResponseCode.OK), ()),
    "two-definitive": (
        Found([Person("4", numbers=(D, Number("900000000000008", CnsKind.DEFINITIVE)), name="X")], 0, ResponseCode.OK),
        (),
    ),
    "deceased-and-inactive": (
        Found([Person("5", name="X", is_active=False, is_deceased=True, died_on="20200131")], 0, ResponseCode.OK),
        (),
    ),
    "newborn": (
        Found([Person("6", dnv="12345678901", birth_date="20261101", name="RN DE CLARICE")], 0, ResponseCode.OK),
        (),
    ),
    "restricted-and-vip": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.RESTRICTED, Behaviour.VIP)),
    "acknowledged-with-error": (
        Found(code=ResponseCode.ERROR, complaint="Falha ficticia na aplicacao", acknowledgement="AE"),
        (),
    ),
    "rejected": (
        Found(code=ResponseCode.ERROR, complaint="Falha ficticia na aplicacao", acknowledgement="AR"),
        (),
    ),
    "silent": (Found(code=None), ()),
    "continued": (Found([BIA], 1, ResponseCode.OK, before=3), ()),
    "crossed-ids": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.CROSSED_IDS,)),
    "fewer-data": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.VERY_RESTRICTED, Behaviour.FEWER_DATA)),
    "many-documents": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.MANY_DOCUMENTS,)),
    "name-in-parts": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.NAME_IN_PARTS, Behaviour.NO_NAME_USE)),
    "parameter-error": (Found(code=ResponseCode.PARAMETER_ERROR), ()),
    "unknown-elements": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.UNKNOWN_ELEMENTS,)),
    "out-of-order": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.OUT_OF_ORDER, Behaviour.SOCIAL_NAME_FIRST)),
    "nil-custodian": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.NIL_CUSTODIAN,)),
    "dotted-timestamps": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.DOTTED_TIMESTAMPS,)),
    "prefixed": (Found([CLARICE], 0, ResponseCode.OK), (Behaviour.PREFIXED,)),
}
DRESSES = sorted(
    set(Behaviour)
    - {Behaviour.BAD_CHECK_DIGIT, Behaviour.NO_KIND, Behaviour.NO_CPF, Behaviour.SHORT_NAMESPACE}
    - {Behaviour.NAME_IN_PARTS, Behaviour.NO_NAME_USE}
)


def addressee(body=None):
    question = read_question(open_message(body or sample("requests/by-cpf")))
    return Addressee(question.heading, question.query_id, question.echo)


def answer(name):
    found, behaviours = CASES[name]
    return reply(addressee(), found, frozenset(behaviours), NOW)


def written(name):
    """The reply as its file shows it: indented."""
    root = etree.fromstring(answer(name), etree.XMLParser(remove_blank_text=True))
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def canonical(body):
    return etree.tostring(etree.fromstring(body, etree.XMLParser(remove_blank_text=True)), method="c14n")


@pytest.mark.parametrize("name", CASES)
def test_reply_is_as_its_file_shows_it(name):
    assert canonical(answer(name)) == canonical(sample(f"replies/{name}"))


def test_fault_is_as_its_file_shows_it():
    assert canonical(fault("Falha ficticia no barramento")) == canonical(sample("replies/fault"))


def test_acknowledgement_alone_is_as_its_file_shows_it():
    assert canonical(acknowledgement_alone(addressee(), NOW)) == canonical(sample("replies/acknowledgement-alone"))


def find(body, path):
    return etree.fromstring(body).xpath(path, namespaces=NAMESPACES)


def test_reply_has_an_id_of_its_own_that_depends_on_the_question_alone():
    other = addressee(sample("requests/by-cpf").replace(b"consulta-ficticia-1", b"consulta-ficticia-2"))

    found, several, not_found = (
        find(body, "string(//h:PRPA_IN201306UV02/h:id/@root)")
        for body in (answer("found"), answer("several"), reply(other, Found(), frozenset(), NOW))
    )

    assert found == several == str(UUID(found))
    assert not_found not in (found, "")


def test_prefixed_reply_says_the_same_as_the_plain_one():
    def said(body):
        return [(each.tag, each.text, dict(each.attrib) | typed(each)) for each in etree.fromstring(body).iter()]

    def typed(element):
        """xsi:type names a type of a namespace, by whatever prefix stands for it there."""
        prefix, _, name = element.get(XSI_TYPE, "").rpartition(":")
        return {XSI_TYPE: etree.QName(element.nsmap[prefix or None], name).text} if name else {}

    assert b"<ns2:patientPerson " in answer("prefixed")
    assert said(answer("prefixed")) == said(answer("found"))


@pytest.mark.parametrize(
    ("behaviour", "path", "values"),
    [
        (Behaviour.NO_CPF, "//h:asOtherIDs/h:id[@root='2.16.840.1.113883.13.237']/@extension", []),
        (Behaviour.NO_KIND, "//h:asOtherIDs/h:id[@root='2.16.840.1.113883.13.236.1']/@extension", []),
        (
            Behaviour.BAD_CHECK_DIGIT,
            "//h:asOtherIDs/h:id[@root='2.16.840.1.113883.13.236']/@extension",
            ["700000000000006", "898000000000003"],
        ),
        (Behaviour.LOW_SCORE, "//h:queryMatchObservation/h:value/@value", ["60"]),
        (Behaviour.VERY_RESTRICTED, "//h:confidentialityCode/@code", ["V"]),
        (Behaviour.FOREIGN_ADDRESS, "//h:addr/h:state/text()", ["XX"]),
        (Behaviour.SOCIAL_NAME_FIRST, "//h:patientPerson/h:name/@use", ["ASGN", "L"]),
    ],
)
def test_behaviours_change_the_record(behaviour, path, values):
    body = reply(addressee(), Found([CLARICE], 0, ResponseCode.OK), frozenset({behaviour}), NOW)

    assert find(body, path) == values


@given(
    name=st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))),
    dresses=st.sets(st.sampled_from(DRESSES)),
)
def test_whatever_the_dress_the_person_is_the_same(name, dresses):
    person = Person("1", cpf="11144477735", numbers=(D, P), name=name, birth_date="19840229")
    body = reply(addressee(), Found([person], 0, ResponseCode.OK), frozenset(dresses), NOW)

    said = "//h:patientPerson/h:name[@use='L']/h:given/text()"
    numbers = "//h:asOtherIDs/h:id[@root='2.16.840.1.113883.13.236']/@extension"

    assert "".join(find(body, said)) == name
    assert sorted(find(body, numbers)) == [D.digits, P.digits]
    assert find(body, "string(//h:birthTime/@value)")[:8] == "19840229"
