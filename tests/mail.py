"""A mail server for tests, spoken to by SMTP as any other."""

from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller


class _Mailbox:
    """What the SMTP server was given: envelope and message."""

    def __init__(self) -> None:
        self.letters, self.refuses = [], False

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  (aiosmtpd's name)
        if self.refuses:
            return "451 try again later"
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 taken"


class _Server(Controller):
    """At any free port."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(settings):
    box = _Mailbox()
    server = _Server(box, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "portal@example.invalid"
    settings.PUBLIC_URL = "https://portal.example.invalid"
    yield box
    server.stop()
