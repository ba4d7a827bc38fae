from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from beneficiaries.csv_records import NotBeneficiaries
from beneficiaries.services.importing import import_file
from beneficiaries.services.receipts import RECEIPT, receipt_row
from operators.commands import OperatorCommand, Refused, existing_file
from operators.files import written_whole
from operators.spreadsheets import Table


class Command(OperatorCommand):
    help = "Importa beneficiários de um CSV ou XLSX com as colunas do SIB; cada linha tem a sua resposta no recibo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO")
        parser.add_argument("--receipt", metavar="RECIBO.csv", help="onde gravar o recibo")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        file = existing_file(options["file"])
        receipt = Path(options["receipt"] or self._default_receipt(file))
        try:
            with file.open("rb") as stream, written_whole(receipt) as output:
                lines = Table(output, RECEIPT)
                figures = import_file(
                    stream,
                    keep=lambda line: lines.add(receipt_row(line)),
                    progress=lambda done: self.progress(f"{done} linhas"),
                )
        except NotBeneficiaries as refusal:
            raise Refused(str(refusal)) from refusal
        return {**figures, "receipt": str(receipt)}

    def _default_receipt(self, file: Path) -> Path:
        stamp = timezone.localtime().strftime("%Y%m%d-%H%M%S-%f")
        folder: Path = settings.CNSPORTAL_DATA / "receipts" / self.operator.registration
        return folder / f"{file.stem}-{stamp}.csv"
