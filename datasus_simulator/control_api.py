"""The control port: HTTP on the loopback address, off by default; JSON for programs, a page for people."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from datasus_simulator.control_forms import DONE, RefusedForm, submit
from datasus_simulator.control_page import control_page, people_page
from datasus_simulator.html import Form
from datasus_simulator.http_messages import Request, Response
from datasus_simulator.local_only import refusal
from datasus_simulator.runtime_settings import RefusedSwitch
from datasus_simulator.state import State

PATH = "/__control"
_MAX_FIELDS = 50
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_SHEETS = ("tokens", "base", "components")  # of the portal


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """GET: counters; GET /log: the journal; POST: switches; POST /reset: as at the start; /page: all in HTML."""

    state: State

    def __call__(self, request: Request) -> Response:
        return refusal(request) or self._answer(request)

    def _answer(self, request: Request) -> Response:
        answers: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", ""): lambda _: _json(200, self.state.journal.counters),
            ("GET", "/log"): lambda _: _json(200, self.state.journal.entries),
            ("POST", ""): self._change,
            ("POST", "/reset"): self._reset,
            ("GET", "/page"): self._show,
            ("POST", "/page"): self._submit,
            ("GET", "/people"): lambda _: _page(200, people_page()),
            ("GET", "/page.css"): lambda _: Response(200, _style(), "text/css; charset=utf-8"),
        }
        path = urlsplit(request.path).path.removeprefix(PATH)
        return answers.get((request.method, path), _nothing_here)(request)

    def _reset(self, _: Request) -> Response:
        self.state.reset()
        return _json(200, {})

    def _show(self, request: Request) -> Response:
        taken = _fields(urlsplit(request.path).query.encode()).get("feito", "")
        return _page(200, control_page(self.state, done=DONE.get(taken, "")))

    def _change(self, request: Request) -> Response:
        try:
            wanted = json.loads(request.body)
            self.state.change(**wanted)
        except (ValueError, TypeError):
            return _json(400, {"erro": "O corpo deve ser um objeto JSON com os ajustes."})
        except RefusedSwitch as refusal:
            return _json(400, {"erro": str(refusal)})
        return _json(200, wanted)

    def _submit(self, request: Request) -> Response:
        fields = _fields(request.body)
        action = fields.get("action", "")
        try:
            submit(self.state, fields)
        except RefusedForm as refusal:
            return _page(400, control_page(self.state, Form(action, fields, refusal.field, str(refusal))))
        return Response(303, headers=(("Location", f"{PATH}/page?feito={action}"),))


def _nothing_here(_: Request) -> Response:
    return _json(404, {"erro": f"Aqui há GET e POST {PATH}, GET {PATH}/log, POST {PATH}/reset e a página {PATH}/page."})


def _fields(text: bytes) -> dict[str, str]:
    """The first value of each field of a form or an address; nothing where the text is not one."""
    try:
        values = parse_qs(text.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return {}
    return {name: first for name, (first, *_) in values.items()}


@cache
def _style() -> bytes:
    here = Path(__file__).parent
    sheets = [here.parent / "static" / "css" / f"{name}.css" for name in _SHEETS]
    return b"".join(sheet.read_bytes() for sheet in (*sheets, here / "control.css"))


def _page(status: int, html: str) -> Response:
    headers = (("Content-Security-Policy", _POLICY), ("Cache-Control", "no-store"), ("Referrer-Policy", "same-origin"))
    return Response(status, html.encode(), "text/html; charset=utf-8", headers)


def _json(status: int, content: Any) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8")
