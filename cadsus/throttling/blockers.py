"""What keeps a queue from going on, and whom a trouble speaks against."""

from enum import Enum

from cadsus.client.errors import Trouble


class Obstacle(Enum):
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


ABOUT_CREDENTIAL = frozenset({Trouble.CREDENTIAL_REFUSED, Trouble.TOKEN_REFUSED})
"""Refused is the operator's certificate, by a DATASUS that is there."""

ABOUT_ENVIRONMENT = frozenset(
    {
        Trouble.SERVER_UNTRUSTED,
        Trouble.TLS_ENDED,
        Trouble.TLS_POLICY,
        Trouble.UNREACHABLE,
        Trouble.TIMEOUT,
        Trouble.UNAVAILABLE,
        Trouble.THROTTLED,
        Trouble.FAULT,
        Trouble.UNREADABLE,
        Trouble.TOKEN_UNREADABLE,
        Trouble.TOKEN_BUSY,
    }
)
"""Enough of these in a row, and DATASUS is taken to be away for everybody."""
