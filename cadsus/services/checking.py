"""A live test of the way to DATASUS, step by step, so that the first step that fails has a name."""

from collections.abc import Iterator
from dataclasses import dataclass

from cadsus.messages import Search
from cadsus.services.credentials import credential_in_use
from cadsus.services.exchanges import exchange, wait_turn
from cadsus.services.gateways import gateway_of
from cadsus.troubles import GatewayError
from operators.audit import Event, EventKind, record

NOBODY = "00000000191"
"""Passes the check digits and is no beneficiary's: that DATASUS answers is the test, not whom it finds."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str  # "certificate", "token", "query"
    passed: bool
    sentence: str


def check_connection(environment: str) -> Iterator[Step]:
    """The steps in order, each as soon as it is over; none after the first that fails."""
    name = "certificate"
    try:
        credential = credential_in_use(environment)
        gateway = gateway_of(credential)
        yield Step(name, True, f"O certificado de {credential.holder} vale por mais {credential.days_left} dias.")
        name = "token"
        record([Event(EventKind.CREDENTIAL_USED, "credential", credential.pk, data={"environment": environment})])
        minutes = round(gateway.fetch_token().lifetime / 60)
        yield Step(name, True, f"O DATASUS aceitou o certificado e entregou um token válido por {minutes} minutos.")
        name = "query"
        wait_turn(environment)
        exchange(credential, Search(cpf=NOBODY))
        yield Step(name, True, "O DATASUS respondeu a uma consulta de teste.")
    except GatewayError as error:
        yield Step(name, False, error.sentence)
