"""Works on an operator's queue: claims by priority, asks in many threads, settles in sets.

One worker at a time drains an operator's queue, for a while, so that operators take turns. The asking threads know the
gateway alone; the worker alone knows the database.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cadsus.client.errors import GatewayError
from cadsus.client.gateway import Gateway
from cadsus.models import Credential, Lookup
from cadsus.queries.credentials import credential_in_use
from cadsus.queries.link_status import UNOPENED
from cadsus.services.datasus.exchanges import wait_turn
from cadsus.services.datasus.gateways import gateway_of
from cadsus.services.lookups.admission import Permit, acquire_permit, allowed_priority, report_outcomes
from cadsus.services.lookups.run import AskedLookup, ask, prepare, release, settle
from cadsus.throttling.registry import rate_limiter_for
from cnsportal.jobs import Status
from cnsportal.leases import Lease
from operators.context import current_operator_id

TIME_SLICE_SECONDS = 30.0  # seconds that one operator's queue is worked on before another's turn comes
SETTLE_INTERVAL_SECONDS = (
    0.2  # seconds between two settlements: long enough for a set, short enough for little to be lost
)
CLAIM_FACTOR = 3  # times as many as are asked at once: no thread is to wait for the database
POLL_SECONDS = 1.0  # seconds between two looks at what might block the queue
HEARTBEAT_SECONDS = 10.0
LEASE_SECONDS = 30.0  # after which a silent worker's queue goes to another


def wake_queue() -> None:
    """Have a worker look at the operator's queue, once the transaction is through."""
    message = {"operator_id": current_operator_id()}
    transaction.on_commit(lambda: current_app.send_task("cadsus.work_queue", kwargs=message, queue="lookups"))


def wake_if_pending() -> None:
    """What waited for its next try goes back into the queue; a worker is called where there is something to do."""
    environment = settings.CADSUS_ENVIRONMENT
    Lookup.objects.due().requeue()
    if _claimable(environment) and not _lease(environment).is_taken():
        wake_queue()


def work_queue(concurrency: int | None = None) -> int:
    """Ask until the queue is empty, its time is over or something blocks the queue; how many came to an end."""
    environment = settings.CADSUS_ENVIRONMENT
    lease = _lease(environment)
    if not lease.acquire():
        return 0
    try:
        if not _claimable(environment):
            return 0
        try:
            worker = _Worker(*_opened(environment), concurrency or settings.CADSUS_CONCURRENCY, lease)
        except GatewayError:
            return 0
        ended = worker.work()
    finally:
        lease.release()
    if _claimable(environment):
        wake_queue()
    return ended


def run_lookup(lookup_id: int) -> None:
    """One lookup at once, past the others; where something blocks the queue it stays in the queue."""
    lookup = Lookup.objects.select_related("person").get(pk=lookup_id)
    if lookup.status != Status.QUEUED or lookup.priority > acquire_permit(lookup.environment).up_to:
        return
    try:
        credential, gateway = _opened(lookup.environment)
        wait_turn(lookup.environment)
    except GatewayError:
        return
    attempt = Lookup.objects.claim(lookup_id)
    if attempt is None:
        return
    lookup.attempt = attempt
    _concluded(credential, [ask(asked, gateway) for asked in prepare([lookup], credential.pk)])


def _concluded(credential: Credential, batch: list[AskedLookup]) -> list[AskedLookup]:
    """Settle what came back, and give the rest back to the queue; those that ended."""
    ended = [asked for asked in batch if asked.result is not None]
    if ended:
        settle(ended)
        report_outcomes(credential, ended)
    release([asked for asked in batch if asked.result is None])
    return ended


def _opened(environment: str) -> tuple[Credential, Gateway]:
    """The certificate in use and its gateway; one that cannot be opened is marked, so that the pages say so."""
    credential = credential_in_use(environment)
    try:
        return credential, gateway_of(credential)
    except GatewayError:
        Credential.objects.filter(pk=credential.pk).update(failed_step=UNOPENED)
        raise


def _claimable(environment: str) -> bool:
    up_to = allowed_priority(environment)
    return Lookup.objects.filter(status=Status.QUEUED, environment=environment, priority__lte=up_to).exists()


# ---- one worker a queue ---------------------------------------------------------------------------------------------


def _lease(environment: str) -> Lease:
    """Of the operator's queue."""
    return Lease(f"cadsus:queue:{environment}:{current_operator_id()}", LEASE_SECONDS)


class _Worker:
    """Claims ahead, asks in threads, settles in sets."""

    def __init__(self, credential: Credential, gateway: Gateway, concurrency: int, lease: Lease) -> None:
        self._credential, self._gateway = credential, gateway
        self._environment = credential.environment
        self._pace = rate_limiter_for(self._environment)
        self._concurrency, self._lease = concurrency, lease
        self._under_way: dict[int, AskedLookup] = {}
        self._over: SimpleQueue[AskedLookup] = SimpleQueue()
        self._leave = Permit.NONE
        self._looks_at = self._beats_at = 0.0
        self._empty, self._holds = False, True

    def work(self) -> int:
        ended, until = 0, time.monotonic() + TIME_SLICE_SECONDS
        with ThreadPoolExecutor(self._concurrency) as threads:
            while True:
                begin = time.monotonic()
                self._look()
                if begin < until and self._holds:
                    self._claim(threads)
                else:
                    self._leave = Permit.NONE
                if not self._under_way and (self._empty or not self._leave.most):
                    return ended
                time.sleep(max(0.005, begin + SETTLE_INTERVAL_SECONDS - time.monotonic()))
                ended += self._settle()

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self._looks_at:
            self._leave, self._looks_at = self._granted(), now + POLL_SECONDS
        if now >= self._beats_at:
            self._holds = self._lease.extend()
            self._pace.at_work(self._credential.operator_id)
            Lookup.objects.filter(pk__in=self._under_way).running().update(heartbeat_at=timezone.now())
            self._beats_at = now + HEARTBEAT_SECONDS

    def _granted(self) -> Permit:
        """Of a certificate that is not in use any more, nothing: the next worker takes the new one."""
        if not Credential.objects.active().filter(pk=self._credential.pk).exists():
            return Permit.NONE
        return acquire_permit(self._environment)

    def _claim(self, threads: ThreadPoolExecutor) -> None:
        room = min(CLAIM_FACTOR * self._concurrency, self._leave.most) - len(self._under_way)
        turns = self._pace.acquire_turns(room) if room > 0 else 0
        if not turns:
            return
        claimed = Lookup.objects.claim_next(self._environment, turns, self._leave.up_to)
        self._empty = len(claimed) < turns
        for asked in prepare(claimed, self._credential.pk):
            self._under_way[asked.lookup.pk] = asked
            threads.submit(self._ask, asked)

    def _ask(self, asked: AskedLookup) -> None:
        """In a thread; what nothing may be asked for any more comes back as it is."""
        self._over.put(ask(asked, self._gateway) if self._leave.most else asked)

    def _settle(self) -> int:
        ended = _concluded(self._credential, list(self._collected()))
        if any(isinstance(asked.result, GatewayError) for asked in ended) or self._leave.is_probe:
            self._looks_at = 0.0
        return len(ended)

    def _collected(self) -> Iterator[AskedLookup]:
        while True:
            try:
                asked = self._over.get_nowait()
            except Empty:
                return
            del self._under_way[asked.lookup.pk]
            yield asked
