"""Placeholder values: what systems, spreadsheets and people write for "nothing"; never treated as a value.

Only a value as a whole is ever one: families are called Nulo and Branco, so no word inside a name is looked at.
"""

import re
from functools import lru_cache
from itertools import product

from beneficiaries.domain.names import fold, normalise

_MARKS = re.compile(
    r"\\N|ERR:\d+|#(?:N/?[AD]|REF|VALOR|VALUE|NOME|NAME|DIV/0|N[UÚ]M|NULO|NULL|SPILL|DESPEJAR|CALC)[!?]?", re.IGNORECASE
)
"""PostgreSQL's NULL and the errors of spreadsheets, which their signs tell from words."""

_MARK = re.compile(r"\\|ERR:|#", re.IGNORECASE)

_OF_PROGRAMS = (
    *("NULL", "NULO", "NIL", "NONE", "NAN", "NAT", "UNDEFINED", "UNKNOWN", "EMPTY", "NOT AVAILABLE", "NOT APPLICABLE"),
    *("N A", "N C", "N D", "N I"),
)
_WHAT = ("", "NOME", "NOME MAE", "MAE", "PAI", "GENITORA", "FILIACAO", "DADO", "DADOS", "ENDERECO", "NUMERO", "CAMPO")
_DONE = ("INFORMAD", "DECLARAD", "CADASTRAD", "IDENTIFICAD", "REGISTRAD", "LOCALIZAD", "ENCONTRAD", "PREENCHID")
_NOT_GIVEN = (
    *(f"NAO {been}{done}{ending}" for been, done, ending in product(("", "FOI "), _DONE, ("O", "A", "OS", "AS"))),
    *(f"NAO {does}" for does in ("INFORMAR", "INFORMOU", "CONSTA", "CONSTAM", "POSSUI", "TEM", "HA", "EXISTE", "SABE")),
    *("NAO DISPONIVEL", "INDISPONIVEL", "NAO SE APLICA", "NADA CONSTA", "INEXISTENTE", "VAZIO", "EM BRANCO"),
    *("IGNORADO", "IGNORADA", "DESCONHECIDO", "DESCONHECIDA", "NAO CONHECIDO", "NAO CONHECIDA", "NENHUM", "NENHUMA"),
    *("A INFORMAR", "A DEFINIR", "A CONFIRMAR"),
)
_WITHOUT = ("INFORMACAO", "INFORMACOES", "INFO", "REGISTRO", "IDENTIFICACAO", "CADASTRO", *filter(None, _WHAT))
_PHRASES = frozenset(
    (
        *_OF_PROGRAMS,
        *(f"{what} {not_given}".strip() for what, not_given in product(_WHAT, _NOT_GIVEN)),
        *(f"{without} {what}" for without, what in product(("SEM", "S"), _WITHOUT) if what != "NUMERO"),
    )
)
"""After normalising. A house without a number ("S/N") is told."""
_ABBREVIATED = frozenset(("NA", "NC", "ND", "NI", *("X" * length for length in range(3, 31))))
"""Where a name or an address is meant; a plan or a contract may be coded so."""
NOT_NAMES = _PHRASES | _ABBREVIATED
"""For the database, which needs to know what is no name."""

_ZEROS = re.compile(r"(?=[^0]*0)[0 .,:/()-]+")


def is_placeholder(text: str, *, is_code: bool = False) -> bool:
    """Whether all of ``text`` only says that there is nothing: a blank, a dash, NULL, #N/D, não informado.

    ``is_code``: an abbreviation as ND may be somebody's code.
    """
    if not _may_begin(text.split(maxsplit=1)[0] if text.strip() else ""):
        return False
    words = normalise(text)
    if not words:
        return not fold(text)  # particles alone may be a code
    return says_nothing(words, is_code=is_code) or bool(_MARKS.fullmatch(text.strip()))


_FIRST_WORDS = frozenset(phrase.split()[0] for phrase in NOT_NAMES)


@lru_cache(maxsize=8192)
def _may_begin(word: str) -> bool:
    """Whether a placeholder may begin so: files ask of millions of cells, whose first words are much the same."""
    words = normalise(word).split()
    return not words or words[0] in _FIRST_WORDS or bool(_MARK.match(word))


def says_nothing(words: str, *, is_code: bool = False) -> bool:
    """As ``is_placeholder``, of a text that is normalised; the errors of spreadsheets have lost their signs."""
    return not words or words in _PHRASES or (not is_code and words in _ABBREVIATED)


def without_placeholder(text: str, *, is_code: bool = False) -> str:
    """``text``, or "" where it is a placeholder."""
    return "" if is_placeholder(text, is_code=is_code) else text


def is_zeros(text: str) -> bool:
    """Whether a number, written with its mask or without, is nothing but zeros: ``0``, ``000.000.000-00``."""
    return bool(_ZEROS.fullmatch(text))
