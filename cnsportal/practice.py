"""Whether the portal is at its real work: anywhere but in production every page says where answers come from."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Mark:
    name: str
    sentence: str
    tone: str


MARKS = {
    "simulator": Mark("Treinamento", "as respostas vêm do simulador, não do DATASUS", "warn"),
    "homologation": Mark("Homologação", "as respostas vêm do ambiente de testes do DATASUS", "info"),
}


def practice(_request: HttpRequest) -> dict[str, Mark | None]:
    """Template context of every page (templates/components/training.html); asks nobody."""
    return {"practice": MARKS.get(settings.CADSUS_ENVIRONMENT)}
