"""The short check code beside a card's QR code, for typing: generated, normalised, formatted. Pure.

Ten characters of an alphabet in which no two look alike. Its size is a prime number and the weights differ, so that
the last character gives away any single wrong character and any two that changed places.
"""

from secrets import choice

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L. 31 characters: nine of them at random are 2.6 × 10¹³ codes."""

CODE_CHARACTERS = 10
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def generate() -> str:
    return completed("".join(choice(ALPHABET) for _ in range(CODE_CHARACTERS - 1)))


def completed(body: str) -> str:
    """The nine characters with their check character."""
    return body + ALPHABET[-_sum(body) % len(ALPHABET)]


def read(text: str) -> str:
    """The code that was typed, however spaced; blank when its check character says that it cannot be one."""
    code = normal(text)
    known = len(code) == CODE_CHARACTERS and set(code) <= _VALUES.keys()
    return code if known and _sum(code) % len(ALPHABET) == 0 else ""


def normal(text: str) -> str:
    """As it counts: letters and digits alone, in capitals."""
    return "".join(character for character in text.upper() if character.isalnum())


def shown(code: str) -> str:
    return f"{code[:5]}-{code[5:]}" if code else ""


def _sum(code: str) -> int:
    return sum((CODE_CHARACTERS - place) * _VALUES[character] for place, character in enumerate(code))
