"""What spreadsheets and other systems add around the text of a cell: removed or reported."""

import re
import unicodedata

_FORMULA_OF_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-][0-9]+")
_FLOAT = re.compile(r"([0-9]+)[.,](0+)")
_MONTH_AND_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}(?: .*)?")

SCIENTIFIC = "veio em notação científica; formate a coluna como texto e exporte de novo."
_MARKS_OF_NAMES = frozenset("'’‘ʼ´`′-‐‑–.,/()&ªº")
_LETTERS_OF_NO_NAME = frozenset("ƒµˆ")  # letters to Unicode, signs to everybody else
_PORTUGUESE = frozenset("ÁÀÂÃÉÊÍÓÔÕÚÜÇáàâãéêíóôõúüçªº")
_ENCODINGS = {"cp850": "do DOS (página de código 850)", "mac_roman": "de um Mac antigo"}


def unwrap(text: str) -> str:
    """Without what makes a spreadsheet take a cell for text: ``="0123"`` and ``'0123`` both mean 0123."""
    if found := _FORMULA_OF_TEXT.fullmatch(text):
        return found[1].replace('""', '"').strip()
    return text[1:].lstrip() if text.startswith("'") else text


def is_scientific(text: str) -> bool:
    return bool(_SCIENTIFIC.fullmatch(text))


def whole_part(text: str) -> str:
    """``123000122.0``, as programs write a number of a column that has blanks, is 123000122.

    ``12.000`` is left alone: it may be twelve thousand as well.
    """
    found = _FLOAT.fullmatch(text)
    if not found or (len(found[1]) <= 3 and len(found[2]) == 3):
        return text
    return found[1]


def day_order(text: str) -> str:
    """What ``12/31/1984`` proves: ``month`` stands first, or ``day``; blank where it proves nothing."""
    found = _MONTH_AND_DAY.fullmatch(text)
    if not found:
        return ""
    first, second = int(found[1]), int(found[2])
    return "month" if first <= 12 < second else "day" if second <= 12 < first else ""


def symbols_of_no_name(text: str) -> str:
    """The characters that no name has, each once."""
    letters = text.replace(" ", "")
    if letters.isalpha() and _LETTERS_OF_NO_NAME.isdisjoint(letters):
        return ""
    return "".join(dict.fromkeys(filter(_is_strange, text)))


def _is_strange(character: str) -> bool:
    if character in _MARKS_OF_NAMES or character.isspace():
        return False
    return character in _LETTERS_OF_NO_NAME or unicodedata.category(character)[0] not in "LM"


def probable_origin(text: str) -> str:
    """Where text that was read as Windows-1252 probably came from; blank where nothing fits."""
    raw = text.encode("cp1252", "replace")
    for encoding, origin in _ENCODINGS.items():
        if _is_portuguese(raw.decode(encoding)):
            return origin
    try:
        return "de UTF-8 gravado duas vezes" if _is_portuguese(raw.decode()) else ""
    except UnicodeDecodeError:
        return ""


def _is_portuguese(text: str) -> bool:
    """Whether every letter beyond ASCII is one of Portuguese, and there are some."""
    beyond = {character for character in text if not character.isascii()}
    return bool(beyond) and beyond <= _PORTUGUESE
