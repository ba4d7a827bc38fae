"""Tests the connection to DATASUS with one certificate, step by step, so that the failing step is named."""

import time
from collections.abc import Generator, Iterator
from datetime import datetime

from cryptography import x509
from django.db import IntegrityError, transaction
from django.utils import timezone

from cadsus.client.access_token import Token
from cadsus.client.connection_check import (
    CheckStep,
    ConnectionStep,
    StepFailed,
    clock_step,
    failed_step,
    largest_skew,
    sentence_of,
)
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.gateway import Gateway
from cadsus.client.network_probe import Unreachable, probe
from cadsus.client.pdq_query import Search
from cadsus.models import Check, Credential
from cadsus.pki import chain as chains
from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.queries.credentials import can_decrypt
from cadsus.services.credentials.store import authorities
from cadsus.services.datasus.exchanges import exchange, wait_turn
from cadsus.services.datasus.gateways import gateway_of
from cnsportal.formats.br import format_date
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.models import User

NOBODY = "00000000191"
"""Passes the check digits and is no beneficiary's: that DATASUS answers is the test, not whom it finds."""

_PASSED = {
    CheckStep.TLS: "O servidor provou ser o do DATASUS e aceitou o certificado da operadora.",
    CheckStep.HTTP: "O DATASUS respondeu ao pedido de token de acesso.",
}

Steps = Iterator[ConnectionStep]


def start_check(credential_id: int, *, actor: User | None = None) -> Check:
    """Have a worker test the certificate; where somebody has asked for it already, that test."""
    credential = Credential.objects.get(pk=credential_id)
    try:
        with transaction.atomic():
            check = Check.objects.create(
                operator_id=credential.operator_id, credential=credential, requested_by=actor, total=len(CheckStep)
            )
            check.enqueue()
    except IntegrityError:
        return Check.objects.filter(credential=credential).latest("pk")
    return check


def run_check(check_id: int) -> None:
    """Take the steps of a test, each shown as soon as it is over."""
    Check.objects.select_related("credential", "requested_by").perform(check_id, _run_steps)


def _run_steps(check: Check) -> Status:
    taken: list[dict[str, object]] = []
    for step in check_credential(check.credential, actor=check.requested_by):
        taken.append({"name": step.name.name, "passed": step.passed, "sentence": step.sentence})
        check.heartbeat(steps=taken, done=len(taken))
    return Status.DONE


def check_connection(environment: str) -> Steps:
    """The same test with the certificate in use."""
    credential = Credential.objects.active().filter(environment=environment).first()
    if credential is None:
        yield ConnectionStep(CheckStep.CERTIFICATE, False, ErrorKind.NO_CREDENTIAL.sentence)
    else:
        yield from check_credential(credential)


def check_credential(credential: Credential, *, actor: User | None = None) -> Steps:
    """The steps in order, each as soon as it is over; none after the first that fails, but for the clock.

    When the last is over, the result is kept with the certificate. Keeps to the pace; heeds and tells no breaker.
    """
    failed = ""
    try:
        for step in _steps(credential):
            failed = failed or ("" if step.passed else step.name.name)
            yield step
    except StepFailed as stopped:
        failed = failed or stopped.step.name.name
        yield stopped.step
    _record_result(credential, failed, actor)


@transaction.atomic
def _record_result(credential: Credential, failed: str, actor: User | None) -> None:
    Credential.objects.filter(pk=credential.pk).update(tested_at=timezone.now(), failed_step=failed)
    data = {"environment": credential.environment, "failed_step": failed}
    record([Event(EventKind.CREDENTIAL_TESTED, "credential", credential.pk, actor=actor, data=data)])


# ---- the steps ------------------------------------------------------------------------------------------------------


def _steps(credential: Credential) -> Steps:
    yield _opened(credential)
    yield _valid(credential, timezone.localtime())
    gateway = gateway_of(credential)
    yield _reached(gateway)
    token = yield from _token(gateway)
    now = time.time()
    theirs = largest_skew(now, token.issued_at, token.server_time)
    yield clock_step(now, theirs, timezone.get_current_timezone())
    yield _asked(credential, gateway)


def _opened(credential: Credential) -> ConnectionStep:
    if not credential.has_key:
        raise StepFailed(CheckStep.CERTIFICATE, "A chave deste certificado foi apagada. Envie o arquivo de novo.")
    if not can_decrypt(credential):
        raise StepFailed(CheckStep.CERTIFICATE, ErrorKind.CERTIFICATE_LOCKED.sentence)
    return ConnectionStep(
        CheckStep.CERTIFICATE, True, f"O certificado de {credential.holder} abre com a chave deste servidor."
    )


def _valid(credential: Credential, now: datetime) -> ConnectionStep:
    until = format_date(timezone.localtime(credential.not_after))
    if credential.not_after < now:
        raise StepFailed(CheckStep.VALIDITY, CertificateRefusal.EXPIRED.value.format(until=until))
    leaf, *others = x509.load_pem_x509_certificates(bytes(credential.chain))
    try:
        chain = chains.issuers(leaf, others, now, authorities(credential.environment))
    except RefusedCertificate as refused:
        raise StepFailed(CheckStep.VALIDITY, str(refused)) from None
    days = {0: "só hoje", 1: "mais 1 dia"}.get(credential.days_left, f"mais {credential.days_left} dias")
    return ConnectionStep(
        CheckStep.VALIDITY, True, f"Vale até {until} ({days}); a cadeia de {len(chain) + 1} certificados confere."
    )


def _reached(gateway: Gateway) -> ConnectionStep:
    try:
        return ConnectionStep(
            CheckStep.NETWORK, True, probe(gateway.environment.token_url, gateway.environment.connect_timeout)
        )
    except Unreachable as reason:
        raise StepFailed(CheckStep.NETWORK, str(reason)) from None


def _token(gateway: Gateway) -> Generator[ConnectionStep, None, Token]:
    """Three steps in one exchange: those before the one that failed have passed."""
    fetched = _fetched(gateway)
    failed = failed_step(fetched) if isinstance(fetched, GatewayError) else None
    for name, sentence in _PASSED.items():
        if name is failed:
            break
        yield ConnectionStep(name, True, sentence)
    if isinstance(fetched, GatewayError):
        raise StepFailed(failed_step(fetched), sentence_of(fetched))
    minutes = round(fetched.lifetime / 60)
    yield ConnectionStep(CheckStep.JSON, True, f"O DATASUS entregou um token de acesso válido por {minutes} min.")
    return fetched


def _fetched(gateway: Gateway) -> Token | GatewayError:
    try:
        return gateway.fetch_token()
    except GatewayError as error:
        return error


def _asked(credential: Credential, gateway: Gateway) -> ConnectionStep:
    try:
        probe(gateway.environment.query_url, gateway.environment.connect_timeout)
        wait_turn(credential.environment)
        exchange(credential, Search(cpf=NOBODY))
    except Unreachable as reason:
        raise StepFailed(CheckStep.QUERY, str(reason)) from None
    except GatewayError as error:
        raise StepFailed(CheckStep.QUERY, sentence_of(error)) from None
    return ConnectionStep(CheckStep.QUERY, True, "O DATASUS respondeu a uma consulta de teste.")
