"""An operator with invented people, made anew for each run."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from beneficiaries.identifiers import cnpj_from_base
from beneficiaries.invented import invent, write_csv
from beneficiaries.services.importing import import_file
from operators.commands import ensure_migrated
from operators.context import operator_context
from operators.models import Operator
from operators.services import register_operator
from sib.synthetic import conference
from sib.writing import Heading, write_cnx

SEED = 7


@dataclass(frozen=True)
class World:
    operator: Operator
    folder: Path
    records: int

    def conference(self, sequence: int) -> Path:
        """A file in which ANS holds exactly what the registry should."""
        path = self.folder / f"{sequence}.CNX"
        heading = Heading(self.operator.registration, sequence, "2026-11-20T03:12:45")
        with path.open("wb") as file:
            write_cnx(file, heading, conference(invent(self.records, SEED), faithful=True))
        return path


@contextmanager
def fresh(records: int) -> Iterator[World]:
    """A database of its own and a registry of this many links, without a CNS."""
    folder = settings.CNSPORTAL_DATA / "files"
    folder.mkdir(parents=True, exist_ok=True)
    ensure_migrated()
    call_command("flush", interactive=False, verbosity=0)
    operator, _ = register_operator(
        registration="999998",
        cnpj=cnpj_from_base("445556660001"),
        legal_name="Operadora de Medição",
        trade_name="Medição",
    )
    with operator_context(operator.pk):
        _fill(folder / "registry.csv", records)
        yield World(operator, folder, records)
    shutil.rmtree(folder)


def _fill(path: Path, records: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv((link._replace(known_cns="") for link in invent(records, SEED)), file)
    with path.open("rb") as stream:
        import_file(stream)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began
