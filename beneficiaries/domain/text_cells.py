"""Cells of text in the registry's CSV file: what each kind of text becomes, or why it is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from beneficiaries.domain.ans_vocabularies import WAITING_UNITS, as_written, key_of
from beneficiaries.domain.names import composed, fold
from beneficiaries.domain.number_cells import InvalidValue, plain_number
from beneficiaries.formats.cell_text import day_order, is_scientific, probable_origin, symbols_of_no_name, whole_part
from operators.formats.display_names import title_problem, visible

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_ISO = re.compile("(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[ T].*|Z|[+-][0-9]{2}:[0-9]{2})?")
_BRAZILIAN = re.compile("(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})(?: .*)?")
_NO_DAY = "não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."
_MONTH_FIRST = "está com o mês na frente; use aaaa-mm-dd ou dd/mm/aaaa."
_DIGIT = re.compile(r"\d")
NO_WAITING = frozenset({"0", "NAO HA", "NENHUMA", "SEM CARENCIA", "ISENTO"})
_UNITS = as_written(WAITING_UNITS)
_TERM = re.compile("([0-9]{1,4}) ?([A-Z]+)")
NO_TERM = "0"


def plain_text(longest: int) -> Callable[[str], str]:
    """Without control characters, which neither paper nor XML can hold."""
    cleaned = _whole(longest)
    return lambda text: cleaned(text if text.isprintable() else visible(" ".join(text.split())))


def _whole(longest: int) -> Callable[[str], str]:
    def clean(text: str) -> str:
        text = " ".join(composed(text).split())
        if len(text) > longest:
            raise InvalidValue(f"tem {len(text)} caracteres; o limite é {longest}.")
        if UNREADABLE in text:
            raise InvalidValue("tem um caractere ilegível; exporte o arquivo de novo em UTF-8.")
        return text

    return clean


def code_text(longest: int) -> Callable[[str], str]:
    """As ``plain_text``; but of digits that a spreadsheet rounded nobody knows the rest."""
    plain = plain_text(longest)

    def clean(text: str) -> str:
        if is_scientific(text):
            plain_number(text)
        return plain(text)

    return clean


def title(longest: int) -> Callable[[str], str]:
    """Of a company or a plan."""

    def clean(text: str) -> str:
        text = plain_text(longest)(visible(text))
        if problem := title_problem(text):
            raise InvalidValue(problem)
        return text

    return clean


def name(text: str) -> str:
    text = _whole(150)(text)
    if _DIGIT.search(text):
        raise InvalidValue("um nome não tem números.")
    if symbols := symbols_of_no_name(text):
        origin = probable_origin(text)
        cure = f"; o texto parece vir {origin}: exporte-o em UTF-8." if origin else "."
        raise InvalidValue(f"tem símbolos que nenhum nome tem ({symbols[:5]}){cure}")
    if not (text.isascii() and text[0].isalpha()) and not 0 < len(fold(text)) <= 150:  # ligatures unfold
        raise InvalidValue("não parece um nome.")
    return text


def or_blank(clean: Callable[[str], str | None]) -> Callable[[str], str]:
    return lambda text: clean(text) or ""


def one_of(vocabulary: Mapping[str, tuple[str, ...]], what: str) -> Callable[[str], str]:
    """The code of a closed vocabulary, written as beneficiaries.domain.ans_vocabularies allows."""
    codes = as_written(vocabulary)

    def clean(text: str) -> str:
        code = codes.get(text) or codes.get(key_of(whole_part(text)))
        if code is None:
            raise InvalidValue(f"use {what}.")
        return code

    return clean


def term(text: str) -> str:
    """``24 h``, ``180 dias``, ``10 meses`` → ``24 H``, ``180 D``, ``10 M``; that there is none → NO_TERM."""
    written = fold(text)
    if written in NO_WAITING:
        return NO_TERM
    found = _TERM.fullmatch(written)
    unit = _UNITS.get(found[2]) if found else None
    if not found or not unit:
        raise InvalidValue("use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”.")
    return f"{int(found[1])} {unit}" if int(found[1]) else NO_TERM


def day(text: str) -> date:
    """``2024-02-29`` or ``29/02/2024``; a time of day or a zone behind it is dropped."""
    if day_order(text) == "month":
        raise InvalidValue(_MONTH_FIRST)
    if not (written := _ISO.fullmatch(text) or _BRAZILIAN.fullmatch(text)):
        raise InvalidValue(_NO_DAY)
    try:
        return date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:
        raise InvalidValue(_NO_DAY) from None


def email(text: str) -> str:
    text = plain_text(254)(text)
    if "@" not in text[1:-1] or " " in text:
        raise InvalidValue("não parece um endereço de e-mail.")
    return text
