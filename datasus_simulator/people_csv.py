"""The people file: CSV with one line per person and CNS, read whole or refused with one sentence.

Lines with the same ``person`` are one person with several CNS; a later line may leave out what an earlier one said.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TypeVar

from beneficiaries.domain.identifiers import cns_is_valid, cpf_is_valid, digits
from datasus_simulator.behaviours import ScheduledBehaviour, parse_scheduled
from datasus_simulator.people import CnsKind, Number, Person, Registry

COLUMNS = ("person", "cpf", "cns", "cns_kind", "name", "social_name", "mother_name", "birth_date", "sex", "status",
           "deceased", "behaviour")  # fmt: skip
OPTIONAL_COLUMNS = ("father_name", "birth_city", "nis", "dnv")

_SEXES = {"": "", "M": "M", "F": "F", "1": "M", "3": "F"}  # 1 and 3 as in the SIB
_STATUSES = {"": "", "active": "active", "ativo": "active", "inactive": "inactive", "inativo": "inactive"}
_YES_OR_NO = {
    **dict.fromkeys(("", "false", "no", "0", "não", "nao", "n"), ""),
    **dict.fromkeys(("true", "yes", "1", "sim", "s", "y"), "yes"),
}

T = TypeVar("T")


class RefusedPeople(Exception):
    """The file cannot be served: a sentence for the person at the terminal, without anybody's data in it."""


Row = dict[str, str]


def read_people(path: Path) -> Registry:
    """Raises RefusedPeople."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RefusedPeople(f"O arquivo {path} não existe. Confira o caminho e tente de novo.") from None
    except UnicodeDecodeError:
        raise RefusedPeople(f"O arquivo {path} não está em UTF-8. Grave-o em UTF-8 e tente de novo.") from None
    except OSError:
        raise RefusedPeople(f"O arquivo {path} não pode ser lido. Confira as permissões e tente de novo.") from None
    return Registry(_people(_rows(text, path)))


def _rows(text: str, path: Path) -> Iterator[tuple[int, Row]]:
    """Rows with the number of the line on which each ends."""
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=separator, strict=True, restval="")
    try:
        _refuse_columns(reader.fieldnames or (), path)
        for row in reader:
            if None in row:
                raise RefusedPeople(f"Linha {reader.line_num}: há mais células do que colunas. Corrija a linha.")
            yield reader.line_num, {name: cell.strip() for name, cell in row.items()}
    except csv.Error:
        raise RefusedPeople(f"Linha {reader.line_num}: as aspas não fecham. Corrija o arquivo {path}.") from None


def _refuse_columns(names: Iterable[str], path: Path) -> None:
    found = list(names)
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise RefusedPeople(f"O arquivo {path} não tem a coluna {missing[0]}. As colunas são: {', '.join(COLUMNS)}.")
    known = {*COLUMNS, *OPTIONAL_COLUMNS}
    unknown = [name for name in found if name not in known]
    if unknown or len(set(found)) < len(found):
        raise RefusedPeople(f"O arquivo {path} tem colunas desconhecidas ou repetidas. Corrija o cabeçalho.")


# ---- people ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Lines:
    """What the lines of one person have said so far."""

    said: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    behaviours: frozenset[ScheduledBehaviour] = frozenset()


def _people(rows: Iterable[tuple[int, Row]]) -> list[Person]:
    lines: dict[str, _Lines] = {}
    for line, row in rows:
        if any(row.values()):
            _add(lines.setdefault(row["person"] or f"linha {line}", _Lines()), line, row)
    return [_person(key, each) for key, each in lines.items()]


def _add(lines: _Lines, line: int, row: Row) -> None:
    cns = _read("cns", _cns, line, row)
    kind = _read("cns_kind", lambda cell: CnsKind(cell.upper()), line, row)
    if cns:
        lines.numbers[cns] = Number(cns, kind)
    lines.behaviours |= _read("behaviour", parse_scheduled, line, row)
    for column, parse in _CELLS.items():
        value = _read(column, parse, line, row)
        if value and lines.said.setdefault(column, value) != value:
            raise RefusedPeople(f"Linha {line}, coluna {column}: contradiz uma linha anterior da mesma pessoa.")


def _read(column: str, parse: Callable[[str], T], line: int, row: Row) -> T:
    try:
        return parse(row.get(column, ""))
    except ValueError:
        raise RefusedPeople(f"Linha {line}, coluna {column}: {_WANTED[column]}.") from None


def _person(key: str, lines: _Lines) -> Person:
    said = lines.said
    same = {column: said.get(column, "") for column in _CELLS if column not in {"status", "deceased"}}
    deceased = said.get("deceased", "")
    return Person(
        key,
        **same,
        numbers=tuple(lines.numbers.values()),
        is_active=said.get("status") != "inactive",
        is_deceased=bool(deceased),
        died_on=deceased if deceased.isdigit() else "",
        behaviours=lines.behaviours,
    )


# ---- cells: each reader returns text in one form, or raises ValueError ----------------------------------------------


def _text(cell: str) -> str:
    if not cell.isprintable():
        raise ValueError
    return cell


def _cpf(cell: str) -> str:
    return _number(cell, cpf_is_valid)


def _cns(cell: str) -> str:
    return _number(cell, cns_is_valid)


def _number(cell: str, is_valid: Callable[[str], bool]) -> str:
    number = digits(cell)
    if cell and not (is_valid(number) and set(cell) <= set("0123456789 .-/")):
        raise ValueError
    return number


def _of_length(length: int) -> Callable[[str], str]:
    return lambda cell: _number(cell, lambda number: len(number) == length)


def _one_of(values: Mapping[str, str]) -> Callable[[str], str]:
    folded = {key.lower(): value for key, value in values.items()}
    return lambda cell: _looked_up(cell.lower(), folded)


def _looked_up(cell: str, values: Mapping[str, str]) -> str:
    if cell not in values:
        raise ValueError
    return values[cell]


def _parse_date(cell: str) -> str:
    """A date as yyyymmdd, from ISO or dd/mm/aaaa."""
    if not cell:
        return ""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d"):
        with suppress(ValueError):
            return datetime.strptime(cell, form).strftime("%Y%m%d")  # noqa: DTZ007  (a day, not a moment)
    raise ValueError


def _deceased(cell: str) -> str:
    """Empty, "yes", or the day as yyyymmdd."""
    return _parse_date(cell) if len(cell) >= 8 else _looked_up(cell.lower(), _YES_OR_NO)


_CELLS: dict[str, Callable[[str], str]] = {
    "cpf": _cpf,
    "name": _text,
    "social_name": _text,
    "mother_name": _text,
    "father_name": _text,
    "birth_date": _parse_date,
    "sex": _one_of(_SEXES),
    "birth_city": _of_length(6),
    "nis": _of_length(11),
    "dnv": _text,
    "status": _one_of(_STATUSES),
    "deceased": _deceased,
}
_WANTED = {
    "cpf": "o CPF não é válido; confira os 11 dígitos",
    "cns": "o CNS não é válido; confira os 15 dígitos",
    "cns_kind": "use D (definitivo), P (provisório), OLD (antigo) ou deixe em branco",
    "name": "o nome tem caracteres de controle; apague-os",
    "social_name": "o nome social tem caracteres de controle; apague-os",
    "mother_name": "o nome da mãe tem caracteres de controle; apague-os",
    "father_name": "o nome do pai tem caracteres de controle; apague-os",
    "birth_date": "a data não existe; escreva aaaa-mm-dd ou dd/mm/aaaa",
    "sex": "use M, F ou deixe em branco",
    "birth_city": "use o código IBGE de 6 dígitos ou deixe em branco",
    "nis": "use os 11 dígitos do NIS ou deixe em branco",
    "dnv": "o número tem caracteres de controle; apague-os",
    "status": "use active, inactive ou deixe em branco",
    "deceased": "use true, false, a data da morte ou deixe em branco",
    "behaviour": "há um comportamento desconhecido; a lista está em datasus_simulator/README.md",
}
