from typing import Any

from demo.prepare import prepare
from operators.management.base import PortalCommand


class Command(PortalCommand):
    help = "Prepara a demonstração: operadora, equipe, certificado e arquivos inventados. Pode ser repetido."

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        operator = prepare(self.stderr.write)
        if options["json"]:
            return {"operator": operator.registration}
        self.stdout.write(
            f"Demonstração pronta: operadora {operator.registration}, com pessoas inventadas. "
            "Nada aqui chega ao DATASUS: quem responde é um simulador nesta máquina."
        )
        return {}
