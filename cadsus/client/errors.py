"""Every reason for which DATASUS gives no answer, as one error that says whether a retry can help."""

from enum import Enum

_PERMANENT = True


class ErrorKind(Enum):
    """The sentence for the screen; permanent troubles need a person, the others pass by themselves."""

    def __init__(self, sentence: str, permanent: bool = False) -> None:
        self.sentence = sentence
        self.permanent = permanent

    NO_CREDENTIAL = (
        "A operadora não tem certificado ativo para consultar o DATASUS. Um administrador precisa enviar o e-CNPJ.",
        _PERMANENT,
    )
    CERTIFICATE_EXPIRED = (
        "O certificado da operadora venceu. Um administrador precisa enviar o certificado renovado.",
        _PERMANENT,
    )
    CERTIFICATE_LOCKED = (
        "O certificado guardado não pôde ser aberto com a chave deste servidor. Envie o certificado de novo.",
        _PERMANENT,
    )
    CREDENTIAL_REFUSED = (
        "O DATASUS não aceitou o certificado da operadora. Confira se ele é o que foi registrado na credencial.",
        _PERMANENT,
    )
    TOKEN_REFUSED = (
        "O DATASUS não aceitou a credencial na consulta, mesmo com um token novo. Confira-a no portal do DATASUS.",
        _PERMANENT,
    )
    QUESTION_REFUSED = (
        "O DATASUS recusou a pergunta. Confira os dados da pessoa.",
        _PERMANENT,
    )
    SERVER_UNTRUSTED = (
        "O servidor que respondeu não provou ser o DATASUS. Confira a rede e as autoridades (CADSUS_CA_BUNDLE).",
    )
    TLS_ENDED = ("O DATASUS encerrou a negociação da conexão segura (TLS), sem recusar o certificado da operadora.",)
    TLS_POLICY = ("As regras de TLS deste servidor não permitem a conexão que o DATASUS oferece.",)
    UNREACHABLE = ("Não foi possível chegar ao DATASUS pela rede.",)
    TIMEOUT = ("O DATASUS não respondeu a tempo.",)
    UNAVAILABLE = ("O DATASUS está fora do ar.",)
    THROTTLED = ("O DATASUS pediu para consultar mais devagar.",)
    FAULT = ("O DATASUS respondeu com um erro interno.",)
    UNREADABLE = ("O DATASUS respondeu algo que não é uma resposta de consulta.",)
    TOO_LARGE = ("O DATASUS respondeu com uma mensagem grande demais.",)
    TOKEN_UNREADABLE = ("O DATASUS respondeu algo que não é um token de acesso.",)
    TOKEN_BUSY = ("O token de acesso demorou demais para ser renovado.",)
    TURN_TOO_FAR = ("Há muitas consultas à frente desta.",)


class GatewayError(Exception):
    """The one error of the gateway. Its text is the trouble's name: nothing of the question or of the key."""

    def __init__(
        self,
        trouble: ErrorKind,
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
        words: str = "",
    ) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble
        self.http_status = http_status
        self.retry_after = retry_after  # seconds, where the other side named them
        self.words = words  # of a library's error, in ours

    @property
    def permanent(self) -> bool:
        return self.trouble.permanent

    @property
    def sentence(self) -> str:
        return f"{self.trouble.sentence} {self.words}".strip()
