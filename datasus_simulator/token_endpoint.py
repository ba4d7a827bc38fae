"""The token endpoint: a GET with a client certificate."""

import json
from dataclasses import dataclass

from datasus_simulator.behaviours import Behaviour, Behaviours
from datasus_simulator.faults import instead_of_an_answer, spoilt, wrong_address
from datasus_simulator.http_messages import Request, Reset, Response
from datasus_simulator.runtime_settings import Switches
from datasus_simulator.state import State

PATH = "/api/osb/token"
_JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    state: State

    def __call__(self, request: Request) -> Response:
        note = self.state.journal.note(request.fingerprint, client=request.fingerprint)
        if request.fingerprint:
            self.state.holders[request.fingerprint] = request.holder
        try:
            response = self._answer(request)
            note.answer = str(response.status)
        finally:
            self.state.journal.write("token", note)
        return response

    def _answer(self, request: Request) -> Response:
        switches = self.state.switches
        behaviours = switches.token | switches.outage_now
        self.state.pause(behaviours)
        response = (
            instead_of_an_answer(behaviours)
            or wrong_address(request, PATH, "GET")
            or self._refusal(request.fingerprint, switches)
            or self._token(request.fingerprint, switches, behaviours)
        )
        return spoilt(response, behaviours)

    def _refusal(self, fingerprint: str, switches: Switches) -> Response | None:
        revoked = fingerprint in switches.revoked
        if revoked and not switches.certificate_by_http:
            raise Reset
        if revoked or not fingerprint:
            return _json(401, {"error": "unauthorized", "error_description": "Certificado ausente ou revogado."})
        if fingerprint in switches.uncredentialed:
            return _json(403, {"error": "forbidden", "error_description": "Certificado sem credencial."})
        return None

    def _token(self, fingerprint: str, switches: Switches, behaviours: Behaviours) -> Response:
        jwt_wanted = Behaviour.OPAQUE_TOKEN not in behaviours
        lifetime = switches.token_lifetime
        answer: dict[str, object] = {
            "access_token": self.state.office.mint(fingerprint, lifetime, as_jwt=jwt_wanted),
            "scope": "read write",
            "token_type": "jwt",
            "expires_in": lifetime * 1000 if switches.expires_in is None else switches.expires_in,
        }
        if Behaviour.NO_ACCESS_TOKEN in behaviours:
            del answer["access_token"]
        return _json(200, answer)


def _json(status: int, content: dict[str, object]) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode(), _JSON_TYPE)
