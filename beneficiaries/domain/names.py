"""Normalisation (folding) of people's names, so that two spellings of one name are equal text."""

import unicodedata
from collections.abc import Sequence
from functools import cache

PARTICLES = frozenset({"DA", "DE", "DI", "DO", "DAS", "DOS", "E"})
"""The database's ``name_without_particles(text)`` knows the same."""

APOSTROPHES = "'’‘‛´`ʼʹʻʽˈˊˋ′‵＇"
"""What keyboards, word processors and other people's programs write for one."""

ELIDED = ("D", "SANT", "DALL", "DELL")
"""Joined to a word of three letters or more that begins with a vowel: d'Ávila is also written D Avila and Davila."""

GENERATION_OF = {"JR": "JUNIOR", "JNR": "JUNIOR"}
"""Wherever it stands in a name."""

LAST_OF = {"FO": "FILHO", "NTO": "NETO", "SOB": "SOBRINHO", "SOBR": "SOBRINHO", "II": "SEGUNDO", "III": "TERCEIRO"}
"""Only as the last word of several; "Fº" is FO by then."""

_UNIFIED = frozenset({*ELIDED, *GENERATION_OF, *LAST_OF})
_VOWELS = frozenset("AEIOUH")
_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # accents as letters of their own; soft hyphens, zero widths, directions


@cache
def _folded(character: str) -> str:
    plain = "" if character in APOSTROPHES else unicodedata.normalize("NFKD", character).upper()
    letters = (letter for letter in plain if letter not in APOSTROPHES and unicodedata.category(letter) not in _UNSEEN)
    return "".join(letter if letter.isalnum() else " " for letter in letters)


# Conferences fold millions of names of ISO-8859-1, of which nearly every character becomes one of the same.
_LATIN = [(code, _folded(chr(code)).encode("iso-8859-1", "replace")) for code in range(256)]
_DROPPED = bytes(code for code, folded in _LATIN if not folded)
_TABLE = bytes(folded[0] if len(folded) == 1 and folded != b"?" else 0 for _, folded in _LATIN)


def plain_words(text: str) -> list[str]:
    """In capitals, without accents, apostrophes and what nobody sees; other punctuation is a blank."""
    try:
        latin = text.encode("iso-8859-1").translate(_TABLE, _DROPPED)
    except UnicodeEncodeError:
        latin = b"\0"
    letters = "".join(map(_folded, text)) if b"\0" in latin else latin.decode("iso-8859-1")
    return letters.split()


def fold(text: str) -> str:
    """One text for all spellings of a name: ``plain_words``, "D Avila" joined, "Jr." as JUNIOR.

    ``" João  d'Ávila-Sá Jr."`` → ``"JOAO DAVILA SA JUNIOR"``. The database's ``fold_name(text)`` is the same.
    """
    words = plain_words(text)
    return " ".join(words if _UNIFIED.isdisjoint(words) else _with_generations(_elided(words)))


def _elided(words: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ELIDED and word[0] in _VOWELS and len(word) > 2:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _with_generations(words: Sequence[str]) -> list[str]:
    *before, last = [GENERATION_OF.get(word, word) for word in words]
    return [*before, LAST_OF.get(last, last) if before else last]


def spellings(word: str) -> frozenset[str]:
    """One of ``plain_words`` and what it may be short for: a search for "jr" finds Júnior."""
    meant = GENERATION_OF.get(word) or LAST_OF.get(word)
    return frozenset({word, meant} if meant else {word})


def composed(text: str) -> str:
    """The text as it is kept: its letters composed, without characters that nobody sees."""
    if text.isascii() or (text.isprintable() and unicodedata.is_normalized("NFC", text)):
        return text
    seen = (character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", "".join(seen))


def significant(name: str) -> tuple[str, ...]:
    """The words of a name after folding, without the particles da, de, do, das, dos, e."""
    return tuple(word for word in fold(name).split() if word not in PARTICLES)


def significant_apart(name: str) -> tuple[str, ...]:
    """As ``significant``, where D is the initial of a name and no d' that belongs to the next word."""
    words = plain_words(name)
    return tuple(word for word in _with_generations(words) if word not in PARTICLES) if words else ()


def normalise(name: str) -> str:
    """The form in which the identity policy compares names (beneficiaries.domain.identity_policy, tier A)."""
    return " ".join([word for word in fold(name).split() if word not in PARTICLES])
