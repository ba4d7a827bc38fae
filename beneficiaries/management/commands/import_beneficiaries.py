from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.services.csv_import.import_file import FullRegistry
from beneficiaries.services.csv_import.import_jobs import cancel_import, process, request_import
from operators.management.base import CommandRefused, OperatorCommand, existing_file


class Command(OperatorCommand):
    help = "Importa beneficiários de um CSV ou XLSX com as colunas do SIB; cada linha tem a sua resposta no recibo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO")
        parser.add_argument("--receipt", metavar="RECIBO.csv", help="onde gravar o recibo")
        parser.add_argument("--rehearse", action="store_true", help="só ensaia: diz no recibo o que mudaria")
        parser.add_argument("--everybody", action="store_true", help="o arquivo é de todos: diz também quem sairia")
        parser.add_argument("--cancelled-on", metavar="AAAA-MM-DD", help="cancela quem saiu nesta data")
        parser.add_argument(
            "--cancellation-reason",
            choices=tuple(CANCELLATION_REASONS),
            help="motivo do cancelamento de quem saiu (SIB)",
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        file = existing_file(options["file"])
        everybody = _full_registry(options)
        receipt = Path(options["receipt"] or self._default_receipt(file))
        _refuse_to_overwrite(file, receipt)
        run = request_import(file, receipt, rehearse=options["rehearse"], everybody=everybody)
        try:
            process(run.pk, on_progress=lambda done: self.progress(f"{done} linhas"))
        except BaseException:  # whoever stops the command wants no worker to go on with it
            cancel_import(run)
            raise
        run.refresh_from_db()
        if run.failure:
            raise CommandRefused(run.failure)
        return {**run.figures, "receipt": str(receipt)}

    def _default_receipt(self, file: Path) -> Path:
        stamp = timezone.localtime().strftime("%Y%m%d-%H%M%S-%f")
        folder: Path = settings.CNSPORTAL_DATA / "receipts" / self.operator.registration
        return folder / f"{file.stem}-{stamp}.csv"


def _refuse_to_overwrite(file: Path, receipt: Path) -> None:
    if receipt.is_dir():
        raise CommandRefused(f"{receipt} é uma pasta. Diga em --receipt o nome de um arquivo.")
    if receipt.resolve() == file.resolve():
        raise CommandRefused("O recibo ficaria no lugar do arquivo. Diga outro nome em --receipt.")


def _full_registry(options: dict[str, Any]) -> FullRegistry | None:
    day, reason = options["cancelled_on"], options["cancellation_reason"]
    if bool(day) != bool(reason) or (day and not options["everybody"]):
        raise CommandRefused("Para cancelar quem saiu, diga --everybody, --cancelled-on e --cancellation-reason.")
    if not options["everybody"]:
        return None
    try:
        return FullRegistry(date.fromisoformat(day) if day else None, reason or "")
    except ValueError as error:
        raise CommandRefused(f"{day} não é uma data. Escreva-a como aaaa-mm-dd.") from error
