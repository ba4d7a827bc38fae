"""The only way to DATASUS: a question goes out, a reply or a GatewayError comes back, and nothing else."""

import ssl
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from uuid import uuid4

import requests
import urllib3

from cadsus.client import mutual_tls
from cadsus.client.access_token import Cache, Leases, NotAToken, Token, TokenStore, read_token
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.http_body import unwrap_body
from cadsus.client.pdq_query import ACTION, CONTINUE_ACTION, Search, continuation, envelope
from cadsus.client.pdq_response import InvalidReply, Reply, SoapFault, read_reply
from cadsus.client.tls_errors import TlsFault, cause_of
from cnsportal.security.envelope_encryption import Wrapper

MAX_ANSWER_BYTES = 4 * 1024 * 1024  # one person takes about 6 KiB
MAX_PERSONS = 50  # of one answer, all pages together; of more people nobody could be identified by it
_CHUNK_BYTES = 64 * 1024
_PROBE_SECONDS = 2.0  # seconds in which a server that refuses us says so
_UNAUTHORISED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Environment:
    """Facts of one DATASUS environment; times in seconds, ``rate`` in questions a second, 0 = no limit."""

    name: str
    token_url: str
    query_url: str
    ca_bundle: str | None = None
    rate: float = 0
    sender: str = "CNSPORTAL"
    connect_timeout: float = 10
    read_timeout: float = 30
    check_echo: bool = True  # whether a reply must name our question, where it names one
    certificate_on_query: bool = False  # public clients do both; DATASUS takes both


@dataclass(frozen=True, slots=True)
class ClientCredential:
    """A certificate ready for use: ``chain`` in PEM, leaf first; ``key`` in PKCS#8 DER."""

    fingerprint: str
    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContinuationPage:
    """One call of Continue: how long it took and what came of it; ``trouble`` is empty where people came."""

    milliseconds: int
    http_status: int | None
    persons: int = 0
    response_code: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class GatewayReply:
    """The reply to a question, the people of all its pages together; ``pages`` are those after the first."""

    reply: Reply
    http_status: int
    pages: tuple[ContinuationPage, ...] = ()
    first: int = 0  # persons of the first page


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after: float | None
    server_time: float | None  # by the server's clock, seconds since 1970

    @property
    def is_xml(self) -> bool:
        return "xml" in self.content_type.lower()


class Gateway:
    """One environment seen with one certificate. Keeps its connections open; safe to share between threads."""

    def __init__(
        self, environment: Environment, credential: ClientCredential, *, cache: Cache, leases: Leases, keys: Wrapper
    ) -> None:
        self.environment = environment
        self._credential = credential
        self.tokens = TokenStore(environment.name, credential.fingerprint, self.fetch_token, cache, leases, keys)

    def ask(self, search: Search) -> GatewayReply:
        """Raises GatewayError. A refused token is replaced once; further pages are fetched up to MAX_PERSONS."""
        query_id = str(uuid4())
        message = envelope(search, message_id=query_id, sender=self.environment.sender, now=_now())
        response = self._answered(message, ACTION)
        reply = self._reply(response, query_id)
        first, pages = len(reply.registrants), []
        while reply.missing and 0 < len(reply.registrants) < MAX_PERSONS:
            further, page = self._continued(query_id, len(reply.registrants) + 1)
            pages.append(page)
            if further is None:
                break
            registrants = (*reply.registrants, *further.registrants)
            reply = replace(reply, registrants=registrants, remaining=further.remaining)
        return GatewayReply(reply, response.status, tuple(pages), first)

    def _continued(self, query_id: str, start: int) -> tuple[Reply | None, ContinuationPage]:
        """The people from the ``start``-th on; without them the answer remains one that does not hold everybody."""
        begin, sender = time.monotonic(), self.environment.sender
        message = continuation(query_id, start=start, message_id=str(uuid4()), sender=sender, now=_now())
        try:
            response = self._answered(message, CONTINUE_ACTION)
            reply = self._reply(response, query_id)
        except GatewayError as error:
            return None, ContinuationPage(_milliseconds(begin), error.http_status, trouble=error.trouble.name)
        page = ContinuationPage(_milliseconds(begin), response.status, len(reply.registrants), reply.response_code)
        return (reply if reply.registrants else None), page

    def _answered(self, message: bytes, action: str) -> _Response:
        token = self.tokens.get()
        response = self._post(message, action, token)
        if response.status in _UNAUTHORISED:
            response = self._post(message, action, self.tokens.get(refused=token))
        return response

    def _reply(self, response: _Response, query_id: str) -> Reply:
        """A reply that names another question than ours is somebody else's: it must not be taken for the answer."""
        reply = _reply(response)
        if self.environment.check_echo and reply.query_id not in {"", query_id}:
            raise GatewayError(ErrorKind.UNREADABLE, http_status=response.status)
        return reply

    def fetch_token(self) -> Token:
        """A new token from DATASUS, past the cache. Raises GatewayError."""
        response = self._get_token()
        if response.status in _UNAUTHORISED:
            raise GatewayError(ErrorKind.CREDENTIAL_REFUSED, http_status=response.status)
        if response.status != requests.codes.ok:
            raise _error_of_status(response)
        try:
            return read_token(response.body, now=time.time(), server_time=response.server_time)
        except NotAToken:
            raise GatewayError(ErrorKind.TOKEN_UNREADABLE, http_status=response.status) from None

    def _get_token(self) -> _Response:
        url = self.environment.token_url
        try:
            return self._send(self._identified, "GET", url, {"Accept": "application/json"}, b"")
        except GatewayError as error:
            if error.trouble is not ErrorKind.UNREACHABLE:
                raise
            word = mutual_tls.last_word(
                self._client_context, url, min(_PROBE_SECONDS, self.environment.connect_timeout)
            )
            raise (_error_of_tls(word) if word else error) from None

    @cached_property
    def _client_context(self) -> ssl.SSLContext:
        return mutual_tls.client_context(self._credential.chain, self._credential.key, self.environment.ca_bundle)

    @cached_property
    def _identified(self) -> requests.Session:
        """With the operator's certificate."""
        return mutual_tls.session(self._client_context, self.environment.token_url, self.environment.ca_bundle)

    @cached_property
    def _anonymous(self) -> requests.Session:
        bundle = self.environment.ca_bundle
        return mutual_tls.session(mutual_tls.server_context(bundle), self.environment.query_url, bundle)

    def _post(self, message: bytes, action: str, token: str) -> _Response:
        session = self._identified if self.environment.certificate_on_query else self._anonymous
        headers = {
            "Authorization": f"jwt {token}",
            "Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"',
        }
        return self._send(session, "POST", self.environment.query_url, headers, message)

    def _send(
        self, session: requests.Session, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> _Response:
        timeouts = self.environment.connect_timeout, self.environment.read_timeout
        deadline = time.monotonic() + sum(timeouts)
        try:
            with session.request(
                method, url, headers=headers, data=body, timeout=timeouts, stream=True, allow_redirects=False
            ) as response:
                return _received(response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _error_of_line(error) from None  # its text is not ours to vouch for


def _milliseconds(begin: float) -> int:
    return int((time.monotonic() - begin) * 1000)


def _now() -> datetime:
    return datetime.now().astimezone()


def _received(response: requests.Response, deadline: float) -> _Response:
    """The whole answer, within its size and its time however slowly it drips."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise GatewayError(ErrorKind.TOO_LARGE, http_status=response.status_code)
        if time.monotonic() > deadline:
            raise GatewayError(ErrorKind.TIMEOUT, http_status=response.status_code)
    content_type = response.headers.get("Content-Type", "")
    retry_after, date = (response.headers.get(name, "") for name in ("Retry-After", "Date"))
    return _Response(response.status_code, content_type, bytes(body), _seconds(retry_after), _http_timestamp(date))


def _http_timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


def _reply(response: _Response) -> Reply:
    """An answer counts as one when status, content type and contents agree."""
    if response.status in _UNAUTHORISED:
        raise GatewayError(ErrorKind.TOKEN_REFUSED, http_status=response.status)
    if not response.is_xml or response.status in {429, 503}:
        raise _error_of_status(response)
    try:
        reply = read_reply(*unwrap_body(response.content_type, response.body))
    except SoapFault as fault:
        trouble = ErrorKind.QUESTION_REFUSED if fault.sender else ErrorKind.FAULT
        raise GatewayError(trouble, http_status=response.status) from None
    except InvalidReply:
        raise _error_of_status(response) from None
    if reply.refused:
        raise GatewayError(ErrorKind.QUESTION_REFUSED, http_status=response.status)
    if response.status != requests.codes.ok or not reply.answered:
        raise _error_of_status(response)
    return reply


def _error_of_status(response: _Response) -> GatewayError:
    trouble = ErrorKind.UNREADABLE
    if response.status == requests.codes.too_many_requests:
        trouble = ErrorKind.THROTTLED
    elif response.status >= requests.codes.server_error:
        trouble = ErrorKind.UNAVAILABLE
    return GatewayError(trouble, http_status=response.status, retry_after=response.retry_after)


def _error_of_line(error: Exception) -> GatewayError:
    layers = _layers(error)
    if any(isinstance(layer, TimeoutError | requests.Timeout) for layer in layers):
        return GatewayError(ErrorKind.TIMEOUT)
    secured = next((layer for layer in layers if isinstance(layer, ssl.SSLError)), None)
    return _error_of_tls(secured) if secured else GatewayError(ErrorKind.UNREACHABLE)


_OF_TLS = {
    TlsFault.UNTRUSTED: ErrorKind.SERVER_UNTRUSTED,
    TlsFault.CERTIFICATE: ErrorKind.CREDENTIAL_REFUSED,
    TlsFault.NEGOTIATION: ErrorKind.TLS_ENDED,
    TlsFault.POLICY: ErrorKind.TLS_POLICY,
    TlsFault.CUT: ErrorKind.UNREACHABLE,
}


def _error_of_tls(error: ssl.SSLError) -> GatewayError:
    cause = cause_of(error)
    return GatewayError(_OF_TLS[cause.fault], words=cause.words)


def _layers(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: two libraries do so as a cause, a context, a reason, or an argument."""
    layers: list[BaseException] = [error]
    for layer in layers:
        inner = (layer.__cause__, layer.__context__, getattr(layer, "reason", None), *layer.args)
        layers += [part for part in inner if isinstance(part, BaseException) and part not in layers]
    return layers
