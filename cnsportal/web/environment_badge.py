"""The environment badge: outside production every page says where the answers come from."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class EnvironmentBadge:
    name: str
    sentence: str
    tone: str

    @property
    def stamp(self) -> str:
        """The watermark across a card, so that nobody takes it for a real one."""
        return self.name.upper()


BADGES = {
    "simulator": EnvironmentBadge("Treinamento", "as respostas vêm do simulador, não do DATASUS", "warn"),
    "homologation": EnvironmentBadge("Homologação", "as respostas vêm do ambiente de testes do DATASUS", "info"),
}


def practice(_request: HttpRequest) -> dict[str, EnvironmentBadge | None]:
    """Template context of every page (templates/components/environment_badge.html); asks nobody."""
    return {"practice": _mark()}


def stamp() -> str:
    """For cards that are made now: blank in production."""
    mark = _mark()
    return mark.stamp if mark else ""


def _mark() -> EnvironmentBadge | None:
    return BADGES.get(settings.CADSUS_ENVIRONMENT)
