"""Names of people, brought to one form so that two spellings of one name are equal text."""

import unicodedata

PARTICLES = frozenset({"DA", "DE", "DI", "DO", "DAS", "DOS", "E"})


class _Folding(dict[int, str]):
    """What becomes of each character, worked out at its first appearance: conferences fold millions of names."""

    def __missing__(self, code: int) -> str:
        plain = "" if chr(code) in "'’´`" else unicodedata.normalize("NFKD", chr(code)).upper()
        letters = (letter for letter in plain if not unicodedata.combining(letter))
        self[code] = folded = "".join(letter if letter.isalnum() else " " for letter in letters)
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Upper case, no accents, single blanks; apostrophes fall away, other punctuation becomes a blank.

    ``" João  d'Ávila-Sá "`` → ``"JOAO DAVILA SA"``.
    """
    if text.isascii() and text.isupper() and text.replace(" ", "").isalpha():  # as conferences mostly write names
        return " ".join(text.split())
    return " ".join(text.translate(_FOLDING).split())


def significant(name: str) -> tuple[str, ...]:
    """The words of a name after folding, without the particles da, de, do, das, dos, e."""
    return tuple(word for word in fold(name).split() if word not in PARTICLES)


def normalise(name: str) -> str:
    """The form in which the identity policy compares names (beneficiaries.identity, tier A)."""
    return " ".join(significant(name))
