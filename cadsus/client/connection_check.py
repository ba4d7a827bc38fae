"""The steps of a connection test, the step that an error belongs to, and the sentence about clock skew."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum, StrEnum
from typing import Self

from cadsus.client.errors import ErrorKind, GatewayError
from cnsportal.formats.br import format_datetime_with_seconds

CLOCK_TOLERANCE_SECONDS = 60


class CheckStep(Enum):
    """In the order in which they are taken; the value is for the screen."""

    CERTIFICATE = "Certificado"
    VALIDITY = "Validade e cadeia"
    NETWORK = "Rede"
    TLS = "Conexão segura"
    HTTP = "Resposta do servidor"
    JSON = "Token de acesso"
    CLOCK = "Relógio"
    QUERY = "Consulta"


class StepState(StrEnum):
    """How a step stands: value, and the word, tone and icon of it on the screen."""

    label: str
    tone: str
    icon: str

    def __new__(cls, value: str, label: str, tone: str, icon: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.tone = tone
        member.icon = icon
        return member

    PASSED = "passed", "passou", "good", "circle-check"
    FAILED = "failed", "falhou", "bad", "circle-x"
    NOW = "now", "em andamento", "accent", "loader"
    LATER = "later", "ainda não", "neutral", "circle"
    NEVER = "never", "não chegou a ser feito", "neutral", "circle"


@dataclass(frozen=True, slots=True)
class ConnectionStep:
    name: CheckStep
    passed: bool
    sentence: str


class StepFailed(Exception):
    def __init__(self, name: CheckStep, sentence: str) -> None:
        super().__init__(name.name)
        self.step = ConnectionStep(name, False, sentence)


def failed_step(error: GatewayError) -> CheckStep:
    """The step at which fetching a token failed, once the server was within reach."""
    if error.trouble is ErrorKind.TOKEN_UNREADABLE:
        return CheckStep.JSON
    untrusted = error.trouble in {*_TLS, ErrorKind.UNREACHABLE}
    refused = error.trouble is ErrorKind.CREDENTIAL_REFUSED and error.http_status is None
    return CheckStep.TLS if untrusted or refused else CheckStep.HTTP


_LATER = " Não depende da operadora: as consultas esperam na fila; teste de novo mais tarde."
_TLS = frozenset({ErrorKind.SERVER_UNTRUSTED, ErrorKind.TLS_ENDED, ErrorKind.TLS_POLICY})
_OURS = _TLS | {ErrorKind.TURN_TOO_FAR}


def sentence_of(error: GatewayError) -> str:
    """What failed and what to do about it."""
    if error.trouble is ErrorKind.UNREACHABLE:
        return (
            "O servidor atendeu e cortou a conexão sem dizer por quê. Pode ser um firewall que inspeciona o tráfego, "
            "ou o DATASUS que não conhece este certificado."
        )
    status = f"O DATASUS respondeu com o código HTTP {error.http_status}. " if error.http_status else ""
    return status + error.sentence + ("" if error.permanent or error.trouble in _OURS else _LATER)


def clock_step(now: float, theirs: float | None, zone: tzinfo | None) -> ConnectionStep:
    """Their clock beside ours, both in seconds since 1970."""
    if theirs is None:
        return ConnectionStep(CheckStep.CLOCK, True, "O DATASUS não disse que horas são; não há o que comparar.")
    apart = round(abs(theirs - now))
    if apart <= CLOCK_TOLERANCE_SECONDS:
        return ConnectionStep(CheckStep.CLOCK, True, f"Os relógios concordam (diferença de {apart} s).")
    shown = (format_datetime_with_seconds(datetime.fromtimestamp(moment, zone)) for moment in (theirs, now))
    return ConnectionStep(
        CheckStep.CLOCK,
        False,
        "O relógio do DATASUS marca {} e o deste servidor {}. ".format(*shown)
        + "Acerte o relógio deste servidor (NTP): com a hora errada, tokens válidos são recusados.",
    )


def largest_skew(now: float, *moments: float | None) -> float | None:
    """Of several tellings of the time, the one that differs most from ours."""
    told = [moment for moment in moments if moment is not None]
    return max(told, key=lambda moment: abs(moment - now), default=None)
