"""The control page as a browser without JavaScript meets it: forms out, forms in, refusals next to their field."""

import re
from datetime import datetime

import pytest
import requests
from lxml import html

from datasus_simulator.control_forms import DONE
from datasus_simulator.outages import BRASILIA
from datasus_simulator.training_people import FAULTS, SHAPES
from tests.datasus_simulator.people import CLARICE, NOBODY

TIMES = {
    "latency_from": "10", "latency_to": "20", "token_lifetime": "60", "expires_in": "", "clock_offset": "-5",
    "page_size": "7",
}  # fmt: skip


@pytest.fixture
def send(simulator):
    """Get the page, or send one of its forms; redirects are followed as a browser does."""

    def call(action="", **fields):
        address = f"{simulator.control_url}/page"
        if not action:
            return requests.get(address, timeout=10)
        return requests.post(address, data={"action": action, **fields}, timeout=10)

    yield call
    simulator.change(latency_ms=0)


def text(response, path):
    return [" ".join(" ".join(element.itertext()).split()) for element in html.fromstring(response.text).xpath(path)]


def test_page_is_complete_html_under_a_policy_that_lets_nothing_else_in(send):
    response = send()

    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert text(response, "//h1 | //h2") == [
        "Controle do simulador", "Fora do ar", "Falhas", "Tempos e tokens", "Certificados",
        "Pedidos desde o começo", "Pedidos recentes",
    ]  # fmt: skip
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert re.findall(r"<script| style=| on[a-z]+=", response.text) == []


def test_every_field_has_a_label(send):
    tree = html.fromstring(send().text)

    fields = tree.xpath("//input[not(@type='hidden')]/@id | //select/@id")
    assert sorted(fields) == sorted(tree.xpath("//label/@for"))
    assert len(fields) == len(set(fields))


def test_style_is_served_by_the_same_port(simulator):
    response = requests.get(f"{simulator.control_url}/page.css", timeout=10)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert [mark in response.text for mark in ("--paper:", ".button {", ".control__columns {")] == [True] * 3


def test_times_are_set_and_shown(send, simulator):
    response = send("times", **TIMES, certificate_by_http="on")

    switches = simulator.state.switches
    assert (switches.latency_ms, switches.token_lifetime, switches.expires_in) == ((10, 20), 60, None)
    assert (switches.clock_offset, switches.page_size, switches.certificate_by_http) == (-5, 7, True)
    assert text(response, "//*[@role='status']") == [DONE["times"]]
    assert html.fromstring(response.text).xpath("//input[@name='page_size']/@value") == ["7"]


def test_fault_of_a_number_strikes_once_and_is_told(send, stranger):
    send("add_fault", where="number", number="987.654.321-00", behaviour="html_200", once="on")

    rows = text(send(), "//section[div/h2='Falhas']//tbody/tr")
    first, second = stranger.ask(NOBODY), stranger.ask(NOBODY)

    assert rows == ["987.654.321-00 200 com página que é XML bem formado; só na primeira vez Tirar"]
    assert [response.headers["Content-Type"].partition(";")[0] for response in (first, second)] == [
        "text/html", "application/soap+xml",
    ]  # fmt: skip


def test_faults_add_up_and_are_taken_back_one_by_one(send, simulator):
    for behaviour in ("vip", "bom"):
        send("add_fault", where="number", number=CLARICE, behaviour=behaviour)
        send("add_fault", where="query", number="", behaviour=behaviour)

    send("remove_fault", where="number", number=CLARICE, scheduled="vip")
    send("remove_fault", where="query", scheduled="bom")

    switches = simulator.state.switches
    assert {key: sorted(map(str, behaviours)) for key, behaviours in switches.faults.items()} == {CLARICE: ["bom"]}
    assert switches.query == {"vip"}


def test_last_fault_of_a_number_leaves_nothing_behind(send, simulator):
    send("add_fault", where="number", number=CLARICE, behaviour="vip", once="on")

    send("remove_fault", where="number", number=CLARICE, scheduled="vip_once")

    assert simulator.state.switches.faults == {}


def test_outage_begins_is_told_and_ends_by_its_button(send, stranger):
    send("outage", minutes="5", in_minutes="0", behaviour="unavailable")
    during = (stranger.ask(CLARICE).status_code, text(send(), "//header//p"))

    response = send("end_outage")

    assert during == (503, ["Fora do ar"])
    assert (text(response, "//header//p"), stranger.ask(CLARICE).status_code) == (["Respondendo"], 200)


def test_outage_to_come_is_listed_with_its_hours_and_changes_nothing_yet(send, stranger):
    response = send("outage", minutes="10", in_minutes="60", behaviour="reset")

    [row] = text(response, "//section[div/h2='Fora do ar']//tbody/tr")
    assert re.fullmatch(
        r"de \d\d/\d\d/\d{4} \d\d:\d\d a \d\d/\d\d/\d{4} \d\d:\d\d conexão cortada antes da resposta Encerrar", row
    )
    assert stranger.ask(CLARICE).status_code == 200


def test_daily_outages_are_listed_and_taken_back(send, simulator):
    send("daily", **{"from": "22:00", "to": "06:00"}, behaviour="html_503")
    response = send("daily", **{"from": "12:00", "to": "13:30"}, behaviour="reset")
    rows = text(response, "//section[div/h2='Fora do ar']//tbody/tr")

    send("remove_daily", daily="22:00 06:00 html_503")

    assert rows == [
        "todo dia, das 22:00 às 06:00 503 com página de manutenção Tirar",
        "todo dia, das 12:00 às 13:30 conexão cortada antes da resposta Tirar",
    ]
    assert [daily.wanted["from"] for daily in simulator.state.switches.outages] == ["12:00"]


def test_certificate_that_came_for_a_token_can_be_revoked_and_let_in_again(send, stranger, client, simulator):
    [row] = text(send(), "//section[div/h2='Certificados']//tbody/tr")
    send("certificate", fingerprint=client.fingerprint, treatment="uncredentialed")
    refused = stranger.get_token().status_code
    send("certificate", fingerprint=client.fingerprint.upper(), treatment="revoked")
    standing = simulator.state.switches.revoked, simulator.state.switches.uncredentialed

    send("certificate", fingerprint=client.fingerprint, treatment="accepted")

    assert row == f"{client.common_name} {client.fingerprint[:16]}… Aceito Revogar"
    assert (refused, standing) == (403, ({client.fingerprint}, set()))
    assert stranger.get_token().status_code == 200


def test_recent_questions_are_told_without_anybody(send, stranger, client, simulator):
    stranger.ask(CLARICE)

    response = send()

    newest = text(response, "//section[div/h2='Pedidos recentes']//tbody/tr")[0]
    digest = simulator.state.journal.digest(CLARICE)
    when, what = newest.split(" consulta ")
    assert what == f"{client.common_name} CPF {digest} 200 OK, encontrada"
    assert datetime.strptime(when, "%d/%m/%Y %H:%M:%S").replace(tzinfo=BRASILIA) <= datetime.now(BRASILIA)
    assert [secret in response.text for secret in (CLARICE, "111.444.777-35", "CLARICE")] == [False] * 3


def test_reset_takes_everything_back(send, simulator):
    send("add_fault", where="query", behaviour="reset")

    response = send("reset")

    assert (simulator.state.switches.query, simulator.counters) == (set(), {})
    assert text(response, "//*[@role='status']") == [DONE["reset"]]


def test_people_to_practise_with_are_listed(simulator):
    response = requests.get(f"{simulator.control_url}/people", timeout=10)

    assert len(html.fromstring(response.text).xpath("//tbody/tr")) == len(SHAPES) + len(FAULTS)
    assert text(response, "(//tbody/tr)[1]") == [f"999.000.000-05 {SHAPES[0].held.name} 10/01/1948 {SHAPES[0].title}"]


# ---- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "fields", "field", "sentence"),
    [
        ("times", TIMES | {"latency_from": "abc"}, "latency_from",
         "Escreva um número inteiro de milissegundos, de 0 a 600000."),
        ("times", TIMES | {"latency_to": "5"}, "latency_to",
         "A demora maior deve ser igual à menor ou passar dela."),
        ("times", TIMES | {"page_size": "0"}, "page_size", "Escreva um número inteiro de pessoas, de 1 a 1000."),
        ("times", TIMES | {"expires_in": "-1"}, "expires_in",
         "Escreva um número inteiro de milissegundos, de 0 a 1000000000."),
        ("times", TIMES | {"clock_offset": "--5"}, "clock_offset",
         "Escreva um número inteiro de segundos, de -10000000 a 10000000."),
        ("add_fault", {"where": "number", "number": "123", "behaviour": "vip"}, "number",
         "Escreva um CPF ou NIS (11 dígitos) ou um CNS (15 dígitos)."),
        ("add_fault", {"where": "number", "number": CLARICE, "behaviour": "explode"}, "behaviour",
         "Escolha uma falha da lista."),
        ("add_fault", {"where": "token", "behaviour": "vip", "once": "on"}, "once",
         "«Só na primeira vez» vale para um número; escolha «um número» em «Onde»."),
        ("outage", {"minutes": "0", "in_minutes": "0", "behaviour": "reset"}, "minutes",
         "Escreva um número inteiro de minutos, de 1 a 1440."),
        ("daily", {"from": "22:00", "to": "22:00", "behaviour": "reset"}, "from",
         "Escreva dois horários diferentes, como 22:00 e 06:00."),
        ("daily", {"from": "25:00", "to": "06:00", "behaviour": "reset"}, "from",
         "Escreva dois horários diferentes, como 22:00 e 06:00."),
        ("certificate", {"fingerprint": "xyz", "treatment": "revoked"}, "fingerprint",
         "Escreva a impressão digital SHA-256: 64 algarismos hexadecimais."),
    ],
)  # fmt: skip
def test_refused_form_comes_back_with_a_sentence_at_its_field(send, simulator, action, fields, field, sentence):
    before = simulator.state.switches

    response = send(action, **fields)

    tree = html.fromstring(response.text)
    [wrong] = tree.xpath("//*[@aria-invalid='true']")
    assert (response.status_code, wrong.get("name"), simulator.state.switches) == (400, field, before)
    assert tree.get_element_by_id(wrong.get("aria-describedby")).text_content() == sentence
    if wrong.tag == "input" and wrong.get("type") != "checkbox":
        assert wrong.get("value") == fields[field]


def test_unknown_button_changes_nothing(send, simulator):
    before = simulator.state.switches

    assert (send("explode").status_code, simulator.state.switches) == (400, before)


def test_what_is_typed_is_shown_as_text_and_never_as_markup(send):
    response = send("times", **{**TIMES, "latency_from": '"><script>alert(1)</script>'})

    assert "<script" not in response.text
    assert html.fromstring(response.text).xpath("//input[@name='latency_from']/@value") == [
        '"><script>alert(1)</script>'
    ]


def test_message_of_the_address_is_one_of_ours_or_none(simulator):
    response = requests.get(f"{simulator.control_url}/page?feito=Ligue%20para%20mim", timeout=10)

    assert (text(response, "//*[@role='status']"), "Ligue" in response.text) == ([], False)


# ---- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://exemplo.invalid"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "exemplo.invalid"},
        {"Host": "127.0.0.1.exemplo.invalid"},
        {"Host": "[::1"},
    ],
)
@pytest.mark.parametrize("path", ["", "/page", "/reset"])
def test_posts_of_other_sites_are_refused(simulator, headers, path):
    simulator.change(query="vip")

    refused = requests.post(f"{simulator.control_url}{path}", data={"action": "reset"}, headers=headers, timeout=10)

    assert (refused.status_code, simulator.state.switches.query) == (403, {"vip"})


@pytest.mark.parametrize("path", ["", "/log", "/page", "/people"])
def test_name_that_is_led_here_reads_nothing(simulator, path):
    headers = {"Host": "exemplo.invalid"}

    assert requests.get(f"{simulator.control_url}{path}", headers=headers, timeout=10).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:9999", "localhost", "[::1]:80"])
def test_own_pages_may_post_under_every_name_of_this_machine(simulator, host):
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}

    taken = requests.post(f"{simulator.control_url}/reset", headers=headers, timeout=10)

    assert (taken.status_code, taken.json()) == (200, {})
