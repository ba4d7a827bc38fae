"""The base of the portal's commands: operator, figures, exit codes, a worker where none runs.

0 = done; 1 = the input was refused: one sentence on stderr, nothing written; 2 = wrong usage.
"""

import json
import os
import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cnsportal.conf import env
from cnsportal.db.locks import AdvisoryLock, session_lock
from operators.context import operator_context
from operators.models import Operator


class CommandRefused(CommandError):
    """The input cannot be taken: one sentence for the person at the terminal; exit code 1."""


class PortalCommand(BaseCommand, ABC):
    """A command that reports figures: as ``name: value`` lines, or as one JSON object with ``--json``."""

    needs_database = True
    requires_system_checks = []  # ``make check`` runs them; a command is to answer at once

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="imprime um objeto JSON na última linha")
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        if self.needs_database:
            ensure_migrated()
        try:
            return super().execute(*args, **options)
        except CommandRefused as refusal:
            if not self._called_from_command_line:  # type: ignore[attr-defined]
                raise
            self.stderr.write(str(refusal))
            sys.exit(1)

    def handle(self, *_: Any, **options: Any) -> None:
        self.report(self.perform(options), options)

    def report(self, figures: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name}: {value}")

    @abstractmethod
    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do it and return the figures."""

    def progress(self, text: str) -> None:
        """Show the progress to a person at a terminal, always on the same line; not in a log."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{text}", ending="")


class OperatorCommand(PortalCommand):
    """A command about one operator, run inside its context."""

    operator: Operator

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser: ArgumentParser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--operator", required=True, metavar="REGISTRO", help="registro da operadora na ANS")
        return parser

    def handle(self, *_: Any, **options: Any) -> None:
        self.operator = _operator(options["operator"])
        with operator_context(self.operator.pk):
            super().handle(**options)


def ensure_migrated() -> None:
    """Bring a database of our own up to date, so that every command works on a new data folder by itself."""
    if not settings.EMBEDDED or connection.in_atomic_block:
        return
    with session_lock(AdvisoryLock.MIGRATIONS):
        executor = MigrationExecutor(connection)
        if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, stdout=_MigrationProgress(len(plan)))


class _MigrationProgress(StringIO):
    """What ``migrate`` would print, as a count for a person at a terminal: a new database takes a while."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.total, self.done = total, 0

    def write(self, text: str) -> int:
        self.done += "Applying" in text
        if sys.stderr.isatty() and self.done:
            end = "\n" if self.done == self.total and "OK" in text else ""
            sys.stderr.write(f"\r\033[KPreparando o banco de dados: passo {self.done} de {self.total}{end}")
            sys.stderr.flush()
        return len(text)


def _operator(registration: str) -> Operator:
    try:
        return Operator.objects.get(registration=registration)
    except Operator.DoesNotExist:
        raise CommandRefused(
            f"A operadora {registration} não está cadastrada. Cadastre-a com o comando create_operator."
        ) from None


def file_to_write(path: str, option: str = "") -> Path:
    """The file at ``path``, in a folder that is there; else a refusal, before anything is done."""
    file = Path(path)
    if not file.parent.is_dir():
        where = f" em {option}" if option else ""
        raise CommandRefused(f"A pasta {file.parent} não existe. Crie a pasta ou escolha outra{where}.")
    return file


def existing_file(path: str) -> Path:
    """The file at ``path``, or a refusal that says what to do."""
    file = Path(path)
    if not file.is_file():
        raise CommandRefused(f"O arquivo {path} não existe. Confira o caminho e tente de novo.")
    return file


def secret_given(name: str) -> str | None:
    """What the variable holds, or the file that ``NAME_FILE`` names; blank counts, for a password may be blank."""
    try:
        given = env.secret(name)
    except ImproperlyConfigured as error:
        raise CommandRefused(str(error)) from error
    return os.environ.get(name) if given is None else given


def worker_arguments(concurrency: int) -> list[str]:
    """Threads, since the work is waiting for others; the queues in the order in which they matter."""
    options = ["--pool=threads", f"--concurrency={concurrency}", "--queues=interactive,lookups,bulk"]
    return ["celery", "--app=cnsportal", "worker", "--without-gossip", "--without-mingle", "--loglevel=INFO", *options]
