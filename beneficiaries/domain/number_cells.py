"""Cells with a number of fixed length, as files write them and as people type them.

Spreadsheets eat leading zeros, so bare digits of a file get them back where the length is known. Whoever types, or
writes the number's mask, must write all of it: a zero put in front would make another number, often a valid one.
"""

import re
from collections.abc import Callable

from beneficiaries.domain.identifiers import cnpj_is_valid, digits
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.formats.cell_text import SCIENTIFIC, is_scientific, whole_part

_MASK = re.compile("[0-9 ./-]*")
_CHECK_DIGITS = "não passa nos dígitos de conferência."


class InvalidValue(ValueError):
    """A value that cannot be meant; the sentence says what is wrong with it, the column which one it is."""

    def __init__(self, sentence: str, column: str = "linha") -> None:
        super().__init__(sentence)
        self.column = column


def number_of(
    length: int, *, pad: bool = False, is_valid: Callable[[str], bool] | None = None
) -> Callable[[str], str | None]:
    """Digits of a fixed length; a check-digit rule where there is one. None where nothing but punctuation stands."""

    def clean(text: str) -> str | None:
        number = _unmasked(text, length, pad=pad)
        if number and is_valid and not is_valid(number):
            raise InvalidValue(_CHECK_DIGITS)
        return number

    return clean


def _unmasked(text: str, length: int, *, pad: bool) -> str | None:
    text = plain_number(text)
    found = digits(text)
    if not found:
        if text.strip(" .-/"):
            raise InvalidValue("deve ter só algarismos.")
        return None
    number = found.zfill(length) if pad and found == text else found
    if len(number) != length or not _MASK.fullmatch(text):
        raise InvalidValue(f"deve ter {length} algarismos.")
    return number


def plain_number(text: str) -> str:
    """Without what spreadsheets and programs make of a number. Raises InvalidValue where digits were lost."""
    if is_scientific(text):
        raise InvalidValue(SCIENTIFIC)
    return whole_part(text)


def cnpj(*, pad: bool = False) -> Callable[[str], str]:
    """Letters are allowed, and written as capitals."""

    def clean(text: str) -> str:
        text = plain_number(text)
        number = "".join(filter(str.isalnum, text.upper()))
        number = number.zfill(14) if pad and text.isdecimal() else number
        if number and not cnpj_is_valid(number):
            raise InvalidValue(_CHECK_DIGITS)
        return number

    return clean


def municipality(text: str) -> str:
    """Código do município do IBGE: six digits; the seventh, where it is written, checks the others."""
    text = plain_number(text)
    code = digits(text)
    if not code and text.strip(" .-/"):
        raise InvalidValue("deve ter só algarismos.")
    if code and (len(code) not in {6, 7} or not _MASK.fullmatch(text)):
        raise InvalidValue("deve ter 6 ou 7 algarismos.")
    if code and not find_municipality(code):
        known = find_municipality(code[:6])
        raise InvalidValue(f"o de {known} é {known.code}." if known else "não é código de nenhum município do IBGE.")
    return code[:6]
