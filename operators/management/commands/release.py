from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prepara uma versão para servir: migrações do banco e arquivos estáticos. Pode ser repetido."

    def handle(self, *_: Any, **__: Any) -> None:
        call_command("migrate", interactive=False, verbosity=1)
        if not settings.DEVELOPMENT:
            call_command("collectstatic", interactive=False, verbosity=1)
