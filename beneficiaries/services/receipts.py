"""What became of each row of a file, line by line."""

from dataclasses import dataclass, field
from enum import StrEnum

from beneficiaries.columns import COLUMNS
from beneficiaries.csvfile import Row

_ORIGINAL = tuple(column for column in COLUMNS if column != "codigoBeneficiario")
RECEIPT = ("linha", "codigoBeneficiario", "resultado", "mensagem", *_ORIGINAL)


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass
class Line:
    """One line of the receipt."""

    row: Row
    result: Result = Result.UNCHANGED
    notes: list[str] = field(default_factory=list)

    def reject(self, problem: object) -> None:
        self.result = Result.REJECTED
        self.notes.append(str(problem))

    def note_change(self) -> None:
        if self.result is Result.UNCHANGED:
            self.result = Result.UPDATED


def receipt_row(line: Line) -> dict[str, str]:
    """A line of the receipt as it is written to CSV.

    A rejected row stands behind it as it came, so that its mended copy can be imported.
    """
    original = line.row.original if line.result is Result.REJECTED else {}
    return {
        "linha": str(line.row.line),
        "codigoBeneficiario": line.row.original.get("codigoBeneficiario", ""),
        "resultado": str(line.result),
        "mensagem": " ".join(line.notes),
        **{column: original.get(column, "") for column in _ORIGINAL},
    }
