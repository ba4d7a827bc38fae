"""What keeps a queue from going on, and against whom an error counts."""

from enum import Enum
from typing import Self

from cadsus.client.errors import ErrorKind


class Blocker(Enum):
    """In the order in which they are looked for.

    A member is written as the sentence for the screen, the connection's state in a word, the tone of that, and whether
    the connection is probed, so that it opens again automatically.
    """

    sentence: str
    label: str
    tone: str
    is_probed: bool

    def __new__(cls, sentence: str, label: str = "", tone: str = "", is_probed: bool = False) -> Self:
        blocker = object.__new__(cls)
        blocker._value_ = blocker.sentence = sentence
        blocker.label = label
        blocker.tone = tone
        blocker.is_probed = is_probed
        return blocker

    NONE = "O DATASUS está sendo consultado.", "em funcionamento", "good"
    PAUSED = "As consultas ao DATASUS estão pausadas por um administrador.", "em pausa", "warn"
    NO_CREDENTIAL = "A operadora não tem certificado em uso para consultar o DATASUS.", "sem certificado", "bad"
    EXPIRED = (
        "O certificado da operadora venceu; envie o renovado para voltar a consultar o DATASUS.",
        "certificado vencido",
        "bad",
    )
    LOCKED = (
        "O certificado guardado não pode ser aberto com a chave deste servidor; envie-o de novo.",
        "certificado fechado",
        "bad",
    )
    CREDENTIAL_REFUSED = (
        "O DATASUS não está aceitando o certificado da operadora.",
        "certificado recusado",
        "bad",
        True,
    )
    AWAY = "O DATASUS não está respondendo.", "sem resposta", "warn", True
    OUTSIDE_HOURS = (
        "Fora do horário combinado, só as consultas pedidas na tela seguem para o DATASUS.",
        "fora do horário",
        "info",
    )


ABOUT_CREDENTIAL = frozenset({ErrorKind.CREDENTIAL_REFUSED, ErrorKind.TOKEN_REFUSED})
"""Refused is the operator's certificate, by a DATASUS that is there."""

ABOUT_ENVIRONMENT = frozenset(
    {
        ErrorKind.SERVER_UNTRUSTED,
        ErrorKind.TLS_ENDED,
        ErrorKind.TLS_POLICY,
        ErrorKind.UNREACHABLE,
        ErrorKind.TIMEOUT,
        ErrorKind.UNAVAILABLE,
        ErrorKind.THROTTLED,
        ErrorKind.FAULT,
        ErrorKind.UNREADABLE,
        ErrorKind.TOKEN_UNREADABLE,
        ErrorKind.TOKEN_BUSY,
    }
)
"""Enough of these in a row, and DATASUS is taken to be away for everybody."""
