"""The control port: plain HTTP on the loopback address, JSON in and out. It is off unless asked for."""

import json
from dataclasses import dataclass
from typing import Any

from cadsus.simulator.exchange import Request, Response
from cadsus.simulator.state import State
from cadsus.simulator.switches import RefusedSwitch

PATH = "/__control"


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """GET: counters; GET /log: the journal; POST: switches; POST /reset: as at the start, tokens forgotten."""

    state: State

    def __call__(self, request: Request) -> Response:
        match request.method, request.path.removeprefix(PATH):
            case "GET", "":
                return _json(200, self.state.journal.counters)
            case "GET", "/log":
                return _json(200, self.state.journal.entries)
            case "POST", "":
                return self._change(request)
            case "POST", "/reset":
                self.state.reset()
                return _json(200, {})
            case _:
                return _json(404, {"erro": f"Aqui há GET e POST {PATH}, GET {PATH}/log e POST {PATH}/reset."})

    def _change(self, request: Request) -> Response:
        try:
            wanted = json.loads(request.body)
            self.state.change(**wanted)
        except (ValueError, TypeError):
            return _json(400, {"erro": "O corpo deve ser um objeto JSON com os ajustes."})
        except RefusedSwitch as refusal:
            return _json(400, {"erro": str(refusal)})
        return _json(200, wanted)


def _json(status: int, content: Any) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8")
