"""One call to DATASUS, at the agreed pace, and its record."""

import time

from cadsus.gateway import Answer
from cadsus.messages import Search
from cadsus.models import Credential, Exchange, Lookup
from cadsus.replies import Reply
from cadsus.services.gateways import gateway_of, pace_of
from cadsus.troubles import GatewayError, Trouble

LONGEST_WAIT = 20.0  # seconds in which a worker stands in line; farther turns go back to the queue


def wait_turn(environment: str) -> None:
    """Raises GatewayError when the turn is too far away to wait for."""
    wait = pace_of(environment).take_turn(longest=LONGEST_WAIT)
    if wait > LONGEST_WAIT:
        raise GatewayError(Trouble.TURN_TOO_FAR, retry_after=wait)
    time.sleep(wait)


def exchange(credential: Credential, search: Search, lookup: Lookup | None = None) -> Reply:
    """Ask, and keep who was asked for how, when, how long and with what result. Raises GatewayError."""
    gateway = gateway_of(credential)
    row = Exchange.objects.create(
        operator_id=credential.operator_id,
        lookup=lookup,
        credential=credential,
        environment=credential.environment,
        key=search.key.value,
        masked=search.masked,
    )
    begin = time.monotonic()
    try:
        answer = gateway.ask(search)
    except GatewayError as error:
        _complete(row, begin, error)
        raise
    _complete(row, begin, answer)
    return answer.reply


def _complete(row: Exchange, begin: float, result: Answer | GatewayError) -> None:
    row.milliseconds = int((time.monotonic() - begin) * 1000)
    row.http_status = result.http_status
    if isinstance(result, GatewayError):
        row.trouble = result.trouble.name
    else:
        row.response_code = result.reply.response_code[:10]
    row.save(update_fields=["milliseconds", "http_status", "trouble", "response_code"])
