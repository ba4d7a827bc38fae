"""An operator's system that card events are pushed to."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest


class WebhookReceiver:
    """An operator's system: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.got, self.answers, self.hold = [], 204, None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                if receiver.hold:
                    receiver.hold.wait(10)
                self.send_response(receiver.answers)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object):
                """Nothing: the test looks at what was sent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/cartoes"

    @property
    def events(self):
        return [event["numero"] for _, body in self.got for event in json.loads(body)["eventos"]]


@pytest.fixture
def receiver():
    made = WebhookReceiver()
    Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()
