"""More people than fit into one reply, and the Continue operation that brings the rest."""

import pytest

from tests.datasus_simulator.foreign_client import Stranger, asking_for, code, fault_text, names, sample, values
from tests.datasus_simulator.people import CLARICE

SEVEN = [{"person": str(index), "cpf": CLARICE, "name": f"PESSOA {index}"} for index in range(1, 8)]


def named(*numbers: int):
    return [f"PESSOA {number}" for number in numbers]


def quantities(response):
    """Total, current and remaining, as the reply counts them."""
    kinds = ("Total", "Current", "Remaining")
    return tuple(int(values(response, f"//h:result{kind}Quantity/@value")[0]) for kind in kinds)


def wanting(number):
    """The query, with so many people wanted in the first reply."""
    return asking_for(CLARICE).replace(b"<parameterList>", b'<initialQuantity value="%d"/><parameterList>' % number)


def going_on(start=None, quantity=None):
    body = sample("requests/continue")
    for name, old, new in ((b"startResultNumber", 3, start), (b"continuationQuantity", 2, quantity)):
        element = b'<%b value="%d"/>' % (name, old)
        body = body.replace(element, b"" if new is None else element.replace(b"%d" % old, b"%d" % new))
    return body


@pytest.fixture(autouse=True)
def crowd(simulator):
    simulator.serve(SEVEN)
    simulator.change(page_size=3)


def test_first_reply_shows_a_page_and_counts_the_rest(stranger):
    response = stranger.ask(CLARICE)

    assert (names(response), quantities(response)) == (named(1, 2, 3), (7, 3, 4))


def test_query_may_say_how_many_it_wants(stranger):
    few, all_of_them = stranger.post(wanting(1)), stranger.post(wanting(9))

    assert (names(few), quantities(few)) == (named(1), (7, 1, 6))
    assert quantities(all_of_them) == (7, 7, 0)


def test_continue_brings_page_after_page_to_the_end(stranger):
    stranger.ask(CLARICE)

    pages = [stranger.post(going_on()) for _ in range(3)]

    assert [names(page) for page in pages] == [named(4, 5, 6), named(7), []]
    assert [quantities(page) for page in pages] == [(7, 3, 1), (7, 1, 0), (7, 0, 0)]
    assert [code(page) for page in pages] == [["OK"]] * 3


def test_continue_begins_where_it_is_told_and_may_go_back(stranger):
    stranger.ask(CLARICE)

    pages = [stranger.post(going_on(start, 2)) for start in (6, 2, 99)]

    assert [(names(page), quantities(page)) for page in pages] == [
        (named(6, 7), (7, 2, 0)), (named(2, 3), (7, 2, 4)), ([], (7, 0, 0)),
    ]  # fmt: skip


def test_reply_to_continue_repeats_its_own_message_and_the_first_query(stranger):
    stranger.ask(CLARICE)

    response = stranger.post(sample("requests/continue"))

    assert values(response, "//h:targetMessage/h:id/@extension") == ["mensagem-ficticia-2"]
    assert values(response, "//h:queryAck/h:queryId/@extension") == ["consulta-ficticia-1"]
    assert values(response, "//h:queryByParameter//h:value/@extension") == [CLARICE]


def test_query_that_nobody_asked_cannot_be_continued(stranger):
    response = stranger.post(sample("requests/continue"))

    assert (response.status_code, code(response), names(response)) == (200, ["AE"], [])
    assert values(response, "//h:acknowledgement/h:typeCode/@code") == ["AE"]
    assert values(response, "//h:acknowledgementDetail/h:text/text()") == ["Consulta desconhecida"]


def test_nobody_goes_on_with_the_query_of_another(stranger, simulator, tmp_path):
    other = Stranger(simulator, simulator.issue(cnpj="11222334000126"), tmp_path).login()
    stranger.ask(CLARICE)

    theirs, ours = other.post(going_on()), stranger.post(going_on())
    other.session.close()

    assert (code(theirs), names(theirs), names(ours)) == (["AE"], [], named(4, 5, 6))


def test_query_is_forgotten_with_the_tokens(stranger, simulator):
    stranger.ask(CLARICE)
    simulator.reset()

    assert code(stranger.login().post(going_on())) == ["AE"]


def test_continue_is_spoilt_by_a_switch_of_its_own(stranger, simulator):
    simulator.change(continuation="fault_500")

    first, further = stranger.ask(CLARICE), stranger.post(going_on())
    simulator.change(continuation="ack_error")

    assert (names(first), fault_text(further)) == (named(1, 2, 3), ["Falha ficticia no barramento"])
    assert code(stranger.post(going_on())) == ["AE"]


def test_further_pages_wear_the_dress_of_the_first(stranger, simulator):
    simulator.change(faults={CLARICE: "vip_once"})
    stranger.ask(CLARICE)

    response = stranger.post(going_on())

    assert values(response, "//h:veryImportantPersonCode/@code") == ["VIP"] * 3


def test_people_said_to_wait_who_do_not_exist_cannot_be_brought(stranger, simulator):
    simulator.change(page_size=7, query="remaining")

    first, further = stranger.ask(CLARICE), stranger.post(going_on())

    assert (quantities(first), code(further)) == ((10, 7, 3), ["AE"])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (sample("requests/refused-cancel"), "statusCode deve ser waitContinuedQueryResponse."),
        (going_on(start=0), "startResultNumber deve ser um número inteiro maior que zero."),
        (wanting(0), "initialQuantity deve ser um número inteiro maior que zero."),
        (sample("requests/continue").replace(b"queryContinuation", b"query"), "Falta queryContinuation."),
        (
            sample("requests/continue").replace(b'extension="QUQI_IN000003UV01"', b'extension="PRPA_IN201305UV02"'),
            "interactionId deve ser QUQI_IN000003UV01.",
        ),
    ],
)
def test_continuation_that_breaks_the_protocol_gets_a_fault(stranger, body, text):
    response = stranger.post(body)

    assert (response.status_code, fault_text(response)) == (500, [text])


def test_journal_tells_whose_query_goes_on(stranger, simulator):
    stranger.ask(CLARICE)
    stranger.post(going_on())

    first, further = simulator.entries[-2:]

    assert (further["kind"], further["answer"], further["client"]) == (
        "continue",
        "200 OK",
        stranger.client.fingerprint,
    )
    assert further["subject"] == first["subject"] == simulator.state.journal.digest(CLARICE)
