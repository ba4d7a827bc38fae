"""Names of people, brought to one form so that two spellings of one name are equal text."""

import unicodedata

PARTICLES = frozenset({"DA", "DE", "DI", "DO", "DAS", "DOS", "E"})


def fold(text: str) -> str:
    """Upper case, no accents, single blanks; apostrophes fall away, other punctuation becomes a blank.

    ``" João  d'Ávila-Sá "`` → ``"JOAO DAVILA SA"``.
    """
    plain = unicodedata.normalize("NFKD", text.upper().replace("'", "").replace("’", ""))
    kept = "".join(
        character if character.isalnum() else " " for character in plain if not unicodedata.combining(character)
    )
    return " ".join(kept.split())


def significant(name: str) -> tuple[str, ...]:
    """The words of a name after folding, without the particles da, de, do, das, dos, e."""
    return tuple(word for word in fold(name).split() if word not in PARTICLES)


def normalise(name: str) -> str:
    """The form in which the identity policy compares names (product.md, tier A)."""
    return " ".join(significant(name))
