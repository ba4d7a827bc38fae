"""Faults on the wire: no answer, or a damaged one."""

import gzip
from dataclasses import replace

from datasus_simulator import oids as v
from datasus_simulator.behaviours import Behaviour, Behaviours
from datasus_simulator.http_messages import Request, Reset, Response, Transmission
from datasus_simulator.pdq_response import fault

SOAP_TYPE = "application/soap+xml; charset=utf-8"
_TEXT_TYPE = "text/plain; charset=utf-8"
_HTML_TYPE = "text/html; charset=utf-8"
_WELL_FORMED_PAGE = (
    "<html><head><title>Portal</title></head><body><p>O serviço está em manutenção.</p></body></html>".encode()
)
_BROKEN_PAGE = "<!DOCTYPE html><html><body><p>Em manutenção<br><img src=logo.png></body>".encode()
_BUS_FAULT = fault("Falha ficticia no barramento")
_OUT_OF_DATE = Response(401, b"Unauthorized", _TEXT_TYPE)

_INSTEAD = {
    Behaviour.UNAVAILABLE: Response(503, b"Service Unavailable", _TEXT_TYPE),
    Behaviour.TOKEN_401: _OUT_OF_DATE,
    Behaviour.ALWAYS_401: _OUT_OF_DATE,
    Behaviour.FORBIDDEN: Response(403, b"Forbidden", _TEXT_TYPE),
    Behaviour.TOO_MANY: Response(429, b"Too Many Requests", _TEXT_TYPE, (("Retry-After", "2"),)),
    Behaviour.FAULT_500: Response(500, _BUS_FAULT, SOAP_TYPE),
    Behaviour.FAULT_200: Response(200, _BUS_FAULT, SOAP_TYPE),
    Behaviour.HTML_503: Response(503, _BROKEN_PAGE, _HTML_TYPE),
    Behaviour.HTML_500: Response(500, _WELL_FORMED_PAGE, _HTML_TYPE),
    Behaviour.HTML_200: Response(200, _WELL_FORMED_PAGE, _HTML_TYPE),
    Behaviour.JSON_500: Response(
        500, b'{"error":"server_error","error_description":"Falha ficticia no barramento"}', "application/json"
    ),
    Behaviour.REDIRECT: Response(302, b"", _HTML_TYPE, (("Location", "/manutencao"),)),
    Behaviour.EMPTY: Response(200, b"", SOAP_TYPE),
    Behaviour.ACCEPTED: Response(202),
}


def instead_of_an_answer(behaviours: Behaviours) -> Response | None:
    """The first fault that replaces the answer, in the order of the vocabulary. Raises Reset."""
    if Behaviour.RESET in behaviours:
        raise Reset
    return next((response for behaviour, response in _INSTEAD.items() if behaviour in behaviours), None)


_DELIVERIES = {
    Behaviour.CUT_OFF: Transmission.CUT,
    Behaviour.DRIP: Transmission.DRIPPING,
    Behaviour.NO_GOODBYE: Transmission.UNENDED,
    Behaviour.CHUNKED: Transmission.CHUNKED,
}


def spoilt(response: Response, behaviours: Behaviours) -> Response:
    """The same answer as these behaviours bring it; of several deliveries the first counts."""
    if not behaviours:
        return response
    response = _packed(_redressed(response, behaviours), behaviours)
    delivery = next((kind for behaviour, kind in _DELIVERIES.items() if behaviour in behaviours), Transmission.WHOLE)
    return replace(response, delivery=delivery)


def _redressed(response: Response, behaviours: Behaviours) -> Response:
    body, content_type = response.body, response.content_type
    if Behaviour.SOAP_1_1 in behaviours:
        body, content_type = body.replace(v.SOAP.encode(), v.SOAP_1_1.encode()), "text/xml; charset=utf-8"
    if Behaviour.LATIN_1 in behaviours:
        body = (
            body.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"').decode().encode("latin-1", "xmlcharrefreplace")
        )
        content_type = content_type.replace("utf-8", "iso-8859-1")
    if Behaviour.WRONG_TYPE in behaviours:
        content_type = _HTML_TYPE
    return replace(response, body=body, content_type=content_type)


def _packed(response: Response, behaviours: Behaviours) -> Response:
    body, headers = response.body, response.headers
    if Behaviour.TRUNCATED in behaviours:
        body = body[: len(body) * 2 // 3]
    if Behaviour.BOM in behaviours:
        body = b"\xef\xbb\xbf" + body
    if Behaviour.GZIP in behaviours:
        body, headers = gzip.compress(body), (*headers, ("Content-Encoding", "gzip"))
    return replace(response, body=body, headers=headers)


def wrong_address(request: Request, path: str, method: str) -> Response | None:
    if request.path.partition("?")[0] != path:
        return Response(404, b"Not Found", _TEXT_TYPE)
    if request.method != method:
        return Response(405, b"Method Not Allowed", _TEXT_TYPE, (("Allow", method),))
    return None
