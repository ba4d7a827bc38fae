from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from operators.formats.atomic_files import make_private
from operators.queries.unconfirmed_addresses import unproven


class Command(BaseCommand):
    help = "Prepara uma versão para servir: migrações do banco e arquivos estáticos. Pode ser repetido."

    def handle(self, *_: Any, **__: Any) -> None:
        call_command("migrate", interactive=False, verbosity=1)
        if not settings.DEVELOPMENT:
            call_command("collectstatic", interactive=False, verbosity=1)
        for folder in _with_personal_data():
            make_private(folder)
        if accounts := sorted(set(unproven().values_list("user_id", flat=True))):
            self.stderr.write(
                f"Contas com um e-mail que ninguém conferiu: {', '.join(map(str, accounts))}. Pergunte a cada pessoa "
                "se o e-mail é dela e confirme com o comando grant_access --address-checked."
            )


def _with_personal_data() -> Iterator[Path]:
    """Folders that former versions left open to other users of the machine."""
    yield from (settings.MEDIA_ROOT, settings.OUTBOX_DIR, settings.CNSPORTAL_DATA / "receipts")
    for name in ("work", "archive", "failed", "sent"):
        yield from settings.INBOX_DIR.glob(f"*/{name}")
