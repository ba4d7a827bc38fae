import fcntl
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command

from demo import figures
from demo.prepare import ALL_ROLES_USER, PASSWORD, logins, prepare
from demo.processes import (
    HOST,
    LAST_PORT,
    Background,
    SimulatorPorts,
    answers,
    folder,
    free_port,
    in_background,
    scheduler_command,
    simulator_command,
    wait_until,
    web_command,
    worker_command,
)
from operators.context import operator_context
from operators.management.argument_types import whole_number
from operators.management.base import CommandRefused, PortalCommand
from operators.models import Operator

PORT = whole_number(f"use um número de 1 a {LAST_PORT}", least=1, most=LAST_PORT)
QUIET_LOGGING = {"CNSPORTAL_LOG_LEVEL": "WARNING"}
NEITHER_REAL = "Tudo aqui é treino: as pessoas são inventadas e quem responde pelo DATASUS é um simulador."


class Command(PortalCommand):
    help = "Faz o trabalho principal uma vez e serve o portal, com worker, agenda e simulador, até Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = settings.PORT
        parser.add_argument(
            "--port", type=PORT, default=port, metavar="PORTA", help=f"porta do portal (padrão: {port})"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        with _alone() as lock:
            self._start(options["port"], lock)
        return {}

    def _start(self, wanted: int, lock: TextIO) -> None:
        port = self._free_port(wanted)
        print(f"http://{HOST}:{port}", file=lock, flush=True)
        os.environ["CNSPORTAL_PORT"] = str(port)  # for everything that is started from here, and so for the QR codes
        for ending in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a background shell would have it ignored
            signal.signal(ending, signal.default_int_handler)
        try:
            operator = prepare(self.stderr.write)
            self._do_main_job(operator)
            self._serve(port, operator)
        except KeyboardInterrupt:
            self.stdout.write("\nTudo encerrado.")

    def _free_port(self, wanted: int) -> int:
        port = free_port(wanted)
        if port is None:
            raise CommandRefused(f"A porta {wanted} já está em uso, e as seguintes também. Escolha outra com --port.")
        if port != wanted:
            self.stderr.write(f"A porta {wanted} já está em uso por outro programa: o portal vai usar a {port}.")
        return port

    def _do_main_job(self, operator: Operator) -> None:
        """Once. Whatever is the matter with it, the portal is served with what it has."""
        with operator_context(operator.pk):
            if figures.saved_figures():
                return
        try:
            call_command("demo", stdout=self.stdout, stderr=self.stderr)
        except CommandRefused as trouble:
            self.stderr.write(str(trouble))

    def _serve(self, port: int, operator: Operator) -> None:
        ports = SimulatorPorts.of_settings()
        ports = SimulatorPorts.free() if ports.are_in_use else ports
        commands = {
            "simulator": simulator_command(ports),
            "worker": worker_command(),
            "scheduler": scheduler_command(folder() / "scheduler.schedule"),
            "web": web_command(port),
        }
        with in_background(commands, {**ports.environment, **QUIET_LOGGING}) as running:
            if not wait_until(lambda: answers((HOST, port))):
                raise CommandRefused(f"O portal não iniciou. Veja {folder() / 'web.log'}.")
            self._greet(port, ports, operator)
            self._watch(running)

    def _greet(self, port: int, ports: SimulatorPorts, operator: Operator) -> None:
        inbox = os.path.relpath(settings.INBOX_DIR / operator.registration)
        lines = [
            f"\nO portal está em http://{HOST}:{port}   (Ctrl-C encerra tudo)",
            NEITHER_REAL,
            f"  Simulador do DATASUS   http://{HOST}:{ports.control}/__control/page",
            f"  Arquivos CNX e RPX     deixe em {inbox}/, são lidos em menos de um minuto",
            f"  Token da API           .venv/bin/python manage.py drf_create_token {ALL_ROLES_USER}   (docs/api.md)",
            f"  Tudo o que é gerado    {os.path.relpath(settings.CNSPORTAL_DATA)}/ (apague a pasta para recomeçar)",
            f"\nContas, senha {PASSWORD}:",
            *(f"  {email:<34} {role}" for email, role in logins()),
        ]
        self.stdout.write("\n".join(lines))
        sys.stdout.flush()

    def _watch(self, running: list[Background]) -> None:
        """Until somebody ends it: whatever dies is started again, and said."""
        while True:
            for process in running:
                if process.revive():
                    self.stderr.write(f"um processo parou e foi iniciado de novo; veja {process.log}")
            time.sleep(1)


@contextmanager
def _alone() -> Iterator[TextIO]:
    """A file to tell the address in, held while the portal of this data folder is served: a second one would take its
    work away from the first one's scheduler and worker.
    """
    with (folder() / "portal.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandRefused(
                f"O portal desta pasta de dados já está no ar em {lock.read().strip()}. "
                "Use esse, encerre-o com Ctrl-C, ou dê outra pasta em CNSPORTAL_DATA."
            ) from None
        lock.truncate(0)
        yield lock
