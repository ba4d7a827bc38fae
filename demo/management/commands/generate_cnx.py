import csv
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from demo.synthetic import CSV_COLUMNS, REFERENCE_DAY, InventedLink, as_csv_row, invent
from demo.synthetic.cnx_records import conference, is_in_registry
from operators.management.argument_types import whole_number
from operators.management.base import CommandRefused, OperatorCommand
from sib.formats.cnx.writer import Heading, write_cnx

COUNT = whole_number("informe um número inteiro, zero ou maior")


class Command(OperatorCommand):
    help = "Gera uma conferência CNX com pessoas inventadas e, se pedido, o cadastro que corresponde a ela."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--records", required=True, type=COUNT, metavar="N", help="registros do arquivo")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="a mesma semente gera as mesmas pessoas")
        parser.add_argument("--out", required=True, type=Path, metavar="ARQUIVO", help="arquivo CNX a escrever")
        parser.add_argument("--beneficiaries", type=Path, metavar="ARQUIVO.csv", help="cadastro das mesmas pessoas")
        parser.add_argument("--sequence", type=COUNT, default=1, metavar="N", help="sequencial da transação")
        parser.add_argument("--faithful", action="store_true", help="sem divergências: a ANS sabe tudo de todos")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        heading = Heading(self.operator.registration, options["sequence"], _reference_time().isoformat())
        try:
            with ExitStack() as files:
                links = invent(sys.maxsize, options["seed"])
                if path := options["beneficiaries"]:
                    links = _copied(links, files.enter_context(path.open("w", encoding="utf-8", newline="")))
                stream = files.enter_context(options["out"].open("wb"))
                records = islice(conference(links, faithful=options["faithful"]), options["records"])
                written = write_cnx(stream, heading, records)
        except OSError as error:
            raise CommandRefused(
                f"Não foi possível escrever {error.filename}: confira a pasta e a permissão."
            ) from error
        return {"records": written, "bytes": options["out"].stat().st_size, "out": str(options["out"])}


def _copied(links: Iterable[InventedLink], stream: TextIO) -> Iterator[InventedLink]:
    """The links as they pass, written down where they are in the operator's registry."""
    table = csv.DictWriter(stream, CSV_COLUMNS)
    table.writeheader()
    for link in links:
        if is_in_registry(link):
            table.writerow(as_csv_row(link))
        yield link


def _reference_time() -> datetime:
    return datetime.combine(REFERENCE_DAY, datetime.min.time()).replace(hour=3, minute=12, second=45)
