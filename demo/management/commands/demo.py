import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cnsportal.celery import app
from cnsportal.formats.br import format_count
from demo import end_to_end, figures
from demo.end_to_end import ProgressStep, Stuck
from demo.figures import Figures
from demo.prepare import prepare
from demo.processes import (
    Background,
    SimulatorPorts,
    folder,
    in_background,
    scheduler_command,
    simulator_command,
    wait_until,
    worker_command,
)
from operators.context import operator_context
from operators.management.base import CommandRefused, PortalCommand

SHORT_INTERVALS = {"RUN_STALE_SECONDS": "8", "SIB_INBOX_SECONDS": "2", "CNSPORTAL_LOG_LEVEL": "INFO"}
"""The demonstration's own pace: a killed worker is noticed, and a dropped file found, within seconds."""
NO_RATE_LIMIT = {"CADSUS_RATE": "0"}  # only our own simulator is asked


class Command(PortalCommand):
    help = "Faz o trabalho principal de ponta a ponta, com pessoas inventadas, e mostra as contas."

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        began = time.monotonic()
        operator = prepare(self._write)
        with operator_context(operator.pk):
            kept = figures.saved_figures()
            found = kept or self._made()
        if not options["json"]:
            self._show(found)
            self._write_where(None if kept else time.monotonic() - began)
        if not found.add_up:
            raise CommandRefused(
                "As contas não fecham: " + "; ".join(name for name, holds in found.checks if not holds) + "."
            )
        return {f"{room}: {name}": value for room, name, value in found.rows} if options["json"] else {}

    def _made(self) -> Figures:
        """The figures of the main job, done now; kept where they add up."""
        try:
            with self._processes() as keep_alive:
                found = self._work(keep_alive)
        except Stuck as trouble:
            raise CommandRefused(str(trouble)) from trouble
        if found.add_up:
            figures.save_figures(found)
        return found

    def _work(self, keep_alive: Any) -> Figures:
        end_to_end.import_registry(self._step("1. Cadastro importado do CSV"))
        file = end_to_end.reconcile(self._step("2. Conferência da ANS, pela pasta de entrada"), keep_alive)
        end_to_end.ask_datasus(self._step("3. Consultas ao DATASUS (simulado)"), keep_alive)
        batch = end_to_end.issue(self._step("4. Cartões emitidos"), keep_alive)
        return figures.reckon(file, batch)

    @contextmanager
    def _processes(self) -> Iterator[Any]:
        """Simulator, worker and scheduler, but for those that already run; who dies is started again."""
        ports = SimulatorPorts.of_settings()
        wanted = {"scheduler": scheduler_command(folder() / "scheduler.schedule")}
        if not ports.answer():
            ports = SimulatorPorts.free() if ports.are_in_use else ports  # another folder's simulator may be there
            wanted["simulator"] = simulator_command(ports)
        if not app.control.ping(timeout=0.7):
            wanted["worker"] = worker_command()
        with in_background(wanted, {**NO_RATE_LIMIT, **SHORT_INTERVALS, **ports.environment}) as running:
            if not wait_until(ports.answer):
                raise CommandRefused(f"O simulador não iniciou. Veja {folder() / 'simulator.log'}.")
            yield lambda: self._keep_alive(running)

    def _keep_alive(self, running: list[Background]) -> None:
        for process in running:
            if process.revive():
                self._write(f"um processo parou e foi iniciado de novo; veja {process.log.name}")

    # ---- what the person before the screen sees -------------------------------------------------------------------

    def _step(self, title: str) -> ProgressStep:
        if not sys.stderr.isatty():
            self._write(f"{title} …")
        return ProgressStep(title, self._bar)

    def _bar(self, title: str, done: int, total: int | None) -> None:
        if not sys.stderr.isatty():
            return
        width = 24
        filled = width * done // total if total else 0
        count = f"{done} de {total}" if total else "aguardando…"
        end = "\n" if total and done >= total else ""
        self.stderr.write(f"\r\033[K{title:<46} {'━' * filled}{'─' * (width - filled)} {count}", ending=end)

    def _write(self, text: str) -> None:
        self.stderr.write(text)

    def _show(self, found: Figures) -> None:
        room = ""
        for name, label, value in found.rows:
            if name != room:
                room = name
                self.stdout.write(f"\n{room}")
            self.stdout.write(f"  {label:<34}{format_count(value):>9}")
        self.stdout.write("")
        for sentence, holds in found.checks:
            self.stdout.write(f"  {'✓' if holds else '✗'} {sentence}")

    def _write_where(self, seconds: float | None) -> None:
        when = "Feito numa vez anterior; estas são as contas de então" if seconds is None else f"{seconds:.0f} segundos"
        self.stdout.write(f"\n{when}. Cartões e recibo em {os.path.relpath(folder())}")
