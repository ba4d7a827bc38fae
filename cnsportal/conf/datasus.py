"""The settings of each DATASUS environment: addresses, limits and times, from the environment variables."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from cnsportal.conf import env

T = TypeVar("T")
QUERIES_PER_SECOND: float = 2
ADDRESSES = {
    "production": (
        "https://ehr-auth.saude.gov.br/api/osb/token",
        "https://servicos.saude.gov.br/cadsus/v2/PDQSupplierJWT",
    ),
    "homologation": (
        "https://ehr-auth-hmg.saude.gov.br/api/osb/token",
        "https://servicoshm.saude.gov.br/cadsus/v2/PDQSupplierJWT",
    ),
    "simulator": ("https://localhost:8443/api/osb/token", "https://localhost:8444/cadsus/v2/PDQSupplierJWT"),
}
_OF_SIMULATOR = re.compile(r"https://(simulator|localhost|127\.[\d.]+|\[::1\])(:\d+)?(/|$)")


def environments(current: str, data: Path, *, development: bool) -> dict[str, dict[str, Any]]:
    """Facts of each environment, of which ``current`` is in use."""
    found = {name: _facts(name, name == current, data) for name in ADDRESSES}
    for name in () if development else ("production", "homologation"):
        _refuse_simulator(name, found[name])
    return found


def _facts(name: str, is_current: bool, data: Path) -> dict[str, Any]:
    given = partial(_given, name, is_current)
    token_url, query_url = ADDRESSES[name]
    own_authority = data / "simulator" / "ca.pem"
    return {
        "token_url": given(_https, "CADSUS_TOKEN_URL", token_url),
        "query_url": given(_https, "CADSUS_QUERY_URL", query_url),
        "ca_bundle": given(_bundle, "CADSUS_CA_BUNDLE", str(own_authority) if name == "simulator" else None),
        "rate": given(env.number, "CADSUS_RATE", QUERIES_PER_SECOND),
        "hours": given(env.text, "CADSUS_HOURS", ""),
        "check_echo": given(_boolean, "CADSUS_CHECK_ECHO", True),
        "certificate_on_query": given(_boolean, "CADSUS_CERTIFICATE_ON_QUERY", False),
    }


def _given(name: str, is_current: bool, read: Callable[[str, T], T], variable: str, default: T) -> T:
    """``CADSUS_RATE_PRODUCTION`` speaks of production, ``CADSUS_RATE`` of the environment in use."""
    own = read(f"{variable}_{name.upper()}", default)
    return read(variable, own) if is_current else own


def _https(name: str, default: str) -> str:
    return env.url(name, default, "https")


def _bundle(name: str, default: str | None) -> str | None:
    return str(env.authorities(name) or "") or default


def _boolean(name: str, default: bool) -> bool:
    return env.boolean(name, default=default)


def _refuse_simulator(name: str, facts: dict[str, Any]) -> None:
    """Where real operators work, a certificate and a question must never go to whoever owns such a name."""
    for variable, address in (("CADSUS_TOKEN_URL", facts["token_url"]), ("CADSUS_QUERY_URL", facts["query_url"])):
        if _OF_SIMULATOR.match(address):
            raise ImproperlyConfigured(
                f"{variable}={address!r}: em produção, o ambiente {name} não pode ser o simulador. Apague a variável."
            )
