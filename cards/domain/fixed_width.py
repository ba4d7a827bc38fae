"""The fixed-width record for print bureaus, and the spreadsheet rows beside the pictures; from the face. Pure.

COLUMNS is the one definition: the file and the page that documents it are made of it. Texts stand to the left and are
filled up with blanks, numbers to the right with zeros; nothing is ever cut, but a long name that yields to the mark of
a portal that is not in production.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from beneficiaries.domain.identifiers import digits
from cards.domain.check_code import shown
from cards.domain.face import CardFace

ENCODING = "windows-1252"
LINE_END = "\r\n"
NAMES, NAME_WIDTH = ("name", "social_name"), 70


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    width: int  # characters, which are bytes in ENCODING
    read: Callable[[CardFace], str]
    is_number: bool = False

    def shown(self, face: CardFace) -> str:
        text = self.read(face)
        return text.rjust(self.width, "0") if self.is_number else text.ljust(self.width)


def _printed(key: str) -> Callable[[CardFace], str]:
    return lambda face: face[key]


def _text(key: str, label: str, width: int) -> Column:
    return Column(key, label, width, _printed(key))


COLUMNS = (
    Column("via", "Via", 3, lambda face: str(face.via), is_number=True),
    _text("code", "Matrícula", 20),
    _text("name", "Nome", NAME_WIDTH),
    _text("social_name", "Nome social", NAME_WIDTH),
    _text("birth_date", "Nascimento (dd/mm/aaaa)", 10),
    Column("cns", "CNS, só algarismos; em branco quando não informado", 15, lambda face: digits(face["cns"])),
    Column("registration", "Registro da operadora na ANS", 6, _printed("registration"), is_number=True),
    _text("trade_name", "Nome fantasia da operadora", 100),
    _text("legal_name", "Razão social da operadora", 150),
    Column("plan", "Registro do plano ou código SCPA", 20, lambda face: face["plan_number"] or face["plan_scpa"]),
    _text("plan_name", "Nome do plano", 100),
    _text("segmentation", "Segmentação", 60),
    _text("accommodation", "Acomodação", 16),
    _text("coverage_area", "Abrangência", 20),
    _text("contracting", "Tipo de contratação", 22),
    _text("regulation", "Regulamentação", 25),
    _text("contract", "Número do contrato", 20),
    _text("contracted_on", "Data da contratação", 10),
    _text("cover_from", "Início da cobertura", 10),
    _text("company", "Contratante", 260),
    _text("administrator", "Administradora de benefícios", 260),
    _text("sole_trader", "Empresário individual", 60),
    _text("waiting", "Carências", 300),
    _text("cpt_until", "Fim da CPT", 10),
    _text("notice", "Informações", 120),
    _text("contact", "Contato da operadora", 150),
    _text("ans_contact", "Contato da ANS", 50),
    Column("verification", "Endereço do QR Code", 120, lambda face: face.verification),
    Column("check_code", "Código de conferência", 11, lambda face: shown(face.check_code)),
    Column("confirmed", "CNS conferido em (segunda via)", 10, lambda face: face.confirmed),
)
WIDTH = sum(column.width for column in COLUMNS)
"""Characters of a record, before its line end."""


@dataclass(frozen=True, slots=True)
class ColumnPosition:
    """Where a column stands in the record, as print bureaus count: the first position is 1."""

    column: Column
    first: int
    last: int


def places() -> list[ColumnPosition]:
    starts = [1 + sum(column.width for column in COLUMNS[:index]) for index in range(len(COLUMNS))]
    return [
        ColumnPosition(column, first, first + column.width - 1) for column, first in zip(COLUMNS, starts, strict=True)
    ]


def marked(face: CardFace, stamp: str) -> CardFace:
    """With the word before the names, which every bureau prints, as pictures have it across them; blank in production.

    It takes no letter from what is refused: whatever has a record in production has one in training.
    """
    if not stamp:
        return face
    marks = {key: f"{stamp} {face[key]}"[:NAME_WIDTH].rstrip() for key in NAMES}
    fields = (replace(each, value=marks[each.key]) if each.key in NAMES else each for each in face.fields)
    return replace(face, fields=tuple(fields))


def objection(face: CardFace) -> str:
    """Why the face has no record: a sentence for each text that is too long or not in the encoding; or blank."""
    return " ".join(filter(None, (_objection(column, column.read(face)) for column in COLUMNS)))


def _objection(column: Column, text: str) -> str:
    if len(text) > column.width:
        return f"“{column.label}” tem {len(text)} letras e a gráfica recebe até {column.width}: abrevie no cadastro."
    odd = sorted({letter for letter in text if not _encodes(letter)})
    if odd:
        return f"“{column.label}” tem letras que a gráfica não recebe ({' '.join(odd)}): troque no cadastro."
    return ""


def _encodes(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def record(face: CardFace) -> bytes:
    """One line; only of a face that ``objection`` has none about."""
    return ("".join(column.shown(face) for column in COLUMNS) + LINE_END).encode(ENCODING)


def row(face: CardFace) -> Sequence[str]:
    """The same columns for a spreadsheet, neither filled up nor cut."""
    return [column.read(face) for column in COLUMNS]
