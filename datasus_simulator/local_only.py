"""Access to the control port: programs of this machine, and pages that this port served to its browser."""

from urllib.parse import urlsplit

from datasus_simulator.http_messages import Request, Response

_OF_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_OTHER_SITES = frozenset({"cross-site", "same-site"})
_READING = frozenset({"GET", "HEAD"})


def refusal(request: Request) -> Response | None:
    """A name that leads here by DNS rebinding is refused, and so is what another site's page sends."""
    host = request.headers.get("Host", "")
    if _name(host) not in _OF_THIS_MACHINE:
        return _forbidden("Use o endereço 127.0.0.1 ou localhost.")
    if request.method not in _READING and _comes_from_elsewhere(request, host):
        return _forbidden("O pedido veio de outro site.")
    return None


def _comes_from_elsewhere(request: Request, host: str) -> bool:
    origin = request.headers.get("Origin", f"http://{host}")
    return origin != f"http://{host}" or request.headers.get("Sec-Fetch-Site") in _OTHER_SITES


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _forbidden(sentence: str) -> Response:
    return Response(403, sentence.encode(), "text/plain; charset=utf-8")
