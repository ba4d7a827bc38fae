"""Mutual TLS from memory: the private key is never written to a disk, and the server is always verified."""

import os
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from cnsportal.security.safe_http import server_context

__all__ = ["client_context", "last_word", "server_context", "session"]

HTTPS_PORT = 443
MAX_IDLE_CONNECTIONS = 64  # kept open to one host; more work at once opens more, and closes them again


def client_context(chain: bytes, key: bytes, ca_bundle: str | None) -> ssl.SSLContext:
    """The same, with a client certificate: ``chain`` in PEM, leaf first; ``key`` in PKCS#8 DER."""
    context = server_context(ca_bundle)
    password = secrets.token_bytes(24).hex().encode()
    pem = load_der_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
    )
    with _readable(chain + pem) as path:
        context.load_cert_chain(path, password=password)
    return context


@contextmanager
def _readable(ciphertext: bytes) -> Iterator[str]:
    """A path for OpenSSL, which reads nothing else: in memory, or where the system has no such files, gone at once."""
    in_memory = hasattr(os, "memfd_create")
    with open(os.memfd_create("certificate"), "wb") if in_memory else NamedTemporaryFile() as file:  # noqa: PTH123  (a descriptor)
        file.write(ciphertext)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}" if in_memory else file.name


def last_word(context: ssl.SSLContext, url: str, timeout: float) -> ssl.SSLError | None:
    """What the server at ``url`` has against a connection with our certificate, within ``timeout`` seconds.

    TLS 1.3 refuses after the handshake: a request that is on its way by then breaks the line, and the word is lost.
    """
    place = urlsplit(url)
    address = (place.hostname or "", place.port or HTTPS_PORT)
    try:
        with (
            socket.create_connection(address, timeout) as plain,
            context.wrap_socket(plain, server_hostname=place.hostname) as secured,
        ):
            secured.recv(1)
    except ssl.SSLError as error:
        return error
    except OSError:
        return None
    return None


class _ContextAdapter(HTTPAdapter):
    """Every connection under the one context; proxies included."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=MAX_IDLE_CONNECTIONS)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=self._context)


def session(context: ssl.SSLContext, url: str, ca_bundle: str | None) -> requests.Session:
    """A session for ``url``. Of the machine's environment it takes the proxies, and neither .netrc nor other CAs."""
    made = requests.Session()
    made.trust_env = False
    made.proxies.update(get_environ_proxies(url))
    made.verify = ca_bundle or certifi.where()
    made.mount("https://", _ContextAdapter(context))
    return made
