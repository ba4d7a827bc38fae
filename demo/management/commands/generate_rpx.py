from argparse import ArgumentParser
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.timezone import localtime

from demo.synthetic.rpx_answers import answer
from operators.formats.atomic_files import temporary_path
from operators.management.base import CommandRefused, OperatorCommand, existing_file, file_to_write
from sib.formats.cnx.writer import Heading
from sib.formats.errors import InvalidSibFile
from sib.formats.rpx.reader import RejectedFile
from sib.formats.rpx.writer import RpxContent, write_rpx


class Command(OperatorCommand):
    help = "Para treinar: responde a um arquivo SBX como a ANS responderia (RPX), com recusas inventadas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO.SBX")
        parser.add_argument("--out", required=True, metavar="ARQUIVO.RPX", help="resultado a escrever")
        parser.add_argument(
            "--reject-every", type=int, default=0, metavar="N", help="recusa uma de cada N movimentações; 0, nenhuma"
        )
        parser.add_argument("--refuse", metavar="CÓDIGO", help="recusa o arquivo inteiro por este motivo, de 16 a 26")
        parser.add_argument("--sequence", type=int, default=1, metavar="N", help="sequencial da transação")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        path, out = existing_file(options["file"]), file_to_write(options["out"], "--out")
        with path.open("rb") as sbx:
            given = _answer(sbx, path.name, options)
        created_at = localtime(timezone.now()).strftime("%Y-%m-%dT%H:%M:%S")
        heading = Heading(self.operator.registration, options["sequence"], created_at)
        try:
            with temporary_path(out) as draft, draft.open("wb") as stream:
                write_rpx(stream, heading, given)
        except OSError as error:
            raise CommandRefused(f"Não foi possível escrever {out}: confira a pasta e a permissão.") from error
        return {"out": str(out), **_figures(given)}


def _answer(sbx: BinaryIO, name: str, options: dict[str, Any]) -> RpxContent | tuple[str, RejectedFile]:
    try:
        given = answer(sbx, name, reject_every=max(0, options["reject_every"]))
    except InvalidSibFile as refused:
        raise CommandRefused(refused.sentence) from None
    if not options["refuse"]:
        return given
    return name, RejectedFile(options["refuse"].zfill(2)[:2], "RECUSA FICTICIA DE TREINAMENTO", "2026-01-01T00:00:00")


def _figures(given: RpxContent | tuple[str, RejectedFile]) -> dict[str, Any]:
    if not isinstance(given, RpxContent):
        return {"refused": given[1].code}
    sent, rejected = sum(given.sent.values()), len(given.rejected)
    return {"sent": sent, "rejected": rejected, "accepted": sent - rejected, "included": len(given.included)}
