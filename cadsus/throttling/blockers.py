"""What keeps a queue from going on, and against whom an error counts."""

from enum import Enum

from cadsus.client.errors import ErrorKind


class Blocker(Enum):
    """In the order in which they are looked for; the sentence is for the screen."""

    NONE = "O DATASUS está sendo consultado."
    PAUSED = "As consultas ao DATASUS estão pausadas por um administrador."
    NO_CREDENTIAL = "A operadora não tem certificado em uso para consultar o DATASUS."
    EXPIRED = "O certificado da operadora venceu; envie o renovado para voltar a consultar o DATASUS."
    LOCKED = "O certificado guardado não pode ser aberto com a chave deste servidor; envie-o de novo."
    CREDENTIAL_REFUSED = "O DATASUS não está aceitando o certificado da operadora."
    AWAY = "O DATASUS não está respondendo."
    OUTSIDE_HOURS = "Fora do horário combinado, só as consultas pedidas na tela seguem para o DATASUS."

    @property
    def sentence(self) -> str:
        return self.value


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
