from argparse import ArgumentParser
from typing import Any

from beneficiaries.services.csv_export import EXPORTED, export_rows
from operators.formats.atomic_files import atomic_write
from operators.formats.csv_tables import Table
from operators.management.base import OperatorCommand, file_to_write


class Command(OperatorCommand):
    help = "Exporta os beneficiários em CSV: as colunas da importação, a situação e a origem do CNS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO.csv")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        exported = 0
        with atomic_write(file_to_write(options["file"])) as output:
            table = Table(output, EXPORTED)
            for exported, row in enumerate(export_rows(), start=1):  # noqa: B007  (the last number is the count)
                table.add(row)
        return {"exported": exported}
