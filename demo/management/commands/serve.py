import os
import shlex
import threading
from typing import Any

from django.conf import settings
from django.core.management import call_command
from honcho.manager import Manager

from demo.preparation import PASSWORD, logins
from demo.processes import (
    WEB_ADDRESS,
    SimulatorPorts,
    answers,
    folder,
    scheduler_command,
    simulator_command,
    wait_until,
    web_command,
    worker_command,
)
from operators.commands import PortalCommand, Refused


class Command(PortalCommand):
    help = "Faz o trabalho principal uma vez e serve o portal, com worker, agenda e simulador, até Ctrl-C."

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        if answers(WEB_ADDRESS):
            raise Refused(f"A porta {WEB_ADDRESS[1]} já está em uso. Encerre o outro programa e tente de novo.")
        call_command("demo", stdout=self.stdout, stderr=self.stderr)
        ports = SimulatorPorts.of_settings()
        ports = SimulatorPorts.free() if ports.are_taken else ports
        environment = {**os.environ, **ports.environment, "CNSPORTAL_LOG_LEVEL": "WARNING"}
        manager = Manager()
        for name, command in {
            "web": web_command(),
            "worker": worker_command(),
            "scheduler": scheduler_command(folder() / "scheduler.schedule"),
            "simulator": simulator_command(ports),
        }.items():
            manager.add_process(name, shlex.join(command), env=environment, cwd=settings.BASE_DIR)
        threading.Thread(target=self._greet, daemon=True).start()
        manager.loop()
        return {}

    def _greet(self) -> None:
        """Say where the portal is once it answers."""
        if wait_until(lambda: answers(WEB_ADDRESS)):
            address = f"http://{WEB_ADDRESS[0]}:{WEB_ADDRESS[1]}"
            lines = [f"  {email:<34} {role}" for email, role in logins()]
            self.stdout.write(f"\nO portal está em {address}   (Ctrl-C encerra tudo)\n\nContas, senha {PASSWORD}:")
            self.stdout.write("\n".join(lines))
