"""The registry as a CSV file with the column names of the SIB: read row by row, all that is wrong with a row at once.

Any order of columns, comma or semicolon, UTF-8 or Latin-1, dates ISO or dd/mm/aaaa, numbers punctuated or not.
Spreadsheets eat leading zeros: CPF, CNPJ, CEP and CCO get them back, a CNS never does, since none begins with zero.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import BinaryIO

from beneficiaries.identifiers import cnpj_is_valid, cpf_is_valid, digits
from beneficiaries.names import fold

REQUIRED = ("codigoBeneficiario", "nome", "dataNascimento", "relacaoDependencia", "dataContratacao")
COLUMNS = (
    "codigoBeneficiario",
    "cco",
    "cpf",
    "dn",
    "pisPasep",
    "cns",
    "nome",
    "nomeSocial",
    "sexo",
    "dataNascimento",
    "nomeMae",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "codigoMunicipio",
    "cep",
    "codigoBeneficiarioTitular",
    "relacaoDependencia",
    "dataContratacao",
    "dataCancelamento",
    "motivoCancelamento",
    "numeroPlanoANS",
    "numeroPlanoOperadora",
    "cnpjEmpresaContratante",
    "email",
    "telefone",
)
RELATIONSHIPS = frozenset({"1", "3", "4", "6", "8", "10"})
FIRST_BIRTH, FIRST_CONTRACT = date(1890, 1, 1), date(1940, 1, 1)  # minimum dates of the SIB schema


class NotBeneficiaries(Exception):
    """The file as a whole cannot be taken; the sentence says why and what to do."""


class NotThisValue(ValueError):
    """A value that cannot be meant; the sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Problem:
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: cleaned values by column (dates as date, blanks as "" or None), or what is wrong."""

    line: int
    original: dict[str, str]
    values: dict[str, str | date | None] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def text(self, column: str) -> str:
        return str(self.values.get(column) or "")

    def day(self, column: str) -> date | None:
        value = self.values.get(column)
        return value if isinstance(value, date) else None


def read(stream: BinaryIO, *, today: date) -> Iterator[Row]:
    """The rows of the file, one at a time; the stream stays open. Raises NotBeneficiaries."""
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), errors="strict", newline="")
    first = text.readline()
    delimiter = _delimiter(first)
    lines = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
    header = _header(next(lines))
    return _rows(text, lines, header, today)


def _rows(text: io.TextIOWrapper, lines: Iterator[list[str]], header: list[str], today: date) -> Iterator[Row]:
    try:
        for number, cells in enumerate(lines, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(number, header, cells, today)
    except csv.Error as error:
        raise NotBeneficiaries(f"O arquivo tem aspas que não se fecham ({error}). Exporte-o de novo.") from error
    finally:
        text.detach()  # else it would close the stream with itself


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 where the whole file is, else Latin-1, in which every byte is a letter."""
    decoder = io.TextIOWrapper(stream, encoding="utf-8-sig")
    try:
        while chunk := decoder.read(1 << 20):
            if "\0" in chunk:
                raise NotBeneficiaries("O arquivo não é texto. Exporte-o como CSV e tente de novo.")
    except UnicodeDecodeError:
        return "latin-1"
    finally:
        decoder.detach()
        stream.seek(0)
    return "utf-8-sig"


def _delimiter(first: str) -> str:
    if not first.strip():
        raise NotBeneficiaries("O arquivo está vazio. Confira se a exportação terminou.")
    return ";" if first.count(";") >= first.count(",") else ","


def _header(cells: list[str]) -> list[str]:
    """The columns by their known names, whatever their case; unknown ones are kept and ignored."""
    known = {column.lower(): column for column in COLUMNS}
    header = [known.get(cell.strip().lower(), cell.strip()) for cell in cells]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise NotBeneficiaries(f"Falta a coluna {missing[0]} na primeira linha. Confira os nomes das colunas.")
    twice = [column for column in COLUMNS if header.count(column) > 1]
    if twice:
        raise NotBeneficiaries(f"A coluna {twice[0]} aparece mais de uma vez na primeira linha. Deixe só uma.")
    return header


def _row(number: int, header: list[str], cells: list[str], today: date) -> Row:
    original = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    if len(cells) > len(header):
        return Row(
            number, original, problems=(Problem("linha", f"tem {len(cells)} campos, e o cabeçalho tem {len(header)}."),)
        )
    values: dict[str, str | date | None] = {}
    problems: list[Problem] = []
    for column, clean in _CLEANERS.items():
        try:
            values[column] = clean(original.get(column, ""))
        except NotThisValue as problem:
            problems.append(Problem(column, str(problem)))
    problems += _contradictions(values, original, today) if not problems else []
    return Row(number, original, values, tuple(problems))


def _contradictions(values: dict[str, str | date | None], original: dict[str, str], today: date) -> Iterator[Problem]:
    """What no single value shows."""
    for column in REQUIRED:
        if not original.get(column):
            yield Problem(column, "está em branco; preencha.")
    if not values["numeroPlanoANS"] and not values["numeroPlanoOperadora"]:
        yield Problem("numeroPlanoANS", "informe o plano (numeroPlanoANS ou numeroPlanoOperadora).")
    is_holder = values["relacaoDependencia"] == "1"
    if is_holder and values["codigoBeneficiarioTitular"] not in {"", values["codigoBeneficiario"]}:
        yield Problem("codigoBeneficiarioTitular", "um titular não tem titular; deixe em branco.")
    birth, cancelled, contracted = (values[name] for name in ("dataNascimento", "dataCancelamento", "dataContratacao"))
    if isinstance(birth, date) and not FIRST_BIRTH <= birth <= today:
        yield Problem("dataNascimento", "deve estar entre 01/01/1890 e hoje.")
    if isinstance(contracted, date) and contracted < FIRST_CONTRACT:
        yield Problem("dataContratacao", "deve ser a partir de 01/01/1940.")
    if isinstance(cancelled, date) and isinstance(contracted, date) and cancelled < contracted:
        yield Problem("dataCancelamento", "é anterior à contratação.")


def _plain(longest: int) -> Callable[[str], str]:
    def clean(text: str) -> str:
        text = " ".join(text.split())
        if len(text) > longest:
            raise NotThisValue(f"tem {len(text)} caracteres; o limite é {longest}.")
        return text

    return clean


def _name(text: str) -> str:
    text = _plain(150)(text)
    if any(character.isdigit() for character in text):
        raise NotThisValue("um nome não tem números.")
    if text and not fold(text):
        raise NotThisValue("não parece um nome.")
    return text


def _number(length: int, *, pad: bool, is_valid: Callable[[str], bool] | None = None) -> Callable[[str], str | None]:
    """Digits of a fixed length; a check-digit rule where there is one. None where blank."""

    def clean(text: str) -> str | None:
        number = digits(text)
        if not number:
            if text.strip(" .-/"):
                raise NotThisValue("deve ter só algarismos.")
            return None
        number = number.zfill(length) if pad else number
        if len(number) != length or any(character.isalpha() for character in text):
            raise NotThisValue(f"deve ter {length} algarismos.")
        if is_valid and not is_valid(number):
            raise NotThisValue("não passa nos dígitos de conferência.")
        return number

    return clean


def _or_blank(clean: Callable[[str], str | None]) -> Callable[[str], str]:
    return lambda text: clean(text) or ""


def _one_of(choices: dict[str, str], what: str) -> Callable[[str], str]:
    def clean(text: str) -> str:
        code = choices.get(text.strip().upper().lstrip("0"))
        if code is None:
            raise NotThisValue(f"use {what}.")
        return code

    return clean


def _day(text: str) -> date | None:
    """``2024-02-29`` or ``29/02/2024``; a time of day behind it is dropped."""
    text = text.strip().split(" ")[0].split("T")[0]
    if not text:
        return None
    iso = "-".join(text.split("/")[::-1])
    try:
        return datetime.strptime(iso, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no time zone)
    except ValueError:
        raise NotThisValue("não é uma data; use aaaa-mm-dd ou dd/mm/aaaa.") from None


def _email(text: str) -> str:
    text = _plain(254)(text)
    if text and ("@" not in text[1:-1] or " " in text):
        raise NotThisValue("não parece um endereço de e-mail.")
    return text


_CLEANERS: dict[str, Callable[[str], str | date | None]] = {
    "codigoBeneficiario": _plain(30),
    "cco": _number(12, pad=True),
    "cpf": _number(11, pad=True, is_valid=cpf_is_valid),
    "dn": _or_blank(_number(11, pad=True)),
    "pisPasep": _or_blank(_number(11, pad=True)),
    "cns": lambda text: digits(text) or text.strip() or None,  # attach_cns judges it; a wrong one does not cost the row
    "nome": _name,
    "nomeSocial": _name,
    "sexo": _one_of({"": "", "1": "1", "3": "3", "M": "1", "F": "3"}, "1 (masculino) ou 3 (feminino)"),
    "dataNascimento": _day,
    "nomeMae": _name,
    "logradouro": _plain(100),
    "numero": _plain(10),
    "complemento": _plain(50),
    "bairro": _plain(60),
    "codigoMunicipio": lambda text: _or_blank(_number(6, pad=False))(digits(text)[:6]),  # a seventh digit only checks
    "cep": _or_blank(_number(8, pad=True)),
    "codigoBeneficiarioTitular": _plain(30),
    "relacaoDependencia": _one_of({code: code for code in (*RELATIONSHIPS, "")}, "1, 3, 4, 6, 8 ou 10"),
    "dataContratacao": _day,
    "dataCancelamento": _day,
    "motivoCancelamento": _plain(2),
    "numeroPlanoANS": _or_blank(_number(9, pad=True)),
    "numeroPlanoOperadora": _plain(20),
    "cnpjEmpresaContratante": _number(14, pad=True, is_valid=cnpj_is_valid),
    "email": _email,
    "telefone": _plain(20),
}
