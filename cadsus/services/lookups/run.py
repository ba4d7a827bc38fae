"""Runs one lookup from its claim to its answer; the worker decides how many run at once."""

import time
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import cast
from uuid import uuid4

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from redis import RedisError

from beneficiaries.models import CnsNumber, PendingReason
from beneficiaries.services import note_questions
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.gateway import Gateway, GatewayReply
from cadsus.client.pdq_query import Search
from cadsus.models import Exchange, Lookup, LookupOutcome
from cadsus.services.datasus.exchanges import complete_exchanges
from cadsus.services.lookups.finish import LookupResult, claimed_lookups, settle_lookups
from cadsus.services.lookups.search_strategy import search_for
from cadsus.services.lookups.settle_answers import settle_answers
from cadsus.throttling.retry_policy import backoff
from cnsportal.jobs import Status

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class AskedLookup:
    """A claimed lookup, its call to DATASUS, and what came back: nothing yet, an answer, or what went wrong."""

    lookup: Lookup
    search: Search
    exchange: Exchange
    result: GatewayReply | Exception | None = None


def prepare(lookups: list[Lookup], credential_id: int) -> list[AskedLookup]:
    """Each with its call, saved before it leaves."""
    held = CnsNumber.objects.current().filter(person__in=[lookup.person_id for lookup in lookups])
    numbers = dict(held.values_list("person_id", "number"))
    searches = [search_for(lookup, numbers.get(lookup.person_id, "")) for lookup in lookups]
    exchanges = Exchange.objects.bulk_create(
        Exchange(
            operator_id=lookup.operator_id,
            lookup=lookup,
            credential_id=credential_id,
            environment=lookup.environment,
            key=search.key.value,
            masked=search.masked,
        )
        for lookup, search in zip(lookups, searches, strict=True)
    )
    return [AskedLookup(*parts) for parts in zip(lookups, searches, exchanges, strict=True)]


def ask(asked: AskedLookup, gateway: Gateway) -> AskedLookup:
    """Without the database, so that many threads may; whatever happens is kept as the result.

    Where Redis is away the token in it is out of reach: nothing was asked then, and there is no result.
    """
    asked.exchange.at, begin = timezone.now(), time.monotonic()
    try:
        asked.result = gateway.ask(asked.search)
    except RedisError:
        logger.warning("token_out_of_reach", run_id=asked.lookup.pk)
    except Exception as error:  # noqa: BLE001  (settled below: known troubles by their kind, others under an id)
        asked.result = error
    asked.exchange.milliseconds = int((time.monotonic() - begin) * 1000)
    return asked


def release(batch: list[AskedLookup]) -> None:
    """Claimed, but not asked: back into the queue as if nothing had happened."""
    if batch:
        Exchange.objects.filter(pk__in=[asked.exchange.pk for asked in batch]).delete()
        Lookup.objects.filter(pk__in=[asked.lookup.pk for asked in batch]).running().requeue()


def settle(batch: list[AskedLookup]) -> None:
    """All of them in one transaction; where that fails, one by one, so that the one at fault fails alone."""
    try:
        _settle_together(batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(batch) == 1:
            fail(batch[0], error)
            return
        logger.exception("lookups_settled_one_by_one", count=len(batch))
        for asked in batch:
            settle([asked])


def fail(asked: AskedLookup, error: Exception) -> None:
    """For a reason that only the log has, under an id that the screen shows."""
    failure_id = uuid4().hex[:12]
    logger.error("run_failed", run_id=asked.lookup.pk, failure_id=failure_id, exc_info=error)
    Lookup.fail(asked.lookup.pk, failure_id)
    if asked.lookup.is_by_registry:
        note_questions([asked.lookup.person_id], PendingReason.ASK_FAILED)


@transaction.atomic
def _settle_together(batch: list[AskedLookup]) -> None:
    ours = claimed_lookups([asked.lookup for asked in batch])
    mine = [asked for asked in batch if asked.lookup.pk in ours]
    answered = [(asked.lookup, asked.result.reply) for asked in mine if isinstance(asked.result, GatewayReply)]
    refused = {asked.lookup: asked.result for asked in mine if isinstance(asked.result, GatewayError)}
    complete_exchanges([(asked.exchange, asked.result) for asked in batch])
    settle_lookups([*settle_answers(answered), *_put_off(refused)])
    for asked in mine:
        if asked.lookup not in refused and not isinstance(asked.result, GatewayReply):
            fail(asked, cast("Exception", asked.result))


def _put_off(refused: dict[Lookup, GatewayError]) -> list[LookupResult]:
    """Ends of lookups that got no answer: permanently where asking again cannot help, else until their next try."""
    now = timezone.now()
    ends = [_unanswered(lookup, error, now) for lookup, error in refused.items()]
    told = sorted((_question(end), end.lookup.person_id) for end in ends if end.lookup.is_by_registry)
    for question, pairs in groupby(told, key=itemgetter(0)):
        note_questions([person for _, person in pairs], question)
    return ends


def _question(end: LookupResult) -> PendingReason:
    if end.outcome == LookupOutcome.REFUSED:
        return PendingReason.REFUSED
    return PendingReason.ASK_FAILED if end.status == Status.FAILED else PendingReason.COULD_NOT_ASK


def _unanswered(lookup: Lookup, error: GatewayError, now: datetime) -> LookupResult:
    failures = lookup.failures + 1
    return LookupResult(
        lookup,
        Status.FAILED if error.permanent else Status.WAITING,
        LookupOutcome.REFUSED if error.trouble is ErrorKind.QUESTION_REFUSED else LookupOutcome.COULD_NOT_ASK,
        failure=error.sentence,
        failures=failures,
        next_attempt_at=None if error.permanent else now + backoff(failures, error.retry_after),
    )
