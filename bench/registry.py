"""An operator with invented people, made again for each run."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench.files import REGISTRATION, columns_file, conference_file, registry_file
from bench.filling import fill, settle
from beneficiaries.domain.identifiers import cnpj_from_base
from operators.context import operator_context
from operators.management.base import ensure_migrated
from operators.models import Operator
from operators.services.operators import register_operator


@dataclass(frozen=True)
class World:
    operator: Operator
    folder: Path
    records: int

    def make_files(self) -> None:
        """Before anything is measured."""
        for sequence in (1, 2):
            conference_file(self.records, sequence)
        columns_file(self.records)

    def forget_conferences(self) -> None:
        """The registry as it was before the first night: no CNS, no history, nothing of ANS."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE beneficiaries_cnsnumber, sib_conferencefile, operators_auditevent CASCADE")
        settle()


def empty_operator() -> Operator:
    """The one of all measurements, in a database that holds nothing else."""
    call_command("flush", interactive=False, verbosity=0)
    operator, _ = register_operator(
        registration=REGISTRATION,
        cnpj=cnpj_from_base("445556660001"),
        legal_name="Operadora de Medição",
        trade_name="Medição",
        phone="0800 000 0000",
    )
    return operator


@contextmanager
def fresh(records: int) -> Iterator[World]:
    """A database of its own and a registry of this many links, without a CNS."""
    folder = settings.CNSPORTAL_DATA / "files"
    folder.mkdir(parents=True, exist_ok=True)
    ensure_migrated()
    operator = empty_operator()
    with operator_context(operator.pk):
        fill(operator.pk, registry_file(records))
        settle()
        yield World(operator, folder, records)
    shutil.rmtree(folder)


def timed(operation: Callable[[], object]) -> float:
    began = time.perf_counter()
    operation()
    return time.perf_counter() - began
