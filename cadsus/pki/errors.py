"""Why a certificate is refused, at upload or later: closed lists, one sentence in Portuguese each."""

from enum import Enum


class CertificateRefusal(Enum):
    TOO_LARGE = "O arquivo tem mais de 64 KiB e não parece um certificado. Envie o arquivo .p12 ou .pfx original."
    NOT_PKCS12 = "O arquivo não é um certificado PKCS#12. Envie o arquivo .p12 ou .pfx que a certificadora entregou."
    TOO_COSTLY = (
        "O arquivo pede um número fora do comum de cálculos para ser aberto. Exporte o certificado de novo e tente."
    )
    WRONG_PASSWORD = "A senha do certificado está incorreta. Confira a senha e tente de novo."  # noqa: S105  (a sentence)
    OLD_FORMAT = (
        "A senha confere, mas o arquivo está num formato antigo (RC2) que este servidor não abre. "
        "Exporte o certificado de novo com criptografia AES."
    )
    MALFORMED = (
        "A senha confere, mas um certificado dentro do arquivo não está escrito como a norma (DER) exige. "
        "Exportá-lo de novo não resolve: peça à certificadora um novo certificado."
    )
    NO_PRIVATE_KEY = (
        "O arquivo não contém a chave privada do certificado. "
        "Exporte de novo marcando a opção “incluir a chave privada”."
    )
    MALFORMED_SAN = (
        "A identificação da ICP-Brasil dentro do certificado (extensão SAN) está malformada. "
        "Peça à certificadora um novo certificado."
    )
    PERSONAL = "Este é um certificado de pessoa física (e-CPF). Envie o e-CNPJ da operadora."
    NO_CNPJ = "O certificado não informa nenhum CNPJ. Envie o e-CNPJ da operadora, emitido pela ICP-Brasil."
    OTHER_CNPJ = "O certificado é do CNPJ {found}, de outra empresa. Envie o e-CNPJ do CNPJ {expected}."
    EXPIRED = "O certificado venceu em {until}. Envie o certificado renovado."
    NOT_YET_VALID = "O certificado só começa a valer em {since}. Envie-o de novo a partir dessa data."
    BROKEN_CHAIN = (
        "A cadeia de certificação do arquivo está incompleta ou quebrada. "
        "Exporte o certificado de novo marcando a opção “incluir todos os certificados da cadeia”."
    )
    ENDED_AUTHORITY = (
        "O certificado da autoridade “{authority}”, que está na cadeia do arquivo, venceu em {until}. Peça à "
        "certificadora a cadeia atual e exporte o certificado de novo com ela."
    )
    UNKNOWN_ROOT = (
        "A cadeia do certificado não termina numa autoridade raiz da ICP-Brasil que este servidor conhece. "
        "Confira se o e-CNPJ é da ICP-Brasil e, se for, peça a quem cuida do servidor que atualize as raízes."
    )


class RefusedCertificate(ValueError):
    """The text is the sentence for the person who uploaded; it names dates and companies, never keys or passwords."""

    def __init__(self, refusal: CertificateRefusal, **facts: str) -> None:
        super().__init__(refusal.value.format(**facts))
        self.refusal = refusal


class RotationRefusal(Enum):
    """Why a certificate that is kept may not be put in use, or its key not be destroyed."""

    ENDED = "O certificado venceu em {until} e não pode mais ser usado. Envie o certificado renovado."
    WITHOUT_KEY = "A chave deste certificado foi apagada. Envie o arquivo de novo para voltar a usá-lo."
    LOCKED = "A chave guardada não abre com a chave deste servidor. Envie o arquivo de novo."
    NOT_IN_USE = "Este certificado já não está em uso: alguém o trocou há pouco. Confira a lista."
    NONE_BEFORE = "Não há certificado anterior em vigor para o qual voltar."
    IN_USE = "O certificado está em uso. Ponha outro em uso antes de apagar a chave deste."


class RefusedRotation(ValueError):
    def __init__(self, refusal: RotationRefusal, **facts: str) -> None:
        super().__init__(refusal.value.format(**facts))
        self.refusal = refusal
