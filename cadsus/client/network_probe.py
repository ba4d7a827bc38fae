"""Checks whether a server can be reached: its name, the network, its port. Nothing is sent once it is open."""

import socket
import time
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

HTTPS_PORT = 443
_PROXY_PORT = 8080


class Unreachable(Exception):
    """The text is the sentence for the screen."""


def probe(url: str, timeout: float) -> str:
    """Open and close a connection to the server of ``url``, or to the proxy on the way to it; what to say of it.

    Raises Unreachable.
    """
    host, port, through = _first_stop(url)
    begin = time.monotonic()
    try:
        socket.create_connection((host, port), timeout).close()
    except (OSError, UnicodeError) as error:
        raise Unreachable(_sentence(error, f"{host}{through}", port, timeout)) from None
    return f"{host}{through} atendeu na porta {port} em {max(1, round((time.monotonic() - begin) * 1000))} ms."


def _first_stop(url: str) -> tuple[str, int, str]:
    """Host and port, and how to speak of a proxy."""
    place = urlsplit(url)
    proxies = get_environ_proxies(url)
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy:
        return place.hostname or "", place.port or HTTPS_PORT, ""
    stop = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return stop.hostname or "", stop.port or _PROXY_PORT, f" (proxy no caminho até {place.hostname})"


def _sentence(error: OSError | UnicodeError, server: str, port: int, timeout: float) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"O nome {server} não foi encontrado na rede. Confira o DNS deste servidor e o endereço configurado."
    if isinstance(error, TimeoutError):
        return (
            f"{server} não atendeu em {timeout:g} s na porta {port}. "
            "Confira se o firewall libera a saída deste servidor para esse endereço."
        )
    if isinstance(error, ConnectionRefusedError):
        return (
            f"{server} recusou a conexão na porta {port}. Confira o endereço; se ele estiver certo, "
            "o serviço está parado ou um firewall o bloqueia."
        )
    return f"Não há caminho de rede até {server}, porta {port}. Confira a rede deste servidor."
