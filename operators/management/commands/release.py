from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from operators.addresses import unproven


class Command(BaseCommand):
    help = "Prepara uma versão para servir: migrações do banco e arquivos estáticos. Pode ser repetido."

    def handle(self, *_: Any, **__: Any) -> None:
        call_command("migrate", interactive=False, verbosity=1)
        if not settings.DEVELOPMENT:
            call_command("collectstatic", interactive=False, verbosity=1)
        if accounts := sorted(set(unproven().values_list("user_id", flat=True))):
            self.stderr.write(
                f"Contas com um e-mail que ninguém conferiu: {', '.join(map(str, accounts))}. Pergunte a cada pessoa "
                "se o e-mail é dela e confirme com o comando admit --address-checked."
            )
