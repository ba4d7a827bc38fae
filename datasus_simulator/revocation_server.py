"""The revocation server of the test PKI: lists (CRL) and single answers (OCSP) over plain HTTP.

Each door may be told to misbehave, in ways in which repositories of real authorities do, or in which a stranger would.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from datasus_simulator.pki import DAY, Issued, TestPki

HUGE_BYTES = 33 * 1024 * 1024
DRIP_SECONDS = 0.05  # seconds between two bytes


class Conduct(StrEnum):
    HONEST = "honest"
    STALE = "stale"  # of last month
    EARLY = "early"  # of next month
    FORGED = "forged"  # in the issuer's name, signed by somebody else
    GARBAGE = "garbage"
    CUT_OFF = "cut_off"  # the first half of it
    HUGE = "huge"
    UNAVAILABLE = "unavailable"  # 503
    REDIRECT = "redirect"
    DRIP = "drip"  # byte by byte, for ever
    EMPTY = "empty"


class RevocationOffice:
    """Listens while in a ``with`` block."""

    def __init__(self, pki: TestPki, responder: Issued | None = None) -> None:
        self.issuer, self.responder = pki.holders_issuer, responder or pki.holders_issuer
        self.revoked: dict[int, datetime] = {}  # by serial number
        self.lists = self.answers = Conduct.HONEST
        self.asked: list[str] = []  # paths, in order
        self.url = ""  # while it listens

    def revoke(self, certificate: x509.Certificate) -> None:
        self.revoked[certificate.serial_number] = datetime.now(UTC).replace(microsecond=0)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def list(self) -> bytes:
        """The list of revoked certificates, DER."""
        since = _since(self.lists)
        builder = x509.CertificateRevocationListBuilder(self.issuer.certificate.subject, since, since + 7 * DAY)
        for serial, moment in self.revoked.items():
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(serial_number=serial, revocation_date=moment).build()
            )
        return builder.sign(_signer(self.issuer, self.lists).key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer(self, question: bytes) -> bytes:
        """The OCSP answer to a question, DER."""
        asked, since = ocsp.load_der_ocsp_request(question), _since(self.answers)
        moment = self.revoked.get(asked.serial_number)
        draft = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if moment else ocsp.OCSPCertStatus.GOOD,
            this_update=since,
            next_update=since + DAY,
            revocation_time=moment,
            revocation_reason=x509.ReasonFlags.key_compromise if moment else None,
        )
        responder = _signer(self.responder, self.answers)
        draft = draft.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        signed = draft.certificates([responder.certificate]).sign(responder.key, hashes.SHA256())
        return signed.public_bytes(Encoding.DER)


def _since(conduct: Conduct) -> datetime:
    shift = {Conduct.STALE: -30 * DAY, Conduct.EARLY: 30 * DAY}.get(conduct, timedelta())
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1) + shift


def _signer(honest: Issued, conduct: Conduct) -> Issued:
    return honest.imitated() if conduct is Conduct.FORGED else honest


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, office: RevocationOffice) -> None:
        self.office = office
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        office = self.server.office
        self._serve(office.lists, office.list() if self.path == "/revogados.crl" else b"")

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._serve(self.server.office.answers, self.server.office.answer(question))

    def _serve(self, conduct: Conduct, content: bytes) -> None:
        self.server.office.asked.append(self.path)
        status, body = _spoilt(conduct, content)
        self.send_response(status)
        if conduct is Conduct.REDIRECT:
            self.send_header("Location", f"{self.server.office.url}/revogados.crl")
        self.end_headers()
        try:
            self._write(conduct, body)
        except OSError:  # whoever asked has had enough
            self.close_connection = True

    def _write(self, conduct: Conduct, body: bytes) -> None:
        while conduct is Conduct.DRIP:
            self.wfile.write(b"0")
            time.sleep(DRIP_SECONDS)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the office keeps what was asked."""


def _spoilt(conduct: Conduct, content: bytes) -> tuple[HTTPStatus, bytes]:
    bodies = {
        Conduct.GARBAGE: b"<html>Manutencao</html>",
        Conduct.CUT_OFF: content[: len(content) // 2],
        Conduct.HUGE: bytes(HUGE_BYTES),
        Conduct.EMPTY: b"",
    }
    statuses = {Conduct.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE, Conduct.REDIRECT: HTTPStatus.FOUND}
    return statuses.get(conduct, HTTPStatus.OK), bodies.get(conduct, content)
