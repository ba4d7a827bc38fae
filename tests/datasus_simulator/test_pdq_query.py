from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasus_simulator.pdq_query import read_question
from datasus_simulator.people import NumberKind, SearchCriteria
from datasus_simulator.soap_message import Identifier, SoapFault, open_message
from tests.datasus_simulator.foreign_client import sample

CPF, CNS = (NumberKind.CPF, "11144477735"), (NumberKind.CNS, "700000000000005")


def read(body):
    return read_question(open_message(body))


NAME, MOTHER = "CLARICE FICTICIA DOS TESTES", "BERENICE FICTICIA DOS TESTES"


@pytest.mark.parametrize(
    ("name", "numbers", "kind"),
    [
        ("by-cpf", (CPF,), "cpf"),
        ("by-cns", (CNS,), "cns"),
        ("by-nis", ((NumberKind.NIS, "12345678900"),), "nis"),
        ("two-numbers", (CPF, CNS), "cpf"),
        ("prefixed", (CPF,), "cpf"),
        ("addressing-headers", (CPF,), "cpf"),
        ("local-id", (), "local"),
    ],
)
def test_question_names_the_numbers_it_seeks(name, numbers, kind):
    question = read(sample(f"requests/{name}"))

    assert (question.numbers, question.kind, question.criteria) == (numbers, kind, SearchCriteria())


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("by-traits", SearchCriteria(NAME, MOTHER, "19840229", "F", "530010")),
        ("by-name-alone", SearchCriteria(name=NAME)),
        ("bare-mother-name-and-long-birth-time", SearchCriteria(mother_name=MOTHER, birth_date="19840229")),
    ],
)
def test_question_names_the_traits_it_seeks_in_any_form(name, traits):
    question = read(sample(f"requests/{name}"))

    assert (question.criteria, question.kind, question.numbers) == (traits, "traits", ())


def test_question_keeps_what_the_reply_must_repeat():
    question = read(sample("requests/by-cpf"))

    assert question.heading.message_id == Identifier("2.16.840.1.113883.4.714", "mensagem-ficticia-1")
    assert question.query_id == Identifier("1.2.840.114350.1.13.28.1.18.5.999", "consulta-ficticia-1")
    assert question.heading.sender == Identifier("2.16.840.1.113883.3.72.6.2", "OPERADORA-EXEMPLO")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("soap-1-1", "O envelope deve ser SOAP 1.2.", "VersionMismatch"),
        ("not-an-envelope", "O corpo não é um envelope SOAP 1.2.", "Sender"),
        ("other-namespace", "O corpo não traz PRPA_IN201305UV02 no espaço de nomes urn:hl7-org:v3.", "Sender"),
        ("other-interaction", "interactionId deve ser PRPA_IN201305UV02.", "Sender"),
        ("other-receiver", "receiver não é o CadSUS.", "Sender"),
        ("no-parameter-list", "Falta parameterList.", "Sender"),
        ("no-parameter", "parameterList não tem parâmetro que se possa usar.", "Sender"),
        ("dotted-cpf", "livingSubjectId: CPF deve ter só 11 dígitos.", "Sender"),
        ("cpf-under-the-oid-of-cns", "livingSubjectId: CNS deve ter só 15 dígitos.", "Sender"),
        ("unescaped-name", "O corpo não é XML bem formado.", "Sender"),
        ("dtd", "O corpo traz uma DTD, que não é aceita.", "Sender"),
    ],
)
def test_faults_of_a_client_are_refused_by_name(name, text, code):
    with pytest.raises(SoapFault) as refusal:
        read(sample(f"requests/refused-{name}"))

    assert (str(refusal.value), refusal.value.code) == (text, code)


@pytest.mark.parametrize("element", [b"id", b"queryId", b"sender", b"queryByParameter"])
def test_messages_without_an_obligatory_element_are_refused(element):
    body = sample("requests/by-cpf").replace(b"<" + element, b"<x" + element).replace(b"</" + element, b"</x" + element)

    with pytest.raises(SoapFault) as refusal:
        read(body)

    assert refusal.value.code == "Sender"


@given(st.binary())
def test_any_bytes_are_refused_and_nothing_else_happens(body):
    with pytest.raises(SoapFault):
        read(body)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="0123456789"), max_size=11))
def test_numbers_hold_digits_only(text):
    body = sample("requests/by-cpf").decode().replace("11144477735", escape(text)).encode()

    with pytest.raises(SoapFault):
        read(body)
