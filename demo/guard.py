"""The demonstration makes accounts whose password everybody knows: never where real people are."""

from typing import Any

from django.conf import settings

from operators.management.base import PortalCommand, Refused

SENTENCE = "Este comando é da demonstração e cria contas com senha conhecida: em produção, ele não faz nada."


class DemoCommand(PortalCommand):
    """A command of the demonstration; in production it ends with one sentence."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise Refused(SENTENCE)
        super().handle(*args, **options)
