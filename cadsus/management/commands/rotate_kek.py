import base64
import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from cadsus.services import idle_keys, rewrap_all
from operators.context import operator_context
from operators.management.base import CommandRefused, PortalCommand
from operators.models import Operator


class Command(PortalCommand):
    locked: tuple[str, ...] = ()
    help = (
        "Põe os certificados de todas as operadoras sob a chave atual, a primeira de CADSUS_KEK. O portal pode "
        "continuar no ar. Diz quais chaves antigas já podem sair de CADSUS_KEK."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--generate", action="store_true", help="só imprime uma chave nova, para pôr no começo de CADSUS_KEK"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """The figures first; then, where a certificate does not open, exit code 1."""
        super().handle(**options)
        if self.locked:
            raise CommandRefused(
                f"Há certificados ou segredos que não abrem com as chaves deste servidor, das operadoras "
                f"{', '.join(self.locked)}. "
                "Nada neles mudou: ponha de volta em CADSUS_KEK a chave com que foram lacrados e repita, ou envie de "
                "novo os arquivos dos certificados; para o segredo do webhook, gere outro."
            )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"key": _fresh_key()} if options["generate"] else self._rotate()

    def _rotate(self) -> dict[str, Any]:
        found = []
        for operator in Operator.objects.order_by("registration"):
            with operator_context(operator.pk):
                found += [(operator.registration, result) for result in rewrap_all()]
        self.locked = tuple(dict.fromkeys(registration for registration, result in found if result.unopenable))
        results = [result for _, result in found]
        needed = frozenset().union(*(result.wrapped_by for result in results))
        return {
            "current_key": next(iter(settings.CADSUS_KEKS)),
            "rewrapped": sum(result.rewrapped for result in results),
            "kept": sum(result.kept for result in results),
            "unopenable": sum(result.unopenable for result in results),
            "operators_unopenable": list(self.locked),
            "removable_keys": idle_keys(needed),
        }


def _fresh_key() -> str:
    """``id:base64``; the id contains the day, and no two keys have the same."""
    day = f"{timezone.localdate():%Y-%m-%d}"
    ids = (day, *(f"{day}-{number}" for number in range(2, 100)))
    free = next(key_id for key_id in ids if key_id not in settings.CADSUS_KEKS)
    return f"{free}:{base64.b64encode(secrets.token_bytes(32)).decode()}"
