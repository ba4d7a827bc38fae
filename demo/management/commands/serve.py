import signal
import sys
import time
from typing import Any

from django.core.management import call_command

from demo.preparation import PASSWORD, logins
from demo.processes import (
    WEB_ADDRESS,
    Background,
    SimulatorPorts,
    answers,
    folder,
    in_background,
    scheduler_command,
    simulator_command,
    wait_until,
    web_command,
    worker_command,
)
from operators.commands import PortalCommand, Refused

CALM = {"CNSPORTAL_LOG_LEVEL": "WARNING"}


class Command(PortalCommand):
    help = "Faz o trabalho principal uma vez e serve o portal, com worker, agenda e simulador, até Ctrl-C."

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        if answers(WEB_ADDRESS):
            raise Refused(f"A porta {WEB_ADDRESS[1]} já está em uso. Encerre o outro programa e tente de novo.")
        for ending in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a background shell would have it ignored
            signal.signal(ending, signal.default_int_handler)
        try:
            call_command("demo", stdout=self.stdout, stderr=self.stderr)
            self._serve()
        except KeyboardInterrupt:
            self.stdout.write("\nTudo encerrado.")
        return {}

    def _serve(self) -> None:
        ports = SimulatorPorts.of_settings()
        ports = SimulatorPorts.free() if ports.are_taken else ports
        commands = {
            "simulator": simulator_command(ports),
            "worker": worker_command(),
            "scheduler": scheduler_command(folder() / "scheduler.schedule"),
            "web": web_command(),
        }
        with in_background(commands, {**ports.environment, **CALM}) as running:
            if not wait_until(lambda: answers(WEB_ADDRESS)):
                raise Refused(f"O portal não iniciou. Veja {folder() / 'web.log'}.")
            self._greet(ports)
            self._watch(running)

    def _greet(self, ports: SimulatorPorts) -> None:
        address = f"http://{WEB_ADDRESS[0]}:{WEB_ADDRESS[1]}"
        self.stdout.write(f"\nO portal está em {address}   (Ctrl-C encerra tudo)")
        self.stdout.write(f"O DATASUS simulado é dirigido em http://127.0.0.1:{ports.control}/__control/page")
        self.stdout.write(f"\nContas, senha {PASSWORD}:")
        for email, role in logins():
            self.stdout.write(f"  {email:<34} {role}")
        sys.stdout.flush()

    def _watch(self, running: list[Background]) -> None:
        """Until somebody ends it: whatever dies is started again, and said."""
        while True:
            for process in running:
                if process.revive():
                    self.stderr.write(f"um processo parou e foi iniciado de novo; veja {process.log}")
            time.sleep(1)
