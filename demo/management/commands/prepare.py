from typing import Any

from demo.preparation import prepare
from operators.commands import PortalCommand


class Command(PortalCommand):
    help = "Prepara a demonstração: operadora, equipe, certificado e arquivos inventados. Pode ser repetido."

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        operator = prepare(self.progress)
        return {"operator": operator.registration}
