"""Records each call to DATASUS: about whom, when, how long it took, with what result."""

import time
from collections.abc import Sequence

from django.db import connection

from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.gateway import ContinuationPage, GatewayReply
from cadsus.client.pdq_query import Search
from cadsus.client.pdq_response import Reply
from cadsus.models import Credential, Exchange
from cadsus.services.datasus.gateways import gateway_of
from cadsus.throttling.registry import rate_limiter_for

UNEXPECTED = "UNEXPECTED"  # instead of the name of a trouble
MAX_WAIT_SECONDS = 20.0  # seconds in which somebody waits for a turn

_COMPLETE = """
    UPDATE cadsus_exchange
       SET at = ended.at, milliseconds = ended.milliseconds, http_status = ended.http_status,
           response_code = ended.response_code, persons = ended.persons, trouble = ended.trouble
      FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::text[], %s::int[], %s::text[])
        AS ended (pk, at, milliseconds, http_status, response_code, persons, trouble)
     WHERE id = pk
"""


def wait_turn(environment: str) -> None:
    """Raises GatewayError when the turn is too far away to wait for."""
    wait = rate_limiter_for(environment).acquire(longest=MAX_WAIT_SECONDS)
    if wait > MAX_WAIT_SECONDS:
        raise GatewayError(ErrorKind.TURN_TOO_FAR, retry_after=wait)
    time.sleep(wait)


def exchange(credential: Credential, search: Search) -> Reply:
    """Ask about nobody's lookup, as a live test does, and keep the record. Raises GatewayError."""
    gateway = gateway_of(credential)
    row = Exchange.objects.create(
        operator_id=credential.operator_id,
        credential=credential,
        environment=credential.environment,
        key=search.key.value,
        masked=search.masked,
    )
    begin = time.monotonic()
    try:
        result: GatewayReply | GatewayError = gateway.ask(search)
    except GatewayError as error:
        result = error
    row.milliseconds = int((time.monotonic() - begin) * 1000)
    complete_exchanges([(row, result)])
    if isinstance(result, GatewayError):
        raise result
    return result.reply


def complete_exchanges(calls: Sequence[tuple[Exchange, GatewayReply | Exception | None]]) -> None:
    """Calls that are over, with what came of them; the calls for further pages are added."""
    for row, result in calls:
        _describe(row, result)
    rows = [row for row, _ in calls]
    columns: list[list[object]] = [
        [row.pk for row in rows],
        [row.at for row in rows],
        [row.milliseconds for row in rows],
        [row.http_status for row in rows],
        [row.response_code for row in rows],
        [row.persons for row in rows],
        [row.trouble for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, columns)
    Exchange.objects.bulk_create(
        _further(row, page) for row, result in calls if isinstance(result, GatewayReply) for page in result.pages
    )


def _describe(row: Exchange, result: GatewayReply | Exception | None) -> None:
    if isinstance(result, GatewayReply):
        row.http_status, row.persons = result.http_status, result.first
        row.response_code = result.reply.response_code[:10]
        row.milliseconds = max(0, (row.milliseconds or 0) - sum(page.milliseconds for page in result.pages))
    elif isinstance(result, GatewayError):
        row.http_status, row.trouble = result.http_status, result.trouble.name
    else:
        row.trouble = UNEXPECTED


def _further(first: Exchange, page: ContinuationPage) -> Exchange:
    return Exchange(
        operator_id=first.operator_id,
        lookup_id=first.lookup_id,
        credential_id=first.credential_id,
        environment=first.environment,
        key=first.key,
        masked=first.masked,
        milliseconds=page.milliseconds,
        http_status=page.http_status,
        persons=page.persons,
        response_code=page.response_code[:10],
        trouble=page.trouble,
    )
