"""HTTP as clients of other makes speak it, on raw sockets."""

import socket
import ssl
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain

import pytest
import requests

from datasus_simulator.http_connection import MAX_BODY_BYTES
from datasus_simulator.http_messages import Reset, Response
from datasus_simulator.tls_listener import Listener
from tests.datasus_simulator.fixtures import running_simulator
from tests.datasus_simulator.foreign_client import Stranger, asking_for, comes_true
from tests.datasus_simulator.people import CLARICE, PEOPLE


def echo(request):
    if request.path == "/fault":
        raise ValueError("CLARICE")
    if request.path == "/reset":
        raise Reset
    return Response(200, f"{request.method} ".encode() + request.body, "text/plain")


@pytest.fixture
def listener():
    listener = Listener(("127.0.0.1", 0), echo)
    listener.start()
    yield listener
    listener.stop()


@contextmanager
def connected(listener):
    with socket.create_connection(("127.0.0.1", listener.port), 5) as connection, connection.makefile("rb") as file:
        yield connection, file


def read_response(file):
    """Status line and body."""
    status = file.readline().strip()
    length = 0
    while line := file.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return status, file.read(length)


def exchange(listener, message):
    with connected(listener) as (connection, file):
        connection.sendall(message)
        return read_response(file)


def test_requests_of_one_connection_are_answered_in_turn(listener):
    with connected(listener) as (connection, file):
        answers = []
        for word in (b"um", b"dois"):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(word), word))
            answers.append(read_response(file))

    assert answers == [(b"HTTP/1.1 200 OK", b"POST um"), (b"HTTP/1.1 200 OK", b"POST dois")]


def test_chunked_body_is_put_together(listener):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"3\r\num \r\n4;x=y\r\ndois\r\n0\r\nTrailer: z\r\n\r\n"

    assert exchange(listener, head + chunks) == (b"HTTP/1.1 200 OK", b"POST um dois")


def test_client_that_waits_for_100_is_told_to_go_on(listener):
    with connected(listener) as (connection, file):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        proceed = read_response(file)
        connection.sendall(b"um")
        answer = read_response(file)

    assert (proceed, answer) == ((b"HTTP/1.1 100 Continue", b""), (b"HTTP/1.1 200 OK", b"POST um"))


def test_any_method_reaches_the_endpoint(listener):
    assert exchange(listener, b"PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n") == (b"HTTP/1.1 200 OK", b"PROPFIND ")


def test_http_1_0_connection_ends_after_its_answer(listener):
    with connected(listener) as (connection, file):
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")

        assert (read_response(file), file.read()) == ((b"HTTP/1.1 200 OK", b"GET "), b"")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: x", b"HTTP/1.1 400 Bad Request"),
        (b"Content-Length: -1", b"HTTP/1.1 400 Bad Request"),
        (b"Content-Length: %d" % (MAX_BODY_BYTES + 1), b"HTTP/1.1 413 Request Entity Too Large"),
        (b"Transfer-Encoding: chunked\r\n\r\nx", b"HTTP/1.1 400 Bad Request"),
        (b"Transfer-Encoding: chunked\r\n\r\nfffffff", b"HTTP/1.1 413 Request Entity Too Large"),
    ],
)
def test_bodies_that_cannot_be_taken_are_refused_and_the_connection_ends(listener, head, status):
    with connected(listener) as (connection, file):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")

        assert (read_response(file), file.read()) == ((status, b""), b"")


def test_reset_is_a_reset(listener):
    with connected(listener) as (connection, _):
        connection.sendall(b"GET /reset HTTP/1.1\r\nHost: x\r\n\r\n")

        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_fault_of_ours_is_told_without_its_text_and_leaves_the_listener_alive(listener, capfd):
    with connected(listener) as (connection, file):
        connection.sendall(b"GET /fault HTTP/1.1\r\nHost: x\r\n\r\n")
        nothing = file.read()
    answer = exchange(listener, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    told = []
    assert comes_true(lambda: told.append(capfd.readouterr().err) or any(told))
    place = "".join(told).replace('raise ValueError("CLARICE")', "")
    assert (nothing, answer) == (b"", (b"HTTP/1.1 200 OK", b"GET "))
    assert (place.splitlines()[0], "CLARICE" in place) == ("erro do simulador: ValueError", False)


def test_stop_ends_idle_connections_and_frees_the_port():
    listener = Listener(("127.0.0.1", 0), echo)
    listener.start()
    with connected(listener) as (connection, file):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        read_response(file)
        begin = time.monotonic()

        listener.stop()

        assert (file.read(), time.monotonic() - begin < 2) == (b"", True)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", listener.port), 5)


def test_stop_lets_a_request_at_work_finish(tmp_path):
    started, wait = threading.Event(), threading.Event()

    def slow(request):
        started.set()
        wait.wait(5)
        return Response(200, b"pronto")

    listener = Listener(("127.0.0.1", 0), slow)
    listener.start()
    with connected(listener) as (connection, file), ThreadPoolExecutor(1) as thread:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        started.wait(5)
        stopped = thread.submit(listener.stop)
        time.sleep(0.2)
        wait.set()
        stopped.result(5)

        assert read_response(file) == (b"HTTP/1.1 200 OK", b"pronto")


def test_simulator_stops_at_once_though_answers_are_slow(tmp_path, client):
    with ThreadPoolExecutor(1) as thread:
        with running_simulator(PEOPLE, tmp_path) as simulator:
            stranger = Stranger(simulator, client, tmp_path).login()
            simulator.change(latency_ms=60_000)
            waiting = thread.submit(stranger.ask, CLARICE, timeout=20)
            time.sleep(0.5)
            begin = time.monotonic()
        status = waiting.result(5).status_code
        stranger.session.close()

    assert (status, time.monotonic() - begin < 5) == (200, True)


def test_many_clients_at_once_are_served_side_by_side(simulator, stranger):
    simulator.change(latency_ms=200)
    body, headers = (
        asking_for(CLARICE),
        {"Authorization": f"jwt {stranger.token}", "Content-Type": "application/soap+xml"},
    )

    def five(_):
        with requests.Session() as session:
            session.trust_env = False
            return [
                session.post(
                    simulator.query_url, data=body, headers=headers, verify=simulator.ca_path, timeout=20
                ).status_code
                for _ in range(5)
            ]

    begin = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        statuses = list(chain.from_iterable(threads.map(five, range(16))))

    assert (statuses, time.monotonic() - begin < 8) == (
        [200] * 80,
        True,
    )  # one after the other it would take 16 seconds


def test_client_that_goes_away_before_its_answer_leaves_nothing_open():
    gone = threading.Event()

    def late(request):
        gone.wait(5)
        return Response(200, b"x" * 1_000_000)

    listener = Listener(("127.0.0.1", 0), late)
    listener.start()
    with connected(listener) as (connection, _):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert comes_true(lambda: any(listener._busy.values()))
        [theirs] = listener._busy
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone.set()

    assert comes_true(lambda: not listener._busy)
    assert theirs.fileno() == -1
    listener.stop()


def test_plain_http_on_the_tls_port_is_no_news(simulator):
    port = int(simulator.token_url.split(":")[2].split("/")[0])

    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionResetError):
            while connection.recv(100):
                continue

    assert comes_true(lambda: simulator.counters == {"handshake refused": 1})


def test_tls_1_2_is_spoken_too(simulator):
    context = ssl.create_default_context(cafile=simulator.ca_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    port = int(simulator.query_url.split(":")[2].split("/")[0])

    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        assert secured.version() == "TLSv1.2"
