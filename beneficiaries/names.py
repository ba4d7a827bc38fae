"""Names of people, brought to one form so that two spellings of one name are equal text."""

import unicodedata
from functools import cache

PARTICLES = frozenset({"DA", "DE", "DI", "DO", "DAS", "DOS", "E"})


@cache
def _folded(character: str) -> str:
    plain = "" if character in "'’´`" else unicodedata.normalize("NFKD", character).upper()
    letters = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in letters)


# Conferences fold millions of names of ISO-8859-1, of which nearly every character becomes one of the same.
_LATIN = [(code, _folded(chr(code)).encode("iso-8859-1", "replace")) for code in range(256)]
_DROPPED = bytes(code for code, folded in _LATIN if not folded)
_TABLE = bytes(folded[0] if len(folded) == 1 and folded != b"?" else 0 for _, folded in _LATIN)


def fold(text: str) -> str:
    """Upper case, no accents, single blanks; apostrophes fall away, other punctuation becomes a blank.

    ``" João  d'Ávila-Sá "`` → ``"JOAO DAVILA SA"``.
    """
    try:
        latin = text.encode("iso-8859-1").translate(_TABLE, _DROPPED)
    except UnicodeEncodeError:
        latin = b"\0"
    letters = "".join(map(_folded, text)) if b"\0" in latin else latin.decode("iso-8859-1")
    return " ".join(letters.split())


def significant(name: str) -> tuple[str, ...]:
    """The words of a name after folding, without the particles da, de, do, das, dos, e."""
    return tuple(word for word in fold(name).split() if word not in PARTICLES)


def normalise(name: str) -> str:
    """The form in which the identity policy compares names (beneficiaries.identity, tier A)."""
    return " ".join([word for word in fold(name).split() if word not in PARTICLES])
