"""docs/openapi.yaml describes the endpoints that there are, and what they answer."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import URLResolver, get_resolver

from beneficiaries.services.csv_export import ORIGINS
from cards.models import CardEventKind, CardStatus
from cards.services.card_files import PRODUCTS
from cnsportal.jobs import Status
from operators.api import OperatorAPI
from sib.models.conferences import CnxStep
from tests.cards.erp import Erp

DESCRIBED = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text())
SCHEMAS = DESCRIBED["components"]["schemas"]
METHODS = ("get", "post", "put", "patch", "delete")
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def _endpoints(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _endpoints(pattern, path)
        elif issubclass(getattr(pattern.callback, "view_class", object), OperatorAPI):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), pattern.callback.view_class


def test_every_state_is_listed_for_those_who_read():
    told = set(re.findall(r"`([A-Za-z_]+)`", (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()))

    states = {*Status.values, *CnxStep.values, *CardStatus.values, *ORIGINS.values()}
    assert states - told == set()
    assert SCHEMAS["Card"]["properties"]["situacao"]["enum"] == CardStatus.values
    assert set(SCHEMAS["Cns"]["properties"]["cnsOrigem"]["enum"]) == {"", *ORIGINS.values()}


def test_every_endpoint_is_described_and_no_other():
    served = {
        (path.removeprefix("o/{registration}/api/v1"), method)
        for path, view in _endpoints(get_resolver())
        for method in METHODS
        if hasattr(view, method)
    }

    assert {(path, method) for path, deeds in DESCRIBED["paths"].items() for method in deeds} == served


def test_closed_lists_are_those_of_the_code():
    names = DESCRIBED["paths"]["/beneficiarios/{code}/cartao/{name}"]["get"]["parameters"][1]["schema"]["enum"]

    assert (names, SCHEMAS["Event"]["properties"]["tipo"]["enum"]) == (list(PRODUCTS), list(CardEventKind.values))


def _faults(value, schema, place="answer"):
    """Where a value is not what its schema says: as much of JSON Schema as the file uses."""
    if "$ref" in schema:
        return _faults(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], place)
    if "oneOf" in schema:
        return [] if any(not _faults(value, each) for each in schema["oneOf"]) else [place]
    if "enum" in schema:
        return [] if value in schema["enum"] else [place]
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(type(value) is KINDS[kind] for kind in allowed):
        return [place]
    if isinstance(value, list):
        return [fault for item in value for fault in _faults(item, schema["items"], place)]
    if isinstance(value, dict):
        known = schema["properties"]
        odd = [f"{place}.{key}" for key in set(value) ^ set(schema["required"])]
        return odd + [
            fault for key in set(value) & set(known) for fault in _faults(value[key], known[key], f"{place}.{key}")
        ]
    return []


@pytest.mark.django_db
def test_answers_are_what_the_description_says():
    system = Erp()

    before, issued, after, events = system.card(), system.issue(), system.card(), system.ask("eventos/")

    answers = [(before, "State"), (issued, "Issued"), (after, "State"), (events, "Events")]
    assert [_faults(answer.json(), SCHEMAS[name]) for answer, name in answers] == [[], [], [], []]
    assert _faults({"cartao": "1", "via": 1, "situacao": "ISSUED"}, SCHEMAS["Card"]) == [
        "answer.emitidoEm",
        "answer.cartao",
    ]
